//! The shapes that sections and blocks are made of, as JSON Schema.

use serde_json::{Map, Value as Json, json};

use crate::schema::json::{refer, with};

/// What a name begins with and has in it.
const NAME: &str = "^[A-Za-z_][A-Za-z0-9_-]*$";

/// A table, or a list of them.
pub(super) fn one_or_several(table: Json) -> Json {
    let one = with(table.clone(), "type", json!(["object", "array"]));
    with(one, "items", table)
}

/// An array of tables.
pub(super) fn tables(description: &str, table: Json) -> Json {
    json!({ "description": description, "type": "array", "items": table })
}

/// Tables of one sort under names that expressions can name.
pub(super) fn named(table: Json) -> Json {
    json!({ "type": "object", "propertyNames": { "pattern": NAME }, "additionalProperties": table })
}

/// A table with these members and no others.
pub(super) fn closed(properties: Vec<(&str, Json)>) -> Json {
    json!({ "type": "object", "properties": members(properties), "additionalProperties": refer("nothing_else") })
}

pub(super) fn members(members: Vec<(&str, Json)>) -> Json {
    let members = members.into_iter().map(|(name, schema)| (name.to_owned(), schema));
    Json::Object(members.collect::<Map<_, _>>())
}

pub(super) fn flag(description: &str, default: bool) -> Json {
    json!({ "description": description, "type": "boolean", "default": default })
}

pub(super) fn one_of(description: &str, values: &[&str]) -> Json {
    json!({ "description": description, "enum": values })
}

/// A string; what expressions can stand in it is not seen by its type.
pub(super) fn text(description: &str) -> Json {
    json!({ "description": description, "type": "string" })
}

pub(super) fn described(description: &str, schema: Json) -> Json {
    with(schema, "description", json!(description))
}

//! Attributes as Terraform's state has them, in the form of a kind's.

use serde_json::Value as Json;

use crate::schema::{Attribute, Schema, Type};
use crate::value::{Map, Value};

/// The attributes that a kind knows, in its form. Terraform has a list of one where a block can be there once.
pub(super) fn of(schema: &Schema, attributes: &Value) -> Value {
    let known = schema
        .attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), of_attribute(attribute, attributes.get(name))));
    let known: Map = known.filter(|(_, value)| !value.is_null()).collect();
    // What has another form here is as AWS says.
    let (checked, problems) = schema.check(&Value::Map(known.clone()));
    let wrong = |name: &String| {
        problems
            .iter()
            .any(|problem| problem.path.to_string().split(['.', '[']).next() == Some(name.as_str()))
    };
    let Value::Map(mut checked) = checked else { return Value::Map(Map::new()) };
    for (name, value) in known {
        let is_read_only = schema.attributes.get(&name).is_some_and(|attribute| attribute.read_only);
        if is_read_only {
            checked.insert(name, value);
        } else if wrong(&name) {
            checked.remove(&name);
        }
    }
    Value::Map(checked)
}

fn of_attribute(attribute: &Attribute, value: &Value) -> Value {
    match (&attribute.r#type, value) {
        (Type::Object(schema), Value::List(items)) => {
            items.first().map_or(Value::Null, |item| of(schema, item))
        }
        (Type::Object(schema), Value::Map(_)) => of(schema, value),
        (Type::List(element) | Type::Set(element), Value::List(items)) => {
            Value::List(items.iter().map(|item| of_attribute(element, item)).collect())
        }
        (Type::Any, value) => of_any(value),
        // An argument that is not set is often an empty text there.
        (_, Value::String(text)) if text.is_empty() && !attribute.required => Value::Null,
        _ => value.clone(),
    }
}

/// A value of any type, which stands beside its type there.
fn of_any(value: &Value) -> Value {
    let Value::Map(map) = value else { return value.clone() };
    match (map.len(), map.get("value"), map.get("type")) {
        (2, Some(value), Some(_)) => value.clone(),
        _ => value.clone(),
    }
}

/// A value of JSON as an expression of the language, in TOML.
pub(super) fn literal(value: &Json) -> Value {
    Value::from_json(value.clone())
}

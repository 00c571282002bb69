//! Schemas as JSON Schema, for editors: what can be written in a file, where each value may also be an expression.
//!
//! No `anyOf` parts a value from an expression where that can be helped: keywords of JSON Schema bear on values of one
//! type each, so both can stand side by side. Then an editor offers what is in a block, and points at what is wrong in
//! it rather than at the block.

use serde_json::{Map as JsonMap, Value as Json, json};

use super::{Attribute, Constraints, Schema, Type};
use crate::value::Value;

/// What a string with something to evaluate in it matches.
pub(crate) const EXPRESSION: &str = r"\$\{|%\{";

impl Schema {
    /// The arguments as the members of a table that has no others. What cannot be set is left out.
    pub(crate) fn json_schema(&self) -> Json {
        let arguments = self.attributes.iter().filter(|(_, attribute)| !attribute.read_only);
        let properties: JsonMap<String, Json> =
            arguments.clone().map(|(name, argument)| (name.clone(), argument.json_schema())).collect();
        let required: Vec<&str> =
            arguments.filter(|(_, argument)| argument.required).map(|(name, _)| name.as_str()).collect();
        let mut schema = json!({ "type": "object" });
        describe(&mut schema, &self.description);
        schema["properties"] = Json::Object(properties);
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema["additionalProperties"] = refer("nothing_else");
        schema
    }
}

impl Attribute {
    fn json_schema(&self) -> Json {
        let mut schema = match &self.r#type {
            Type::Any => json!({}),
            Type::String => json!({ "type": "string" }),
            Type::Number => or_expression("number"),
            Type::Integer => or_expression("integer"),
            Type::Bool => or_expression("boolean"),
            Type::List(element) | Type::Set(element) => {
                with(or_expression("array"), "items", element.json_schema())
            }
            Type::Map(element) => {
                with(or_expression("object"), "additionalProperties", element.json_schema())
            }
            Type::Object(block) => {
                let block = with(block.json_schema(), "type", json!(["object", "string"]));
                with(block, "pattern", json!(EXPRESSION))
            }
            // JSON in a string is as good as a table.
            Type::Document | Type::Policy => json!({ "type": ["object", "array", "string"] }),
        };
        describe(&mut schema, &self.documentation());
        if let Json::Object(schema) = &mut schema {
            self.constraints.add_to(schema, &self.r#type);
        }
        if let Some(default) = &self.default {
            schema["default"] = default.to_json();
        }
        schema
    }

    /// What an editor shows beside the name: what it is for, and what its flags mean to whoever writes it.
    fn documentation(&self) -> String {
        let flags = [
            (self.required, "Required."),
            (self.forces_replacement, "A change of it replaces the resource."),
            (self.computed, "AWS chooses a value where none is set."),
            (self.write_only, "It is sent, and kept nowhere."),
            (self.sensitive, "It is never shown."),
        ];
        let told = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, sentence)| *sentence);
        let told: Vec<&str> = told.collect();
        match (self.description.is_empty(), told.is_empty()) {
            (_, true) => self.description.clone(),
            (true, false) => told.join(" "),
            (false, false) => format!("{}\n\n{}", self.description, told.join(" ")),
        }
    }
}

impl Constraints {
    /// What an expression gives is not judged, and neither is its text.
    fn add_to(&self, schema: &mut JsonMap<String, Json>, r#type: &Type) {
        let is_text = matches!(r#type, Type::String);
        let mut literal = JsonMap::new();
        if !self.one_of.is_empty() {
            literal.insert("enum".to_owned(), self.one_of.iter().map(Value::to_json).collect());
        }
        if let Some(pattern) = &self.pattern {
            literal.insert("pattern".to_owned(), json!(pattern.source));
        }
        let [least, most] = if is_text { ["minLength", "maxLength"] } else { ["minItems", "maxItems"] };
        let lengths = if is_text { &mut literal } else { &mut *schema };
        for (keyword, length) in [(least, self.minimum_length), (most, self.maximum_length)] {
            lengths.extend(length.map(|length| (keyword.to_owned(), json!(length))));
        }
        for (keyword, bound) in [("minimum", self.minimum), ("maximum", self.maximum)] {
            schema.extend(bound.map(|bound| (keyword.to_owned(), number(bound))));
        }
        if !literal.is_empty() {
            schema.insert("anyOf".to_owned(), json!([literal, refer("expression")]));
        }
    }
}

/// What schemas refer to. They stand in `definitions` of the whole.
pub(crate) fn definitions() -> [(&'static str, Json); 2] {
    [
        ("expression", json!({ "type": "string", "pattern": EXPRESSION })),
        // Where this is plainly false, taplo says so of all that is in the table.
        ("nothing_else", json!({ "allOf": [false] })),
    ]
}

/// A reference to a definition.
pub(crate) fn refer(name: &str) -> Json {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A value of a type that is not text, or an expression.
pub(crate) fn or_expression(r#type: &str) -> Json {
    json!({ "type": [r#type, "string"], "pattern": EXPRESSION })
}

/// A schema with one more keyword.
pub(crate) fn with(mut schema: Json, keyword: &str, value: Json) -> Json {
    schema[keyword] = value;
    schema
}

/// Adds a description, unless there is none.
fn describe(schema: &mut Json, description: &str) {
    if !description.is_empty() {
        schema["description"] = json!(description);
    }
}

/// A number without a fraction where it has none.
fn number(number: f64) -> Json {
    match number.fract() == 0.0 && number.abs() < 9e15 {
        true => json!(number as i64),
        false => json!(number),
    }
}

#[cfg(test)]
mod tests;

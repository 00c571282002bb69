//! A schema from what schemars generates for a struct.

use std::sync::OnceLock;

use serde_json::{Map as JsonMap, Value as Json};

use super::{Attribute, Comparison, Pattern, Schema, Type};
use crate::value::Value;

/// The schema that a JSON Schema document says.
pub(super) fn schema(document: &Json) -> Schema {
    let definitions = document.get("$defs").and_then(Json::as_object);
    Reader { definitions }.schema(document)
}

/// What is referred to by name in a document. Each struct stands there once, however often it is used.
struct Reader<'j> {
    definitions: Option<&'j JsonMap<String, Json>>,
}

/// What says which values there can be, as it is met while keywords are read.
#[derive(Default)]
struct Shape<'j> {
    r#type: Option<&'j str>,
    format: Option<&'j str>,
    is_set: bool,
    items: Option<&'j Json>,
    values: Option<&'j Json>,
    block: Option<&'j Json>,
    /// Where more is said of it: what it refers to, or for an `Option` what it is if there is one.
    inner: Option<&'j Json>,
}

impl<'j> Reader<'j> {
    fn schema(&self, json: &'j Json) -> Schema {
        let required: Vec<&str> = strings(json.get("required")).collect();
        let properties = json.get("properties").and_then(Json::as_object).into_iter().flatten();
        let attributes = properties.map(|(name, property)| {
            let mut attribute = self.attribute(property);
            attribute.required =
                required.contains(&name.as_str()) && !attribute.read_only && !attribute.write_only;
            (name.clone(), Box::new(attribute))
        });
        Schema { attributes: attributes.collect(), description: text(json.get("description")) }
    }

    fn attribute(&self, json: &'j Json) -> Attribute {
        let mut attribute = Attribute::default();
        let mut shape = Shape::default();
        let mut next = Some(json);
        while let Some(json) = next {
            shape.inner = None;
            self.keywords(json, &mut attribute, &mut shape);
            next = shape.inner;
        }
        attribute.r#type = self.r#type(&shape);
        attribute
    }

    /// Reads what a schema says. What was said before, by what refers to it, goes before that. A look at each keyword
    /// takes a fraction of the time of looking each up.
    fn keywords(&self, json: &'j Json, attribute: &mut Attribute, shape: &mut Shape<'j>) {
        let is_true = |value: &Json| value.as_bool() == Some(true);
        let constraints = &mut attribute.constraints;
        for (keyword, value) in json.as_object().into_iter().flatten() {
            match keyword.as_str() {
                "type" => {
                    shape.r#type =
                        value.as_str().or_else(|| strings(Some(value)).find(|name| *name != "null"));
                }
                "format" => shape.format = value.as_str(),
                "items" => shape.items = Some(value),
                "additionalProperties" => shape.values = Some(value),
                "properties" => shape.block = Some(json),
                "uniqueItems" => shape.is_set |= is_true(value),
                "anyOf" => {
                    let options = value.as_array().into_iter().flatten();
                    let mut options =
                        options.filter(|option| option.get("type") != Some(&Json::from("null")));
                    shape.inner = options.next();
                }
                "$ref" => {
                    let name = value.as_str().and_then(|reference| reference.strip_prefix("#/$defs/"));
                    shape.inner = name.and_then(|name| self.definitions?.get(name));
                }
                "description" if attribute.description.is_empty() => {
                    attribute.description = text(Some(value))
                }
                "default" if !value.is_null() => {
                    attribute.default =
                        Some(Value::from_json(value.clone())).filter(|value| !value.is_empty());
                }
                "readOnly" => attribute.read_only |= is_true(value),
                "writeOnly" => attribute.write_only |= is_true(value),
                "resent" => attribute.resent |= is_true(value),
                "forces_replacement" => attribute.forces_replacement |= is_true(value),
                "computed" => attribute.computed |= is_true(value),
                "volatile" => attribute.volatile |= is_true(value),
                "kept" => attribute.kept |= is_true(value),
                "sensitive" => attribute.sensitive |= is_true(value),
                "repeats" => attribute.repeats = value.as_str().map(str::to_owned),
                "tells" => attribute.tells = strings(Some(value)).map(str::to_owned).collect(),
                "usual" => attribute.usual = Some(Value::from_json(value.clone())),
                "apart" => attribute.apart = value.as_str().map(str::to_owned),
                "path" => attribute.path |= is_true(value),
                "open" => attribute.open |= is_true(value),
                "compare" => attribute.compare = comparison(value),
                "enum" if constraints.one_of.is_empty() => {
                    let values = value.as_array().into_iter().flatten().filter(|value| !value.is_null());
                    constraints.one_of = values.map(|value| Value::from_json(value.clone())).collect();
                }
                "pattern" => {
                    let source = text(Some(value));
                    constraints.pattern.get_or_insert(Pattern { source, compiled: OnceLock::new() });
                }
                "minimum" => constraints.minimum = constraints.minimum.or(value.as_f64()),
                "maximum" => constraints.maximum = constraints.maximum.or(value.as_f64()),
                "minLength" | "minItems" => {
                    constraints.minimum_length = constraints.minimum_length.or(length(value));
                }
                "maxLength" | "maxItems" => {
                    constraints.maximum_length = constraints.maximum_length.or(length(value));
                }
                _ => {}
            }
        }
    }

    fn r#type(&self, shape: &Shape<'j>) -> Type {
        let element =
            |json: Option<&'j Json>| Box::new(json.map(|json| self.attribute(json)).unwrap_or_default());
        match (shape.format, shape.r#type) {
            (Some("json"), _) => Type::Document,
            (Some("policy"), _) => Type::Policy,
            (_, Some("string")) => Type::String,
            (_, Some("number")) => Type::Number,
            (_, Some("integer")) => Type::Integer,
            (_, Some("boolean")) => Type::Bool,
            (_, Some("array")) if shape.is_set => Type::Set(element(shape.items)),
            (_, Some("array")) => Type::List(element(shape.items)),
            (_, Some("object")) => match shape.block {
                Some(block) => Type::Object(self.schema(block)),
                None => Type::Map(element(shape.values)),
            },
            _ => Type::Any,
        }
    }
}

fn comparison(json: &Json) -> Comparison {
    match json.as_str() {
        Some("case_insensitive") => Comparison::CaseInsensitive,
        Some("trimmed") => Comparison::Trimmed,
        Some("dns_name") => Comparison::DnsName,
        Some("arn_or_id") => Comparison::ArnOrId,
        _ => Comparison::Exact,
    }
}

fn text(json: Option<&Json>) -> String {
    json.and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn strings(json: Option<&Json>) -> impl Iterator<Item = &str> {
    json.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

fn length(json: &Json) -> Option<usize> {
    json.as_f64().map(|length| length as usize)
}

//! Configurations that set all that can be set, with a mark in the place of each value.

use std::collections::BTreeSet;
use std::fmt::Display;

use provision_engine::schema::{Attribute, Schema, Type};
use provision_engine::value::{Map, Path, Segment, Value};

use crate::forms::Form;

/// A configuration that sets all that a kind can have.
pub(crate) struct Everything {
    pub(crate) arguments: Value,
    /// What has no inside.
    pub(crate) leaves: Vec<Leaf>,
}

/// One value of a configuration.
pub(crate) struct Leaf {
    pub(crate) path: Path,
    /// What stands there and nowhere else; none of a boolean, which is true.
    mark: Option<String>,
    /// All that can stand there, if that can be counted.
    choices: Vec<Value>,
}

impl Everything {
    pub(crate) fn of(schema: &Schema) -> Self {
        let mut leaves = Vec::new();
        let arguments = block(schema, &Path::root(), &mut leaves);
        Self { arguments, leaves }
    }

    /// The leaves of which something is in the properties that were made of these arguments: their mark, or what is
    /// different with another value.
    pub(crate) fn arrived(&self, form: &Form, arguments: &Value, properties: &Map) -> BTreeSet<Path> {
        let makes_a_difference = |leaf: &Leaf, other: Value| {
            form.write(&with(arguments, &leaf.path, other)).properties != *properties
        };
        let has_arrived = |leaf: &&Leaf| match (&leaf.mark, arguments.at(&leaf.path)) {
            (_, Value::Bool(value)) => makes_a_difference(leaf, Value::Bool(!value)),
            (_, Value::Number(number)) => {
                makes_a_difference(leaf, (number.as_i64().unwrap_or_default() + 1).into())
            }
            (Some(mark), value) if contains(value, mark) => {
                properties.values().any(|property| contains(property, mark))
            }
            (_, Value::String(_)) => makes_a_difference(leaf, Value::Null),
            _ => false,
        };
        self.leaves.iter().filter(has_arrived).map(|leaf| leaf.path.clone()).collect()
    }

    /// The same arguments with each of the values that can be counted, and where it is.
    pub(crate) fn choices(&self, arguments: &Value) -> Vec<(&Path, Value)> {
        let said = self.leaves.iter().filter(|leaf| !arguments.at(&leaf.path).is_null());
        said.flat_map(|leaf| {
            leaf.choices.iter().map(|choice| (&leaf.path, with(arguments, &leaf.path, choice.clone())))
        })
        .collect()
    }
}

/// The least that a configuration can set, with the defaults of the rest.
pub(crate) fn least(schema: &Schema) -> Value {
    let said = settable(schema).filter_map(|(name, attribute)| {
        let value = match &attribute.r#type {
            _ if !attribute.required => attribute.default.clone()?,
            Type::Object(schema) => least(schema),
            Type::List(element) | Type::Set(element) => Value::List(vec![match &element.r#type {
                Type::Object(schema) => least(schema),
                _ => leaf(element, &Path::root().key(name), &mut Vec::new()),
            }]),
            _ => leaf(attribute, &Path::root().key(name), &mut Vec::new()),
        };
        Some((name.clone(), value))
    });
    Value::Map(said.collect())
}

fn settable(schema: &Schema) -> impl Iterator<Item = (&String, &Attribute)> {
    let attributes = schema.attributes.iter().map(|(name, attribute)| (name, attribute.as_ref()));
    attributes.filter(|(_, attribute)| !attribute.read_only)
}

fn block(schema: &Schema, path: &Path, leaves: &mut Vec<Leaf>) -> Value {
    let said =
        settable(schema).map(|(name, attribute)| (name.clone(), leaf(attribute, &path.key(name), leaves)));
    Value::Map(said.collect())
}

fn leaf(attribute: &Attribute, path: &Path, leaves: &mut Vec<Leaf>) -> Value {
    let mut marked = |value: fn(String) -> Value| {
        let choices = attribute.constraints.one_of.clone();
        leaves.push(Leaf { path: path.clone(), mark: Some(mark(path)), choices });
        value(mark(path))
    };
    match &attribute.r#type {
        Type::Any | Type::String | Type::Number | Type::Integer => marked(Value::String),
        Type::Document | Type::Policy => {
            marked(|mark| Value::Map([("Statement".to_owned(), Value::String(mark))].into()))
        }
        Type::Bool => {
            leaves.push(Leaf { path: path.clone(), mark: None, choices: Vec::new() });
            Value::Bool(true)
        }
        Type::List(element) | Type::Set(element) => Value::List(vec![leaf(element, &path.index(0), leaves)]),
        Type::Map(element) => {
            Value::Map([("key".to_owned(), leaf(element, &path.key("key"), leaves))].into())
        }
        Type::Object(schema) => block(schema, path, leaves),
    }
}

/// What stands for a value, in private characters as exporters have them for what they do not know.
pub(crate) fn mark(path: impl Display) -> String {
    format!("\u{E000}{path}\u{E001}")
}

/// A value with another one at a path.
pub(crate) fn with(value: &Value, path: &Path, other: Value) -> Value {
    fn set(value: &mut Value, path: &[Segment], other: Value) {
        match (path, value) {
            ([], value) => *value = other,
            ([Segment::Key(key), rest @ ..], Value::Map(map)) => {
                set(map.entry(key.clone()).or_default(), rest, other);
            }
            ([Segment::Index(at), rest @ ..], Value::List(items)) => {
                if let Some(item) = items.get_mut(*at) {
                    set(item, rest, other);
                }
            }
            _ => panic!("nothing to set"),
        }
    }
    let mut value = value.clone();
    set(&mut value, &path.0, other);
    value
}

/// Whether a text is anywhere in a value.
fn contains(value: &Value, text: &str) -> bool {
    value.any(&|value| value.as_str().is_some_and(|value| value.contains(text)))
}

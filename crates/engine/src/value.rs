//! What an attribute can be: a plain value, one that is not known yet, or one that only its digest is kept of.

use std::collections::BTreeMap;
use std::fmt;

mod path;
pub(crate) mod symbol;

pub use path::{Path, Segment, is_identifier};
pub use serde_json::Number;

/// The key of the JSON object that stands for a [`Withheld`] value in state and plan files.
const WITHHELD_KEY: &str = "provision:withheld";

/// A mapping from names to values, ordered by name as in Terraform.
pub type Map = BTreeMap<String, Value>;

/// A value of the language.
#[derive(Clone, PartialEq, Default)]
pub enum Value {
    /// Absent: an argument that is not set, an attribute that the resource does not have.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A number; whole numbers are kept as integers.
    Number(Number),
    /// A string.
    String(String),
    /// A list, a tuple or a set.
    List(Vec<Value>),
    /// A map or an object.
    Map(Map),
    /// `(known after apply)`.
    Unknown,
    /// A secret that was known to an earlier run; only its digest is left. There are few, and all values are smaller for
    /// the box.
    Withheld(Box<Withheld>),
}

/// What remains of a secret once the run that knew it is over.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Withheld {
    /// The keyed digest of the value; absent when the value was computed from a withheld one.
    pub digest: Option<String>,
    /// The address of the resource that would have to be replaced to have the value again.
    pub source: Option<String>,
}

impl Value {
    /// A string value.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether this is null, an empty list or an empty map: what AWS answers for "not set" varies between them.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::List(items) => items.is_empty(),
            Self::Map(map) => map.is_empty(),
            _ => false,
        }
    }

    /// Whether any text in this has a symbol in it: see [`symbol`].
    pub(crate) fn has_symbol(&self) -> bool {
        self.any(&|value| value.as_str().is_some_and(symbol::has_symbol))
    }

    /// Whether this is wholly unknown.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether no part of this is unknown.
    pub fn is_wholly_known(&self) -> bool {
        !self.any(&|value| value.is_unknown())
    }

    /// Whether any part of this satisfies the predicate.
    pub fn any(&self, predicate: &dyn Fn(&Self) -> bool) -> bool {
        predicate(self)
            || match self {
                Self::List(items) => items.iter().any(|item| item.any(predicate)),
                Self::Map(map) => map.values().any(|item| item.any(predicate)),
                _ => false,
            }
    }

    /// The withheld values in this.
    pub fn withheld(&self) -> Vec<&Withheld> {
        match self {
            Self::Withheld(withheld) => vec![withheld],
            Self::List(items) => items.iter().flat_map(Self::withheld).collect(),
            Self::Map(map) => map.values().flat_map(Self::withheld).collect(),
            _ => Vec::new(),
        }
    }

    /// Where in this withheld values are.
    pub fn withheld_paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        self.collect_withheld(&Path::root(), &mut paths);
        paths
    }

    fn collect_withheld(&self, path: &Path, paths: &mut Vec<Path>) {
        match self {
            Self::Withheld(_) => paths.push(path.clone()),
            Self::List(items) => {
                items.iter().enumerate().for_each(|(at, item)| item.collect_withheld(&path.index(at), paths));
            }
            Self::Map(map) => map.iter().for_each(|(key, item)| item.collect_withheld(&path.key(key), paths)),
            _ => {}
        }
    }

    /// This with what is withheld in it, and known in `known`, as it is known there.
    pub fn revealed(self, known: &Self) -> Self {
        match (self, known) {
            (Self::Withheld(withheld), Self::Null | Self::Unknown) => Self::Withheld(withheld),
            (Self::Withheld(_), known) => known.clone(),
            (Self::List(items), Self::List(known)) if items.len() == known.len() => {
                Self::List(items.into_iter().zip(known).map(|(item, known)| item.revealed(known)).collect())
            }
            (Self::Map(map), known @ Self::Map(_)) => Self::Map(
                map.into_iter()
                    .map(|(key, item)| {
                        let item = item.revealed(known.get(&key));
                        (key, item)
                    })
                    .collect(),
            ),
            (value, _) => value,
        }
    }

    /// Whether this and another value are the same as far as withheld secrets can be compared.
    pub fn seems(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Withheld(one), Self::Withheld(other)) => {
                one.digest.is_none() || other.digest.is_none() || one.digest == other.digest
            }
            (Self::List(one), Self::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.seems(other))
            }
            (Self::Map(one), Self::Map(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| one.seems(other)))
            }
            (one, other) => one == other,
        }
    }

    /// The string in this, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean in this, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number in this as a whole number, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The elements of this, if it is a list; nothing otherwise.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The map in this, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The member of that name; null when this is no map or has none.
    pub fn get(&self, name: &str) -> &Self {
        static NULL: Value = Value::Null;
        self.as_map().and_then(|map| map.get(name)).unwrap_or(&NULL)
    }

    /// What one step of a path leads to; null if nothing.
    pub fn member(&self, segment: &Segment) -> &Self {
        static NULL: Value = Value::Null;
        match segment {
            Segment::Key(name) => self.get(name),
            Segment::Index(index) => self.items().get(*index).unwrap_or(&NULL),
        }
    }

    /// What a path leads to; null if nothing.
    pub fn at(&self, path: &Path) -> &Self {
        path.0.iter().fold(self, Self::member)
    }

    /// What this is, in the words of an error message.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a table",
            Self::Unknown => "unknown",
            Self::Withheld(_) => "a withheld secret",
        }
    }

    /// As JSON. Unknown values become null: whoever needs them writes down their paths beside it.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null | Self::Unknown => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Number(number) => Json::Number(number.clone()),
            Self::String(text) => Json::String(text.clone()),
            Self::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(map) => {
                Json::Object(map.iter().map(|(key, value)| (key.clone(), value.to_json())).collect())
            }
            Self::Withheld(withheld) => {
                serde_json::json!({ WITHHELD_KEY: { "digest": withheld.digest, "source": withheld.source } })
            }
        }
    }

    /// From JSON; the inverse of [`Value::to_json`] but for unknown values.
    pub fn from_json(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => Self::Number(whole(number)),
            Json::String(text) => Self::String(text),
            Json::Array(items) => Self::List(items.into_iter().map(Self::from_json).collect()),
            Json::Object(object) => {
                if object.len() == 1
                    && let Some(inner) = object.get(WITHHELD_KEY)
                {
                    let part = |name| inner.get(name).and_then(Json::as_str).map(str::to_owned);
                    return Withheld { digest: part("digest"), source: part("source") }.into();
                }
                Self::Map(object.into_iter().map(|(key, value)| (key, Self::from_json(value))).collect())
            }
        }
    }
}

/// A float without a fraction is the integer that it equals, so that `30.0` and `30` do not differ.
fn whole(number: Number) -> Number {
    match number.as_f64() {
        Some(float) if !number.is_i64() && !number.is_u64() && float.fract() == 0.0 && float.abs() < 9e15 => {
            Number::from(float as i64)
        }
        _ => number,
    }
}

/// Secrets pass through values, so a debug print shows their shape alone.
impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(items) => formatter.debug_list().entries(items).finish(),
            Self::Map(map) => formatter.debug_map().entries(map).finish(),
            other => formatter.write_str(other.type_name()),
        }
    }
}

impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(Self::from_json)
    }
}

impl From<Withheld> for Value {
    fn from(withheld: Withheld) -> Self {
        Self::Withheld(Box::new(withheld))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Number::from_f64(value).map_or(Self::Null, |number| Self::Number(whole(number)))
    }
}

#[cfg(test)]
mod tests;

//! Values in the form in which the struct of a kind can hold them.

use serde_json::{Map as JsonMap, Value as Json};

use super::{Attribute, Schema, Type};
use crate::value::{Map, Value};

impl Schema {
    /// Attributes as JSON that the kind's struct can be made of. A secret of which only the digest is left stays
    /// that where the struct has room for it. Elsewhere, as what is not known, it is left out; where the struct
    /// must have something, that is empty. What an older version knew, and this one does not, is left out too.
    pub(crate) fn typed(&self, attributes: &Value) -> Json {
        let mut typed = JsonMap::new();
        for (name, attribute) in &self.attributes {
            let value = attributes.get(name);
            if attribute.required || attribute.read_only || attribute.is_there(value) {
                typed.insert(name.clone(), attribute.typed(value));
            }
        }
        Json::Object(typed)
    }

    /// Whether [`Schema::typed`] would leave out, or have empty, an argument of which only the digest is left.
    pub(crate) fn loses_secrets(&self, attributes: &Value) -> bool {
        self.attributes.iter().any(|(name, attribute)| attribute.loses_secrets(attributes.get(name)))
    }

    /// Attributes without the secrets that are written after the object was made: whoever finds an object that
    /// exists cannot tell whether they have been.
    pub(crate) fn without_secrets(&self, attributes: &Value) -> Value {
        let Value::Map(attributes) = attributes else { return attributes.clone() };
        let without = |(name, value): (&String, &Value)| {
            let value = match self.attributes.get(name) {
                Some(attribute) => attribute.without_secrets(value)?,
                None => value.clone(),
            };
            Some((name.clone(), value))
        };
        Value::Map(attributes.iter().filter_map(without).collect::<Map>())
    }
}

impl Attribute {
    /// Whether a value is more than a place for one.
    fn is_there(&self, value: &Value) -> bool {
        match value {
            Value::Null | Value::Unknown => false,
            Value::Withheld(_) => self.has_room_for_digest(),
            _ => true,
        }
    }

    fn has_room_for_digest(&self) -> bool {
        self.write_only || matches!(self.r#type, Type::Any | Type::Document | Type::Policy)
    }

    fn loses_secrets(&self, value: &Value) -> bool {
        match (&self.r#type, value) {
            (_, Value::Withheld(_)) => !self.read_only && !self.has_room_for_digest(),
            (Type::Object(schema), Value::Map(_)) => schema.loses_secrets(value),
            (Type::List(element) | Type::Set(element), Value::List(items)) => {
                items.iter().any(|item| element.loses_secrets(item))
            }
            (Type::Map(element), Value::Map(map)) => map.values().any(|item| element.loses_secrets(item)),
            _ => false,
        }
    }

    fn typed(&self, value: &Value) -> Json {
        match (&self.r#type, value) {
            (_, Value::Withheld(_)) if self.has_room_for_digest() => value.to_json(),
            (_, Value::Null | Value::Unknown | Value::Withheld(_)) if self.read_only => Json::Null,
            (_, Value::Null | Value::Unknown | Value::Withheld(_)) => self.empty(),
            _ if self.write_only => value.to_json(),
            (Type::Object(schema), Value::Map(_)) => schema.typed(value),
            (Type::List(element) | Type::Set(element), Value::List(items)) => {
                items.iter().map(|item| element.typed(item)).collect()
            }
            (Type::Map(element), Value::Map(map)) => {
                map.iter().map(|(key, item)| (key.clone(), element.typed(item))).collect()
            }
            _ => value.to_json(),
        }
    }

    /// What stands where there must be something.
    fn empty(&self) -> Json {
        if let Some(first) = self.constraints.one_of.first() {
            return first.to_json();
        }
        match &self.r#type {
            Type::Any | Type::Document | Type::Policy => Json::Null,
            Type::String => "".into(),
            Type::Number | Type::Integer => 0.into(),
            Type::Bool => false.into(),
            Type::List(_) | Type::Set(_) => Json::Array(Vec::new()),
            Type::Map(_) => Json::Object(JsonMap::new()),
            Type::Object(schema) => schema.typed(&Value::Null),
        }
    }

    fn without_secrets(&self, value: &Value) -> Option<Value> {
        // What cannot be changed in place was written when the object was made.
        if self.write_only && !self.read_only && !self.forces_replacement {
            return None;
        }
        Some(match (&self.r#type, value) {
            (Type::Object(schema), value) => schema.without_secrets(value),
            (Type::List(element) | Type::Set(element), Value::List(items)) => {
                Value::List(items.iter().filter_map(|item| element.without_secrets(item)).collect())
            }
            _ => value.clone(),
        })
    }
}

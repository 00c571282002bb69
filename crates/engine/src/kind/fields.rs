//! Types for the fields of a kind that carry a meaning beyond their shape.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::value::Value;

/// An attribute that AWS computes and a configuration cannot set. Declare it with `#[serde(default)]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Computed<T>(pub Option<T>);

impl<T> Default for Computed<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> From<T> for Computed<T> {
    fn from(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> From<Option<T>> for Computed<T> {
    fn from(value: Option<T>) -> Self {
        Self(value)
    }
}

impl From<&str> for Computed<String> {
    fn from(value: &str) -> Self {
        Self(Some(value.to_owned()))
    }
}

impl<T: std::ops::Deref> Computed<T> {
    /// The value, borrowed.
    pub fn as_deref(&self) -> Option<&T::Target> {
        self.0.as_deref()
    }
}

impl<T: JsonSchema> JsonSchema for Computed<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Computed_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = <Option<T>>::json_schema(generator);
        schema.insert("readOnly".to_owned(), true.into());
        schema
    }
}

/// An argument whose value is sent to AWS and kept nowhere: state and plans hold its keyed digest. Declare it
/// with `#[serde(default)]`.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum WriteOnly<T> {
    /// Not set.
    #[default]
    Unset,
    /// The value, in the run that was given it.
    Value(T),
    /// There is one, and it has not changed.
    Withheld,
}

impl<T> WriteOnly<T> {
    /// The value, if this run knows it and has to write it.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Whether there is a value, known or not.
    pub fn is_set(&self) -> bool {
        !matches!(self, Self::Unset)
    }
}

impl<T> fmt::Debug for WriteOnly<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unset => "unset",
            _ => "(write-only)",
        })
    }
}

impl<T: Serialize> Serialize for WriteOnly<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for WriteOnly<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => Self::Unset,
            Value::Withheld(_) => Self::Withheld,
            value => Self::Value(serde_json::from_value(value.to_json()).map_err(serde::de::Error::custom)?),
        })
    }
}

impl<T: JsonSchema> JsonSchema for WriteOnly<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("WriteOnly_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = <Option<T>>::json_schema(generator);
        schema.insert("writeOnly".to_owned(), true.into());
        schema
    }
}

/// A secret that the resource itself makes, such as a private key: a configuration cannot set it, it exists in
/// the run that made it, and state and plans hold its keyed digest. Declare it with `#[serde(default)]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent, bound(serialize = "T: Serialize", deserialize = "T: DeserializeOwned"))]
pub struct Ephemeral<T>(WriteOnly<T>);

impl<T> Ephemeral<T> {
    /// The value, in the run that made it.
    pub fn value(&self) -> Option<&T> {
        self.0.value()
    }
}

impl<T> Default for Ephemeral<T> {
    fn default() -> Self {
        Self(WriteOnly::Unset)
    }
}

impl<T> From<T> for Ephemeral<T> {
    fn from(value: T) -> Self {
        Self(WriteOnly::Value(value))
    }
}

impl<T> From<Option<T>> for Ephemeral<T> {
    fn from(value: Option<T>) -> Self {
        Self(value.map_or(WriteOnly::Unset, WriteOnly::Value))
    }
}

impl<T: JsonSchema> JsonSchema for Ephemeral<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Ephemeral_{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = <WriteOnly<T>>::json_schema(generator);
        schema.insert("readOnly".to_owned(), true.into());
        schema
    }
}

macro_rules! document {
    ($(#[$documentation:meta])* $name:ident, $format:literal) => {
        $(#[$documentation])*
        #[derive(Clone, Debug, PartialEq, Eq, Default)]
        pub struct $name(pub serde_json::Value);

        impl $name {
            /// From JSON text, as AWS returns it. Text that is no JSON is kept as a string.
            pub fn parse(text: &str) -> Self {
                Self(serde_json::from_str(text).unwrap_or_else(|_| text.into()))
            }
        }

        /// The JSON text, as AWS takes it.
        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(match serde_json::Value::deserialize(deserializer)? {
                    serde_json::Value::String(text) => Self::parse(&text),
                    value => Self(value),
                })
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schemars::json_schema!({ "type": ["object", "array", "string"], "format": $format })
            }
        }
    };
}

document! {
    /// A JSON document, written as a table or as JSON text, and compared by meaning.
    Document, "json"
}

document! {
    /// An IAM policy document, written as a table or as JSON text, and compared by meaning: neither the order of
    /// keys, nor that of actions, nor a string in place of a list of one makes a difference.
    Policy, "policy"
}

//! Keyed digests: what the state keeps of a secret, enough to see that it changed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::schema::{Attribute, Schema, Type};
use crate::value::{Map, Path, Value, Withheld};

/// The random key of one state. Without it a digest cannot be compared with a guess.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DigestKey(String);

impl std::fmt::Debug for DigestKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("(digest key)")
    }
}

impl DigestKey {
    /// A key made of this much randomness.
    pub fn from_random(bytes: &[u8]) -> Self {
        Self(STANDARD.encode(bytes))
    }

    /// The digest of a value under this key.
    pub fn digest(&self, value: &Value) -> String {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_json().to_string(),
        };
        let mut message_authentication = match Hmac::<Sha256>::new_from_slice(self.0.as_bytes()) {
            Ok(keyed) => keyed,
            // HMAC takes keys of any length.
            Err(_) => return String::new(),
        };
        message_authentication.update(text.as_bytes());
        format!("hmac-sha256:{}", STANDARD.encode(message_authentication.finalize().into_bytes()))
    }

    /// The value with each secret in it replaced by its digest: what can be written down. `sensitive` are the
    /// paths that a configuration filled from a sensitive value; `source` is the resource's own address.
    pub fn redact(&self, schema: &Schema, value: &Value, sensitive: &[Path], source: &str) -> Value {
        self.redact_block(schema, value, sensitive, &Path::root(), source)
    }

    fn redact_block(
        &self,
        schema: &Schema,
        value: &Value,
        sensitive: &[Path],
        path: &Path,
        source: &str,
    ) -> Value {
        let Value::Map(map) = value else { return value.clone() };
        Value::Map(
            map.iter()
                .map(|(name, value)| {
                    let path = path.key(name);
                    let redacted = match schema.attributes.get(name) {
                        Some(attribute) => self.redact_attribute(attribute, value, sensitive, &path, source),
                        None => value.clone(),
                    };
                    (name.clone(), redacted)
                })
                .collect::<Map>(),
        )
    }

    fn redact_attribute(
        &self,
        attribute: &Attribute,
        value: &Value,
        sensitive: &[Path],
        path: &Path,
        source: &str,
    ) -> Value {
        if attribute.write_only
            || attribute.sensitive
            || sensitive.iter().any(|secret| path.starts_with(secret))
        {
            return self.withhold(value, source);
        }
        match (&attribute.r#type, value) {
            (Type::Object(schema), value) => self.redact_block(schema, value, sensitive, path, source),
            (Type::List(element) | Type::Set(element), Value::List(items)) => Value::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| {
                        self.redact_attribute(element, item, sensitive, &path.index(index), source)
                    })
                    .collect(),
            ),
            (Type::Map(element), Value::Map(map)) => Value::Map(
                map.iter()
                    .map(|(key, item)| {
                        (key.clone(), self.redact_attribute(element, item, sensitive, &path.key(key), source))
                    })
                    .collect(),
            ),
            _ if sensitive.iter().any(|secret| secret.starts_with(path)) => self.withhold(value, source),
            _ => value.clone(),
        }
    }

    /// A secret's digest in place of the secret.
    pub fn withhold(&self, value: &Value, source: &str) -> Value {
        match value {
            Value::Null | Value::Unknown | Value::Withheld(_) => value.clone(),
            // What is made of a digest would have another one than what was made of the secret.
            value if !value.withheld().is_empty() => Value::from(Withheld {
                digest: None,
                source: value.withheld().first().and_then(|withheld| withheld.source.clone()),
            }),
            plain => {
                Value::from(Withheld { digest: Some(self.digest(plain)), source: Some(source.to_owned()) })
            }
        }
    }
}

/// The plain SHA-256 of some bytes, in hexadecimal: for what is no secret, such as configuration files.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same in base64, as AWS Lambda gives it.
pub fn sha256_base64(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests;

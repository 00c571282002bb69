//! What stands for a resource where others refer to it.

use crate::address::Address;
use crate::schema::{Schema, Type};
use crate::value::{Map, Value};

use super::symbols::Symbols;

/// A resource or data source that Terraform has.
pub(super) struct StandIn<'s> {
    pub(super) symbols: &'s Symbols,
    pub(super) address: &'s Address,
    /// What Terraform calls it.
    pub(super) name: &'s str,
    pub(super) schema: &'s Schema,
    /// The attributes that Terraform has not.
    pub(super) lacking: &'s [&'s str],
    /// Whether its id is the same in Terraform.
    pub(super) has_same_id: bool,
}

impl StandIn<'_> {
    /// Its attributes, with symbols. `known`: what is known of them; `settled`: what is written of its arguments.
    pub(super) fn attributes(&self, known: &Value, settled: &Value) -> Value {
        let Some(map) = known.as_map() else { return known.clone() };
        let attribute = |(name, value): (&String, &Value)| {
            let lacks = match name.as_str() {
                "id" => !self.has_same_id,
                name => self.lacking.contains(&name),
            };
            (name.clone(), if lacks { value.clone() } else { self.attribute(name, value, settled.get(name)) })
        };
        Value::Map(map.iter().map(attribute).collect::<Map>())
    }

    fn attribute(&self, name: &str, known: &Value, settled: &Value) -> Value {
        let reference = format!("{}.{name}", self.name);
        let attribute = self.schema.attributes.get(name);
        let is_text = attribute.is_none_or(|attribute| matches!(attribute.r#type, Type::String));
        let is_argument = !settled.is_null() && attribute.is_some_and(|attribute| !attribute.read_only);
        match known {
            Value::String(_) | Value::Withheld(_) | Value::Unknown if is_text => {
                self.symbols.text(Some(self.address), reference, known.as_str())
            }
            _ if is_argument => settled.clone(),
            Value::List(items) if attribute.is_some_and(|attribute| attribute.read_only) => {
                self.symbols.list(self.address, &reference, items)
            }
            other => other.clone(),
        }
    }
}

//! What values are called: where Terraform's state has an id or an ARN, the environment file names whose it is.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Migrated, Migration, block_of};
use crate::address::Address;
use crate::generate;
use crate::kind::Registry;
use crate::refresh::Found;
use crate::value::Value;

/// Values that have a name.
#[derive(Default)]
pub(super) struct Names {
    /// Texts that are one: what AWS has made up first.
    whole: BTreeMap<String, Vec<Name>>,
    /// ARNs, which can stand within a text.
    beginnings: Vec<(String, Name)>,
    /// Lists that are one, as their JSON.
    lists: BTreeMap<String, Name>,
    /// Whose names were used.
    used: RefCell<BTreeSet<Address>>,
}

#[derive(Clone)]
struct Name {
    address: Address,
    attribute: String,
    /// Whether somebody has chosen it, as names are, so that others can be the same by accident.
    is_chosen: bool,
}

impl Name {
    /// Whether an argument of that name is likely to mean a resource of this kind: `function_name`, or `FunctionName` of a
    /// metric, a function; `target_bucket` a bucket.
    fn is_what(&self, argument: &str) -> bool {
        const SHORTEST: usize = 4;
        let argument = argument.to_ascii_lowercase();
        let mut words = self.address.kind().split('_').filter(|word| word.len() >= SHORTEST);
        words.any(|word| argument.contains(word))
    }
}

impl Names {
    /// What is shorter is likely to be the same by accident.
    const SHORTEST: usize = 8;

    /// What can be named: by a resource what it depends on, by an output everything.
    pub(super) fn of(
        from: Option<&Migrated>,
        migration: &Migration,
        found: &BTreeMap<Address, Option<Found>>,
        registry: &Registry,
    ) -> Self {
        let mut names = Self::default();
        let is_named = |resource: &&Migrated| {
            from.is_none_or(|from| from.dependencies.contains(&block_of(&resource.terraform_address)))
        };
        let mut resources: Vec<&Migrated> = migration.resources.iter().filter(is_named).collect();
        // What depends on another can repeat its id, as a policy does that of its bucket: the first is whose it is.
        resources.sort_by_key(|resource| resource.dependencies.len());
        for resource in resources {
            let Some(Some(found)) = found.get(&resource.address) else { continue };
            if let Some(kind) = registry.kind(resource.address.kind()) {
                let read_only = kind.schema().attributes.iter().filter(|(_, schema)| schema.read_only);
                let attributes = read_only.map(|(attribute, _)| attribute.as_str());
                names.add(resource, found, &attributes.collect::<Vec<_>>());
            }
        }
        // The longest first: an ARN can be the beginning of another.
        names.beginnings.sort_by_key(|(arn, _)| std::cmp::Reverse(arn.len()));
        names
    }

    fn add(&mut self, resource: &Migrated, found: &Found, read_only: &[&str]) {
        let is_chosen = |text: &str| {
            let chosen = found.attributes.as_map().into_iter().flatten();
            chosen
                .filter(|(name, _)| !read_only.contains(&name.as_str()))
                .any(|(_, value)| value.as_str() == Some(text))
        };
        let name = |attribute: &str, text: &str| Name {
            address: resource.address.clone(),
            attribute: attribute.to_owned(),
            is_chosen: is_chosen(text),
        };
        let text = |attribute: &str| found.attributes.get(attribute).as_str();
        let arns = read_only.iter().filter_map(|attribute| {
            text(attribute).filter(|text| text.starts_with("arn:")).map(|arn| (*attribute, arn))
        });
        for (attribute, arn) in arns {
            if !self.beginnings.iter().any(|(known, _)| known == arn) {
                self.beginnings.push((arn.to_owned(), name(attribute, arn)));
            }
        }
        let texts = [("arn", text("arn").filter(|_| read_only.contains(&"arn"))), ("id", Some(&*found.id))];
        let others = read_only.iter().map(|attribute| (*attribute, text(attribute)));
        for (attribute, text) in texts.into_iter().chain(others) {
            if let Some(text) = text.filter(|text| text.len() >= Self::SHORTEST || attribute == "id") {
                let names = self.whole.entry(text.to_owned()).or_default();
                if !names.iter().any(|known| known.address == resource.address) {
                    names.push(name(attribute, text));
                }
            }
        }
        for attribute in read_only {
            if let list @ Value::List(_) = found.attributes.get(attribute) {
                self.lists.entry(list.to_json().to_string()).or_insert_with(|| name(attribute, ""));
            }
        }
    }

    /// A value of an output of that name on one line, in the language.
    pub(super) fn inline(&self, output: &str, value: &Value) -> String {
        match value {
            Value::List(items) => match self.lists.get(&value.to_json().to_string()) {
                Some(name) => format!("\"{}\"", self.expression(name)),
                None => {
                    let items: Vec<String> = items.iter().map(|item| self.inline(output, item)).collect();
                    format!("[{}]", items.join(", "))
                }
            },
            Value::Map(map) if !map.is_empty() => {
                let member = |(name, value): (&String, &Value)| {
                    format!("{} = {}", generate::key(name), self.inline(&format!("{output}_{name}"), value))
                };
                format!("{{ {} }}", map.iter().map(member).collect::<Vec<_>>().join(", "))
            }
            value => generate::inline(output, value, &|name, text| self.spell(name, text)),
        }
    }

    /// A text as an expression. `argument`: the name of what it is the value of.
    pub(super) fn spell(&self, argument: &str, text: &str) -> String {
        let names = self.whole.get(text).map(Vec::as_slice).unwrap_or_default();
        let told = names.iter().find(|name| !name.is_chosen || name.is_what(argument));
        if let Some(name) = told {
            return self.expression(name);
        }
        let mut spelled = String::new();
        let mut rest = text;
        'text: while let Some(at) = rest.find("arn:") {
            spelled.push_str(&generate::literal(&rest[..at]));
            rest = &rest[at..];
            for (arn, name) in &self.beginnings {
                let after = rest.strip_prefix(arn.as_str());
                let goes_on = |next: char| next.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&next);
                if let Some(after) = after.filter(|after| !after.starts_with(goes_on)) {
                    spelled.push_str(&self.expression(name));
                    rest = after;
                    continue 'text;
                }
            }
            spelled.push_str("arn:");
            rest = &rest["arn:".len()..];
        }
        spelled + &generate::literal(rest)
    }

    fn expression(&self, name: &Name) -> String {
        self.used.borrow_mut().insert(name.address.clone());
        format!("${{{}.{}}}", name.address, name.attribute)
    }

    /// Whose names were used.
    pub(super) fn used(&self) -> BTreeSet<Address> {
        self.used.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_chosen_is_meant_where_the_argument_says_so() {
        let is_meant = |kind: &str, argument: &str| {
            let address = Address::from(format!("{kind}.x").as_str());
            Name { address, attribute: "id".to_owned(), is_chosen: true }.is_what(argument)
        };
        assert!(is_meant("aws_lambda_function", "function_name"));
        assert!(is_meant("aws_lambda_function", "FunctionName"));
        assert!(is_meant("aws_s3_bucket", "target_bucket"));
        assert!(is_meant("aws_iam_role", "role"));
        assert!(!is_meant("aws_iam_role", "function_name"));
        assert!(!is_meant("aws_iam_role", "name"));
        assert!(!is_meant("aws_kms_key", "key"), "of an object, for one");
    }
}

//! What things are called in a template: names of letters and digits, that say where something comes from.

use crate::address::Address;

use super::pascal;
use super::scene::{ENVIRONMENT, PROJECT, Scene};

impl Scene<'_> {
    /// The name of a parameter for what a template cannot know of something.
    pub(super) fn parameter_for(&self, address: &Address, attribute: &str) -> String {
        format!("{}{}", self.logical_id(address), pascal(attribute))
    }

    /// The name of a resource in the template: of its modules, its own, and what it is.
    pub(super) fn logical_id(&self, address: &Address) -> String {
        if let Some(known) = self.names.borrow().get(address) {
            return known.clone();
        }
        let block = address.block_name();
        let resource = self.counterpart(&block).and_then(|counterpart| counterpart.resource);
        let noun = match resource.and_then(|resource| resource.r#type.rsplit("::").next()) {
            Some(noun) => noun.to_owned(),
            None => pascal(block.kind.strip_prefix("aws_").unwrap_or(&block.kind)),
        };
        let mut name = String::new();
        for part in plain_parts(address) {
            name += &pascal(&part);
        }
        if !name.ends_with(&noun) {
            name += &noun;
        }
        if let Some(key) = address.key() {
            name += &pascal(key);
        }
        // A name is one thing's alone, and parameters have theirs already.
        let taken = |name: &str| {
            self.names.borrow().values().any(|known| known == name)
                || self.configuration.root.variables.keys().any(|variable| pascal(variable) == name)
                || [ENVIRONMENT, PROJECT].contains(&name)
        };
        let mut unique = name.clone();
        let mut count = 2;
        while taken(&unique) {
            unique = format!("{name}{count}");
            count += 1;
        }
        self.names.borrow_mut().insert(address.clone(), unique.clone());
        unique
    }
}

/// The names that an address is made of, without those that say nothing.
fn plain_parts(address: &Address) -> Vec<String> {
    let mut parts = Vec::new();
    for module in address.modules() {
        let last = module.rsplit("module.").next().unwrap_or_default();
        parts.push(last.to_owned());
    }
    let block = address.block_name();
    if block.name != "this" {
        parts.push(block.name);
    }
    parts
}

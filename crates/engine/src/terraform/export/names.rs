//! What resources are called in a configuration without modules.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::terraform::free_name;

/// The names of resources and data sources, each of its own in its kind.
#[derive(Default)]
pub(super) struct Names {
    given: BTreeMap<Address, String>,
    taken: BTreeSet<String>,
}

impl Names {
    /// What Terraform calls it, such as `aws_s3_bucket.cdn_eu_logs` or `data.aws_region.current`.
    pub(super) fn of(&mut self, address: &Address) -> String {
        if let Some(given) = self.given.get(address) {
            return given.clone();
        }
        let block = address.block_name();
        let kind = if block.data { format!("data.{}", block.kind) } else { block.kind };
        let name = free_name(&kind, parts(address).iter().map(String::as_str), &mut self.taken);
        self.given.insert(address.clone(), name.clone());
        name
    }

    /// What it was called, if it has been asked for.
    pub(super) fn given(&self, address: &Address) -> Option<&str> {
        self.given.get(address).map(String::as_str)
    }
}

/// The names of its modules with their keys, its own, and its key. A `this` in a module tells nothing.
fn parts(address: &Address) -> Vec<String> {
    let mut parts = Vec::new();
    let mut outer = 0;
    for module in address.modules() {
        let inside = module[outer..].trim_start_matches('.');
        parts.push(inside.strip_prefix("module.").unwrap_or(inside).to_owned());
        outer = module.len();
    }
    let block = address.block_name();
    if block.name != "this" || parts.is_empty() {
        parts.push(block.name);
    }
    parts.push(address.as_str()[address.block().len()..].to_owned());
    parts
}

//! What a resource depends on without naming it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Migrated, Migration, block_of};
use crate::address::Address;
use crate::refresh::Found;

/// The addresses to depend on, so that the order is Terraform's. Its state has all that a resource depends on, however
/// far behind: what follows from something else is left out.
pub(super) fn depends_on(
    resource: &Migrated,
    named: &BTreeSet<Address>,
    migration: &Migration,
    found: &BTreeMap<Address, Option<Found>>,
) -> Vec<String> {
    let mut blocks: BTreeMap<String, Vec<&Migrated>> = BTreeMap::new();
    for other in &migration.resources {
        if found.get(&other.address).is_some_and(Option::is_some) {
            blocks.entry(block_of(&other.terraform_address)).or_default().push(other);
        }
    }
    let behind = |block: &String| -> BTreeSet<&String> {
        blocks.get(block).into_iter().flatten().flat_map(|other| &other.dependencies).collect()
    };
    let is_named = |block: &String| {
        blocks.get(block).is_some_and(|members| members.iter().any(|other| named.contains(&other.address)))
    };
    let known = resource.dependencies.iter().filter(|block| blocks.contains_key(*block));
    let (said, mut unsaid): (BTreeSet<&String>, BTreeSet<&String>) = known.partition(|block| is_named(block));
    let covered: BTreeSet<&String> = said.into_iter().flat_map(behind).collect();
    unsaid.retain(|block| !covered.contains(block));
    let covered: BTreeSet<&String> = unsaid.iter().flat_map(|block| behind(block)).collect();
    unsaid.retain(|block| !covered.contains(block));
    let members = unsaid.into_iter().filter_map(|block| blocks.get(block)).flatten();
    members.map(|other| other.address.to_string()).collect()
}

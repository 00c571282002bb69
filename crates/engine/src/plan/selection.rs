//! What a run is about, if not everything: targets with all that they depend on, less what is excluded with all that
//! depends on it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Aim, Change};
use crate::address::Address;
use crate::source::{Diagnostic, Diagnostics};
use crate::spelling::nearest;

/// The addresses that a run is about.
#[derive(Debug, Default)]
pub(super) struct Selection(BTreeSet<Address>);

impl Selection {
    /// What of a whole plan is selected. `changes` are all that it has, and `data` the data sources that it has read,
    /// with what they depend on.
    pub(super) fn of(
        aim: &Aim,
        changes: &[Change],
        data: &BTreeMap<Address, BTreeSet<Address>>,
    ) -> Result<Self, Diagnostics> {
        let graph = Graph::of(changes, data);
        let mut diagnostics = Diagnostics::default();
        for wanted in aim.targets.iter().chain(&aim.excludes).chain(&aim.replace) {
            if graph.named(wanted).next().is_none() {
                let known = graph.needs.keys().map(|address| address.as_str());
                let hint = nearest(wanted.as_str(), known).map_or_else(
                    || "provision state list shows what there is".to_owned(),
                    |nearest| format!("did you mean `{nearest}`?"),
                );
                diagnostics.push(Diagnostic::new(format!("there is no `{wanted}`")).with_hint(hint));
            }
        }
        diagnostics.into_result()?;
        let all =
            |wanted: &[Address]| wanted.iter().flat_map(|wanted| graph.named(wanted)).cloned().collect();
        let mut selected: BTreeSet<Address> = match aim.targets.is_empty() {
            true => graph.needs.keys().cloned().collect(),
            false => reached(all(&aim.targets), &graph.needs),
        };
        for excluded in reached(all(&aim.excludes), &graph.needed_by) {
            selected.remove(&excluded);
        }
        Ok(Self(selected))
    }

    pub(super) fn contains(&self, address: &Address) -> bool {
        self.0.contains(address)
    }
}

/// What must come before each, and what comes after.
struct Graph {
    needs: BTreeMap<Address, BTreeSet<Address>>,
    needed_by: BTreeMap<Address, BTreeSet<Address>>,
}

impl Graph {
    fn of(changes: &[Change], data: &BTreeMap<Address, BTreeSet<Address>>) -> Self {
        let mut needs: BTreeMap<Address, BTreeSet<Address>> = data.clone();
        for change in changes {
            needs.entry(change.address.clone()).or_default().extend(change.dependencies.iter().cloned());
        }
        // A delete comes after those of all that referred to the object.
        let deleted: BTreeSet<&Address> =
            changes.iter().filter(|change| !change.applies()).map(|change| &change.address).collect();
        for change in changes.iter().filter(|change| !change.applies()) {
            for referred in change.prior.iter().flat_map(|prior| &prior.dependencies) {
                if deleted.contains(referred) {
                    needs.entry(referred.clone()).or_default().insert(change.address.clone());
                }
            }
        }
        let mut needed_by: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
        for (address, needed) in &needs {
            for needed in needed {
                needed_by.entry(needed.clone()).or_default().insert(address.clone());
            }
        }
        Self { needs, needed_by }
    }

    /// What has an address, or is below it.
    fn named<'g>(&'g self, wanted: &'g Address) -> impl Iterator<Item = &'g Address> {
        self.needs.keys().filter(|address| address.below(wanted.as_str()).is_some())
    }
}

/// These, and all that can be reached from them.
fn reached(from: BTreeSet<Address>, edges: &BTreeMap<Address, BTreeSet<Address>>) -> BTreeSet<Address> {
    let mut found = from.clone();
    let mut pending: Vec<Address> = from.into_iter().collect();
    while let Some(address) = pending.pop() {
        for next in edges.get(&address).into_iter().flatten() {
            if found.insert(next.clone()) {
                pending.push(next.clone());
            }
        }
    }
    found
}

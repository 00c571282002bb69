//! Changes of a state that somebody asks for: other addresses, and what is to be forgotten.

use std::collections::BTreeMap;

use super::{Resource, State, StateError};
use crate::address::Address;
use crate::value::Value;

impl State {
    /// Gives what has an address, or is below it, another: a resource, all instances of one, a module. Whatever names
    /// it names the new one. Gives each old address with its new one; none, if nothing has that address.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<Vec<(Address, Address)>, StateError> {
        let (kind, other) = (Address::from(from), Address::from(to));
        if kind.kind() != other.kind() || kind.is_data() != other.is_data() {
            return Err(refused(format!("`{from}` cannot become `{to}`: that is of another kind")));
        }
        let renamed = |address: &Address| {
            let rest = address.below(from)?;
            Some(Address::from(format!("{to}{rest}")))
        };
        let moves: BTreeMap<Address, Address> = self
            .resources
            .keys()
            .chain(self.intents.keys())
            .filter_map(|address| Some((address.clone(), renamed(address)?)))
            .collect();
        let taken = |address: &&Address| {
            !moves.contains_key(*address)
                && (self.resources.contains_key(*address) || self.intents.contains_key(*address))
        };
        if let Some(address) = moves.values().find(taken) {
            return Err(refused(format!("there is a `{address}` already")));
        }
        let new = |address: Address| moves.get(&address).cloned().unwrap_or(address);
        let resources = std::mem::take(&mut self.resources).into_iter();
        self.resources = resources.map(|(address, resource)| (new(address), resource)).collect();
        let intents = std::mem::take(&mut self.intents).into_iter();
        self.intents = intents.map(|(address, intent)| (new(address), intent)).collect();
        let rename_all = |addresses: &mut Vec<Address>| {
            addresses.iter_mut().for_each(|address| *address = new(address.clone()));
        };
        for resource in self.resources.values_mut() {
            rename_all(&mut resource.dependencies);
            rename_sources(&mut resource.attributes, &moves);
            for deposed in &mut resource.deposed {
                rename_all(&mut deposed.dependencies);
                rename_sources(&mut deposed.attributes, &moves);
            }
        }
        for intent in self.intents.values_mut() {
            rename_all(&mut intent.dependencies);
            rename_sources(&mut intent.attributes, &moves);
        }
        for output in self.outputs.values_mut() {
            rename_sources(&mut output.value, &moves);
        }
        Ok(moves.into_iter().collect())
    }

    /// Forgets what has an address, or is below it, and gives it.
    pub fn forget(&mut self, address: &str) -> Vec<(Address, Resource)> {
        let all = std::mem::take(&mut self.resources).into_iter();
        let (forgotten, kept): (Vec<_>, Vec<_>) =
            all.partition(|(candidate, _)| candidate.below(address).is_some());
        self.resources = kept.into_iter().collect();
        self.intents.retain(|candidate, _| candidate.below(address).is_none());
        forgotten
    }
}

/// A digest names the resource whose secret it is of.
fn rename_sources(value: &mut Value, moves: &BTreeMap<Address, Address>) {
    match value {
        Value::Withheld(withheld) => {
            let moved = withheld.source.as_deref().and_then(|source| moves.get(&Address::from(source)));
            if let Some(moved) = moved {
                withheld.source = Some(moved.as_str().to_owned());
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| rename_sources(item, moves)),
        Value::Map(map) => map.values_mut().for_each(|item| rename_sources(item, moves)),
        _ => {}
    }
}

fn refused(message: String) -> StateError {
    StateError::Refused { message }
}

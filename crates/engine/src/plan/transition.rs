//! What has another address now than the state says: `[[moved]]`. A plan begins with these, and an apply of it with
//! recording them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Inputs, Plan};
use crate::address::Address;
use crate::config::{Configuration, Moved, Removed};
use crate::refresh::Observation;
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::state::{Record, State};

/// A state and what was read of it, under the addresses that the configuration has for them.
pub(crate) struct Transition<'a> {
    state: Cow<'a, State>,
    observation: Cow<'a, Observation>,
    /// Each old address with its new one, in the order in which they are to be changed.
    pub(crate) moves: Vec<(Address, Address)>,
}

impl<'a> Transition<'a> {
    /// What becomes of addresses where a plan is made from these.
    pub(crate) fn of(inputs: &Inputs<'a>) -> Result<Self, Diagnostics> {
        let mut transition = Self {
            state: Cow::Borrowed(inputs.state),
            observation: Cow::Borrowed(inputs.observation),
            moves: Vec::new(),
        };
        let mut diagnostics = Diagnostics::default();
        let statements = statements(inputs.configuration);
        // One can go on from where another ends; those of outer modules come first. Each has its turn once, so that they
        // come to an end.
        let mut pending: Vec<_> = statements.iter().collect();
        while let Some(done) =
            pending.iter().position(|(module, moved)| transition.carry_out(module, moved, &mut diagnostics))
        {
            pending.remove(done);
        }
        diagnostics.into_result()?;
        Ok(transition)
    }

    /// What has become of them where a plan was made.
    pub(crate) fn of_plan(inputs: &Inputs<'a>, plan: &Plan) -> Self {
        let (mut state, mut observation) = (Cow::Borrowed(inputs.state), Cow::Borrowed(inputs.observation));
        for (from, to) in &plan.moves {
            state.to_mut().apply(Record::Moved(from.clone(), to.clone()));
            rename(observation.to_mut(), &[(from.clone(), to.clone())]);
        }
        Self { state, observation, moves: plan.moves.clone() }
    }

    /// The inputs, with everything where it belongs.
    pub(crate) fn inputs<'t>(&'t self, inputs: &Inputs<'t>) -> Inputs<'t> {
        Inputs { state: &self.state, observation: &self.observation, ..*inputs }
    }

    /// The old address of what has this one.
    pub(crate) fn old(&self, address: &Address) -> Option<&Address> {
        let mut old = None;
        for (from, to) in self.moves.iter().rev() {
            if to == old.unwrap_or(address) {
                old = Some(from);
            }
        }
        old
    }

    /// Does what a statement says wherever its module is used. Whether there was something to do.
    fn carry_out(&mut self, module: &[&str], moved: &Moved, diagnostics: &mut Diagnostics) -> bool {
        let mut pairs: BTreeMap<String, String> = BTreeMap::new();
        for address in self.state.resources.keys().chain(self.state.intents.keys()) {
            let Some((inside, rest)) = address.within(module) else { continue };
            if applies_to(&moved.from.address, &moved.to.address, rest) {
                pairs.insert(
                    format!("{inside}{}", moved.from.address),
                    format!("{inside}{}", moved.to.address),
                );
            }
        }
        for (from, to) in &pairs {
            match self.state.to_mut().rename(from, to) {
                Ok(moves) => {
                    rename(self.observation.to_mut(), &moves);
                    self.moves.extend(moves);
                }
                Err(error) => {
                    diagnostics.push(Diagnostic::at(&moved.from.place, error.to_string()).with_hint(
                        "take this [[moved]] away, or one of both out of the state: provision state rm",
                    ))
                }
            }
        }
        !pairs.is_empty()
    }
}

/// Whether what has this address within its module is moved. An address that becomes an instance is itself none.
fn applies_to(from: &str, to: &str, address: &str) -> bool {
    let address = Address::from(address);
    match address.below(from) {
        Some("") => true,
        Some(rest) => !(rest.starts_with('[') && to.ends_with(']')),
        None => false,
    }
}

/// The statements of all modules, each with the names of the modules that lead to its own. A module that is used twice
/// has each twice.
fn statements(configuration: &Configuration) -> Vec<(Vec<&str>, &Moved)> {
    let paths = configuration.modules.iter().enumerate();
    paths
        .flat_map(|(index, path)| {
            path.module.moved.iter().map(move |moved| (names(configuration, index), moved))
        })
        .collect()
}

/// The names of the modules that lead to the one of that index.
fn names(configuration: &Configuration, index: usize) -> Vec<&str> {
    let mut names = Vec::new();
    let mut at = &configuration.modules[index];
    while let Some(parent) = at.parent {
        names.push(at.name.as_str());
        at = &configuration.modules[parent];
    }
    names.reverse();
    names
}

/// What the configuration says is to become of something that it has no more: the `[[removed]]` that names it.
pub(super) fn removal<'c>(configuration: &'c Configuration, address: &Address) -> Option<&'c Removed> {
    configuration.modules.iter().enumerate().find_map(|(index, path)| {
        let (_, rest) = address.within(&names(configuration, index))?;
        let rest = Address::from(rest);
        path.module.removed.iter().find(|removed| rest.below(&removed.from.address).is_some())
    })
}

/// What is wrong with the statements: what they say is gone is still configured.
pub(super) fn check(
    configuration: &Configuration,
    configured: &dyn Fn(&Address) -> bool,
    diagnostics: &mut Diagnostics,
) {
    let mut still_there = |place: &Place, from: &str, hint: &str| {
        let message = format!("`{from}` is still configured");
        diagnostics.push(Diagnostic::at(place, message).with_hint(hint));
    };
    for (index, path) in configuration.modules.iter().enumerate() {
        let prefix: String =
            names(configuration, index).iter().map(|name| format!("module.{name}.")).collect();
        let is_configured = |from: &str| configured(&Address::from(format!("{prefix}{from}")));
        for moved in &path.module.moved {
            // What becomes an instance keeps its block.
            let instance = Address::from(moved.to.address.as_str()).block() == moved.from.address;
            if !instance && is_configured(&moved.from.address) {
                still_there(&moved.from.place, &moved.from.address, "take its block away, or this [[moved]]");
            }
        }
        for removed in &path.module.removed {
            if is_configured(&removed.from.address) {
                still_there(
                    &removed.from.place,
                    &removed.from.address,
                    "take its block away, or this [[removed]]",
                );
            }
        }
    }
}

fn rename(observation: &mut Observation, moves: &[(Address, Address)]) {
    let new: BTreeMap<&Address, &Address> = moves.iter().map(|(from, to)| (from, to)).collect();
    let renamed = |address: Address| new.get(&address).map_or(address.clone(), |to| (*to).clone());
    let resources = std::mem::take(&mut observation.resources).into_iter();
    observation.resources = resources.map(|(address, read)| (renamed(address), read)).collect();
    let intents = std::mem::take(&mut observation.intents).into_iter();
    observation.intents = intents.map(|(address, found)| (renamed(address), found)).collect();
}

//! What a run knew that could write its state no longer: another had taken it over, or its credentials had ended. It
//! is kept in a file on this machine until it is pushed.

use serde::{Deserialize, Serialize};

use super::{Resource, State, StateError};
use crate::address::Address;

/// A state that could not be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errored {
    /// Why.
    pub errored: String,
    /// The state, with the serial that was last written.
    pub state: State,
}

impl Errored {
    /// Reads a file, if it is one of these.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Adds to the state, as it is now, what the run knew and the state does not. Gives what was added, in words.
    ///
    /// Where both know another object under one address, the state's stays, and the run's is to be deleted by the
    /// next apply. What is gone meanwhile is found out by the next refresh.
    pub fn reconcile(&self, current: &mut State) -> Result<Vec<(Address, &'static str)>, StateError> {
        let known = &self.state;
        if known.lineage != current.lineage {
            return Err(unrelated(known, current));
        }
        if known.serial >= current.serial {
            // Nobody has written it since: this is what happened next.
            let changed = known
                .resources
                .iter()
                .filter(|(address, resource)| current.resources.get(*address) != Some(*resource));
            let mut said: Vec<_> =
                changed.map(|(address, _)| (address.clone(), "as that run left it")).collect();
            let gone = current.resources.keys().filter(|address| !known.resources.contains_key(*address));
            said.extend(gone.map(|address| (address.clone(), "deleted")));
            *current = known.clone();
            return Ok(said);
        }
        let mut said = Vec::new();
        for (address, resource) in &known.resources {
            match current.resources.get_mut(address) {
                None => {
                    current.intents.remove(address);
                    current.resources.insert(address.clone(), resource.clone());
                    said.push((address.clone(), "made by that run"));
                }
                Some(present) => {
                    if adopt(present, resource) {
                        said.push((address.clone(), "made twice: the one of that run is to be deleted"));
                    }
                }
            }
        }
        for (address, intent) in &known.intents {
            if !current.resources.contains_key(address) && !current.intents.contains_key(address) {
                current.intents.insert(address.clone(), intent.clone());
                said.push((address.clone(), "may have been made by that run"));
            }
        }
        Ok(said)
    }
}

/// Makes objects that only `other` knows be deleted in place of `present`; says whether there are any.
fn adopt(present: &mut Resource, other: &Resource) -> bool {
    let is_known = |present: &Resource, id: &str, region: &Option<String>| {
        (present.id == id && present.region == *region)
            || present.deposed.iter().any(|deposed| deposed.id == id && deposed.region == *region)
    };
    let before = present.deposed.len();
    for deposed in std::iter::once(other.clone().into_deposed()).chain(other.deposed.iter().cloned()) {
        if !is_known(present, &deposed.id, &deposed.region) {
            present.deposed.push(deposed);
        }
    }
    present.deposed.len() > before
}

impl State {
    /// Refuses to take the place of a state that this one does not go on from.
    pub fn check_extends(&self, current: &Self) -> Result<(), StateError> {
        if self.lineage != current.lineage {
            return Err(unrelated(self, current));
        }
        if self.serial < current.serial || (self.serial == current.serial && self != current) {
            return Err(StateError::Refused {
                message: format!(
                    "this state is of serial {}, and there is one of serial {}",
                    self.serial, current.serial
                ),
            });
        }
        Ok(())
    }
}

fn unrelated(state: &State, current: &State) -> StateError {
    StateError::Refused {
        message: format!(
            "this state is of lineage {}, and the one there of {}",
            state.lineage, current.lineage
        ),
    }
}

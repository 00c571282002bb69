//! What a run is for, and what of the environment it is about.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::address::Address;

/// What a run is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Aim {
    /// What is to be true after it.
    pub goal: Goal,
    /// Only these, with all that they depend on; everything, if there are none. Each is the address of a resource, of
    /// all instances of one, or of a module. Terraform's `-target`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Address>,
    /// Not these, nor what depends on them. OpenTofu's `-exclude`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<Address>,
    /// What is made anew although nothing demands it. Terraform's `-replace`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace: Vec<Address>,
    /// What exists already, by its id, and becomes the resource of that address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imports: Vec<(Address, String)>,
    /// What may exist already, and is then taken over instead of created: [`crate::refresh::find_existing`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adopt: Vec<Address>,
}

/// What is to be true after a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// That everything is as configured.
    #[default]
    Apply,
    /// That nothing is left.
    Destroy,
    /// As `Apply`, with rotations begun ([`crate::builtin::KeyRotation`]): those at these addresses, or all.
    Rotate(Option<BTreeSet<Address>>),
    /// That the state says what is there, which is left as it is. Terraform's `-refresh-only`.
    Refresh,
}

impl From<Goal> for Aim {
    fn from(goal: Goal) -> Self {
        Self { goal, ..Self::default() }
    }
}

impl Aim {
    /// Whether it is that nothing is left.
    pub fn destroys(&self) -> bool {
        self.goal == Goal::Destroy
    }

    /// Whether nothing but the state is to change.
    pub fn only_refreshes(&self) -> bool {
        self.goal == Goal::Refresh
    }

    /// Whether it leaves something of the environment out.
    pub fn is_partial(&self) -> bool {
        !self.targets.is_empty() || !self.excludes.is_empty()
    }

    pub(super) fn rotates(&self, address: &Address) -> bool {
        matches!(&self.goal, Goal::Rotate(only) if only.as_ref().is_none_or(|only| only.contains(address)))
    }

    pub(super) fn replaces(&self, address: &Address) -> bool {
        self.replace.iter().any(|wanted| address.below(wanted.as_str()).is_some())
    }
}

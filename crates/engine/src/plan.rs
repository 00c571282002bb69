//! The plan: what an apply would do. It is computed from the configuration, the state and what was read, and from
//! nothing else: the same input gives the same plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::config::{BlockName, Configuration};
use crate::evaluate::{Each, InstanceName};
use crate::kind::Registry;
use crate::refresh::{Observation, Requests};
use crate::source::{Diagnostics, Place};
use crate::state::{Deposed, OutputValue, Resource, State};
use crate::value::{Path, Value};

mod adjust;
mod aim;
mod current;
mod export;
mod planner;
mod selection;
mod transition;

pub(crate) use adjust::{completed, ignoring};
pub(crate) use current::{Current, current};
pub(crate) use transition::Transition;

pub use aim::{Aim, Goal};
pub use export::{ChangeDocument, EnvironmentName, PlanDocument, Summary, with_unknown};

/// What an apply would do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Everything that is configured or in the state, in an order in which it could be applied.
    pub changes: Vec<Change>,
    /// The data sources that were read for it, with what each depends on.
    pub data: BTreeMap<Address, BTreeSet<Address>>,
    /// What the environment would give.
    pub outputs: BTreeMap<String, OutputValue>,
    /// Whether that differs from what the state says it gives.
    pub outputs_change: bool,
    /// Whether the state says something else than the configuration of what resources refer to, and of how they
    /// may change. An apply has to record that even if it is empty: otherwise `prevent_destroy` could not be
    /// taken away.
    pub settings_change: bool,
    /// Each address that the state has with the one that is configured for it now.
    pub moves: Vec<(Address, Address)>,
    /// What would happen as well, were the run not about a part of the environment alone.
    pub left_out: Vec<Address>,
}

/// What happens to one resource or data source.
#[derive(Debug, Clone)]
pub struct Change {
    /// Its address.
    pub address: Address,
    /// Its kind.
    pub kind: String,
    /// What happens.
    pub action: Action,
    /// The resource that there is, with what was read of it.
    pub prior: Option<Box<Resource>>,
    /// What it will be; unknown where only the apply can tell. Null after a delete.
    pub after: Value,
    /// The region that it is in or will be in, if not the environment's.
    pub region: Option<String>,
    /// The arguments that differ.
    pub changed: Vec<Path>,
    /// Why it is replaced.
    pub replace_because: Vec<Reason>,
    /// Where each of these reasons stands, if it stands anywhere.
    pub reason_places: Vec<Option<Place>>,
    /// The arguments that someone else has changed since the state was written.
    pub drift: Vec<Path>,
    /// What it refers to.
    pub dependencies: BTreeSet<Address>,
    /// How it may change.
    pub lifecycle: Settings,
    /// The paths that are filled from something sensitive.
    pub sensitive: Vec<Path>,
    /// The paths in `prior` that were.
    pub was_sensitive: Vec<Path>,
    /// Why it is taken over, if it is: the state does not have it.
    pub adopted: Option<Adoption>,
    /// What the state says of it, if all that is done is to let it say what was read.
    pub recorded: Option<Value>,
    /// The address that the state has for it, if that is another.
    pub moved_from: Option<Address>,
    /// Whether this run has nothing to do with it.
    pub left_out: bool,
    /// The arguments that the configuration says nothing of, so that AWS chooses, if anybody does.
    pub unsaid: BTreeSet<String>,
    /// Whether someone else has deleted what the state has.
    pub gone: bool,
    /// The block that configures it, to be evaluated again when more is known.
    pub(crate) origin: Option<Box<Origin>>,
}

/// The evaluated lifecycle of a resource.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether its replacement comes before its delete.
    pub create_before_destroy: bool,
    /// Whether a plan that would destroy it is an error.
    pub prevent_destroy: bool,
    /// The arguments whose differences are left alone.
    pub ignore_changes: Vec<Path>,
}

/// What happens to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is deleted and made anew.
    Replace,
    /// It is deleted.
    Delete,
    /// It is a data source, and read.
    Read,
    /// It exists, and the state does not have it: it is taken over.
    Adopt,
    /// It is deleted from the state, and left as it is.
    Forget,
    /// It is left as it is, and the state is told what that is.
    Refresh,
}

/// Why something is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// An interrupted run has made it.
    Interrupted,
    /// Somebody has said that it is this resource's.
    Imported,
}

/// Why a resource is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// AWS cannot change this argument in place.
    Argument(Path),
    /// It moves to another region.
    Region,
    /// `replace_triggered_by` names this.
    Triggered(Address),
    /// `replace_triggered_by` named something that an earlier run has changed, and that run ended too early.
    Due,
    /// It holds a secret that exists only in the run that makes it, and this needs it.
    SecretNeededBy(Address),
    /// Somebody asks for it: `--replace`.
    Requested,
}

/// Where a change comes from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) instance: InstanceName,
    pub(crate) module: usize,
    pub(crate) block: BlockName,
    pub(crate) each: Option<Each>,
}

/// What a plan is made from.
pub struct Inputs<'a> {
    /// The configuration.
    pub configuration: &'a Configuration,
    /// The kinds.
    pub registry: &'a Registry,
    /// The values of variables that are given from outside.
    pub variables: &'a BTreeMap<String, Value>,
    /// The state.
    pub state: &'a State,
    /// What was read.
    pub observation: &'a Observation,
    /// What the run is for.
    pub aim: &'a Aim,
    /// Whether data sources that were not read count as not known yet, instead of being asked for.
    pub offline: bool,
}

/// The outcome of planning.
pub enum Outcome {
    /// A plan.
    Planned(Box<Plan>, BTreeMap<std::path::PathBuf, String>),
    /// Something has to be read first.
    Needs(Requests),
}

/// Makes a plan, or says what has to be read for one.
pub fn plan(inputs: &Inputs<'_>) -> Result<Outcome, Diagnostics> {
    let transition = Transition::of(inputs)?;
    planner::plan(&transition.inputs(inputs), &transition)
}

/// The value of one output as far as the state knows what it comes from, also where it is sensitive. Nothing is asked,
/// and what else is wrong with the configuration does not matter.
pub fn output(inputs: &Inputs<'_>, name: &str) -> Value {
    let Ok(transition) = Transition::of(inputs) else { return Value::Unknown };
    let inputs = transition.inputs(inputs);
    planner::output(&Inputs { offline: true, ..inputs }, &transition, name)
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.outputs_change
            && self.moves.is_empty()
            && self.changes.iter().all(|change| !change.has_effect())
    }

    /// The changes that do something.
    pub fn effective(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.has_effect())
    }
}

impl Change {
    /// One of which no more is known.
    fn new(address: Address, kind: String, action: Action) -> Self {
        Self {
            address,
            kind,
            action,
            prior: None,
            after: Value::Null,
            region: None,
            changed: Vec::new(),
            replace_because: Vec::new(),
            reason_places: Vec::new(),
            drift: Vec::new(),
            dependencies: BTreeSet::new(),
            lifecycle: Settings::default(),
            sensitive: Vec::new(),
            was_sensitive: Vec::new(),
            adopted: None,
            recorded: None,
            moved_from: None,
            left_out: false,
            unsaid: BTreeSet::new(),
            gone: false,
            origin: None,
        }
    }

    /// Whether this does anything.
    pub fn has_effect(&self) -> bool {
        self.action != Action::NoOp || !self.deposed().is_empty()
    }

    /// Whether an object is made.
    pub fn creates(&self) -> bool {
        matches!(self.action, Action::Create | Action::Replace)
    }

    /// Whether an object that is not deposed is deleted.
    pub fn deletes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace)
    }

    /// Whether this applies something, if only that nothing changes: what depends on it waits for that.
    pub fn applies(&self) -> bool {
        self.action != Action::Delete
    }

    /// What earlier replacements have left to delete.
    pub fn deposed(&self) -> &[Deposed] {
        let prior = self.prior.as_ref().filter(|_| !self.left_out);
        prior.map(|prior| prior.deposed.as_slice()).unwrap_or_default()
    }

    /// What it is now.
    pub fn before(&self) -> &Value {
        static NULL: Value = Value::Null;
        self.prior.as_ref().map_or(&NULL, |prior| &prior.attributes)
    }
}

impl Reason {
    /// Whether it lies in something else, and is gone once that has changed.
    pub(crate) fn is_trigger(&self) -> bool {
        matches!(self, Self::Triggered(_) | Self::Due)
    }
}

impl Action {
    /// The name in plan documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoOp => "no-op",
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Read => "read",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
            Self::Refresh => "refresh",
        }
    }
}

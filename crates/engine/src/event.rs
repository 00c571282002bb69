//! What happens while the engine works, for whoever shows it.

use std::time::Duration;

use crate::address::Address;
use crate::plan::Action;

/// Receives events. Called between steps, so it must be quick.
pub trait Events {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// So many resources are about to be read.
    RefreshStarted {
        /// How many.
        resources: usize,
    },
    /// A resource was read.
    Refreshed {
        /// Which.
        address: &'a Address,
    },
    /// An apply begins.
    ApplyStarted {
        /// The steps that change something.
        steps: &'a [ScheduledStep],
    },
    /// A step begins.
    StepStarted {
        /// Of which resource.
        address: &'a Address,
        /// What it does.
        action: StepAction,
    },
    /// A step has ended well.
    StepFinished {
        /// Of which resource.
        address: &'a Address,
        /// What it did.
        action: StepAction,
        /// The id of the resource, if it has one.
        id: Option<&'a str>,
    },
    /// A step has failed.
    StepFailed {
        /// Of which resource.
        address: &'a Address,
        /// What it tried.
        action: StepAction,
        /// Why.
        message: &'a str,
        /// What to do.
        hint: Option<&'a str>,
    },
    /// A step was not begun, because of one that it depends on.
    StepSkipped {
        /// Of which resource.
        address: &'a Address,
        /// What it would have done.
        action: StepAction,
        /// What it waited for.
        because: &'a Address,
    },
    /// A changed resource takes a while to settle; that blocks nobody.
    Settling {
        /// Which.
        address: &'a Address,
    },
    /// A changed resource has settled.
    Settled {
        /// Which.
        address: &'a Address,
    },
    /// The run was interrupted: nothing new is begun, and what runs is waited for.
    Interrupted {
        /// How many steps are still running.
        running: usize,
    },
}

/// A step that an apply is going to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledStep {
    /// Of which resource.
    pub address: Address,
    /// What it does.
    pub action: StepAction,
    /// The positions among all scheduled steps of those that it waits for.
    pub waits_for: Vec<usize>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepAction {
    /// Creates a resource.
    Create,
    /// Changes one in place.
    Update,
    /// Deletes one.
    Delete,
    /// Reads a data source.
    Read,
    /// Takes over what exists: made by an interrupted run, or imported.
    Adopt,
}

impl StepAction {
    /// What an action of the plan does when it applies something, if it does.
    pub fn of(action: Action) -> Option<Self> {
        match action {
            Action::Create | Action::Replace => Some(Self::Create),
            Action::Update => Some(Self::Update),
            Action::Delete => Some(Self::Delete),
            Action::Read => Some(Self::Read),
            Action::Adopt => Some(Self::Adopt),
            Action::NoOp | Action::Forget | Action::Refresh => None,
        }
    }
}

/// A source of time, of which the engine has none of its own.
pub trait Clock: Send + Sync {
    /// What time it is, in seconds of Unix time.
    fn now(&self) -> i64;

    /// Returns after that long.
    fn sleep(&self, duration: Duration) -> futures::future::BoxFuture<'static, ()>;
}

/// Shows nothing.
pub struct Silent;

impl Events for Silent {
    fn event(&self, _event: Event<'_>) {}
}

//! What of an environment a command is about, beside what its configuration says.

use provision_engine::address::Address;
use provision_engine::plan::{Aim, Goal};

/// What to leave out of a plan.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct PartArguments {
    /// Only this, with all that it depends on: a resource, all instances of one, or a module. Can be repeated
    #[arg(long = "target", value_name = "ADDRESS")]
    targets: Vec<String>,
    /// Not this, nor what depends on it. Can be repeated
    #[arg(long = "exclude", value_name = "ADDRESS")]
    excludes: Vec<String>,
}

/// What a plan is to do beside what the configuration demands.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct ChangeArguments {
    /// Make this anew, although nothing demands it. Can be repeated
    #[arg(long, value_name = "ADDRESS")]
    replace: Vec<String>,
    /// Take over what exists already where this would be created. Can be repeated
    #[arg(long, value_name = "ADDRESS")]
    adopt: Vec<String>,
    /// Let the state say what is there, and change nothing else
    #[arg(long, conflicts_with_all = ["replace", "adopt"])]
    refresh_only: bool,
}

impl PartArguments {
    /// An aim at that part.
    pub(crate) fn aim(&self, goal: Goal) -> Aim {
        Aim { targets: addresses(&self.targets), excludes: addresses(&self.excludes), ..Aim::from(goal) }
    }
}

impl ChangeArguments {
    /// An aim at all that these ask for.
    pub(crate) fn aim(&self, part: &PartArguments, goal: Goal) -> Aim {
        let goal = if self.refresh_only { Goal::Refresh } else { goal };
        Aim { replace: addresses(&self.replace), adopt: addresses(&self.adopt), ..part.aim(goal) }
    }

    /// Whether they ask for anything.
    pub(crate) fn are_given(&self) -> bool {
        self.refresh_only || !self.replace.is_empty() || !self.adopt.is_empty()
    }
}

impl PartArguments {
    /// Whether they leave anything out.
    pub(crate) fn are_given(&self) -> bool {
        !self.targets.is_empty() || !self.excludes.is_empty()
    }
}

/// Whether to look ahead.
#[derive(clap::Args, Clone)]
pub(crate) struct PreflightArguments {
    /// Look for what would fail, and for what deletes take with them, before anything is touched
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    pub(crate) preflight: bool,
}

fn addresses(texts: &[String]) -> Vec<Address> {
    texts.iter().map(|text| Address::from(text.as_str())).collect()
}

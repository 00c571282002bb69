//! What runs have done to a state: a log that is kept beside it.

use serde::{Deserialize, Serialize};

/// The log, the newest run last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The runs.
    pub runs: Vec<Run>,
}

/// A run that has changed a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The serial of the state that it left.
    pub serial: u64,
    /// When it ended, as RFC 3339.
    pub ended: String,
    /// User, machine and process.
    pub who: String,
    /// The command, such as `apply`.
    pub operation: String,
    /// What it did, in a few words.
    pub changes: String,
    /// By which the store finds the state that it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}

impl History {
    /// How many runs are remembered.
    const KEPT: usize = 500;

    /// Adds a run, and forgets the oldest of too many.
    pub(super) fn add(&mut self, run: Run) {
        self.runs.push(run);
        let surplus = self.runs.len().saturating_sub(Self::KEPT);
        self.runs.drain(..surplus);
    }

    /// The run that left the state of that serial.
    pub fn run(&self, serial: u64) -> Option<&Run> {
        self.runs.iter().rev().find(|run| run.serial == serial)
    }
}

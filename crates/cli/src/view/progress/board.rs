//! What is being done at the moment, and since when.

use std::time::{Duration, Instant};

use provision_engine::address::Address;
use provision_engine::event::{Event, StepAction};

/// When a step is first said to take long; the next times after twice as long each.
const LONG: Duration = Duration::from_secs(30);

/// All that is going on.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// The resources that are read: how many were, and how many there are.
    pub(super) reading: Option<(usize, usize)>,
    /// When the apply began, if it did.
    pub(super) began: Option<Instant>,
    /// How many steps there are.
    pub(super) steps: usize,
    /// How many have ended, one way or another.
    pub(super) ended: usize,
    /// How many have failed.
    pub(super) failed: usize,
    /// Whether nothing new is begun.
    pub(super) interrupted: bool,
    /// What runs, the oldest first.
    pub(super) running: Vec<Running>,
}

/// Something that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) address: Address,
    pub(super) work: Work,
    pub(super) since: Instant,
    /// After how long it is said to take long.
    next: Duration,
}

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Step(StepAction),
    /// Waiting until a change has taken effect everywhere.
    Settle,
}

impl Board {
    /// Takes note of an event, and says how long what it ends has taken.
    pub(super) fn receive(&mut self, event: &Event<'_>, now: Instant) -> Duration {
        match event {
            Event::RefreshStarted { resources } => self.reading = Some((0, *resources)),
            Event::Refreshed { .. } => {
                if let Some((read, resources)) = &mut self.reading {
                    *read += 1;
                    if read >= resources {
                        self.reading = None;
                    }
                }
            }
            Event::ApplyStarted { steps } => {
                *self = Self { began: Some(now), steps: *steps, ..Self::default() };
            }
            Event::StepStarted { address, action } => self.begin(address, Work::Step(*action), now),
            Event::Settling { address } => self.begin(address, Work::Settle, now),
            Event::StepFinished { address, action, .. } => {
                self.ended += 1;
                return self.end(address, Work::Step(*action), now);
            }
            Event::StepFailed { address, action, .. } => {
                self.ended += 1;
                self.failed += 1;
                return self.end(address, Work::Step(*action), now);
            }
            Event::StepSkipped { .. } => self.ended += 1,
            Event::Settled { address } => return self.end(address, Work::Settle, now),
            Event::Interrupted { .. } => self.interrupted = true,
        }
        Duration::ZERO
    }

    /// Whether there is nothing to show.
    pub(super) fn is_idle(&self) -> bool {
        self.reading.is_none() && self.running.is_empty() && self.ended >= self.steps
    }

    /// What has taken long since this was last asked.
    pub(super) fn overdue(&mut self, now: Instant) -> Vec<(Address, Work, Duration)> {
        let mut overdue = Vec::new();
        for running in &mut self.running {
            let elapsed = now.saturating_duration_since(running.since);
            if elapsed >= running.next {
                running.next = running.next.max(elapsed / 2) * 2;
                overdue.push((running.address.clone(), running.work, elapsed));
            }
        }
        overdue
    }

    fn begin(&mut self, address: &Address, work: Work, now: Instant) {
        self.running.push(Running { address: address.clone(), work, since: now, next: LONG });
    }

    /// Ends what runs. Of two deletes at one address, one of them what an earlier run left, either will do.
    fn end(&mut self, address: &Address, work: Work, now: Instant) -> Duration {
        match self.running.iter().position(|running| running.address == *address && running.work == work) {
            Some(position) => now.saturating_duration_since(self.running.remove(position).since),
            None => Duration::ZERO,
        }
    }
}

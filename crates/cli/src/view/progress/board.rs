//! What is being done at the moment, and since when; and what waits for it.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use provision_engine::address::Address;
use provision_engine::event::{Event, ScheduledStep, StepAction};

/// When a step is first said to take long; the next times after twice as long each.
const LONG: Duration = Duration::from_secs(30);

/// All that is going on.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// The resources that are read: how many were, and how many there are.
    pub(super) reading: Option<(usize, usize)>,
    /// When the apply began, if it did.
    pub(super) began: Option<Instant>,
    /// What is to be done.
    pub(super) schedule: Schedule,
    /// How many steps have failed.
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
    /// Its position in the schedule, if it is a step of that.
    position: Option<usize>,
}

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Step(StepAction),
    /// Waiting until a change has taken effect everywhere.
    Settle,
}

/// The steps of an apply, and how far it has come with them.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    addresses: Vec<Address>,
    /// For each step, those that wait for it.
    followers: Vec<Vec<usize>>,
    /// The steps that have not begun, by what they do to what.
    waiting: HashMap<(Address, StepAction), VecDeque<usize>>,
    /// The positions of the same.
    waits: HashSet<usize>,
    /// How many have ended, one way or another.
    pub(super) ended: usize,
}

impl Board {
    /// Takes note of an event, and says how long what it ends has taken.
    pub(super) fn receive(&mut self, event: &Event<'_>, now: Instant) -> Duration {
        match event {
            Event::RefreshStarted { resources } => {
                self.reading = Some((0, *resources)).filter(|(_, resources)| *resources > 0);
            }
            Event::Refreshed { .. } => {
                if let Some((read, resources)) = &mut self.reading {
                    *read += 1;
                    if read >= resources {
                        self.reading = None;
                    }
                }
            }
            Event::ApplyStarted { steps } => {
                *self = Self { began: Some(now), schedule: Schedule::new(steps), ..Self::default() };
            }
            Event::StepStarted { address, action } => self.begin(address, Work::Step(*action), now),
            Event::Settling { address } => self.begin(address, Work::Settle, now),
            Event::StepFinished { address, action, .. } => {
                return self.end(address, Work::Step(*action), now);
            }
            Event::StepFailed { address, action, .. } => {
                self.failed += 1;
                return self.end(address, Work::Step(*action), now);
            }
            Event::StepSkipped { address, action, .. } => {
                self.schedule.begin(address, *action);
                self.schedule.ended += 1;
            }
            Event::Settled { address } => return self.end(address, Work::Settle, now),
            Event::Interrupted { .. } => self.interrupted = true,
        }
        Duration::ZERO
    }

    /// Whether there is nothing to show.
    pub(super) fn is_idle(&self) -> bool {
        self.reading.is_none() && self.running.is_empty() && self.schedule.ended >= self.schedule.len()
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

    /// The resources that wait for something that runs, those that wait for it directly first.
    pub(super) fn held_up_by(&self, running: &Running) -> Vec<&Address> {
        running.position.map(|position| self.schedule.behind(position)).unwrap_or_default()
    }

    fn begin(&mut self, address: &Address, work: Work, now: Instant) {
        let position = match work {
            Work::Step(action) => self.schedule.begin(address, action),
            Work::Settle => None,
        };
        self.running.push(Running { address: address.clone(), work, since: now, next: LONG, position });
    }

    /// Ends what runs. Of two deletes at one address, one of them what an earlier run left, either will do.
    fn end(&mut self, address: &Address, work: Work, now: Instant) -> Duration {
        let Some(at) =
            self.running.iter().position(|running| running.address == *address && running.work == work)
        else {
            return Duration::ZERO;
        };
        let ended = self.running.remove(at);
        // A step that goes on, with the next of several old objects, counts once.
        self.schedule.ended += usize::from(ended.position.is_some());
        now.saturating_duration_since(ended.since)
    }
}

impl Schedule {
    fn new(steps: &[ScheduledStep]) -> Self {
        let mut schedule = Self {
            addresses: steps.iter().map(|step| step.address.clone()).collect(),
            followers: vec![Vec::new(); steps.len()],
            waits: (0..steps.len()).collect(),
            ..Self::default()
        };
        for (position, step) in steps.iter().enumerate() {
            schedule.waiting.entry((step.address.clone(), step.action)).or_default().push_back(position);
            for before in &step.waits_for {
                if let Some(followers) = schedule.followers.get_mut(*before) {
                    followers.push(position);
                }
            }
        }
        schedule
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.addresses.len()
    }

    /// How many have not begun.
    pub(super) fn waiting(&self) -> usize {
        self.waits.len()
    }

    /// Takes a step from those that wait.
    fn begin(&mut self, address: &Address, action: StepAction) -> Option<usize> {
        let position = self.waiting.get_mut(&(address.clone(), action))?.pop_front()?;
        self.waits.remove(&position);
        Some(position)
    }

    /// What waits for a step: directly first, then what waits for that.
    fn behind(&self, position: usize) -> Vec<&Address> {
        let mut found = Vec::new();
        let mut seen = HashSet::from([position]);
        let mut next = VecDeque::from([position]);
        while let Some(position) = next.pop_front() {
            for follower in &self.followers[position] {
                if self.waits.contains(follower) && seen.insert(*follower) {
                    found.push(&self.addresses[*follower]);
                    next.push_back(*follower);
                }
            }
        }
        found
    }
}

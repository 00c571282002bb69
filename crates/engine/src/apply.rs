//! The apply: a walk over the steps of a plan with one owner of the state.
//!
//! Steps run concurrently. One loop receives what comes of them, notes it, and begins the steps that waited for it.
//! What a step is about to create is recorded, durably, before its call is sent; what has come of calls is recorded
//! along with that, or a moment later: until then the intent stands, and a run after a crash finds what was made. At
//! most one write of the state is under way, and no call waits for one that it does not need. A failed step skips
//! those that wait for it; everything else goes on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use petgraph::graph::NodeIndex;

use crate::address::Address;
use crate::behalf::IdleSteps;
use crate::evaluate::Evaluation;
use crate::event::{Clock, Event, Events, ScheduledStep, StepAction};
use crate::graph::{Graph, Step};
use crate::hash::HashSet;
use crate::kind::KindError;
use crate::plan::{Action, Inputs, Plan, Reason, Transition};
use crate::source::Diagnostic;
use crate::state::{Record, Recorder, State, StateError};
use crate::value::Value;

mod condition;
mod outcome;
mod pen;
mod queue;
mod settle;
mod step;

use pen::{Notes, Pen, Turn};
use queue::Queue;
use step::{Call, Prepared};

/// How an apply is run.
pub struct Options {
    /// How many steps run at a time, beside those that only wait.
    pub parallelism: usize,
    /// Whether to wait at the end for what takes a while to settle.
    pub wait: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { parallelism: 64, wait: true }
    }
}

/// What surrounds a run.
pub struct Surroundings<'a> {
    /// Who is told what happens.
    pub events: &'a dyn Events,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Set when the run is to end: nothing new is begun, and what runs is waited for.
    pub interrupted: &'a AtomicBool,
    /// Random names for creates.
    pub token: &'a dyn Fn() -> String,
}

/// What an apply has done.
#[derive(Debug, Default)]
pub struct Report {
    /// How many resources were created (a replacement counts as one).
    pub created: usize,
    /// How many were updated in place.
    pub updated: usize,
    /// How many were deleted (a replacement counts as one).
    pub deleted: usize,
    /// How many were taken over from an interrupted run.
    pub adopted: usize,
    /// What failed, and why.
    pub failed: Vec<(Address, KindError)>,
    /// What was not begun because of a failure.
    pub skipped: Vec<Address>,
    /// What was not begun because the run was interrupted.
    pub not_begun: Vec<Address>,
    /// What is wrong with expressions that could only be evaluated now.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Whether everything was done.
    pub fn is_success(&self) -> bool {
        self.failed.is_empty() && self.not_begun.is_empty() && self.diagnostics.is_empty()
    }
}

/// Carries out a plan. `state` is the one that the plan was made from; it is kept true, and each change of it is
/// recorded. An error means that recording failed, or that the state is no longer this run's: then nothing new is
/// sent, and `state` has what came of all that was.
pub async fn apply(
    inputs: &Inputs<'_>,
    plan: &Plan,
    state: &mut State,
    recorder: &mut dyn Recorder,
    surroundings: &Surroundings<'_>,
    options: &Options,
) -> Result<Report, StateError> {
    let transition = Transition::of_plan(inputs, plan);
    let inputs = &transition.inputs(inputs);
    let graph = Graph::of(plan);
    let ready = Queue::new(graph.remaining(|step| takes(inputs, plan, step)));
    let mut walk = Walk {
        inputs,
        plan,
        state,
        surroundings,
        options,
        evaluation: Evaluation::new(inputs.configuration, inputs.registry, inputs.variables.clone()),
        waits: graph.steps().map(|(node, _)| graph.waits_for(node)).collect(),
        graph,
        ready,
        calls: Vec::new(),
        idle: IdleSteps::default(),
        notes: Notes::default(),
        skipped: HashSet::default(),
        unapplied: HashSet::default(),
        changed: Vec::new(),
        report: Report::default(),
    };
    walk.begin();
    walk.run(recorder).await?;
    walk.finish(recorder).await
}

struct Walk<'w, 'a> {
    inputs: &'w Inputs<'a>,
    plan: &'w Plan,
    state: &'w mut State,
    surroundings: &'w Surroundings<'w>,
    options: &'w Options,
    evaluation: Evaluation<'a>,
    graph: Graph,
    /// For each node, how many steps it still waits for.
    waits: Vec<usize>,
    /// The steps that wait for nothing, the longest way first.
    ready: Queue,
    /// The calls that are to be sent as soon as that is allowed.
    calls: Vec<Call>,
    /// How many of the steps that run only wait: others run in their place.
    idle: IdleSteps,
    /// What is to be recorded next.
    notes: Notes,
    skipped: HashSet<NodeIndex>,
    /// What is not as it was planned to be.
    unapplied: HashSet<Address>,
    /// What has changed and may take a while to settle.
    changed: Vec<Address>,
    report: Report,
}

impl Walk<'_, '_> {
    /// Brings the state to what was read, and marks the steps that wait for nothing.
    fn begin(&mut self) {
        for (from, to) in &self.plan.moves {
            self.note(Record::Moved(from.clone(), to.clone()));
            self.notes.hold_calls();
        }
        for (address, found) in &self.inputs.observation.intents {
            if found.is_none() {
                self.note(Record::Abandoned(address.clone()));
            }
        }
        for (address, read) in &self.inputs.observation.resources {
            if read.is_null()
                && self.state.resources.get(address).is_some_and(|resource| resource.deposed.is_empty())
            {
                self.note(Record::Removed(address.clone()));
            }
        }
        for change in self.plan.changes.iter().filter(|change| !change.left_out) {
            if let Some(prior) = &change.prior
                && !(change.gone && prior.deposed.is_empty())
            {
                let mut refreshed = self.redacted(change, (**prior).clone(), &change.was_sensitive);
                // Once what triggers it has changed, nothing else tells that this was to be replaced.
                if change.replace_because.iter().any(Reason::is_trigger) {
                    refreshed.replacement_due = true;
                }
                let is_due = refreshed.replacement_due;
                if self.state.resources.get(&change.address) != Some(&refreshed) {
                    self.note(Record::Put(change.address.clone(), Box::new(refreshed)));
                    if is_due {
                        self.notes.hold_calls();
                    }
                }
            }
        }
        self.seed();
        for (node, _) in self.graph.steps().filter(|(node, _)| self.waits[node.index()] == 0) {
            self.ready.push(node);
        }
        self.surroundings.events.event(Event::ApplyStarted { steps: &self.schedule() });
    }

    /// The steps that change something, and which of them wait for which.
    fn schedule(&self) -> Vec<ScheduledStep> {
        let steps = self.graph.schedule(|step| self.action(step).is_some());
        let scheduled = steps.into_iter().filter_map(|(step, waits_for)| {
            let address = self.plan.changes[step.change()].address.clone();
            Some(ScheduledStep { address, action: self.action(step)?, waits_for })
        });
        scheduled.collect()
    }

    /// Tells the evaluation what the plan knew, so that there is as much of everything as was planned. Each step
    /// that ends replaces what was expected by what is.
    fn seed(&self) {
        // A destroy evaluates nothing: no data source has been read for it.
        if self.inputs.aim.destroys() {
            return;
        }
        let registry = self.inputs.registry;
        let deferred: HashSet<&Address> = self.plan.changes.iter().map(|change| &change.address).collect();
        let answered = self.inputs.observation.data.iter();
        for (address, answer) in answered.filter(|(address, _)| !deferred.contains(address)) {
            if let Some(kind) = registry.data(address.kind()) {
                let id = answer.attributes.get("id").clone();
                self.evaluation.set(address.clone(), kind.schema().complete(&answer.attributes, id));
            }
        }
        for change in self.plan.changes.iter().filter(|change| !change.address.is_data()) {
            if let Some(kind) = registry.kind(&change.kind) {
                let id = match &change.prior {
                    Some(prior) if !change.creates() => Value::from(prior.id.as_str()),
                    _ => Value::Unknown,
                };
                self.evaluation.set(change.address.clone(), kind.schema().complete(&change.after, id));
            }
        }
        for placed in &self.inputs.configuration.blocks {
            for instance in self.evaluation.instances_of(placed.module) {
                self.evaluation.expand(&instance, &placed.name);
            }
        }
    }

    /// Receives what comes of calls, and begins what can be begun, until nothing is left to wait for.
    async fn run(&mut self, recorder: &mut dyn Recorder) -> Result<(), StateError> {
        let mut running = FuturesUnordered::new();
        let mut finished = Vec::new();
        let mut broken = None;
        let mut pen = Pen::new(recorder);
        loop {
            for outcome in finished.drain(..) {
                let call = self.receive(outcome);
                self.calls.extend(call);
            }
            let idle = self.idle.count();
            while broken.is_none()
                && !self.is_interrupted()
                && running.len().saturating_sub(idle) + self.calls.len() < self.options.parallelism
            {
                let Some(node) = self.ready.pop() else { break };
                let call = self.start(node);
                self.calls.extend(call);
            }
            if broken.is_none() {
                broken = pen.write(&mut self.notes, self.state, &self.calls, self.surroundings.clock).err();
                pen.ask(self.calls.iter().any(|call| call.after <= self.notes.durable()));
            }
            match pen.next(&mut running, &self.idle, idle).await {
                Turn::Ended(outcome) => {
                    finished.push(outcome);
                    while let Some(Some(more)) = running.next().now_or_never() {
                        finished.push(more);
                    }
                }
                Turn::Written(outcome) => broken = self.notes.written(outcome, self.state).err().or(broken),
                Turn::MayCall(Ok(())) if broken.is_none() => {
                    let durable = self.notes.durable();
                    for call in self.calls.extract_if(.., |call| call.after <= durable).collect::<Vec<_>>() {
                        running.push(self.dispatch(call));
                    }
                }
                Turn::MayCall(outcome) => broken = broken.or(outcome.err()),
                Turn::Due => self.notes.hurry(),
                Turn::Room => {}
                Turn::Over => break,
            }
        }
        broken.map_or(Ok(()), Err)
    }

    async fn finish(mut self, recorder: &mut dyn Recorder) -> Result<Report, StateError> {
        for (node, step) in self.graph.steps().collect::<Vec<_>>() {
            if self.waits[node.index()] == usize::MAX || self.skipped.contains(&node) {
                continue;
            }
            let address = &self.plan.changes[step.change()].address;
            if self.action(step).is_some() {
                self.report.not_begun.push(address.clone());
            }
            if matches!(step, Step::Apply(_)) {
                self.unapplied.insert(address.clone());
            }
        }
        let outputs = self.outputs();
        self.note(Record::Outputs(outputs));
        self.notes.flush(recorder, self.state).await?;
        if self.options.wait && !self.is_interrupted() {
            self.settle().await;
        }
        let mut diagnostics = self.evaluation.take_diagnostics();
        diagnostics.sort();
        self.report.diagnostics = diagnostics.0;
        Ok(self.report)
    }

    /// Begins a step. One that takes no call is finished at once.
    fn start(&mut self, node: NodeIndex) -> Option<Call> {
        let step = self.graph.step(node);
        let change = &self.plan.changes[step.change()];
        if let Some(action) = self.action(step) {
            self.surroundings.events.event(Event::StepStarted { address: &change.address, action });
        }
        match self.prepare(node, step) {
            Ok(Prepared::Call(call)) => Some(call),
            Ok(Prepared::Done) => {
                self.done(node);
                None
            }
            Err(error) => {
                self.failed(node, error);
                None
            }
        }
    }

    /// What a step does, if it does anything.
    fn action(&self, step: Step) -> Option<StepAction> {
        match step {
            Step::Apply(index) => {
                StepAction::of(self.plan.changes[index].action).filter(|action| *action != StepAction::Delete)
            }
            Step::Delete(_) | Step::DeleteDeposed(_) => Some(StepAction::Delete),
        }
    }

    /// A step has ended well: those that waited for it alone are ready.
    fn done(&mut self, node: NodeIndex) {
        self.finished(node);
        self.waits[node.index()] = usize::MAX;
        for follower in self.graph.followers(node).collect::<Vec<_>>() {
            self.release(follower);
        }
    }

    /// Tells, and counts, that a step has done what it does.
    fn finished(&mut self, node: NodeIndex) {
        let step = self.graph.step(node);
        let change = &self.plan.changes[step.change()];
        let Some(action) = self.action(step) else { return };
        match action {
            StepAction::Create => self.report.created += 1,
            StepAction::Update => self.report.updated += 1,
            StepAction::Delete => self.report.deleted += 1,
            StepAction::Adopt => self.report.adopted += 1,
            StepAction::Read => {}
        }
        let id = self.state.resources.get(&change.address).map(|resource| resource.id.as_str());
        self.surroundings.events.event(Event::StepFinished { address: &change.address, action, id });
    }

    /// A step waits for one less.
    fn release(&mut self, node: NodeIndex) {
        let waits = &mut self.waits[node.index()];
        *waits = waits.saturating_sub(1);
        if *waits == 0 && !self.skipped.contains(&node) {
            self.ready.push(node);
        }
    }

    /// A step has failed: all that needs it, however far behind, is skipped.
    fn failed(&mut self, node: NodeIndex, error: KindError) {
        let step = self.graph.step(node);
        let change = &self.plan.changes[step.change()];
        let action = self.action(step).unwrap_or(StepAction::Update);
        self.surroundings.events.event(Event::StepFailed {
            address: &change.address,
            action,
            message: &error.to_string(),
            hint: error.hint.as_deref(),
        });
        self.report.failed.push((change.address.clone(), error));
        self.waits[node.index()] = usize::MAX;
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            let ended = self.graph.step(node);
            if let Step::Apply(index) = ended {
                self.unapplied.insert(self.plan.changes[index].address.clone());
            }
            for follower in self.graph.followers(node).collect::<Vec<_>>() {
                let step = self.graph.step(follower);
                if !ended.is_needed_by(step) {
                    self.release(follower);
                } else if self.skipped.insert(follower) {
                    self.skip(step, &change.address);
                    pending.push(follower);
                }
            }
        }
    }

    fn skip(&mut self, step: Step, because: &Address) {
        let Some(action) = self.action(step) else { return };
        let address = &self.plan.changes[step.change()].address;
        self.surroundings.events.event(Event::StepSkipped { address, action, because });
        self.report.skipped.push(address.clone());
    }

    fn is_interrupted(&self) -> bool {
        self.surroundings.interrupted.load(Ordering::SeqCst)
    }

    /// Changes the state, and remembers to record that.
    fn note(&mut self, record: Record) {
        self.state.apply(record.clone());
        self.notes.add(record);
    }
}

/// How long a step takes, for what comes first where not all can come at once: what leads to a slow thing does.
fn takes(inputs: &Inputs<'_>, plan: &Plan, step: Step) -> Duration {
    let change = &plan.changes[step.change()];
    let is_call = match step {
        Step::Apply(_) => StepAction::of(change.action).is_some(),
        Step::Delete(_) | Step::DeleteDeposed(_) => true,
    };
    match inputs.registry.kind(&change.kind) {
        Some(kind) if is_call && kind.is_remote() => kind.takes(),
        _ => Duration::ZERO,
    }
}

/// Whether an apply of that action needs an intent: it makes something that only its intent could find again.
fn needs_intent(action: Action) -> bool {
    matches!(action, Action::Create | Action::Replace)
}

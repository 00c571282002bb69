//! What comes of a step, and what the state then says.

use std::collections::BTreeMap;

use petgraph::graph::NodeIndex;

use super::Walk;
use super::condition::Condition;
use super::step::{Call, Work};
use crate::graph::Step;
use crate::kind::{KindError, Token};
use crate::plan::{Action, Change};
use crate::state::{Deposed, OutputValue, Record, Resource};
use crate::value::Value;

/// What came of a call.
pub(super) struct Outcome {
    pub(super) node: NodeIndex,
    pub(super) made: Result<Made, KindError>,
}

/// What a call has made.
pub(super) enum Made {
    /// Way for what is to be created: its place is free.
    Way { token: Token, desired: Value },
    /// An object that exists, and may not be all that it should be.
    Part { id: String, bare: Option<Value>, desired: Value },
    /// An object that is as it should be.
    Whole { id: String, attributes: Value },
    /// The object of that id is gone.
    Nothing { id: String },
    /// A data source's answer.
    Answer(Value),
}

impl Walk<'_, '_> {
    /// Takes in what came of a call; gives the call that goes on with it, if one does.
    pub(super) fn receive(&mut self, outcome: Outcome) -> Option<Call> {
        let plan = self.plan;
        let change = &plan.changes[self.graph.step(outcome.node).change()];
        let call = self.take_in(change, outcome);
        match self.kind(change).is_ok_and(|kind| kind.is_remote()) {
            true => self.notes.has_news(),
            // It was made of nothing that could be found again, and calls may have it in them.
            false => self.notes.hold_calls(),
        }
        call
    }

    fn take_in(&mut self, change: &Change, outcome: Outcome) -> Option<Call> {
        let Outcome { node, made } = outcome;
        let step = self.graph.step(node);
        match made {
            Err(error) => {
                // Refused, so nothing was made. Whether a create whose outcome is not known made something is
                // what its intent is for.
                let is_intended =
                    matches!(step, Step::Apply(_)) && self.state.intents.contains_key(&change.address);
                if is_intended && error.is_refusal() && !self.has_object(change) {
                    self.note(Record::Abandoned(change.address.clone()));
                }
                self.failed(node, error);
                None
            }
            // Nothing has been begun yet that would have to be ended.
            Ok(Made::Way { .. }) if self.is_interrupted() => None,
            Ok(Made::Way { token, desired }) => {
                self.intend(change, &token, &desired);
                let after = self.notes.noted();
                Some(Call { node, work: Work::Create { token, desired }, after })
            }
            Ok(Made::Part { id, bare, desired }) => {
                let attributes = bare.clone().unwrap_or_else(|| desired.clone());
                self.put(change, id.clone(), attributes);
                let after = self.notes.floor();
                Some(Call { node, work: Work::Complete { id, bare, desired }, after })
            }
            Ok(Made::Whole { id, attributes }) => {
                self.publish(change, &id, &attributes);
                self.put(change, id, attributes);
                self.changed.push(change.address.clone());
                self.ended(node, change);
                None
            }
            Ok(Made::Nothing { id }) => {
                self.removed(change, step, &id);
                if matches!(step, Step::DeleteDeposed(_)) && self.first_deposed(change).is_some() {
                    self.finished(node);
                    self.ready.push(node);
                } else {
                    self.done(node);
                }
                None
            }
            Ok(Made::Answer(attributes)) => {
                if let Some(kind) = self.inputs.registry.data(&change.kind) {
                    let id = attributes.get("id").clone();
                    self.evaluation.set(change.address.clone(), kind.schema().complete(&attributes, id));
                }
                self.ended(node, change);
                None
            }
        }
    }

    /// Something is as it should be, unless a postcondition says otherwise.
    fn ended(&mut self, node: NodeIndex, change: &Change) {
        match self.meets(change, Condition::Post) {
            Ok(()) => self.done(node),
            Err(error) => self.failed(node, error),
        }
    }

    /// A resource that is not changed: others can refer to it.
    pub(super) fn keep(&mut self, change: &Change) {
        let Some(prior) = &change.prior else { return };
        let kept = self.redacted(
            change,
            self.resource(change, prior.id.clone(), prior.attributes.clone()),
            &change.sensitive,
        );
        if change.origin.is_some() && self.state.resources.get(&change.address) != Some(&kept) {
            self.note(Record::Put(change.address.clone(), Box::new(kept)));
        }
        self.publish(change, &prior.id, &prior.attributes);
    }

    fn publish(&self, change: &Change, id: &str, attributes: &Value) {
        if let Ok(kind) = self.kind(change) {
            // Of a secret that was not sent again the plan knows more than what was read.
            let attributes = attributes.clone().revealed(&change.after);
            self.evaluation.set(change.address.clone(), kind.schema().complete(&attributes, Value::from(id)));
        }
    }

    fn put(&mut self, change: &Change, id: String, attributes: Value) {
        let mut resource = self.resource(change, id, attributes);
        // The first word of a replacement that was made first: what was there is deposed.
        if change.action == Action::Replace
            && let Some(old) = self.state.resources.get(&change.address)
            && old.id != resource.id
        {
            resource.deposed.push(old.clone().into_deposed());
        }
        let resource = self.redacted(change, resource, &change.sensitive);
        self.note(Record::Put(change.address.clone(), Box::new(resource)));
    }

    fn removed(&mut self, change: &Change, step: Step, id: &str) {
        let Some(resource) = self.state.resources.get(&change.address) else { return };
        let is_deposed = resource.deposed.iter().any(|deposed| deposed.id == id);
        let mut rest = resource.clone();
        rest.deposed.retain(|deposed| deposed.id != id);
        let nothing_left = match step {
            // The object itself was gone before; only what it had replaced was left.
            Step::DeleteDeposed(_) => {
                rest.deposed.is_empty() && change.action == Action::NoOp && change.origin.is_none()
            }
            _ => !is_deposed,
        };
        // A new object may be being made meanwhile: that an old one is gone does not settle its intent.
        let intent = self.state.intents.get(&change.address).cloned();
        let address = || change.address.clone();
        self.note(match nothing_left {
            true => Record::Removed(address()),
            false => Record::Put(address(), Box::new(rest)),
        });
        if let Some(intent) = intent.filter(|_| !nothing_left) {
            self.note(Record::Intended(address(), Box::new(intent)));
        }
    }

    /// The object that a delete is about: the deposed one, once its replacement has been made.
    pub(super) fn old_object(&self, change: &Change, prior: &Resource) -> Deposed {
        let deposed =
            self.state.resources.get(&change.address).into_iter().flat_map(|resource| &resource.deposed);
        let found = deposed.into_iter().find(|deposed| deposed.id == prior.id).cloned();
        found.unwrap_or_else(|| prior.clone().into_deposed())
    }

    /// The next object that an earlier replacement has left, other than that of this run.
    pub(super) fn first_deposed(&self, change: &Change) -> Option<Deposed> {
        let own = change.prior.as_ref().map(|prior| prior.id.as_str());
        let resource = self.state.resources.get(&change.address)?;
        resource.deposed.iter().find(|deposed| Some(deposed.id.as_str()) != own).cloned()
    }

    fn has_object(&self, change: &Change) -> bool {
        let now = self.state.resources.get(&change.address).map(|resource| resource.id.as_str());
        let before = change.prior.as_ref().map(|prior| prior.id.as_str());
        now.is_some() && now != before
    }

    /// What the environment gives now; where it depends on something that failed, what it gave before.
    pub(super) fn outputs(&self) -> BTreeMap<String, OutputValue> {
        let mut outputs = BTreeMap::new();
        for (name, planned) in &self.plan.outputs {
            let evaluated = self.evaluation.output(name);
            let value = match planned.sensitive {
                true => self.state.digest_key().withhold(&evaluated.value, &format!("output.{name}")),
                false => evaluated.value.clone(),
            };
            let is_true = !evaluated.dependencies.iter().any(|address| self.unapplied.contains(address));
            if is_true && value.is_wholly_known() {
                outputs.insert(name.clone(), OutputValue { value, sensitive: planned.sensitive });
            } else if let Some(before) = self.state.outputs.get(name) {
                outputs.insert(name.clone(), before.clone());
            }
        }
        outputs
    }
}

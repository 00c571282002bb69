//! How a plan is made: block by block, in an order in which all that a block names has been planned before it.

use std::collections::{BTreeMap, BTreeSet};

use super::adjust::{completed, ignoring, unsaid};
use super::selection::Selection;
use super::transition::{self, Transition};
use super::{Action, Change, Current, Inputs, Origin, Outcome, Plan, Reason, Settings};
use crate::address::Address;
use crate::config::Block;
use crate::evaluate::{Evaluated, Evaluation};
use crate::hash::HashMap;
use crate::refresh::{DataRequest, Requests};
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::state::{OutputValue, State};
use crate::value::{Path, Segment, Value};

mod block;
mod condition;
mod data;
mod import;
mod resource;

pub(super) fn plan(inputs: &Inputs<'_>, transition: &Transition<'_>) -> Result<Outcome, Diagnostics> {
    let forgotten =
        inputs.state.intents.keys().find(|intent| !inputs.observation.intents.contains_key(*intent));
    if let Some(address) = forgotten.filter(|_| !inputs.offline) {
        // To create it again would leave behind for good what the interrupted run may have made.
        let message = format!("an interrupted run may have made {address}, and nobody has looked");
        return Err(Diagnostic::new(message).with_hint("refresh first").into());
    }
    let current = super::current(inputs);
    let mut whole = None;
    if inputs.aim.is_partial() || !inputs.aim.replace.is_empty() {
        // What belongs to what shows in a plan of everything, also where that is not to be read.
        let offline = Inputs { offline: true, ..*inputs };
        let lost = BTreeMap::new();
        let mut planner = Planner::new(&offline, &current, transition, &lost, None);
        planner.run();
        let selection = Selection::of(inputs.aim, &planner.changes, &planner.behind_data)?;
        let effective = planner.changes.iter().filter(|change| change.has_effect());
        let left_out = effective.map(|change| &change.address).filter(|address| !selection.contains(address));
        whole = Some((left_out.cloned().collect(), selection));
    }
    let (left_out, selection) = whole.unzip();
    let mut lost = BTreeMap::new();
    // Each round adds a resource whose secret is lost and needed; there are only so many of them.
    loop {
        let mut planner = Planner::new(inputs, &current, transition, &lost, selection.as_ref());
        planner.run();
        let needed = planner.lost_secrets();
        if needed.is_empty() || planner.has_problems() {
            return planner.finish(left_out.unwrap_or_default());
        }
        lost.extend(needed);
    }
}

pub(super) fn output(inputs: &Inputs<'_>, transition: &Transition<'_>, name: &str) -> Value {
    let current = super::current(inputs);
    let lost = BTreeMap::new();
    let mut planner = Planner::new(inputs, &current, transition, &lost, None);
    planner.run();
    planner.evaluation.output(name).value.clone()
}

struct Planner<'p, 'a> {
    inputs: &'p Inputs<'a>,
    current: &'p BTreeMap<Address, Current>,
    transition: &'p Transition<'a>,
    /// The resources that hold a secret that is lost, and what needs it.
    lost: &'p BTreeMap<Address, Address>,
    /// What the run is about, if not everything.
    selection: Option<&'p Selection>,
    evaluation: Evaluation<'a>,
    changes: Vec<Change>,
    /// Where in the changes each address is.
    positions: HashMap<Address, usize>,
    /// What a data source depends on: what refers to it depends on that too.
    behind_data: BTreeMap<Address, BTreeSet<Address>>,
    imports: BTreeMap<Address, import::Wanted<'a>>,
    requests: Requests,
    diagnostics: Diagnostics,
}

impl<'p, 'a> Planner<'p, 'a> {
    fn new(
        inputs: &'p Inputs<'a>,
        current: &'p BTreeMap<Address, Current>,
        transition: &'p Transition<'a>,
        lost: &'p BTreeMap<Address, Address>,
        selection: Option<&'p Selection>,
    ) -> Self {
        Self {
            inputs,
            current,
            transition,
            lost,
            selection,
            evaluation: Evaluation::new(inputs.configuration, inputs.registry, inputs.variables.clone()),
            changes: Vec::with_capacity(inputs.configuration.blocks.len()),
            positions: HashMap::default(),
            behind_data: BTreeMap::new(),
            imports: BTreeMap::new(),
            requests: Requests::default(),
            diagnostics: Diagnostics::default(),
        }
    }

    fn run(&mut self) {
        if !self.inputs.aim.destroys() {
            self.imports = self.wanted_imports();
            for placed in &self.inputs.configuration.blocks {
                let Some(block) =
                    self.inputs.configuration.modules[placed.module].module.blocks.get(&placed.name)
                else {
                    continue;
                };
                for instance in self.evaluation.instances_of(placed.module) {
                    let expansion = self.evaluation.expand(&instance, &placed.name);
                    for (address, each) in expansion.instances() {
                        let origin = Origin {
                            instance: instance.clone(),
                            module: placed.module,
                            block: placed.name.clone(),
                            each,
                        };
                        if placed.name.data {
                            self.data(block, address, origin);
                        } else {
                            self.resource(block, address, origin);
                        }
                    }
                }
            }
        }
        // Which resources there are may depend on what the data sources say.
        if self.requests.is_empty() {
            self.removed();
        }
    }

    /// What is in the state, and configured no more.
    fn removed(&mut self) {
        for (address, current) in self.current {
            if self.positions.contains_key(address) {
                continue;
            }
            let mut change = self.untouched(address, current);
            change.dependencies = BTreeSet::new();
            change.adopted = current.adopted;
            if change.left_out || self.inputs.aim.only_refreshes() {
                self.changes.push(change);
                continue;
            }
            let is_forgotten = !self.inputs.aim.destroys()
                && transition::removal(self.inputs.configuration, address)
                    .is_some_and(|removed| !removed.destroy);
            change.gone = current.gone;
            change.after = Value::Null;
            change.lifecycle = Settings::default();
            change.action = match (current.gone, is_forgotten) {
                (true, _) => Action::NoOp,
                (false, true) => Action::Forget,
                (false, false) => Action::Delete,
            };
            if change.action == Action::Delete && current.resource.prevent_destroy {
                self.prevented(address, "destroy", None);
            }
            self.changes.push(change);
        }
        if self.inputs.aim.only_refreshes() {
            self.gone();
        }
    }

    /// What someone else has deleted, where nothing is done but to say so.
    fn gone(&mut self) {
        for (address, _) in self.inputs.observation.resources.iter().filter(|(_, read)| read.is_null()) {
            let Some(resource) = self.inputs.state.resources.get(address) else { continue };
            if self.current.contains_key(address) {
                continue;
            }
            let sensitive = resource.attributes.withheld_paths();
            let resource = resource.clone();
            let current = Current { resource, sensitive, adopted: None, gone: true };
            let change = Change { dependencies: BTreeSet::new(), ..self.untouched(address, &current) };
            self.changes.push(change);
        }
    }

    fn add(&mut self, change: Change) {
        self.positions.insert(change.address.clone(), self.changes.len());
        self.changes.push(change);
    }

    fn planned(&self, address: &Address) -> Option<&Change> {
        self.positions.get(address).map(|position| &self.changes[*position])
    }

    /// The resources that would have to hold a secret again that was lost with the run that made it.
    fn lost_secrets(&self) -> BTreeMap<Address, Address> {
        let mut needed = BTreeMap::new();
        for change in &self.changes {
            let sent: Vec<&Value> = match change.action {
                Action::Create | Action::Replace => vec![&change.after],
                Action::Update => change.changed.iter().map(|path| change.after.at(path)).collect(),
                _ => continue,
            };
            for withheld in sent.into_iter().flat_map(Value::withheld) {
                if let Some(source) = &withheld.source {
                    let source = Address::from(source.as_str());
                    if source != change.address
                        && !self.lost.contains_key(&source)
                        && self.positions.contains_key(&source)
                    {
                        needed.insert(source, change.address.clone());
                    }
                }
            }
        }
        needed
    }

    fn problem(&mut self, block: &Block, problem: crate::schema::Problem) {
        let place = block.arguments.place_of(&problem.path, problem.at_key);
        self.evaluation.make_faulty();
        self.diagnostics.push(Diagnostic { hint: problem.hint, ..Diagnostic::at(place, problem.message) });
    }

    fn prevented(&mut self, address: &Address, verb: &str, block: Option<&Block>) {
        self.diagnostics.push(Diagnostic {
            place: block.map(|block| block.place.clone()),
            hint: Some("take lifecycle.prevent_destroy away, and apply that, before you do this".to_owned()),
            ..Diagnostic::new(format!("this would {verb} {address}, which has prevent_destroy"))
        });
    }

    fn has_problems(&self) -> bool {
        !self.diagnostics.0.is_empty()
    }

    fn finish(mut self, left_out: Vec<Address>) -> Result<Outcome, Diagnostics> {
        let mut outputs = BTreeMap::new();
        if !self.inputs.aim.destroys() {
            self.evaluation.evaluate_everything();
            if self.inputs.offline {
                // What is there decides about checks, and a plan is not held up by them: all that is said here is what
                // would be wrong whatever is there.
                crate::checklist::examine(&self.evaluation, self.inputs.configuration, &mut self.diagnostics);
            }
            outputs = self.outputs();
            if self.requests.is_empty() && !self.inputs.offline {
                self.imports_into_nothing();
            }
            let configured = |address: &Address| {
                self.positions.keys().any(|planned| planned.below(address.as_str()).is_some())
            };
            transition::check(self.inputs.configuration, &configured, &mut self.diagnostics);
        }
        for diagnostic in self.evaluation.take_diagnostics().0 {
            self.diagnostics.push(diagnostic);
        }
        let files = self.evaluation.files_read();
        self.diagnostics.into_result()?;
        if !self.requests.is_empty() && !self.inputs.offline {
            return Ok(Outcome::Needs(self.requests));
        }
        let outputs_change = !seem(&outputs, &self.inputs.state.outputs);
        propagate_create_before_destroy(&mut self.changes);
        let settings_change = self.changes.iter().any(|change| has_other_settings(self.inputs.state, change));
        // Those that the apply reads are among the changes.
        let is_read = |address: &Address| !self.positions.contains_key(address);
        let data = self.behind_data.into_iter().filter(|(address, _)| is_read(address)).collect();
        let moves = self.transition.moves.clone();
        let plan =
            Plan { changes: self.changes, data, outputs, outputs_change, settings_change, moves, left_out };
        Ok(Outcome::Planned(Box::new(plan), files))
    }

    /// What the environment would give.
    fn outputs(&mut self) -> BTreeMap<String, OutputValue> {
        let mut outputs = BTreeMap::new();
        let is_partial = self.selection.is_some() || self.inputs.aim.only_refreshes();
        for (name, output) in &self.inputs.configuration.root.outputs {
            let evaluated = self.evaluation.output(name);
            let sensitive = output.sensitive || !evaluated.sensitive.is_empty();
            if sensitive && !output.sensitive {
                self.diagnostics.push(
                    Diagnostic::at(
                        &output.place,
                        format!("the output `{name}` comes from something sensitive"),
                    )
                    .with_hint("say so: sensitive = true"),
                );
            }
            // What stays as it is gives what it gave.
            let stays = |address: &Address| self.planned(address).is_none_or(|change| !change.has_effect());
            if is_partial && !evaluated.value.is_wholly_known() && evaluated.dependencies.iter().all(stays) {
                outputs.extend(
                    self.inputs
                        .state
                        .outputs
                        .get_key_value(name)
                        .map(|(name, given)| (name.clone(), given.clone())),
                );
                continue;
            }
            let value = match sensitive {
                true => self.inputs.state.digest_key().withhold(&evaluated.value, &format!("output.{name}")),
                false => evaluated.value.clone(),
            };
            outputs.insert(name.clone(), OutputValue { value, sensitive });
        }
        outputs
    }
}

/// What a resource that is made before it is deleted depends on must be too: otherwise its new object would wait
/// for a delete that waits for the old one's.
fn propagate_create_before_destroy(changes: &mut [Change]) {
    let positions: HashMap<Address, usize> =
        changes.iter().enumerate().map(|(position, change)| (change.address.clone(), position)).collect();
    let mut pending: Vec<usize> =
        (0..changes.len()).filter(|position| changes[*position].lifecycle.create_before_destroy).collect();
    while let Some(position) = pending.pop() {
        let prior = changes[position].prior.iter().flat_map(|prior| prior.dependencies.iter().cloned());
        let dependencies: Vec<Address> =
            changes[position].dependencies.iter().cloned().chain(prior).collect();
        for dependency in dependencies {
            if let Some(found) = positions.get(&dependency)
                && !changes[*found].lifecycle.create_before_destroy
            {
                changes[*found].lifecycle.create_before_destroy = true;
                pending.push(*found);
            }
        }
    }
}

/// Whether the state says something else of a resource than its configuration, beside what it is.
fn has_other_settings(state: &State, change: &Change) -> bool {
    change.origin.is_some()
        && !change.left_out
        && state.resources.get(&change.address).is_some_and(|recorded| {
            recorded.prevent_destroy != change.lifecycle.prevent_destroy
                || recorded.create_before_destroy != change.lifecycle.create_before_destroy
                || !recorded
                    .dependencies
                    .iter()
                    .eq(change.dependencies.iter().filter(|address| !address.is_data()))
        })
}

/// Whether outputs are the same as far as secrets can be compared.
fn seem(one: &BTreeMap<String, OutputValue>, other: &BTreeMap<String, OutputValue>) -> bool {
    one.len() == other.len()
        && one.iter().all(|(name, one)| {
            let other = other.get(name);
            other.is_some_and(|other| one.sensitive == other.sensitive && one.value.seems(&other.value))
        })
}

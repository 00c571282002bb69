//! How a plan is made: block by block, in an order in which all that a block names has been planned before it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::adjust::{completed, ignoring};
use super::{Action, Aim, Change, Current, Inputs, Origin, Outcome, Plan, Reason, Settings};
use crate::address::Address;
use crate::config::Block;
use crate::diff;
use crate::evaluate::{Evaluated, Evaluation};
use crate::refresh::DataRequest;
use crate::source::{Diagnostic, Diagnostics};
use crate::state::{OutputValue, State};
use crate::value::{Path, Segment, Value};

mod block;

pub(super) fn plan(inputs: &Inputs<'_>) -> Result<Outcome, Diagnostics> {
    let forgotten =
        inputs.state.intents.keys().find(|intent| !inputs.observation.intents.contains_key(*intent));
    if let Some(address) = forgotten.filter(|_| !inputs.offline) {
        // To create it again would leave behind for good what the interrupted run may have made.
        let message = format!("an interrupted run may have made {address}, and nobody has looked");
        return Err(Diagnostic::new(message).with_hint("refresh first").into());
    }
    let current = super::current(inputs);
    let mut lost = BTreeMap::new();
    // Each round adds a resource whose secret is lost and needed; there are only so many of them.
    loop {
        let mut planner = Planner::new(inputs, &current, &lost);
        planner.run();
        let needed = planner.lost_secrets();
        if needed.is_empty() || planner.has_problems() {
            return planner.finish();
        }
        lost.extend(needed);
    }
}

pub(super) fn output(inputs: &Inputs<'_>, name: &str) -> Value {
    let current = super::current(inputs);
    let lost = BTreeMap::new();
    let mut planner = Planner::new(inputs, &current, &lost);
    planner.run();
    planner.evaluation.output(name).value.clone()
}

struct Planner<'p, 'a> {
    inputs: &'p Inputs<'a>,
    current: &'p BTreeMap<Address, Current>,
    /// The resources that hold a secret that is lost, and what needs it.
    lost: &'p BTreeMap<Address, Address>,
    evaluation: Evaluation<'a>,
    changes: Vec<Change>,
    /// Where in the changes each address is.
    positions: HashMap<Address, usize>,
    /// What a data source depends on: what refers to it depends on that too.
    behind_data: HashMap<Address, BTreeSet<Address>>,
    requests: Vec<DataRequest>,
    diagnostics: Diagnostics,
}

impl<'p, 'a> Planner<'p, 'a> {
    fn new(
        inputs: &'p Inputs<'a>,
        current: &'p BTreeMap<Address, Current>,
        lost: &'p BTreeMap<Address, Address>,
    ) -> Self {
        Self {
            inputs,
            current,
            lost,
            evaluation: Evaluation::new(inputs.configuration, inputs.registry, inputs.variables.clone()),
            changes: Vec::new(),
            positions: HashMap::new(),
            behind_data: HashMap::new(),
            requests: Vec::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    fn run(&mut self) {
        if *self.inputs.aim != Aim::Destroy {
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

    fn resource(&mut self, block: &Block, address: Address, origin: Origin) {
        let Some(kind) = self.inputs.registry.kind(&origin.block.kind) else {
            self.evaluation.set(address, Value::Unknown);
            return;
        };
        let (configuration, evaluated) = self.arguments(block, &origin, kind.schema());
        let settings = self.settings(block, &origin);
        let region = self.region(block, &origin);
        let dependencies = self.dependencies(block, &origin, evaluated.dependencies.iter().cloned());
        let current = self.current.get(&address).filter(|current| !current.gone);
        let prior = current.map(|current| &current.resource.attributes);
        let (configuration, problems) = self.evaluation.with_files(&origin.instance, |files| {
            completed(self.inputs, kind, (&address, &origin), configuration, prior, files)
        });
        for problem in problems {
            self.problem(block, problem);
        }
        let current = self.current.get(&address).filter(|current| !current.gone);
        let mut change = Change {
            address: address.clone(),
            kind: origin.block.kind.clone(),
            action: Action::Create,
            prior: self.current.get(&address).map(|current| current.resource.clone()),
            after: Value::Null,
            region: region.clone(),
            changed: Vec::new(),
            replace_because: Vec::new(),
            drift: Vec::new(),
            dependencies,
            lifecycle: settings,
            sensitive: evaluated.sensitive,
            was_sensitive: self
                .current
                .get(&address)
                .map(|current| current.sensitive.clone())
                .unwrap_or_default(),
            adopted: false,
            gone: self.inputs.observation.resources.get(&address).is_some_and(Value::is_null),
            origin: None,
        };
        match current {
            None => change.after = diff::create(kind.schema(), &configuration),
            Some(current) => {
                let before = &current.resource.attributes;
                let compared = ignoring(&change.lifecycle.ignore_changes, configuration.clone(), before);
                let diff = diff::diff(kind.schema(), before, &compared, self.inputs.state.digest_key());
                if let Some(recorded) = self.inputs.state.resources.get(&address).filter(|_| !current.adopted)
                {
                    let digest_key = self.inputs.state.digest_key();
                    change.drift =
                        diff::drift(kind.schema(), &recorded.attributes, before, &compared, digest_key);
                }
                change.adopted = current.adopted;
                change.changed = diff.changes.iter().map(|difference| difference.path.clone()).collect();
                change.replace_because = diff.replace_because().into_iter().map(Reason::Argument).collect();
                if region != current.resource.region {
                    change.replace_because.push(Reason::Region);
                }
                change.replace_because.extend(self.triggers(block, &origin));
                if current.resource.replacement_due
                    && change.replace_because.is_empty()
                    && !block.lifecycle.replace_triggered_by.is_empty()
                {
                    change.replace_because.push(Reason::Due);
                }
                if let Some(needs) = self.lost.get(&address) {
                    change.replace_because.push(Reason::SecretNeededBy(needs.clone()));
                }
                if !change.replace_because.is_empty() {
                    // A new object has no differences that could be left alone.
                    change.action = Action::Replace;
                    change.after = diff::create(kind.schema(), &configuration);
                } else {
                    change.action = match (diff.is_empty(), current.adopted) {
                        (false, _) => Action::Update,
                        (true, true) => Action::Adopt,
                        (true, false) => Action::NoOp,
                    };
                    // What is kept as a digest is known again: others can refer to it.
                    change.after = kind.schema().repeated(diff.after.revealed(&configuration));
                }
                if change.action == Action::Replace && change.lifecycle.prevent_destroy {
                    self.prevented(&address, "replace", Some(block));
                }
            }
        }
        let id = match change.action {
            Action::Create | Action::Replace => Value::Unknown,
            _ => change.prior.as_ref().map_or(Value::Unknown, |prior| Value::from(prior.id.as_str())),
        };
        self.evaluation.set(address.clone(), kind.schema().complete(&change.after, id));
        self.evaluation.set_sensitive(address.clone(), change.sensitive.clone());
        change.origin = Some(origin);
        self.add(change);
    }

    fn data(&mut self, block: &Block, address: Address, origin: Origin) {
        let Some(kind) = self.inputs.registry.data(&origin.block.kind) else {
            self.evaluation.set(address, Value::Unknown);
            return;
        };
        let (configuration, evaluated) = self.arguments(block, &origin, kind.schema());
        for problem in kind.validate(&configuration) {
            self.problem(block, problem);
        }
        let region = self.region(block, &origin);
        let waits = self.dependencies(block, &origin, std::iter::empty());
        let dependencies = self.dependencies(block, &origin, evaluated.dependencies.iter().cloned());
        self.behind_data.insert(address.clone(), dependencies.clone());
        // What it must come after is about to change: what it would say now may not be true then.
        let must_wait = waits
            .iter()
            .any(|waited| self.planned(waited).is_some_and(|change| change.action != Action::NoOp));
        let answer =
            self.inputs.observation.data.get(&address).filter(|answer| answer.configuration == configuration);
        let value = match answer {
            Some(answer) if !must_wait => {
                kind.schema().complete(&answer.attributes, answer.attributes.get("id").clone())
            }
            _ if !configuration.is_wholly_known() || must_wait => {
                self.add(Change {
                    address: address.clone(),
                    kind: origin.block.kind.clone(),
                    action: Action::Read,
                    prior: None,
                    after: diff::create(kind.schema(), &configuration),
                    region,
                    changed: Vec::new(),
                    replace_because: Vec::new(),
                    drift: Vec::new(),
                    dependencies,
                    lifecycle: Settings::default(),
                    sensitive: evaluated.sensitive.clone(),
                    was_sensitive: Vec::new(),
                    adopted: false,
                    gone: false,
                    origin: Some(origin),
                });
                Value::Unknown
            }
            _ => {
                let place = block.place.clone();
                self.evaluation.make_provisional();
                self.requests.push(DataRequest {
                    address: address.clone(),
                    kind: origin.block.kind,
                    region,
                    configuration,
                    sensitive: !evaluated.sensitive.is_empty(),
                    place,
                });
                Value::Unknown
            }
        };
        self.evaluation.set(address.clone(), value);
        self.evaluation.set_sensitive(address, evaluated.sensitive);
    }

    /// What is in the state, and configured no more.
    fn removed(&mut self) {
        for (address, current) in self.current {
            if self.positions.contains_key(address) {
                continue;
            }
            if current.resource.prevent_destroy && !current.gone {
                self.prevented(address, "destroy", None);
            }
            self.changes.push(Change {
                address: address.clone(),
                kind: current.resource.kind.clone(),
                action: if current.gone { Action::NoOp } else { Action::Delete },
                prior: Some(current.resource.clone()),
                after: Value::Null,
                region: current.resource.region.clone(),
                changed: Vec::new(),
                replace_because: Vec::new(),
                drift: Vec::new(),
                dependencies: BTreeSet::new(),
                lifecycle: Settings::default(),
                sensitive: Vec::new(),
                was_sensitive: current.sensitive.clone(),
                adopted: current.adopted,
                gone: current.gone,
                origin: None,
            });
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

    fn finish(mut self) -> Result<Outcome, Diagnostics> {
        let mut outputs = BTreeMap::new();
        if *self.inputs.aim != Aim::Destroy {
            self.evaluation.evaluate_everything();
            if self.inputs.offline {
                // What is there decides about checks, and a plan is not held up by them: all that is said here is what
                // would be wrong whatever is there.
                crate::checklist::examine(&self.evaluation, self.inputs.configuration, &mut self.diagnostics);
            }
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
                let value = match sensitive {
                    true => {
                        self.inputs.state.digest_key().withhold(&evaluated.value, &format!("output.{name}"))
                    }
                    false => evaluated.value.clone(),
                };
                outputs.insert(name.clone(), OutputValue { value, sensitive });
            }
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
        let plan = Plan { changes: self.changes, outputs, outputs_change, settings_change };
        Ok(Outcome::Planned(Box::new(plan), files))
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

//! How a plan is made: block by block, in an order in which all that a block names has been planned before it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Action, Change, Inputs, Origin, Outcome, Plan, Reason, Settings};
use crate::address::Address;
use crate::config::Block;
use crate::diff;
use crate::evaluate::{Evaluated, Evaluation};
use crate::kind::ResourceKind;
use crate::refresh::DataRequest;
use crate::source::{Diagnostic, Diagnostics};
use crate::state::{OutputValue, Resource, State};
use crate::value::{Map, Path, Segment, Value};

pub(super) fn plan(inputs: &Inputs<'_>) -> Result<Outcome, Diagnostics> {
    let current = current(inputs);
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

/// What there is: the state, with what was read, and with what came of intents.
fn current(inputs: &Inputs<'_>) -> BTreeMap<Address, Current> {
    let mut current: BTreeMap<Address, Current> = BTreeMap::new();
    for (address, recorded) in &inputs.state.resources {
        let read = inputs.observation.resources.get(address);
        let mut resource = recorded.clone();
        let mut gone = false;
        match read {
            Some(Value::Null) => gone = true,
            Some(attributes) => resource.attributes = attributes.clone(),
            None => {}
        }
        if !gone || !resource.deposed.is_empty() {
            let sensitive = recorded.attributes.withheld_paths();
            current.insert(address.clone(), Current { resource, sensitive, adopted: false, gone });
        }
    }
    for (address, found) in &inputs.observation.intents {
        let (Some(intent), Some(found)) = (inputs.state.intents.get(address), found) else { continue };
        let mut resource = Resource {
            kind: intent.kind.clone(),
            id: found.id.clone(),
            region: intent.region.clone(),
            attributes: found.attributes.clone(),
            dependencies: intent.dependencies.clone(),
            create_before_destroy: intent.create_before_destroy,
            prevent_destroy: intent.prevent_destroy,
            replacement_due: false,
            deposed: Vec::new(),
        };
        // A replacement that was made first: what it replaces is still there.
        if let Some(replaced) = current.remove(address) {
            resource.deposed = replaced.resource.deposed.clone();
            if !replaced.gone {
                resource.deposed.push(replaced.resource.into_deposed());
            }
        }
        let sensitive = intent.attributes.withheld_paths();
        current.insert(address.clone(), Current { resource, sensitive, adopted: true, gone: false });
    }
    current
}

struct Current {
    resource: Resource,
    /// What in the resource is kept as a digest, although reading it gives the value.
    sensitive: Vec<Path>,
    adopted: bool,
    /// Only what it has replaced is left.
    gone: bool,
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
        if !self.inputs.destroy {
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
        let configuration = with_tags(self.inputs, kind, configuration);
        for problem in kind.validate(&configuration) {
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

    fn arguments(
        &mut self,
        block: &Block,
        origin: &Origin,
        schema: &crate::schema::Schema,
    ) -> (Value, Evaluated) {
        let mut evaluated = self.evaluation.node(&origin.instance, origin.each.as_ref(), &block.arguments);
        for path in &mut evaluated.sensitive {
            *path = schema.outside_of_sets(path);
        }
        evaluated.sensitive = schema.with_repeated(evaluated.sensitive);
        let (configuration, problems) = schema.check(&evaluated.value);
        for problem in problems {
            self.problem(block, problem);
        }
        (configuration, evaluated)
    }

    fn settings(&self, block: &Block, origin: &Origin) -> Settings {
        let flag = |node: &Option<_>| {
            node.as_ref().is_some_and(|node| {
                self.evaluation.node(&origin.instance, origin.each.as_ref(), node).value.as_bool()
                    == Some(true)
            })
        };
        Settings {
            create_before_destroy: flag(&block.lifecycle.create_before_destroy),
            prevent_destroy: flag(&block.lifecycle.prevent_destroy),
            ignore_changes: block.lifecycle.ignore_changes.clone(),
        }
    }

    fn region(&mut self, block: &Block, origin: &Origin) -> Option<String> {
        let node = block.region.as_ref()?;
        match self.evaluation.node(&origin.instance, origin.each.as_ref(), node).value {
            Value::String(region) if region == self.inputs.configuration.environment.region => None,
            Value::String(region) => Some(region),
            Value::Null | Value::Unknown => None,
            other => {
                let message = format!("a region is a string, not {}", other.type_name());
                self.diagnostics.push(Diagnostic::at(&node.place, message));
                None
            }
        }
    }

    /// What a block waits for: what its arguments touched, and what `depends_on` names.
    fn dependencies(
        &self,
        block: &Block,
        origin: &Origin,
        touched: impl Iterator<Item = Address>,
    ) -> BTreeSet<Address> {
        let mut found: BTreeSet<Address> = touched.collect();
        for reference in &block.repetition.depends_on {
            found.extend(self.evaluation.addresses(&origin.instance, &reference.names));
        }
        found.extend(self.evaluation.waits_of(&origin.instance).iter().cloned());
        let behind: Vec<Address> =
            found.iter().filter_map(|address| self.behind_data.get(address)).flatten().cloned().collect();
        found.extend(behind);
        found
    }

    fn triggers(&self, block: &Block, origin: &Origin) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for reference in &block.lifecycle.replace_triggered_by {
            let attribute = reference.names.get(if reference.names[0] == "data" { 3 } else { 2 }..);
            let attribute = Path(attribute.into_iter().flatten().cloned().map(Segment::Key).collect());
            let addresses = self.evaluation.addresses(&origin.instance, &reference.names);
            let triggering = addresses
                .into_iter()
                .filter(|address| self.planned(address).is_some_and(|change| changes_at(change, &attribute)));
            reasons.extend(triggering.map(Reason::Triggered));
        }
        reasons
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
        if !self.inputs.destroy {
            self.evaluation.evaluate_everything();
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

/// Whether a change concerns what a path leads to, or for the root anything at all.
fn changes_at(change: &Change, path: &Path) -> bool {
    match change.action {
        Action::NoOp | Action::Adopt | Action::Delete => false,
        Action::Create | Action::Replace | Action::Update | Action::Read => {
            let is_id = path.0.first() == Some(&Segment::Key("id".to_owned()));
            let (before, after) = (change.before().at(path), change.after.at(path));
            path.0.is_empty()
                || (is_id && change.creates())
                || (before != after && !(before.is_empty() && after.is_empty()))
        }
    }
}

/// Whether outputs are the same as far as secrets can be compared.
fn seem(one: &BTreeMap<String, OutputValue>, other: &BTreeMap<String, OutputValue>) -> bool {
    one.len() == other.len()
        && one.iter().all(|(name, one)| {
            let other = other.get(name);
            other.is_some_and(|other| one.sensitive == other.sensitive && one.value.seems(&other.value))
        })
}

/// A configuration with the environment's tags under its own.
pub(crate) fn with_tags(inputs: &Inputs<'_>, kind: &dyn ResourceKind, mut configuration: Value) -> Value {
    let tags = &inputs.configuration.environment.tags;
    if !tags.is_empty()
        && kind.schema().is_taggable()
        && let Value::Map(arguments) = &mut configuration
    {
        let merged = match arguments.remove("tags").unwrap_or_default() {
            Value::Unknown => Value::Unknown,
            own => {
                let shared = tags.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
                Value::Map(shared.chain(own.as_map().cloned().unwrap_or_default()).collect())
            }
        };
        arguments.insert("tags".to_owned(), merged);
    }
    configuration
}

/// A configuration with what it has at these paths taken from what is there.
pub(crate) fn ignoring(paths: &[Path], mut configuration: Value, before: &Value) -> Value {
    for path in paths {
        if path.0.is_empty() {
            return before.clone();
        }
        put(&mut configuration, &path.0, before.at(path).clone());
    }
    configuration
}

fn put(value: &mut Value, path: &[Segment], new: Value) {
    match (path, value) {
        ([], value) => *value = new,
        ([Segment::Key(key), rest @ ..], Value::Map(map)) => {
            put(
                map.entry(key.clone())
                    .or_insert_with(|| if rest.is_empty() { Value::Null } else { Value::Map(Map::new()) }),
                rest,
                new,
            );
        }
        ([Segment::Index(index), rest @ ..], Value::List(items)) => {
            if let Some(item) = items.get_mut(*index) {
                put(item, rest, new);
            }
        }
        _ => {}
    }
}

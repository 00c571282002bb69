//! The checklist: what an environment and its modules say must be true once they have been applied, evaluated on what
//! there is. It changes nothing, the state least of all.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::config::{Block, BlockName};
use crate::evaluate::{Each, Evaluation};
use crate::plan::{self, Action, Current, Inputs, Transition, current};
use crate::refresh::{DataRequest, Requests};
use crate::source::{Diagnostics, Place};
use crate::value::Value;

mod evaluation;
mod finding;
mod probe;

pub(crate) use evaluation::examine;
pub use finding::{CheckResult, Finding, Outcome, Prober, run};
pub use probe::{Attempt, HttpRequest, MediaConvertJob, Probe, ProbeKind, S3Object, SignedBy};

/// What it means that a check does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Severity {
    /// Something is wrong.
    #[default]
    Error,
    /// Something may be.
    Warning,
}

/// A check of one module in one of its uses, as far as looking at what there is tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Its address: `module.storytime.check.upload`.
    pub address: String,
    /// Its line in the checklist.
    pub description: String,
    /// What it means that it does not hold.
    pub severity: Severity,
    /// Where its name stands.
    pub place: Place,
    /// Why it is not run, if it is not.
    pub skip: Option<String>,
    /// What holds.
    pub passed: Vec<String>,
    /// What does not, and what cannot be evaluated.
    pub failures: Vec<String>,
    /// What is still to be tried.
    pub probes: Vec<Probe>,
}

/// The outcome of looking.
pub enum Checklist {
    /// The checks, the environment's own first.
    Checks(Vec<Check>),
    /// Something has to be read first.
    Needs(Requests),
}

/// Evaluates all checks on what was read, as `inputs` have it.
pub fn checklist(inputs: &Inputs<'_>) -> Checklist {
    // Where addresses are at odds, a plan says so.
    match Transition::of(inputs) {
        Ok(transition) => moved_checklist(&transition.inputs(inputs)),
        Err(_) => moved_checklist(inputs),
    }
}

fn moved_checklist(inputs: &Inputs<'_>) -> Checklist {
    let current = current(inputs);
    let mut look = Look::new(inputs, &current);
    look.at_blocks();
    if !look.requests.is_empty() {
        return Checklist::Needs(look.requests);
    }
    let modules = inputs.configuration.modules.iter();
    if modules.flat_map(|path| path.module.checks.values()).any(|check| check.no_changes) {
        match plan::plan(inputs) {
            Ok(plan::Outcome::Needs(requests)) => return Checklist::Needs(requests),
            Ok(plan::Outcome::Planned(plan, _)) => look.changes = changes(&plan),
            Err(diagnostics) => look.changes = sentences(diagnostics),
        }
    }
    // What is wrong beside the checks is theirs only where they depend on it, and then they are undecided.
    look.evaluation.take_diagnostics();
    Checklist::Checks(look.at_checks())
}

/// What there is, for expressions to name.
pub(crate) struct Look<'l, 'a> {
    inputs: &'l Inputs<'a>,
    current: &'l BTreeMap<Address, Current>,
    pub(crate) evaluation: Evaluation<'a>,
    pub(crate) requests: Requests,
    /// The resources that are configured, and not there.
    absent: BTreeSet<Address>,
    /// What an apply would change, where somebody wants to know.
    changes: Vec<String>,
}

impl<'l, 'a> Look<'l, 'a> {
    pub(crate) fn new(inputs: &'l Inputs<'a>, current: &'l BTreeMap<Address, Current>) -> Self {
        Self {
            inputs,
            current,
            evaluation: Evaluation::new(inputs.configuration, inputs.registry, inputs.variables.clone()),
            requests: Requests::default(),
            absent: BTreeSet::new(),
            changes: Vec::new(),
        }
    }

    pub(crate) fn at_blocks(&mut self) {
        let configuration = self.inputs.configuration;
        for placed in &configuration.blocks {
            let Some(block) = configuration.modules[placed.module].module.blocks.get(&placed.name) else {
                continue;
            };
            for instance in self.evaluation.instances_of(placed.module) {
                for (address, each) in self.evaluation.expand(&instance, &placed.name).instances() {
                    match placed.name.data {
                        true => self.at_data(block, &placed.name, address, &instance, each.as_ref()),
                        false => self.at_resource(&placed.name, address),
                    }
                }
            }
        }
    }

    /// A resource is what it was found to be, and not what it is to become.
    fn at_resource(&mut self, name: &BlockName, address: Address) {
        let there = self.current.get(&address).filter(|current| !current.gone);
        match (there, self.inputs.registry.kind(&name.kind)) {
            (Some(there), Some(kind)) => {
                let id = Value::from(there.resource.id.as_str());
                self.evaluation.set(address.clone(), kind.schema().complete(&there.resource.attributes, id));
                self.evaluation.set_sensitive(address, there.sensitive.clone());
            }
            _ => {
                self.evaluation.set(address.clone(), Value::Unknown);
                self.absent.insert(address);
            }
        }
    }

    fn at_data(
        &mut self,
        block: &Block,
        name: &BlockName,
        address: Address,
        instance: &str,
        each: Option<&Each>,
    ) {
        let Some(kind) = self.inputs.registry.data(&name.kind) else {
            self.evaluation.set(address, Value::Unknown);
            return;
        };
        let evaluated = self.evaluation.node(instance, each, &block.arguments);
        let (configuration, _) = kind.schema().check(&evaluated.value);
        let region = block.region.as_ref().map(|node| self.evaluation.node(instance, each, node).value);
        let own = &self.inputs.configuration.environment.region;
        let region =
            region.and_then(|region| region.as_str().filter(|region| region != own).map(str::to_owned));
        let answer = self.inputs.observation.data.get(&address);
        let value = match answer.filter(|answer| answer.configuration == configuration) {
            Some(answer) => kind.schema().complete(&answer.attributes, answer.attributes.get("id").clone()),
            None if !configuration.is_wholly_known() => Value::Unknown,
            None => {
                self.evaluation.make_provisional();
                self.requests.data.push(DataRequest {
                    address: address.clone(),
                    kind: name.kind.clone(),
                    region,
                    configuration,
                    sensitive: !evaluated.sensitive.is_empty(),
                    place: block.place.clone(),
                });
                Value::Unknown
            }
        };
        self.evaluation.set(address.clone(), value);
        self.evaluation.set_sensitive(address, evaluated.sensitive);
    }
}

/// What a plan would change, in sentences.
fn changes(plan: &plan::Plan) -> Vec<String> {
    let verb = |action| match action {
        Action::NoOp => "delete what was replaced by",
        Action::Adopt => "take over",
        other => other.name(),
    };
    let sentence =
        |change: &plan::Change| format!("an apply would {} {}", verb(change.action), change.address);
    let mut sentences: Vec<String> = plan.effective().map(sentence).collect();
    if sentences.is_empty() && plan.outputs_change {
        sentences.push("an apply would change outputs".to_owned());
    }
    sentences
}

/// What was complained about, in sentences.
fn sentences(diagnostics: Diagnostics) -> Vec<String> {
    let sentence = |diagnostic: crate::source::Diagnostic| {
        let hint = diagnostic.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        match diagnostic.place {
            Some(place) => format!("{place:?}: {}{hint}", diagnostic.message),
            None => format!("{}{hint}", diagnostic.message),
        }
    };
    diagnostics.0.into_iter().map(sentence).collect()
}

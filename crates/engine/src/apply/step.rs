//! What a step does: the call that it makes, and what is recorded before it.

use std::collections::BTreeSet;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use petgraph::graph::NodeIndex;

use super::condition::Condition;
use super::outcome::{Made, Outcome};
use super::{Walk, needs_intent};
use crate::address::Address;
use crate::behalf;
use crate::diff;
use crate::graph::Step;
use crate::kind::{Created, KindError, ResourceKind, Token};
use crate::plan::{Action, Change, completed, ignoring};
use crate::state::{Intent, Record, Resource};
use crate::value::{Map, Path, Value};

/// A step that is ready to go on.
pub(super) enum Prepared {
    /// It has nothing to call.
    Done,
    /// It has to call AWS.
    Call(Call),
}

/// A call to make.
pub(super) struct Call {
    pub(super) node: NodeIndex,
    pub(super) work: Work,
    /// How many records have to be durable before it is sent.
    pub(super) after: usize,
}

/// What to call.
pub(super) enum Work {
    /// Before a create is intended: whether its place is free.
    Look {
        token: Token,
        desired: Value,
    },
    Create {
        token: Token,
        desired: Value,
    },
    /// The rest of a create whose object exists.
    Complete {
        id: String,
        bare: Option<Value>,
        desired: Value,
    },
    Update {
        id: String,
        prior: Value,
        desired: Value,
    },
    Delete {
        id: String,
        region: Option<String>,
        prior: Value,
    },
    Read {
        configuration: Value,
    },
}

impl<'w> Walk<'w, '_> {
    /// Evaluates what a step needs, and notes what has to be recorded before its call.
    pub(super) fn prepare(&mut self, node: NodeIndex, step: Step) -> Result<Prepared, KindError> {
        let change = &self.plan.changes[step.change()];
        let is_remote = self.inputs.registry.kind(&change.kind).is_none_or(|kind| kind.is_remote());
        let after = if is_remote { self.notes.floor() } else { self.notes.news() };
        let call = |work| Ok(Prepared::Call(Call { node, work, after }));
        match (step, change.action) {
            (Step::Delete(_), _) => match &change.prior {
                Some(prior) => {
                    let old = self.old_object(change, prior);
                    call(Work::Delete { id: old.id, region: old.region, prior: old.attributes })
                }
                None => Ok(Prepared::Done),
            },
            (Step::DeleteDeposed(_), _) => match self.first_deposed(change) {
                Some(deposed) => {
                    call(Work::Delete { id: deposed.id, region: deposed.region, prior: deposed.attributes })
                }
                None => Ok(Prepared::Done),
            },
            (Step::Apply(_), Action::Read) => {
                self.meets(change, Condition::Pre)?;
                let configuration = self.configuration(change)?;
                call(Work::Read { configuration })
            }
            (Step::Apply(_), Action::NoOp | Action::Adopt | Action::Refresh) => {
                self.keep(change);
                self.meets(change, Condition::Post)?;
                Ok(Prepared::Done)
            }
            (Step::Apply(_), Action::Forget) => {
                self.note(Record::Removed(change.address.clone()));
                Ok(Prepared::Done)
            }
            (Step::Apply(_), Action::Update) => self.prepare_update(node, change),
            (Step::Apply(_), Action::Create | Action::Replace | Action::Delete) => {
                self.meets(change, Condition::Pre)?;
                let kind = self.kind(change)?;
                let desired = diff::create(kind.schema(), &self.configuration(change)?);
                let token = Token((self.surroundings.token)());
                match needs_intent(change.action) && kind.is_remote() {
                    true => call(Work::Look { token, desired }),
                    false => call(Work::Create { token, desired }),
                }
            }
        }
    }

    /// Notes what is about to be created, now that its place is known to be free.
    pub(super) fn intend(&mut self, change: &Change, token: &Token, desired: &Value) {
        let resource = self.resource(change, String::new(), desired.clone());
        let resource = self.redacted(change, resource, &change.sensitive);
        self.note(Record::Intended(
            change.address.clone(),
            Box::new(Intent {
                kind: change.kind.clone(),
                token: token.clone(),
                region: change.region.clone(),
                attributes: resource.attributes,
                dependencies: resource.dependencies,
                create_before_destroy: resource.create_before_destroy,
                prevent_destroy: resource.prevent_destroy,
            }),
        ));
    }

    fn prepare_update(&mut self, node: NodeIndex, change: &Change) -> Result<Prepared, KindError> {
        let Some(prior) = &change.prior else { return Ok(Prepared::Done) };
        self.meets(change, Condition::Pre)?;
        let kind = self.kind(change)?;
        let configuration = self.configuration(change)?;
        let diff = diff::diff(kind.schema(), &prior.attributes, &configuration, self.state.digest_key());
        if diff.is_empty() {
            // What was unknown has turned out to be what it is already.
            self.keep(change);
            self.meets(change, Condition::Post)?;
            return Ok(Prepared::Done);
        }
        if let Some(path) = diff.replace_because().first() {
            return Err(KindError::new(format!("now that `{path}` is known, it has to be replaced"))
                .with_hint("run the same command again: what is known now is planned then"));
        }
        let after = self.note_new_dependencies(change).unwrap_or(self.notes.floor());
        let work =
            Work::Update { id: prior.id.clone(), prior: prior.attributes.clone(), desired: diff.after };
        Ok(Prepared::Call(Call { node, work, after }))
    }

    /// Notes what the resource is about to refer to beside what it refers to now: after a crash nobody can tell whether
    /// it does, and neither may be deleted before it. Gives what has to be durable before that, if anything was noted.
    fn note_new_dependencies(&mut self, change: &Change) -> Option<usize> {
        let resource = self.state.resources.get(&change.address)?;
        let known: BTreeSet<&Address> = resource.dependencies.iter().collect();
        let new = change.dependencies.iter().filter(|address| !address.is_data());
        let all: BTreeSet<&Address> = known.iter().copied().chain(new).collect();
        if all.len() == known.len() {
            return None;
        }
        let dependencies = all.into_iter().cloned().collect();
        let resource = Resource { dependencies, ..resource.clone() };
        self.note(Record::Put(change.address.clone(), Box::new(resource)));
        Some(self.notes.noted())
    }

    /// The arguments of a change, with everything known.
    fn configuration(&self, change: &Change) -> Result<Value, KindError> {
        let Some(origin) = &change.origin else { return Ok(Value::Map(Map::new())) };
        let (name, each) = (&origin.block, origin.each.as_ref());
        let module = &self.inputs.configuration.modules[origin.module].module;
        let Some(block) = module.blocks.get(name) else { return Ok(Value::Map(Map::new())) };
        let evaluated = self.evaluation.node(&origin.instance, each, &block.arguments);
        let (schema, mut problems, configuration) = if name.data {
            let kind = self
                .inputs
                .registry
                .data(&name.kind)
                .ok_or_else(|| KindError::new("there is no such data source"))?;
            let (configuration, problems) = kind.schema().check(&evaluated.value);
            (kind.schema(), problems, configuration)
        } else {
            let kind = self.kind(change)?;
            let (configuration, mut problems) = kind.schema().check(&evaluated.value);
            let prior = change.prior.as_ref().map(|prior| &prior.attributes);
            let (configuration, more) = self.evaluation.with_files(&origin.instance, |files| {
                completed(self.inputs, kind, (&change.address, origin), configuration, prior, files)
            });
            problems.extend(more);
            (kind.schema(), problems, configuration)
        };
        if let Some(problem) = problems.pop() {
            return Err(KindError {
                hint: problem.hint,
                ..KindError::new(format!("{}: {}", problem.path, problem.message))
            });
        }
        let unknown = schema.attributes.keys().find(|name| !configuration.get(name).is_wholly_known());
        if let Some(name) = unknown {
            return Err(
                KindError::new(format!("`{name}` is still not known")).with_hint("look at the errors above")
            );
        }
        Ok(match change.action {
            Action::Update => ignoring(&change.lifecycle.ignore_changes, configuration, change.before()),
            _ => configuration,
        })
    }

    pub(super) fn kind(&self, change: &Change) -> Result<&'w dyn ResourceKind, KindError> {
        self.inputs
            .registry
            .kind(&change.kind)
            .ok_or_else(|| KindError::new(format!("there is no kind `{}`", change.kind)))
    }

    /// What the state says of the change's resource once it is like this.
    pub(super) fn resource(&self, change: &Change, id: String, attributes: Value) -> Resource {
        Resource {
            kind: change.kind.clone(),
            id,
            region: change.region.clone(),
            attributes,
            dependencies: change.dependencies.iter().filter(|address| !address.is_data()).cloned().collect(),
            create_before_destroy: change.lifecycle.create_before_destroy,
            prevent_destroy: change.lifecycle.prevent_destroy,
            replacement_due: false,
            deposed: self
                .state
                .resources
                .get(&change.address)
                .map(|resource| resource.deposed.clone())
                .unwrap_or_default(),
        }
    }

    /// A resource as it can be written down. `sensitive`: what in it was filled from something sensitive.
    pub(super) fn redacted(&self, change: &Change, mut resource: Resource, sensitive: &[Path]) -> Resource {
        if let Some(kind) = self.inputs.registry.kind(&change.kind) {
            let key = self.state.digest_key();
            let source = change.address.as_str();
            resource.attributes = key.redact(kind.schema(), &resource.attributes, sensitive, source);
            for deposed in &mut resource.deposed {
                deposed.attributes = key.redact(kind.schema(), &deposed.attributes, sensitive, source);
            }
        }
        resource
    }

    /// Makes the call.
    pub(super) fn dispatch(&self, call: Call) -> LocalBoxFuture<'w, Outcome> {
        let change = &self.plan.changes[self.graph.step(call.node).change()];
        let registry = self.inputs.registry;
        let clock = self.surroundings.clock;
        let work = async move {
            let node = call.node;
            let region = change.region.as_deref();
            if let Work::Read { configuration } = &call.work {
                let answer = match registry.data(&change.kind) {
                    Some(kind) => kind.read(region, configuration).await,
                    None => Err(KindError::new("there is no such data source")),
                };
                return Outcome { node, made: answer.map(Made::Answer) };
            }
            let Some(kind) = registry.kind(&change.kind) else {
                return Outcome {
                    node,
                    made: Err(KindError::new(format!("there is no kind `{}`", change.kind))),
                };
            };
            let made = match call.work {
                Work::Look { token, desired } => match kind.ensure_free(region, &token, &desired).await {
                    Ok(()) => Ok(Made::Way { token, desired }),
                    Err(error) => Err(error.unsent()),
                },
                Work::Create { token, desired } => match kind.create(region, &token, &desired).await {
                    Ok(Created::Known { id, attributes }) => Ok(Made::Whole { id, attributes }),
                    Ok(Created::Bare { id, attributes }) => {
                        Ok(Made::Part { id, bare: Some(attributes), desired })
                    }
                    Ok(Created::Complete { id }) => Ok(Made::Part { id, bare: None, desired }),
                    Err(error) => Err(error),
                },
                Work::Complete { id, bare, desired } => {
                    complete(kind, region, id, bare, desired, clock).await
                }
                Work::Update { id, prior, desired } => update(kind, region, id, prior, desired, clock).await,
                Work::Delete { id, region, prior } => {
                    kind.delete(region.as_deref(), &id, &prior).await.map(|()| Made::Nothing { id })
                }
                Work::Read { .. } => Ok(Made::Nothing { id: String::new() }),
            };
            Outcome { node, made }
        };
        behalf::of_step(&change.address, &self.idle, work).boxed_local()
    }
}

/// A change in place. What is kept as a digest here, and neither changes nor is known to this run, is asked for: AWS may
/// want it again beside what does change. That happens where a plan has not looked at what is there.
async fn update(
    kind: &dyn ResourceKind,
    region: Option<&str>,
    id: String,
    mut prior: Value,
    mut desired: Value,
    clock: &dyn crate::event::Clock,
) -> Result<Made, KindError> {
    if kind.schema().loses_secrets(&desired)
        && let Some(read) = kind.read(region, &id, &prior).await?
    {
        prior = prior.revealed(&read);
        desired = desired.revealed(&read);
    }
    kind.update(region, &id, &prior, &desired).await?;
    read_back(kind, region, id, desired, clock).await
}

/// The rest of a create: the update from what the object is to what it should be, and the read that tells what it
/// has become.
async fn complete(
    kind: &dyn ResourceKind,
    region: Option<&str>,
    id: String,
    bare: Option<Value>,
    desired: Value,
    clock: &dyn crate::event::Clock,
) -> Result<Made, KindError> {
    if let Some(bare) = bare {
        kind.update(region, &id, &bare, &desired).await?;
    }
    read_back(kind, region, id, desired, clock).await
}

/// Reads what was just written. It may take a moment to be visible.
async fn read_back(
    kind: &dyn ResourceKind,
    region: Option<&str>,
    id: String,
    desired: Value,
    clock: &dyn crate::event::Clock,
) -> Result<Made, KindError> {
    let mut pause = std::time::Duration::from_millis(200);
    for _ in 0..8 {
        if let Some(attributes) = kind.read(region, &id, &desired).await? {
            return Ok(Made::Whole { id, attributes });
        }
        behalf::idle(clock.sleep(pause)).await;
        pause *= 2;
    }
    Err(KindError::new("it was made, and cannot be found").with_hint("run the same command again in a while"))
}

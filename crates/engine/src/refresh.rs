//! What is there: the reads that a plan is made from. All at once, not in any order: the ids are in the state.

use std::collections::BTreeMap;

use futures::StreamExt;
use futures::future::join;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::behalf;
use crate::event::{Event, Events};
use crate::hash::HashSet;
use crate::kind::{KindError, Registry, Token};
use crate::plan::{Action, Change, Plan};
use crate::source::{Diagnostic, Diagnostics};
use crate::state::{Intent, State};
use crate::value::Value;

/// How many reads run at a time: so many that what one waits for holds up no other. How much is asked of a
/// service at a time is the business of the kinds.
pub(crate) const READS_AT_A_TIME: usize = 512;

/// What was read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// When it was made, in seconds of Unix time: what a plan takes for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<i64>,
    /// What each resource of the state is now; null if it is gone. One that was not read is taken to be as the
    /// state says.
    #[serde(default)]
    pub resources: BTreeMap<Address, Value>,
    /// The id of what came of each intent, and its attributes; absent if nothing did.
    #[serde(default)]
    pub intents: BTreeMap<Address, Option<Found>>,
    /// What each import was found to be; absent if there is no such thing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub imports: BTreeMap<Address, Option<Found>>,
    /// The answers of data sources.
    #[serde(default)]
    pub data: BTreeMap<Address, Answer>,
}

impl Observation {
    /// Whether the state has something to learn from it even where a plan has nothing to do: what came of an intent,
    /// or that a resource is gone.
    pub fn has_news(&self) -> bool {
        !self.intents.is_empty() || self.resources.values().any(Value::is_null)
    }
}

/// What was found where there may have been nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// The region that it is in, if not the environment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its attributes.
    pub attributes: Value,
}

/// What a data source answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// What it was asked.
    pub configuration: Value,
    /// The region that was asked, if not the environment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What it said.
    pub attributes: Value,
    /// Whether there is a secret in either: then it must not be written down.
    #[serde(skip)]
    pub secret: bool,
}

/// What a plan needs to be read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Requests {
    /// Data sources.
    pub data: Vec<DataRequest>,
    /// What is to be imported.
    pub imports: Vec<ImportRequest>,
}

impl Requests {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty() && self.imports.is_empty()
    }
}

/// Something that exists, as somebody says, and is to become a resource's.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportRequest {
    /// The address of the resource.
    pub address: Address,
    /// Its kind.
    pub kind: String,
    /// The region that it is in, if not the environment's.
    pub region: Option<String>,
    /// Its id.
    pub id: String,
    /// What is configured of it.
    pub configuration: Value,
    /// Where it is asked for, if in a file.
    pub place: Option<crate::source::Place>,
}

/// A data source that a plan needs to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct DataRequest {
    /// Its address.
    pub address: Address,
    /// Its kind.
    pub kind: String,
    /// The region to ask, if not the environment's.
    pub region: Option<String>,
    /// Its arguments.
    pub configuration: Value,
    /// Whether there is a secret in them.
    pub sensitive: bool,
    /// Where it stands.
    pub place: crate::source::Place,
}

/// Finds out what came of the intents of a state, and what its resources are now. `resources`: whether to read
/// those too. `time`: what time it is, in seconds of Unix time. Writes nothing.
pub async fn refresh(
    state: &State,
    registry: &Registry,
    resources: bool,
    time: i64,
    events: &dyn Events,
) -> Result<Observation, Diagnostics> {
    let known = objects(state);
    let intents = futures::stream::iter(&state.intents).map(|(address, intent)| {
        let found = find(registry, intent, &known);
        async move { (address, behalf::of(address, found).await) }
    });
    let intents = intents.buffer_unordered(READS_AT_A_TIME).collect::<Vec<_>>();
    let (mut intents, mut read) = join(intents, read_all(state, registry, resources, events)).await;
    // Whatever was answered first, the same failures are told in the same order.
    intents.sort_by_key(|(address, _)| *address);
    read.sort_by_key(|(address, _)| *address);
    let mut observation = Observation { time: Some(time), ..Observation::default() };
    let mut diagnostics = Diagnostics::default();
    for (address, outcome) in intents {
        match outcome {
            Ok(found) => {
                observation.intents.insert(address.clone(), found);
            }
            Err(error) => {
                let what = format!("what an interrupted run may have left of {address}");
                diagnostics.push(failed(&what, None, &error));
            }
        }
    }
    for (address, outcome) in read {
        match outcome {
            Ok(attributes) => {
                observation.resources.insert(address.clone(), attributes.unwrap_or_default());
            }
            Err(error) => diagnostics.push(failed(address.as_str(), None, &error)),
        }
    }
    diagnostics.into_result()?;
    Ok(observation)
}

/// What each resource of a state is now, if it is there; nothing, unless `resources` are to be read.
async fn read_all<'s>(
    state: &'s State,
    registry: &Registry,
    resources: bool,
    events: &dyn Events,
) -> Vec<(&'s Address, Result<Option<Value>, KindError>)> {
    let mut read = Vec::new();
    if !resources {
        return read;
    }
    let remote = state
        .resources
        .iter()
        .filter(|(_, resource)| registry.kind(&resource.kind).is_none_or(|kind| kind.is_remote()));
    let mut remote: Vec<_> = remote.collect();
    // Those of a kind are begun together: it may read many of them in one call.
    remote.sort_by_key(|(_, resource)| resource.kind.as_str());
    events.event(Event::RefreshStarted { resources: remote.len() });
    let reads = futures::stream::iter(remote).map(|(address, resource)| async move {
        let read = async {
            let kind = registry.kind(&resource.kind).ok_or_else(|| unknown_kind(&resource.kind))?;
            kind.read(resource.region.as_deref(), &resource.id, &resource.attributes).await
        };
        (address, behalf::of(address, read).await)
    });
    let mut reads = reads.buffer_unordered(READS_AT_A_TIME);
    while let Some((address, outcome)) = reads.next().await {
        if outcome.is_ok() {
            events.event(Event::Refreshed { address });
        }
        read.push((address, outcome));
    }
    read
}

/// The objects that a state knows: kind, region and id.
type Objects<'s> = HashSet<(&'s str, Option<&'s str>, &'s str)>;

fn objects(state: &State) -> Objects<'_> {
    let mut objects = HashSet::default();
    // Only intents are compared with them.
    for resource in state.resources.values().filter(|_| !state.intents.is_empty()) {
        let kind = resource.kind.as_str();
        objects.insert((kind, resource.region.as_deref(), resource.id.as_str()));
        let deposed = resource.deposed.iter();
        objects.extend(deposed.map(|deposed| (kind, deposed.region.as_deref(), deposed.id.as_str())));
    }
    objects
}

/// What came of an intent, if anything did.
async fn find(registry: &Registry, intent: &Intent, known: &Objects<'_>) -> Result<Option<Found>, KindError> {
    let kind = registry.kind(&intent.kind).ok_or_else(|| unknown_kind(&intent.kind))?;
    let region = intent.region.as_deref();
    let Some(id) = kind.find(region, &intent.token, &intent.attributes).await? else { return Ok(None) };
    // A kind that finds by name finds what bore the name before: the object that was to be replaced.
    if known.contains(&(intent.kind.as_str(), region, id.as_str())) {
        return Ok(None);
    }
    let sent = kind.schema().without_secrets(&intent.attributes);
    match kind.read(region, &id, &sent).await? {
        Some(attributes) => Ok(Some(Found { id, region: intent.region.clone(), attributes })),
        // To take that for nothing would leave it behind for good.
        None => Err(KindError::new(format!("{id} was found, and cannot be read yet"))
            .with_hint("run the same command again in a while")),
    }
}

/// Reads what a plan needs, and adds what was found.
pub async fn answer(
    requests: Requests,
    registry: &Registry,
    observation: &mut Observation,
) -> Result<(), Diagnostics> {
    let imports = futures::stream::iter(requests.imports).map(|request| async move {
        let found = behalf::of(&request.address, import(registry, &request)).await;
        (request, found)
    });
    let imports = imports.buffer_unordered(READS_AT_A_TIME).collect::<Vec<_>>();
    let reads = futures::stream::iter(requests.data).map(|request| async move {
        let answer = async {
            let kind = registry.data(&request.kind).ok_or_else(|| unknown_kind(&request.kind))?;
            let attributes = kind.read(request.region.as_deref(), &request.configuration).await?;
            let secret = request.sensitive || kind.schema().is_secret(&attributes, &[]);
            Ok((attributes, secret))
        };
        let answer = behalf::of(&request.address, answer).await;
        (request, answer)
    });
    let reads = reads.buffer_unordered(READS_AT_A_TIME).collect::<Vec<_>>();
    let (mut imports, mut reads) = join(imports, reads).await;
    imports.sort_by(|(one, _), (other, _)| one.address.cmp(&other.address));
    reads.sort_by(|(one, _), (other, _)| one.address.cmp(&other.address));
    let mut diagnostics = Diagnostics::default();
    for (request, found) in imports {
        match found {
            Ok(found) => {
                observation.imports.insert(request.address, found);
            }
            Err(error) => diagnostics.push(failed(request.address.as_str(), request.place, &error)),
        }
    }
    for (request, answer) in reads {
        match answer {
            Ok((attributes, secret)) => {
                let DataRequest { configuration, region, .. } = request;
                let answer = Answer { configuration, region, attributes, secret };
                observation.data.insert(request.address, answer);
            }
            Err(error) => {
                diagnostics.push(failed(request.address.as_str(), Some(request.place), &error));
            }
        }
    }
    diagnostics.into_result()
}

/// What is to be imported, if it is there.
async fn import(registry: &Registry, request: &ImportRequest) -> Result<Option<Found>, KindError> {
    let kind = registry.kind(&request.kind).ok_or_else(|| unknown_kind(&request.kind))?;
    // What a kind keeps is as configured. A secret is not: whether it is the same nobody can tell.
    let prior = kind.schema().without_secrets(&request.configuration);
    let read = kind.read(request.region.as_deref(), &request.id, &prior).await?;
    Ok(read.map(|attributes| Found { id: request.id.clone(), region: request.region.clone(), attributes }))
}

/// Looks for what a plan would create, and what exists already: what kinds find by the name that is configured. It
/// counts as imported when the plan is made anew. `wanted`: for which of them; that nothing is found is an error.
pub async fn find_existing(
    plan: &Plan,
    wanted: &[Address],
    registry: &Registry,
    token: &Token,
    observation: &mut Observation,
) -> Result<(), Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    for wanted in wanted {
        let changes = plan.changes.iter().filter(|change| {
            change.action == Action::Create && change.address.below(wanted.as_str()).is_some()
        });
        let looks = futures::stream::iter(changes).map(|change| async move {
            let found = behalf::of(&change.address, existing(registry, change, token)).await;
            (change, found)
        });
        let mut found = 0;
        // In the order of the plan.
        for (change, existing) in looks.buffered(READS_AT_A_TIME).collect::<Vec<_>>().await {
            match existing {
                Ok(None) => {}
                Ok(Some(existing)) => {
                    observation.imports.insert(change.address.clone(), Some(existing));
                    found += 1;
                }
                Err(error) => diagnostics.push(failed(change.address.as_str(), None, &error)),
            }
        }
        if found == 0 && diagnostics.0.is_empty() {
            let message = format!("there is nothing to adopt for `{wanted}`");
            let hint = "what bears no name of its own is imported by its id: provision import ADDRESS ID";
            diagnostics.push(Diagnostic::new(message).with_hint(hint));
        }
    }
    diagnostics.into_result()
}

/// What exists where a change would create it, if anything does.
async fn existing(registry: &Registry, change: &Change, token: &Token) -> Result<Option<Found>, KindError> {
    let kind = registry.kind(&change.kind).ok_or_else(|| unknown_kind(&change.kind))?;
    let (region, desired) = (change.region.as_deref(), kind.schema().without_secrets(&change.after));
    let Some(id) = kind.find(region, token, &desired).await? else { return Ok(None) };
    let read = kind.read(region, &id, &desired).await?;
    Ok(read.map(|attributes| Found { id, region: change.region.clone(), attributes }))
}

fn failed(what: &str, place: Option<crate::source::Place>, error: &KindError) -> Diagnostic {
    Diagnostic {
        message: format!("{what} cannot be read: {error}"),
        place,
        hint: error.hint.clone(),
        related: Vec::new(),
    }
}

fn unknown_kind(name: &str) -> KindError {
    KindError::new(format!("there is no kind `{name}`")).with_hint("a newer version of provision may know it")
}

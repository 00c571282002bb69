//! A plan as a document: what `--json` prints and a plan file holds. It has no secrets in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Action, Adoption, Change, Inputs, Plan, Reason};
use crate::address::Address;
use crate::preflight::Preflight;
use crate::source::Place;
use crate::state::OutputValue;
use crate::value::{Map, Path, Value};

/// A plan, as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanDocument {
    /// The version of the format: "1".
    pub format_version: String,
    /// The environment: its project, name and region.
    pub env: EnvironmentName,
    /// The lineage of the state that it was made from.
    pub lineage: String,
    /// The serial of that state.
    pub serial: u64,
    /// What would happen, in an order in which it could.
    pub changes: Vec<ChangeDocument>,
    /// The data sources that were read for it, with what each depends on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, BTreeSet<String>>,
    /// What the environment would give. What is not known yet is null here.
    pub outputs: BTreeMap<String, OutputValue>,
    /// The shape of those outputs of which not all is known, with `true` where it is not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs_unknown: BTreeMap<String, serde_json::Value>,
    /// How many resources would be created, and so on.
    pub summary: Summary,
    /// What was seen ahead of it, if somebody has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preflight: Option<Preflight>,
    /// What would happen as well, were the run not about a part of the environment alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// Which environment a plan is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EnvironmentName {
    /// `env.project`
    pub project: String,
    /// `env.name`
    pub name: String,
    /// `env.region`
    pub region: String,
}

/// What would happen to one resource or data source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeDocument {
    /// Its address.
    pub address: String,
    /// Its kind.
    pub kind: String,
    /// What its kind finds it by, if it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `create`, `update`, `replace`, `delete`, `read`, `adopt`, `forget`, `refresh` or `no-op`.
    pub action: String,
    /// Its attributes now; null if it is not there.
    pub before: Value,
    /// Its attributes then; null if it will not be there. What is not known yet is null here.
    pub after: Value,
    /// The shape of `after` with `true` where it is not known yet.
    pub after_unknown: serde_json::Value,
    /// What it refers to; of what is deleted, what it referred to.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dependencies: BTreeSet<String>,
    /// The arguments that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Why it is replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace_because: Vec<String>,
    /// Where each of these reasons stands, as `file:line`; null if it stands nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace_because_at: Vec<Option<String>>,
    /// What someone else has changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<String>,
    /// The ids of old objects that are deleted too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deposed: Vec<String>,
    /// Whether its replacement is made before it is deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_before_destroy: bool,
    /// Whether someone else has deleted what the state has.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// Whether an interrupted run left it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// Whether it is imported.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
    /// The address that the state has for it, if that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    /// Whether the run has nothing to do with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_out: bool,
}

/// How many resources a plan touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Made.
    pub create: usize,
    /// Changed in place.
    pub update: usize,
    /// Deleted and made anew.
    pub replace: usize,
    /// Deleted.
    pub delete: usize,
    /// Taken over: made by an interrupted run, or imported.
    #[serde(default)]
    pub adopt: usize,
    /// Left as they are, and deleted from the state.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub forget: usize,
    /// Left as they are, of which the state says something else.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refresh: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl PlanDocument {
    /// The document of a plan.
    pub fn new(plan: &Plan, inputs: &Inputs<'_>) -> Self {
        let environment = &inputs.configuration.environment;
        Self {
            format_version: "1".to_owned(),
            env: EnvironmentName {
                project: environment.project.clone(),
                name: environment.name.clone(),
                region: environment.region.clone(),
            },
            lineage: inputs.state.lineage.clone(),
            serial: inputs.state.serial,
            changes: plan.changes.iter().map(|change| ChangeDocument::new(change, inputs)).collect(),
            data: plan.data.iter().map(|(address, behind)| (address.to_string(), names(behind))).collect(),
            outputs: plan.outputs.clone(),
            outputs_unknown: plan
                .outputs
                .iter()
                .filter(|(_, output)| !output.value.is_wholly_known())
                .map(|(name, output)| (name.clone(), unknown(&output.value)))
                .collect(),
            summary: plan.summary(),
            preflight: None,
            left_out: plan.left_out.iter().map(ToString::to_string).collect(),
        }
    }

    /// The outputs, what is not known yet as unknown again.
    pub fn expected_outputs(&self) -> BTreeMap<String, OutputValue> {
        let mut outputs = self.outputs.clone();
        for (name, unknown) in &self.outputs_unknown {
            if let Some(output) = outputs.get_mut(name) {
                output.value = with_unknown(&output.value, unknown);
            }
        }
        outputs
    }

    /// The changes that do something.
    pub fn effective(&self) -> impl Iterator<Item = &ChangeDocument> {
        self.changes.iter().filter(|change| {
            change.action != Action::NoOp.name() || !change.deposed.is_empty() || change.moved_from.is_some()
        })
    }
}

impl ChangeDocument {
    fn new(change: &Change, inputs: &Inputs<'_>) -> Self {
        let schema = match &change.origin {
            Some(origin) if origin.block.data => inputs.registry.data(&change.kind).map(|kind| kind.schema()),
            _ => inputs.registry.kind(&change.kind).map(|kind| kind.schema()),
        };
        let redacted = |value: &Value, sensitive: &[Path]| match schema {
            Some(schema) => {
                inputs.state.digest_key().redact(schema, value, sensitive, change.address.as_str())
            }
            None => value.clone(),
        };
        Self {
            address: change.address.to_string(),
            kind: change.kind.clone(),
            id: change.prior.as_ref().filter(|_| !change.gone).map(|prior| prior.id.clone()),
            action: change.action.name().to_owned(),
            before: match &change.recorded {
                Some(recorded) => recorded.clone(),
                None => redacted(change.before(), &change.was_sensitive),
            },
            after: redacted(&change.after, &change.sensitive),
            after_unknown: unknown(&change.after),
            dependencies: match (&change.origin, &change.prior) {
                (None, Some(prior)) => names(&prior.dependencies),
                _ => names(&change.dependencies),
            },
            changed: change.changed.iter().map(ToString::to_string).collect(),
            replace_because: change.replace_because.iter().map(ToString::to_string).collect(),
            replace_because_at: change
                .reason_places
                .iter()
                .map(|place| place.as_ref().map(Place::file_and_line))
                .collect(),
            drift: change.drift.iter().map(ToString::to_string).collect(),
            deposed: change.deposed().iter().map(|deposed| deposed.id.clone()).collect(),
            create_before_destroy: change.lifecycle.create_before_destroy,
            gone: change.gone,
            adopted: change.adopted == Some(Adoption::Interrupted),
            imported: change.adopted == Some(Adoption::Imported),
            moved_from: change.moved_from.as_ref().map(ToString::to_string),
            left_out: change.left_out,
        }
    }
}

fn names<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> BTreeSet<String> {
    addresses.into_iter().map(ToString::to_string).collect()
}

fn unknown(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::Unknown => Json::Bool(true),
        Value::List(items) if !value.is_wholly_known() => Json::Array(items.iter().map(unknown).collect()),
        Value::Map(map) => Json::Object(
            map.iter()
                .filter(|(_, value)| !value.is_wholly_known())
                .map(|(key, value)| (key.clone(), unknown(value)))
                .collect(),
        ),
        _ => Json::Bool(false),
    }
}

/// Puts what a document says is unknown back into its value.
pub fn with_unknown(value: &Value, unknown: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match (value, unknown) {
        (_, Json::Bool(true)) => Value::Unknown,
        (Value::List(items), Json::Array(unknown)) => Value::List(
            items.iter().zip(unknown).map(|(item, unknown)| with_unknown(item, unknown)).collect(),
        ),
        (Value::Map(map), Json::Object(unknown)) => {
            let mut map: Map = map.clone();
            for (key, unknown) in unknown {
                let value = map.get(key).cloned().unwrap_or_default();
                map.insert(key.clone(), with_unknown(&value, unknown));
            }
            Value::Map(map)
        }
        _ => value.clone(),
    }
}

impl Plan {
    /// How many resources this touches.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for change in &self.changes {
            match change.action {
                Action::Create => summary.create += 1,
                Action::Update => summary.update += 1,
                Action::Replace => summary.replace += 1,
                Action::Delete => summary.delete += 1,
                Action::Adopt => summary.adopt += 1,
                Action::Forget => summary.forget += 1,
                Action::Refresh => summary.refresh += 1,
                Action::NoOp | Action::Read => {}
            }
            summary.delete += change.deposed().len();
        }
        summary
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Argument(path) => write!(formatter, "{path}"),
            Self::Region => formatter.write_str("region"),
            Self::Triggered(address) => write!(formatter, "replace_triggered_by {address}"),
            Self::Due => {
                formatter.write_str("replace_triggered_by, in a run that ended before it was replaced")
            }
            Self::Requested => formatter.write_str("it was asked for: --replace"),
            Self::SecretNeededBy(address) => {
                write!(
                    formatter,
                    "its secret is needed by {address}, and exists only in the run that makes it"
                )
            }
        }
    }
}

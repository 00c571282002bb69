//! The file: format 4, as Terraform has written it since 0.12, and OpenTofu writes it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value as Json;

use crate::value::Value;

/// The format that this reads.
const FORMAT: u64 = 4;

/// A state of Terraform's.
#[derive(Debug, Default)]
pub struct TerraformState {
    /// Its resources, each instance for itself. Data sources are read anew, and are not among them.
    pub resources: Vec<Instance>,
    /// What it gives.
    pub outputs: BTreeMap<String, Output>,
}

/// A resource, or one of those of a `count` or a `for_each`.
#[derive(Debug, Clone, Default)]
pub struct Instance {
    /// The module, as in `module.cdn["eu"].module.logs`; empty for the root.
    pub module: String,
    /// Its kind.
    pub kind: String,
    /// The name of its block.
    pub name: String,
    /// Its key, or its number.
    pub key: Option<String>,
    /// What Terraform's provider says of it.
    pub attributes: Value,
    /// Names of attributes that Terraform takes for secrets, or that have one in them.
    pub sensitive: BTreeSet<String>,
    /// The addresses of what it depends on, without keys.
    pub dependencies: BTreeSet<String>,
    /// The configuration of its provider: another for another region or account.
    pub provider: String,
    /// Whether its replacement is made before it is deleted.
    pub create_before_destroy: bool,
}

/// An output.
#[derive(Debug, Clone, Deserialize)]
pub struct Output {
    /// Its value.
    pub value: Json,
    /// Whether it is a secret.
    #[serde(default)]
    pub sensitive: bool,
}

/// What is wrong with such a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// It is no state of Terraform's.
    #[error("it is no state of Terraform's: {0}")]
    Damaged(String),
    /// It is of another format.
    #[error("it is of format {0}, and this reads format {FORMAT}")]
    Format(u64),
}

impl TerraformState {
    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, StateError> {
        let damaged = |error: serde_json::Error| StateError::Damaged(error.to_string());
        let versioned: Versioned = serde_json::from_str(text).map_err(damaged)?;
        if versioned.version != FORMAT {
            return Err(StateError::Format(versioned.version));
        }
        let document: Document = serde_json::from_str(text).map_err(damaged)?;
        let resources = document.resources.into_iter().filter(|resource| resource.mode == "managed");
        Ok(Self { resources: resources.flat_map(instances).collect(), outputs: document.outputs })
    }
}

impl Instance {
    /// What Terraform calls it.
    pub fn address(&self) -> String {
        let key = self.key.as_ref().map(|key| match key.parse::<u64>() {
            Ok(number) => format!("[{number}]"),
            Err(_) => format!("[{key:?}]"),
        });
        format!("{}{}", self.block(), key.unwrap_or_default())
    }

    fn block(&self) -> String {
        match self.module.as_str() {
            "" => format!("{}.{}", self.kind, self.name),
            module => format!("{module}.{}.{}", self.kind, self.name),
        }
    }
}

fn instances(resource: ResourceDocument) -> Vec<Instance> {
    let ResourceDocument { module, kind, name, provider, instances, .. } = resource;
    // What was replaced and could not be deleted is nobody's.
    let current = instances.into_iter().filter(|instance| instance.deposed.is_none());
    current
        .map(|instance| Instance {
            module: module.clone().unwrap_or_default(),
            kind: kind.clone(),
            name: name.clone(),
            key: instance.index_key.map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned)),
            sensitive: instance.sensitive_attributes.iter().filter_map(first_step).collect(),
            attributes: Value::from_json(instance.attributes),
            dependencies: instance.dependencies.into_iter().collect(),
            provider: provider.clone(),
            create_before_destroy: instance.create_before_destroy,
        })
        .collect()
}

/// The attribute that a path leads into: a list of steps.
fn first_step(path: &Json) -> Option<String> {
    path.as_array()?.first()?.get("value")?.as_str().map(str::to_owned)
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    outputs: BTreeMap<String, Output>,
    #[serde(default)]
    resources: Vec<ResourceDocument>,
}

#[derive(Deserialize)]
struct ResourceDocument {
    #[serde(default)]
    module: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    instances: Vec<InstanceDocument>,
}

#[derive(Deserialize)]
struct InstanceDocument {
    #[serde(default)]
    index_key: Option<Json>,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    attributes: Json,
    #[serde(default)]
    sensitive_attributes: Vec<Json>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    create_before_destroy: bool,
}

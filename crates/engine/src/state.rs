//! The state: what this environment has, as far as we know.
//!
//! It is a JSON document, documented in `docs/state.md`. A run does not write it anew at each step: it appends
//! [`Record`]s to a journal, each of which changes the state by O(1), and folds them in at its end. What a killed
//! run left in the journal is folded in by the next.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::config::Environment;
use crate::digest::DigestKey;
use crate::kind::Token;
use crate::value::Value;

mod journal;
pub mod local;
mod lock;
pub mod store;

pub use lock::LockInfo;

/// What the name of a state's lock ends with: it is that of the state, and this.
pub const LOCK_SUFFIX: &str = ".lock";

/// The version of the format that this build writes, and the newest that it reads.
pub const FORMAT_VERSION: u64 = 1;

/// What an environment has.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The version of the format.
    pub version: u64,
    /// The version of `provision` that wrote it.
    pub provision_version: String,
    /// A random name that all states of one history share.
    pub lineage: String,
    /// Counts the writes of this history.
    pub serial: u64,
    /// `env.project`.
    pub project: String,
    /// `env.name`.
    pub environment: String,
    /// `env.region`: where the resources are that name no other.
    pub region: String,
    /// The key of the digests that stand for secrets.
    digest_key: DigestKey,
    /// What the environment gives, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, OutputValue>,
    /// The resources.
    #[serde(default)]
    pub resources: BTreeMap<Address, Resource>,
    /// The creates that were sent, or about to be, when the last run ended before it learned what came of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub intents: BTreeMap<Address, Intent>,
}

/// A resource that exists, as far as we know.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Its kind.
    pub kind: String,
    /// What its kind finds it by.
    pub id: String,
    /// The region that it is in, if not the environment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its arguments and attributes when they were last written or read. Secrets are digests.
    pub attributes: Value,
    /// The resources that it refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Address>,
    /// Whether a replacement comes before the delete: what it depends on must then do the same.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_before_destroy: bool,
    /// Whether a plan that would destroy it is an error, also when its configuration is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prevent_destroy: bool,
    /// Whether a run was to replace it because of something else that has changed, and has not got there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replacement_due: bool,
    /// What it has replaced, and is still to be deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deposed: Vec<Deposed>,
}

/// An object that another has taken the place of, and that is still to be deleted.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Deposed {
    /// What its kind finds it by.
    pub id: String,
    /// The region that it is in, if not the environment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Its attributes.
    pub attributes: Value,
    /// The resources that it refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Address>,
}

/// A create that is about to be sent.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The kind.
    pub kind: String,
    /// From which the identity of what is created derives.
    pub token: Token,
    /// The region, if not the environment's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What it is to be. Secrets are digests.
    pub attributes: Value,
    /// The resources that it refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<Address>,
    /// As [`Resource::create_before_destroy`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_before_destroy: bool,
    /// As [`Resource::prevent_destroy`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prevent_destroy: bool,
}

/// What an environment gives.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct OutputValue {
    /// The value; a digest if it is sensitive.
    pub value: Value,
    /// Whether it is a secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// One change of a state.
#[derive(Clone, PartialEq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A create is about to be sent.
    Intended(Address, Box<Intent>),
    /// The create of that address never happened.
    Abandoned(Address),
    /// A resource is now this. That settles its intent.
    Put(Address, Box<Resource>),
    /// A resource is gone.
    Removed(Address),
    /// The environment gives this now.
    Outputs(BTreeMap<String, OutputValue>),
}

/// Where a run writes down what it does. What it has accepted survives the process.
pub trait Recorder {
    /// Writes records down, and returns when they are durable.
    fn record<'a>(&'a mut self, records: &'a [Record]) -> BoxFuture<'a, Result<(), StateError>>;
}

/// What is wrong with a state, or with reading and writing it.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It is no JSON, or not of the right form.
    #[error("the state {path} is damaged: {message}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How.
        message: String,
    },
    /// A newer version wrote it.
    #[error("the state {path} is of format {version}, and this provision reads up to {FORMAT_VERSION}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        version: u64,
    },
    /// It is of another environment.
    #[error("the state {path} is of {found}, not of {expected}")]
    OtherEnvironment {
        /// The file.
        path: PathBuf,
        /// `project/environment` of the state.
        found: String,
        /// `project/environment` of the configuration.
        expected: String,
    },
    /// Someone else holds the lock.
    #[error("the state {path} is locked{}", holder.as_ref().map(|holder| format!(" by {holder}")).unwrap_or_default())]
    Locked {
        /// The file.
        path: PathBuf,
        /// Who.
        holder: Option<Box<LockInfo>>,
    },
    /// Reading or writing failed.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl StateError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Damaged { .. } => {
                "it is left as it is; restore it from a copy, or move it away to begin anew"
            }
            Self::Newer { .. } => "use the version of provision that wrote it, or a newer one",
            Self::OtherEnvironment { .. } => {
                "it is left as it is; check [env] and [state] of the environment file"
            }
            Self::Locked { .. } => "wait until the other run has ended",
            Self::Io { .. } => "check the path and its permissions",
        }
    }
}

impl Resource {
    /// What is left of a resource that another has taken the place of.
    pub fn into_deposed(self) -> Deposed {
        Deposed {
            id: self.id,
            region: self.region,
            attributes: self.attributes,
            dependencies: self.dependencies,
        }
    }
}

impl State {
    /// The state of an environment that has nothing yet. `random` is 32 bytes of randomness.
    pub fn new(environment: &Environment, lineage: String, random: &[u8]) -> Self {
        Self {
            version: FORMAT_VERSION,
            provision_version: env!("CARGO_PKG_VERSION").to_owned(),
            lineage,
            serial: 0,
            project: environment.project.clone(),
            environment: environment.name.clone(),
            region: environment.region.clone(),
            digest_key: DigestKey::from_random(random),
            outputs: BTreeMap::new(),
            resources: BTreeMap::new(),
            intents: BTreeMap::new(),
        }
    }

    /// The same, when it has nothing yet, as the one that a plan was made for before it was ever written.
    pub fn of_plan(mut self, lineage: &str, digest_key: &DigestKey) -> Self {
        self.lineage = lineage.to_owned();
        self.digest_key = digest_key.clone();
        self
    }

    /// The key of the digests that stand for secrets.
    pub fn digest_key(&self) -> &DigestKey {
        &self.digest_key
    }

    /// Carries out a record.
    pub fn apply(&mut self, record: Record) {
        match record {
            Record::Intended(address, intent) => {
                self.intents.insert(address, *intent);
            }
            Record::Abandoned(address) => {
                self.intents.remove(&address);
            }
            Record::Put(address, resource) => {
                self.intents.remove(&address);
                self.resources.insert(address, *resource);
            }
            Record::Removed(address) => {
                self.resources.remove(&address);
            }
            Record::Outputs(outputs) => self.outputs = outputs,
        }
    }
}

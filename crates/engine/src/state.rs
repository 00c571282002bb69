//! The state: what this environment has, as far as we know.
//!
//! It is a JSON document, documented in `docs/state.md`. A run changes it by [`Record`]s. On this machine they are
//! appended to a journal, each by O(1), and folded in at the end of the run, or by the next if it was killed; in a
//! store on the network the state is written anew with all that has happened meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::config::Environment;
use crate::digest::DigestKey;
use crate::kind::Token;
use crate::value::Value;

use store::StoreError;

mod edit;
mod errored;
mod file;
mod format;
mod held;
mod history;
mod journal;
mod lease;
mod lock;
pub mod store;

pub use errored::Errored;
pub use file::StateFile;
pub use held::HeldState;
pub use history::{History, Run};
pub use lease::Lease;
pub use lock::LockInfo;

/// What the name of a state's lock ends with: it is that of the state, and this.
pub const LOCK_SUFFIX: &str = ".lock";

/// What the name of a state's history ends with.
pub const LOG_SUFFIX: &str = ".log";

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
    /// The run that wrote it, so that no two write the same.
    #[serde(default)]
    pub run: String,
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
    /// What had the first address has the second.
    Moved(Address, Address),
    /// The environment gives this now.
    Outputs(BTreeMap<String, OutputValue>),
}

/// Where a run writes down what it does. What it has written survives the process.
pub trait Recorder: Send {
    /// What is to be written so that these records, which `state` has already, are durable. A state that is written
    /// whole is counted: its serial is that of this write.
    fn prepare(&mut self, records: &[Record], state: &mut State) -> Result<Vec<u8>, StateError>;

    /// Writes what was prepared last. After an error the state is still of the serial before.
    fn write(&mut self, prepared: Vec<u8>) -> BoxFuture<'_, Result<(), StateError>>;

    /// Who can say whether the state is still this run's alone; `None` where nobody can take it away.
    fn holder(&self) -> Option<Arc<dyn Holder>>;
}

/// Says whether a state is still a run's alone.
pub trait Holder: Send + Sync {
    /// Fails unless it is: asked before calls are sent.
    fn hold(&self) -> BoxFuture<'_, Result<(), StateError>>;
}

/// What is wrong with a state, or with reading and writing it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StateError {
    /// It is no JSON, or not of the right form.
    #[error("the state {location} is damaged: {message}")]
    Damaged {
        /// Where.
        location: String,
        /// How.
        message: String,
    },
    /// A newer version wrote it.
    #[error("the state {location} is of format {version}, and this provision reads up to {FORMAT_VERSION}")]
    Newer {
        /// Where.
        location: String,
        /// Its format.
        version: u64,
    },
    /// It is of another environment.
    #[error("the state {location} is of {found}, not of {expected}")]
    OtherEnvironment {
        /// Where.
        location: String,
        /// `project/environment` of the state.
        found: String,
        /// `project/environment` of the configuration.
        expected: String,
    },
    /// Someone else holds the lock.
    #[error("the state {location} is locked{}", holder.as_ref().map(|holder| format!(" by {holder}")).unwrap_or_default())]
    Locked {
        /// Where.
        location: String,
        /// Who.
        holder: Option<Box<LockInfo>>,
    },
    /// The lock is there, and cannot be read.
    #[error("the lock {location} is damaged: {message}")]
    DamagedLock {
        /// Where.
        location: String,
        /// How.
        message: String,
    },
    /// Someone else has taken the state over: the lease of this run had ended.
    #[error("this run no longer holds the state {location}: {}", by.as_ref().map_or_else(
        || "another has written it since".to_owned(), |by| format!("its lease had ended, and {by} has taken it over")))]
    TakenOver {
        /// Where.
        location: String,
        /// Who has it now.
        by: Option<Box<LockInfo>>,
    },
    /// What was asked for would lose something.
    #[error("{message}")]
    Refused {
        /// How.
        message: String,
    },
    /// Reading or writing failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StateError {
    fn damaged(location: impl ToString, message: impl Into<String>) -> Self {
        Self::Damaged { location: location.to_string(), message: message.into() }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Damaged { .. } => {
                "it is left as it is; restore it (provision state restore), or move it away to begin anew"
            }
            Self::Newer { .. } => "use the version of provision that wrote it, or a newer one",
            Self::OtherEnvironment { .. } => {
                "it is left as it is; check [env] and [state] of the environment file"
            }
            Self::Locked { .. } => "wait until the other run has ended, or let --lock-timeout do so",
            Self::DamagedLock { .. } => "if nobody works on it, take it away: provision unlock",
            Self::TakenOver { .. } => "run the same command again",
            Self::Refused { .. } => "the state is left as it is",
            Self::Store(error) => return error.hint.clone(),
        };
        Some(hint.to_owned())
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
            run: String::new(),
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

    /// The same as what comes after that serial.
    #[must_use]
    pub fn after(mut self, serial: u64) -> Self {
        self.serial = serial;
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
            Record::Moved(from, to) => {
                // Where that is done already there is nothing to do; a plan has found out that it can be done.
                let _ = self.rename(from.as_str(), to.as_str());
            }
            Record::Outputs(outputs) => self.outputs = outputs,
        }
    }
}

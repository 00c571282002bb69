//! Plans in files: what `plan` remembers and `apply` carries out.
//!
//! Planning is a pure function. A plan file holds what the plan was made from, but for the configuration itself,
//! of which it holds the fingerprint; to apply it is to plan again from the same input, and so to get the same
//! plan. No secret is in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use provision_engine::address::Address;
use provision_engine::digest::{DigestKey, sha256};
use provision_engine::plan::{Aim, Outcome, PlanDocument, plan};
use provision_engine::refresh::{Found, Observation, answer};
use provision_engine::state::{OutputValue, State};
use provision_engine::value::Value;
use serde::{Deserialize, Serialize};

use crate::error::CommandError;
use crate::session::{Planned, Session};
use crate::view::html::Review;
use crate::view::time;

/// What is remembered of a plan.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SavedPlan {
    /// The plan as it was shown.
    #[serde(flatten)]
    pub(crate) document: PlanDocument,
    /// The environment file.
    pub(crate) environment_file: PathBuf,
    /// What it is for.
    pub(crate) aim: Aim,
    /// What the environment gave when it was made.
    #[serde(default)]
    pub(crate) given: BTreeMap<String, OutputValue>,
    /// The AWS account that it was made in, if anything is on AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<String>,
    /// Whether there was a state yet.
    state_exists: bool,
    /// Without one, the key of the digests in it: the state that the apply begins has the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest_key: Option<DigestKey>,
    /// The SHA-256 of each file that was read.
    files: BTreeMap<PathBuf, String>,
    /// The values of variables that are no secrets.
    variables: BTreeMap<String, Value>,
    /// The digests of those that are.
    secrets: BTreeMap<String, String>,
    observation: Observation,
    /// The data sources whose answers are secrets: they are read again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    secret_answers: BTreeSet<Address>,
}

impl SavedPlan {
    /// What to remember of a plan.
    pub(crate) fn new(session: &Session, state: &State, state_exists: bool, planned: &Planned) -> Self {
        let document =
            PlanDocument::new(&planned.plan, &session.inputs(state, &planned.observation, &planned.aim));
        let is_secret = |name: &String| {
            session.configuration.root.variables.get(name).is_some_and(|variable| variable.sensitive)
        };
        let (secrets, variables): (Vec<_>, Vec<_>) = session
            .variables
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .partition(|(name, _)| is_secret(name));
        let digest = |value: &Value| sha256(state.lineage.as_bytes()) + &state.digest_key().digest(value);
        Self {
            environment_file: absolute(&session.configuration.environment.path),
            aim: planned.aim.clone(),
            given: state.outputs.clone(),
            account: None,
            state_exists,
            digest_key: (!state_exists).then(|| state.digest_key().clone()),
            files: digests(session, planned),
            variables: variables.into_iter().collect(),
            secrets: secrets.into_iter().map(|(name, value)| (name, digest(&value))).collect(),
            observation: without_secrets(&planned.observation, &document),
            secret_answers: secret_answers(&planned.observation),
            document,
        }
    }

    /// The page of it, for those who review it.
    pub(crate) fn review(&self) -> String {
        let review = Review {
            document: &self.document,
            given: &self.given,
            account: self.account.as_deref(),
            time: self.observation.time.and_then(time::at),
            destroy: self.aim.destroys() && !self.aim.is_partial(),
        };
        review.page()
    }

    /// Writes it, for its owner's eyes.
    pub(crate) fn write(&self, path: &Path) -> Result<(), CommandError> {
        let failed = |error: std::io::Error| {
            CommandError::new(format!("{} cannot be written: {error}", path.display()))
        };
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = BufWriter::new(options.open(path).map_err(failed)?);
        serde_json::to_writer(&mut out, self).map_err(|error| failed(error.into()))?;
        out.flush().map_err(failed)
    }

    /// Reads one.
    pub(crate) fn read(path: &Path) -> Result<Self, CommandError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| CommandError::new(format!("{} cannot be read: {error}", path.display())))?;
        serde_json::from_str(&text).map_err(|error| {
            CommandError::with_hint(
                format!("{} is no plan: {error}", path.display()),
                "make one: provision plan ENV --out FILE",
            )
        })
    }

    /// The values of variables that it was made with and holds, as arguments that give them again.
    pub(crate) fn variable_arguments(&self) -> Vec<String> {
        self.variables
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) => format!("{name}={text}"),
                other => format!("{name}={}", other.to_json()),
            })
            .collect()
    }

    /// The state to apply it to, where there is none yet.
    pub(crate) fn begin(&self, state: State) -> State {
        match &self.digest_key {
            Some(digest_key) => state.of_plan(&self.document.lineage, digest_key),
            None => state,
        }
    }

    /// The same plan again, unless what it was made from has moved since.
    pub(crate) async fn replan(
        mut self,
        session: &Session,
        state: &State,
        state_exists: bool,
    ) -> Result<Planned, CommandError> {
        let stale = |why: String| {
            CommandError::with_hint(format!("the plan is stale: {why}"), "make a new one: provision plan")
        };
        if self.state_exists != state_exists
            || (state_exists
                && (self.document.lineage != state.lineage || self.document.serial != state.serial))
        {
            return Err(stale("the state has changed since it was made".to_owned()));
        }
        let aim = self.aim.clone();
        let planned = loop {
            match plan(&session.inputs(state, &self.observation, &aim))? {
                Outcome::Planned(plan, files_read) => {
                    let observation = std::mem::take(&mut self.observation);
                    break Planned { plan: *plan, observation, files_read, aim };
                }
                Outcome::Needs(requests)
                    if requests.imports.is_empty()
                        && requests
                            .data
                            .iter()
                            .all(|request| self.secret_answers.contains(&request.address)) =>
                {
                    answer(requests, &session.registry, &mut self.observation).await?;
                }
                Outcome::Needs(_) => {
                    return Err(stale("the configuration has changed since it was made".to_owned()));
                }
            }
        };
        let now = digests(session, &planned);
        let changed = now.iter().find(|(path, digest)| self.files.get(*path) != Some(digest));
        if let Some((path, _)) =
            changed.or_else(|| self.files.iter().find(|(path, _)| !now.contains_key(*path)))
        {
            return Err(stale(format!("{} has changed since it was made", relative(path).display())));
        }
        let again = Self::new(session, state, state_exists, &planned);
        if again.secrets != self.secrets || again.variables != self.variables {
            return Err(stale("the variables have other values now".to_owned()));
        }
        // As they are written: what is unknown is null there.
        let written = |document: &PlanDocument| serde_json::to_string(&document.changes).unwrap_or_default();
        if written(&again.document) != written(&self.document) {
            return Err(stale("it would do something else now".to_owned()));
        }
        Ok(planned)
    }
}

/// The SHA-256 of each file that a plan depends on.
fn digests(session: &Session, planned: &Planned) -> BTreeMap<PathBuf, String> {
    let sources =
        session.configuration.files.iter().map(|file| (absolute(&file.path), sha256(file.text.as_bytes())));
    sources.chain(planned.files_read.iter().map(|(path, digest)| (absolute(path), digest.clone()))).collect()
}

/// The data sources that have answered with a secret, or were asked with one.
fn secret_answers(observation: &Observation) -> BTreeSet<Address> {
    let answers = observation.data.iter().filter(|(_, answer)| answer.secret);
    answers.map(|(address, _)| address.clone()).collect()
}

/// What was read, in the form in which the plan's document has it.
fn without_secrets(observation: &Observation, document: &PlanDocument) -> Observation {
    let mut redacted = observation.clone();
    redacted.data.retain(|_, answer| !answer.secret);
    for change in &document.changes {
        // What was read is what the state is to be told, or what is there before anything is changed.
        let attributes = if change.action == "refresh" { &change.after } else { &change.before };
        let address: Address = change.moved_from.as_ref().unwrap_or(&change.address).as_str().into();
        if let Some(read) = redacted.resources.get_mut(&address)
            && !read.is_null()
        {
            *read = attributes.clone();
        }
        for found in [redacted.intents.get_mut(&address), redacted.imports.get_mut(&address)] {
            if let Some(Some(found)) = found {
                *found = Found { attributes: attributes.clone(), ..found.clone() };
            }
        }
    }
    redacted
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn relative(path: &Path) -> PathBuf {
    let working = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(working).unwrap_or(path).to_owned()
}

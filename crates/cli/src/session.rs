//! One environment with everything that a command needs to work on it.

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use checking::First;
use futures::FutureExt;
use futures::future::BoxFuture;
use provision_aws::checks::Probing;
use provision_aws::signing::{StoredKey, stored_key};
use provision_aws::state::{Prepared, StateLocation};
use provision_aws::{Aws, Reading};
use provision_engine::checklist::{self, Check, Finding};
use provision_engine::config::{Backend, Configuration, S3Backend};
use provision_engine::console::{self, Answer};
use provision_engine::event::Clock;
use provision_engine::kind::Registry;
use provision_engine::plan::{Aim, Inputs, Plan};
use provision_engine::refresh::Observation;
use provision_engine::source::{Diagnostic, Diagnostics, Place};
use provision_engine::state::{LockInfo, State, StateFile};
use provision_engine::value::Value;

use crate::error::CommandError;
use crate::project::Project;
use crate::timings::{Phase, Timings};
use crate::variables::{self, VariableArguments};
use crate::web::Network;

mod ahead;
mod checking;
mod planning;

/// All kinds, with clients that are made when they are first needed.
pub(crate) fn registry(aws: &Arc<Aws>) -> Registry {
    let mut registry = provision_aws::registry(aws);
    provision_engine::builtin::register(&mut registry, Arc::new(TokioClock));
    registry
}

/// An environment.
pub(crate) struct Session {
    pub(crate) project: Project,
    pub(crate) configuration: Configuration,
    pub(crate) registry: Registry,
    pub(crate) variables: BTreeMap<String, Value>,
    /// What is wrong with the configuration.
    pub(crate) diagnostics: Diagnostics,
    /// Where the time goes.
    pub(crate) timings: Timings,
    aws: Arc<Aws>,
    /// What checking has planned, where there is no state yet.
    first: Mutex<Option<First>>,
}

/// A plan and what it was made from.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) observation: Observation,
    /// The SHA-256 of each file that functions have read.
    pub(crate) files_read: BTreeMap<PathBuf, String>,
    pub(crate) aim: Aim,
}

impl Planned {
    /// Whether an apply has something to do, if only to record what was learned: an empty plan may have that too.
    pub(crate) fn is_worth_applying(&self) -> bool {
        !self.plan.is_empty() || self.plan.settings_change || self.observation.has_news()
    }
}

impl Session {
    /// Reads an environment file. What is wrong with it is kept: not every command minds. A command has one, and when it
    /// has ended so has the program: to take all of it apart first would be time for nothing.
    pub(crate) fn open(
        path: &Path,
        arguments: &VariableArguments,
    ) -> Result<ManuallyDrop<Self>, CommandError> {
        Self::open_timed(path, arguments, &Timings::default())
    }

    /// The same for a run that records where its time goes.
    pub(crate) fn open_timed(
        path: &Path,
        arguments: &VariableArguments,
        timings: &Timings,
    ) -> Result<ManuallyDrop<Self>, CommandError> {
        let _reading = timings.phase(Phase::ReadingFiles);
        let timings = timings.clone();
        let aws = Arc::new(Aws::new());
        timings.observe(&aws);
        let registry = registry(&aws);
        let mut diagnostics = Diagnostics::default();
        let Some(configuration) = Configuration::load(path, &registry, &mut diagnostics) else {
            diagnostics.into_result()?;
            return Err(CommandError::new(format!("{} cannot be used", path.display())));
        };
        aws.set_region(configuration.environment.region.clone());
        let variables = variables::given(arguments, &configuration)?;
        let project = Project::around(path);
        let first = Mutex::default();
        Ok(ManuallyDrop::new(Self {
            project,
            configuration,
            registry,
            variables,
            diagnostics,
            timings,
            aws,
            first,
        }))
    }

    /// The clients of the environment's resources.
    pub(crate) fn aws(&self) -> &Arc<Aws> {
        &self.aws
    }

    /// Where the state is kept.
    pub(crate) async fn state_file(&self) -> Result<StateFile, CommandError> {
        let environment = &self.configuration.environment;
        let clock = Arc::new(TokioClock);
        Ok(match &environment.backend {
            Backend::Local { path } => {
                StateFile::local(self.project.state(environment, path.as_deref()), clock)
            }
            Backend::S3(backend) => {
                let key = self.state_key(backend);
                let context = BTreeMap::from([
                    ("provision:project".to_owned(), environment.project.clone()),
                    ("provision:environment".to_owned(), environment.name.clone()),
                ]);
                let store =
                    provision_aws::state::open(&self.aws, &self.state_location(backend), context).await?;
                StateFile::remote(store, key, backend.lock_lease, clock)
            }
        })
    }

    /// The key of the state in its bucket.
    fn state_key(&self, backend: &S3Backend) -> String {
        let environment = &self.configuration.environment;
        backend.key.clone().unwrap_or_else(|| format!("{}/{}.json", environment.project, environment.name))
    }

    /// The bucket and the table that a state in S3 needs.
    pub(crate) fn state_location(&self, backend: &S3Backend) -> StateLocation {
        StateLocation {
            bucket: backend.bucket.clone(),
            region: Some(
                backend.region.clone().unwrap_or_else(|| self.configuration.environment.region.clone()),
            ),
            kms_key_id: backend.kms_key_id.clone(),
            role_arn: backend.role_arn.clone(),
            lock_table: backend.lock_table.clone(),
        }
    }

    /// The state as it is, or a new one; and whether it is there.
    pub(crate) async fn state(&self) -> Result<(State, bool), CommandError> {
        let _reading = self.timings.phase(Phase::ReadingState);
        let file = self.state_file().await?;
        match file.read().await? {
            Some(state) => {
                self.check_state(&state, &file)?;
                Ok((state, true))
            }
            None => Ok((self.new_state()?, false)),
        }
    }

    /// A state that has nothing yet: that with which the configuration was checked, if it was.
    pub(crate) fn new_state(&self) -> Result<State, CommandError> {
        if let Some(state) = self.state_of_first() {
            return Ok(state);
        }
        let mut random = [0; 32];
        getrandom::fill(&mut random)
            .map_err(|error| CommandError::new(format!("there is no source of randomness: {error}")))?;
        Ok(State::new(&self.configuration.environment, uuid::Uuid::new_v4().to_string(), &random))
    }

    /// Refuses a state that is of something else than this environment.
    pub(crate) fn check_state(&self, state: &State, file: &StateFile) -> Result<(), CommandError> {
        let environment = &self.configuration.environment;
        state.check_environment(&file.location(), &environment.project, &environment.name)?;
        if state.region != environment.region && !state.resources.is_empty() {
            return Err(CommandError::with_hint(
                format!(
                    "the state has resources in {}, and the environment is now in {}",
                    state.region, environment.region
                ),
                "set env.region back, or destroy the environment first",
            ));
        }
        Ok(())
    }

    /// What a plan is made from.
    pub(crate) fn inputs<'a>(
        &'a self,
        state: &'a State,
        observation: &'a Observation,
        aim: &'a Aim,
    ) -> Inputs<'a> {
        Inputs {
            configuration: &self.configuration,
            registry: &self.registry,
            variables: &self.variables,
            state,
            observation,
            aim,
            offline: false,
        }
    }

    /// The AWS account of the credentials, if anything here is on AWS. Refuses one that is not the configured one.
    pub(crate) async fn account(&self, state: &State) -> Result<Option<String>, CommandError> {
        let kinds = self.configuration.blocks.iter().map(|block| (block.name.data, block.name.kind.as_str()));
        let kinds = kinds.chain(state.resources.values().map(|resource| (false, resource.kind.as_str())));
        let remote =
            |(data, kind): (bool, &str)| data || self.registry.kind(kind).is_none_or(|kind| kind.is_remote());
        if !kinds.into_iter().any(remote) {
            return Ok(None);
        }
        self.check_account().await.map(Some)
    }

    /// The AWS account of the credentials. Refuses one that is not the configured one.
    pub(crate) async fn check_account(&self) -> Result<String, CommandError> {
        let checking = self.timings.phase(Phase::CheckingAccount);
        let account = provision_aws::account_id(&self.aws).await?;
        drop(checking);
        let environment = &self.configuration.environment;
        if let (Some(expected), Some(place)) = (&environment.account_id, &environment.account_place)
            && *expected != account
        {
            let message = format!(
                "these credentials are of the account {account}, and the environment is of {expected}"
            );
            let diagnostic =
                Diagnostic::at(place, message).with_hint("use the credentials of that account: AWS_PROFILE");
            return Err(Diagnostics::from(diagnostic).into());
        }
        Ok(account)
    }

    /// A private key that Secrets Manager keeps.
    pub(crate) async fn stored_key(&self, secret: &str) -> Result<StoredKey, CommandError> {
        Ok(stored_key(&self.aws, secret).await?)
    }

    /// Makes the place for a state in S3.
    pub(crate) async fn bootstrap(&self, backend: &S3Backend) -> Result<Vec<Prepared>, CommandError> {
        let tags = &self.configuration.environment.tags;
        Ok(provision_aws::state::bootstrap(&self.aws, &self.state_location(backend), tags).await?)
    }

    /// Begins a time in which this command changes nothing on AWS, and asks nothing twice. It ends when what
    /// this gives is dropped.
    pub(crate) fn reading(&self) -> Reading {
        self.aws.reading()
    }

    /// The value of an expression, as it would stand within `${…}` in the environment file. Data sources are
    /// read where it depends on them, and nothing else.
    pub(crate) async fn evaluate(&self, state: &State, expression: &Place) -> Result<Value, CommandError> {
        let mut observation = Observation::default();
        loop {
            match console::evaluate(&self.inputs(state, &observation, &Aim::default()), expression)? {
                Answer::Value(value) => return Ok(value),
                Answer::Needs(requests) => self.answer(requests, &mut observation).await?,
            }
        }
    }

    /// Tries what checks want tried, and says what has come of them.
    pub(crate) async fn verify(&self, checks: &[Check]) -> Vec<Finding> {
        let _running = self.timings.phase(Phase::RunningChecks);
        let probing = Probing::new(self.aws.clone(), Arc::new(Network::new()));
        checklist::run(checks, &probing).await
    }

    /// What a lock of this command says.
    pub(crate) fn lock_info(&self, operation: &str, file: &StateFile) -> LockInfo {
        let user = std::env::var("USER")
            .or_else(|_| std::env::var("USERNAME"))
            .unwrap_or_else(|_| "unknown".to_owned());
        let host = std::env::var("HOSTNAME").ok().or_else(|| std::fs::read_to_string("/etc/hostname").ok());
        let host = host.as_deref().map_or("this machine", str::trim);
        LockInfo {
            id: uuid::Uuid::new_v4().to_string(),
            operation: operation.to_owned(),
            info: String::new(),
            who: format!("{user}@{host}, process {}", std::process::id()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: crate::view::time::now(),
            path: file.location(),
            expires: None,
        }
    }
}

/// The time of tokio.
pub(crate) struct TokioClock;

impl Clock for TokioClock {
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

//! A world for stories: a directory of configuration files, a cloud, and the state that survives a process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::{BoxFuture, Either, select};
use provision_engine::apply::{self, Options, Report, Surroundings};
use provision_engine::checklist::{Check, Checklist, checklist};
use provision_engine::config::Configuration;
use provision_engine::event::{Clock, Silent};
use provision_engine::kind::{Registry, Token};
use provision_engine::permission::{self, Permission, Place};
use provision_engine::plan::{self, Aim, Goal, Inputs, Outcome, Plan, PlanDocument};
use provision_engine::preflight::preflight;
use provision_engine::refresh::{Observation, answer, find_existing, refresh};
use provision_engine::source::Diagnostics;
use provision_engine::state::{Holder, Record, Recorder, State, StateError};
use provision_engine::terraform::{Export, export};
use provision_engine::value::Value;

pub(crate) mod cloud;
pub(crate) mod kinds;

pub(crate) use cloud::{Cloud, Moment};

/// The first lines of every environment file.
const ENVIRONMENT: &str = "[env]\nname = \"test\"\nproject = \"engine\"\nregion = \"us-east-1\"\n";

pub(crate) struct World {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) registry: Registry,
    pub(crate) variables: BTreeMap<String, Value>,
    pub(crate) options: Options,
    /// What runs are asked for, beside their goal.
    pub(crate) aim: Aim,
    pub(crate) interrupted: AtomicBool,
    time: Arc<NoTime>,
    /// What survives a process, as it is written down; absent before the first run.
    durable: Option<String>,
    directory: tempfile::TempDir,
    tokens: AtomicUsize,
    /// How often the last run has written to its state.
    pub(crate) writes: usize,
    /// All that was ever written down or shown.
    traces: String,
}

/// How a run goes.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    Apply,
    Destroy,
    /// `--refresh=false`
    ApplyUnread,
    Rotate,
    /// `--refresh-only`
    Refresh,
}

impl Run {
    fn goal(self) -> Goal {
        match self {
            Self::Apply | Self::ApplyUnread => Goal::Apply,
            Self::Destroy => Goal::Destroy,
            Self::Rotate => Goal::Rotate(None),
            Self::Refresh => Goal::Refresh,
        }
    }
}

/// What came of a run.
pub(crate) struct Ran {
    pub(crate) plan: Plan,
    pub(crate) document: PlanDocument,
    /// Absent if nothing was to be applied.
    pub(crate) report: Option<Report>,
    /// What the plan needs to be permitted.
    pub(crate) permissions: BTreeSet<Permission>,
}

impl World {
    pub(crate) fn new() -> Self {
        let (cloud, time) = (Arc::new(Cloud::default()), Arc::new(NoTime(AtomicI64::new(0))));
        Self {
            registry: kinds::registry(&cloud, time.clone()),
            cloud,
            variables: BTreeMap::new(),
            options: Options::default(),
            aim: Aim::default(),
            interrupted: AtomicBool::new(false),
            time,
            durable: None,
            directory: tempfile::tempdir().unwrap(),
            writes: 0,
            tokens: AtomicUsize::new(0),
            traces: String::new(),
        }
    }

    /// A world whose environment file says this, after `[env]`.
    pub(crate) fn with(text: &str) -> Self {
        let world = Self::new();
        world.configure(text);
        world
    }

    /// Lets so many seconds pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.time.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Forgets all that has happened.
    pub(crate) fn begin_anew(&mut self) {
        self.cloud.begin_anew();
        self.durable = None;
        self.tokens = AtomicUsize::new(0);
        self.traces.clear();
    }

    /// Writes the environment file anew: `[env]` and this.
    pub(crate) fn configure(&self, text: &str) {
        self.write("env.toml", &format!("{ENVIRONMENT}{text}"));
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn variable(&mut self, name: &str, value: impl Into<Value>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    /// The state, as the next process will read it.
    pub(crate) fn state(&self) -> State {
        match &self.durable {
            Some(text) => serde_json::from_str(text).unwrap(),
            None => {
                let configuration = self.load().unwrap();
                State::new(&configuration.environment, "lineage".to_owned(), &[7; 32])
            }
        }
    }

    pub(crate) fn load(&self) -> Result<Configuration, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let path = self.directory.path().join("env.toml");
        let configuration = Configuration::load(&path, &self.registry, &mut diagnostics);
        diagnostics.into_result()?;
        Ok(configuration.unwrap())
    }

    /// Refresh, plan and apply, in one process.
    pub(crate) fn run(&mut self, run: Run) -> Result<Ran, Diagnostics> {
        self.process(run, true).map(|ran| ran.unwrap_or_else(|| panic!("the process was killed")))
    }

    /// The same in a process that is killed at the n-th call or record. Whether it was: otherwise it has ended
    /// before.
    pub(crate) fn run_and_die(&mut self, run: Run, moment: usize, side: Moment) -> bool {
        self.cloud.crash_at(moment, side);
        match self.process(run, true) {
            Ok(ran) => ran.is_none(),
            Err(diagnostics) => panic!("{}", self.shown(&diagnostics)),
        }
    }

    /// The plan, and nothing else.
    pub(crate) fn plan(&mut self) -> Result<Ran, Diagnostics> {
        self.process(Run::Apply, false).map(Option::unwrap)
    }

    /// What would fail of a plan.
    pub(crate) fn obstacles(&mut self) -> Vec<String> {
        let (configuration, state, aim) = (self.load().unwrap(), self.state(), self.aim.clone());
        let observation = block_on(refresh(&state, &self.registry, true, self.time.now(), &Silent)).unwrap();
        let inputs = self.inputs(&configuration, &state, &observation, &aim);
        let Ok(Outcome::Planned(plan, _)) = plan::plan(&inputs) else { panic!("there is a plan") };
        let token = Token("a token of its own".to_owned());
        let preflight = block_on(preflight(&inputs, &plan, &token));
        preflight.obstacles.into_iter().map(|obstacle| obstacle.message).collect()
    }

    /// Applies, and expects that all goes well.
    pub(crate) fn apply(&mut self) -> Ran {
        self.expect_success(Run::Apply)
    }

    /// Destroys everything, and expects that all goes well.
    pub(crate) fn destroy(&mut self) -> Ran {
        self.expect_success(Run::Destroy)
    }

    fn expect_success(&mut self, run: Run) -> Ran {
        let ran = self.run(run).unwrap_or_else(|diagnostics| panic!("{}", self.shown(&diagnostics)));
        assert!(ran.report().is_success(), "{:?}\n{:#?}", ran.report(), self.cloud.calls());
        ran
    }

    /// Expects that there is nothing to do.
    pub(crate) fn assert_settled(&mut self) {
        let ran = self.plan().unwrap_or_else(|diagnostics| panic!("{}", self.shown(&diagnostics)));
        let effective: Vec<_> = ran.document.effective().collect();
        assert!(ran.plan.is_empty(), "{effective:#?} {:?}", ran.plan.outputs);
        assert!(!ran.plan.settings_change);
    }

    /// What is wrong, without the path of the directory, which differs from run to run.
    pub(crate) fn shown(&self, diagnostics: &Diagnostics) -> String {
        diagnostics.to_string().replace(&format!("{}/", self.directory.path().display()), "")
    }

    /// What is wrong with a plan of this.
    pub(crate) fn problems(&mut self) -> String {
        let mut diagnostics = Diagnostics::default();
        let path = self.directory.path().join("env.toml");
        let configuration = Configuration::load(&path, &self.registry, &mut diagnostics);
        if let Some(configuration) = configuration {
            // What can be said with nothing there, as `validate` does.
            let state = State::new(&configuration.environment, "lineage".to_owned(), &[7; 32]);
            let observation = Observation::default();
            let aim = Aim::default();
            let inputs = self.inputs(&configuration, &state, &observation, &aim);
            if let Err(more) = plan::plan(&Inputs { offline: true, ..inputs }) {
                more.0.into_iter().for_each(|diagnostic| diagnostics.push(diagnostic));
            }
        }
        match diagnostics.into_result().and_then(|()| self.plan().map(|_| ())) {
            Ok(()) => "nothing".to_owned(),
            Err(diagnostics) => self.shown(&diagnostics),
        }
    }

    /// The checks, evaluated on what there is.
    pub(crate) fn checks(&self) -> Vec<Check> {
        let (configuration, state) = (self.load().unwrap(), self.state());
        let mut observation =
            block_on(refresh(&state, &self.registry, true, self.time.now(), &Silent)).unwrap();
        loop {
            match checklist(&self.inputs(&configuration, &state, &observation, &Aim::default())) {
                Checklist::Checks(checks) => return checks,
                Checklist::Needs(requests) => {
                    block_on(answer(requests, &self.registry, &mut observation)).unwrap();
                }
            }
        }
    }

    /// The environment for Terraform, where the file is beside the environment's.
    pub(crate) fn export(&self) -> Result<Export, Diagnostics> {
        let (configuration, state, aim) = (self.load()?, self.state(), Aim::default());
        let mut observation = block_on(refresh(&state, &self.registry, false, self.time.now(), &Silent))?;
        loop {
            let inputs = self.inputs(&configuration, &state, &observation, &aim);
            match plan::plan(&inputs)? {
                Outcome::Planned(plan, _) => return export(&inputs, &plan, self.directory.path()),
                Outcome::Needs(requests) => block_on(answer(requests, &self.registry, &mut observation))?,
            }
        }
    }

    /// All that was ever written down or shown: states, records, plan documents, reports and debug prints.
    pub(crate) fn traces(&self) -> &str {
        &self.traces
    }

    fn process(&mut self, run: Run, apply: bool) -> Result<Option<Ran>, Diagnostics> {
        let configuration = self.load()?;
        let mut state = self.state();
        let mut recorder =
            Memory { durable: state.clone(), cloud: self.cloud.clone(), traces: String::new(), writes: 0 };
        let crash = self.cloud.crash_signal();
        let ran = {
            let work = self.work(&configuration, &mut state, &mut recorder, run, apply);
            match block_on(select(Box::pin(work), crash)) {
                Either::Left((outcome, _)) => Some(outcome),
                Either::Right(_) => None,
            }
        };
        // A process that ends, however it ends, leaves what was recorded.
        let text = serde_json::to_string_pretty(&recorder.durable).unwrap();
        self.traces.push_str(&recorder.traces);
        self.traces.push_str(&format!("{text}\n{:?}\n", recorder.durable));
        if ran.as_ref().is_some_and(Result::is_ok) && apply {
            let after: State = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
            let recorded: State = serde_json::from_str(&text).unwrap();
            assert_eq!(after, recorded, "the state that the apply leaves is what was recorded");
        }
        self.durable = Some(text);
        self.writes = recorder.writes;
        self.cloud.revive();
        match ran {
            Some(Ok(ran)) => {
                self.traces.push_str(&serde_json::to_string(&ran.document).unwrap());
                self.traces.push_str(&format!("{:?}\n{:?}\n{:?}\n", ran.plan, ran.report, ran.document));
                Ok(Some(ran))
            }
            Some(Err(diagnostics)) => {
                self.traces.push_str(&diagnostics.to_string());
                Err(diagnostics)
            }
            None => Ok(None),
        }
    }

    async fn work(
        &self,
        configuration: &Configuration,
        state: &mut State,
        recorder: &mut Memory,
        run: Run,
        apply: bool,
    ) -> Result<Ran, Diagnostics> {
        let read = !matches!(run, Run::ApplyUnread);
        let aim = Aim { goal: run.goal(), ..self.aim.clone() };
        let mut observation = refresh(state, &self.registry, read, self.time.now(), &Silent).await?;
        let before = state.clone();
        let mut adopt_is_due = !aim.adopt.is_empty();
        let (plan, inputs_observation) = loop {
            let inputs = self.inputs(configuration, &before, &observation, &aim);
            match plan::plan(&inputs)? {
                Outcome::Planned(plan, _) if adopt_is_due => {
                    let token = Token("token".to_owned());
                    find_existing(&plan, &aim.adopt, &self.registry, &token, &mut observation).await?;
                    adopt_is_due = false;
                }
                Outcome::Planned(plan, _) => break (plan, observation.clone()),
                Outcome::Needs(requests) => answer(requests, &self.registry, &mut observation).await?,
            }
        };
        let inputs = self.inputs(configuration, &before, &inputs_observation, &aim);
        let document = PlanDocument::new(&plan, &inputs);
        let place = Place {
            partition: "fake".to_owned(),
            account: "engine".to_owned(),
            region: "us-east-1".to_owned(),
        };
        let permissions = permission::permissions(&plan, &inputs, &place);
        if !apply {
            return Ok(Ran { plan: *plan, document, report: None, permissions });
        }
        let token = || format!("token-{}", self.tokens.fetch_add(1, Ordering::SeqCst));
        let surroundings = Surroundings {
            events: &Silent,
            clock: &*self.time,
            interrupted: &self.interrupted,
            token: &token,
        };
        let report = apply::apply(&inputs, &plan, state, recorder, &surroundings, &self.options).await;
        Ok(Ran { plan: *plan, document, report: Some(report.unwrap()), permissions })
    }

    fn inputs<'a>(
        &'a self,
        configuration: &'a Configuration,
        state: &'a State,
        observation: &'a Observation,
        aim: &'a Aim,
    ) -> Inputs<'a> {
        Inputs {
            configuration,
            registry: &self.registry,
            variables: &self.variables,
            state,
            observation,
            aim,
            offline: false,
        }
    }
}

impl Ran {
    /// What happens to each resource that something happens to, as `address action`.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.document.effective().map(|change| format!("{} {}", change.address, change.action)).collect()
    }

    pub(crate) fn report(&self) -> &Report {
        self.report.as_ref().unwrap()
    }

    pub(crate) fn change(&self, address: &str) -> &provision_engine::plan::Change {
        self.plan.changes.iter().find(|change| change.address.as_str() == address).unwrap()
    }
}

/// A recorder that keeps what it has accepted, and that the process can die in.
struct Memory {
    durable: State,
    cloud: Arc<Cloud>,
    traces: String,
    writes: usize,
}

impl Recorder for Memory {
    fn prepare(&mut self, records: &[Record], _state: &mut State) -> Result<Vec<u8>, StateError> {
        let lines = records.iter().map(|record| serde_json::to_string(record).unwrap());
        Ok(lines.collect::<Vec<_>>().join("\n").into_bytes())
    }

    fn write(&mut self, prepared: Vec<u8>) -> BoxFuture<'_, Result<(), StateError>> {
        async move {
            self.cloud.moment(Moment::Before).await;
            for line in String::from_utf8(prepared).unwrap().lines() {
                let record: Record = serde_json::from_str(line).unwrap();
                self.traces.push_str(&format!("{line}\n{record:?}\n"));
                self.durable.apply(record);
            }
            self.writes += 1;
            self.cloud.moment(Moment::After).await;
            Ok(())
        }
        .boxed()
    }

    fn holder(&self) -> Option<Arc<dyn Holder>> {
        None
    }
}

/// Nothing takes any time; it passes when a story says so.
#[derive(Default)]
pub(crate) struct NoTime(AtomicI64);

impl Clock for NoTime {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }
}

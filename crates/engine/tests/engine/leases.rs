//! A model of many runs on one state: each takes the lease, works, is paused for longer than its lease lasts, loses
//! replies, wakes up again. Whatever the schedule, no write is lost and no serial repeats; and without the fence
//! that is not so.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::{BoxFuture, Either, LocalBoxFuture, select};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use provision_engine::config::{Backend, Environment};
use provision_engine::event::Clock;
use provision_engine::state::store::{Condition, MemoryStore, Object, Put, Store, StoreError, Version};
use provision_engine::state::{HeldState, LockInfo, Record, Resource, Run, State, StateError, StateFile};
use provision_engine::value::Value;

const NAME: &str = "model.json";
const LEASE: Duration = Duration::from_secs(10);
const RUNS: usize = 4;
const STEPS: usize = 4;

/// The choices that a schedule is made of; when they have run out, everything goes well.
struct Choices(Mutex<std::vec::IntoIter<u8>>);

impl Choices {
    fn next(&self) -> u8 {
        self.0.lock().unwrap().next().unwrap_or_default()
    }
}

/// Time that passes when the schedule says so.
#[derive(Clone, Default)]
struct Time {
    milliseconds: Arc<AtomicU64>,
    /// When somebody is to be woken.
    alarms: Arc<Mutex<BTreeSet<u64>>>,
}

impl Time {
    fn now(&self) -> u64 {
        self.milliseconds.load(Ordering::SeqCst)
    }

    fn advance_to(&self, moment: u64) {
        self.milliseconds.fetch_max(moment, Ordering::SeqCst);
    }

    fn next_alarm(&self) -> Option<u64> {
        let now = self.now();
        self.alarms.lock().unwrap().range(now + 1..).next().copied()
    }
}

impl Clock for Time {
    fn now(&self) -> i64 {
        i64::try_from(self.now() / 1000).unwrap()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let until = self.now() + u64::try_from(duration.as_millis()).unwrap();
        self.alarms.lock().unwrap().insert(until);
        let time = self.clone();
        std::future::poll_fn(move |_| if time.now() >= until { Poll::Ready(()) } else { Poll::Pending })
            .boxed()
    }
}

/// A store on a network: others come in between, and replies are lost.
struct Network {
    memory: MemoryStore,
    time: Time,
    choices: Arc<Choices>,
    /// Whether what is written depends on what was read.
    fenced: bool,
    /// Every state that was ever written.
    written: Mutex<Vec<State>>,
    /// How often somebody was on the way.
    travelled: AtomicU64,
}

impl Network {
    fn new(time: Time, choices: Arc<Choices>, fenced: bool) -> Arc<Self> {
        Arc::new(Self {
            memory: MemoryStore::new(),
            time,
            choices,
            fenced,
            written: Mutex::default(),
            travelled: AtomicU64::default(),
        })
    }

    /// On the way to the store, or back.
    async fn travel(&self) -> Result<(), StoreError> {
        let mut is_there = false;
        self.travelled.fetch_add(1, Ordering::SeqCst);
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut is_there, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        match self.choices.next() % 16 {
            15 => Err(StoreError { is_passing: true, ..StoreError::new("cut") }),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Store for Network {
    async fn get(&self, name: &str) -> Result<Option<Object>, StoreError> {
        self.travel().await?;
        let object = self.memory.get(name).await?;
        self.travel().await?;
        Ok(object)
    }

    async fn put_if(&self, name: &str, bytes: &[u8], condition: &Condition) -> Result<Put, StoreError> {
        self.travel().await?;
        let condition = match self.memory.get(name).await? {
            Some(object) if !self.fenced && name == NAME => Condition::Unchanged(object.version),
            None if !self.fenced && name == NAME => Condition::Absent,
            _ => condition.clone(),
        };
        let put = self.memory.put_if(name, bytes, &condition).await?;
        if name == NAME && matches!(put, Put::Done(_)) {
            self.written.lock().unwrap().push(State::parse(name, bytes).unwrap());
        }
        self.travel().await?;
        Ok(put)
    }

    async fn delete_if(&self, name: &str, version: &Version) -> Result<bool, StoreError> {
        self.travel().await?;
        let deleted = self.memory.delete_if(name, version).await?;
        self.travel().await?;
        Ok(deleted)
    }

    async fn revision(&self, name: &str, revision: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.memory.revision(name, revision).await
    }

    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.time.now())
    }

    fn location(&self, name: &str) -> String {
        name.to_owned()
    }
}

fn info(run: usize) -> LockInfo {
    LockInfo {
        id: format!("run {run}"),
        operation: "apply".to_owned(),
        info: String::new(),
        who: format!("somebody {run}"),
        version: "0".to_owned(),
        created: "2026-01-01T00:00:00Z".to_owned(),
        path: NAME.to_owned(),
        expires: None,
    }
}

fn log() -> Run {
    Run {
        serial: 0,
        ended: "2026-01-01T00:00:00Z".to_owned(),
        who: "somebody".to_owned(),
        operation: "apply".to_owned(),
        changes: "1 created".to_owned(),
        revision: None,
    }
}

fn new_state() -> State {
    let environment = Environment {
        path: "env.toml".into(),
        name: "model".to_owned(),
        project: "engine".to_owned(),
        region: "us-east-1".to_owned(),
        account_id: None,
        account_place: None,
        protect: false,
        tags: Default::default(),
        backend: Backend::Local { path: None },
    };
    State::new(&environment, "lineage".to_owned(), &[1; 32])
}

fn resource(id: &str) -> Resource {
    Resource {
        kind: "fake".to_owned(),
        id: id.to_owned(),
        region: None,
        attributes: Value::Null,
        dependencies: Vec::new(),
        create_before_destroy: false,
        prevent_destroy: false,
        replacement_due: false,
        deposed: Vec::new(),
    }
}

/// One run: it makes as many resources as there are steps. `accepted`: what it was told is durable.
async fn run(
    number: usize,
    file: StateFile,
    time: Time,
    accepted: &Mutex<Vec<String>>,
) -> Result<(), StateError> {
    let mut held = file.lock(&info(number), Duration::from_secs(600), &|_| {}).await?;
    let lease = held.lease().unwrap();
    let work = work(number, &mut held, time, accepted).boxed();
    match select(work, lease.keep().boxed()).await {
        Either::Left((outcome, _)) => outcome,
        // The lease is lost; the work learns that when it next writes.
        Either::Right(((), work)) => work.await,
    }
}

async fn work(
    number: usize,
    held: &mut HeldState,
    time: Time,
    accepted: &Mutex<Vec<String>>,
) -> Result<(), StateError> {
    let (mut state, _) = held.read(new_state).await?;
    held.begin(&mut state).await?;
    for step in 0..STEPS {
        let id = format!("{number}-{step}");
        let record = Record::Put(format!("fake.r{id}").as_str().into(), Box::new(resource(&id)));
        state.apply(record.clone());
        held.record(&[record], &mut state).await?;
        accepted.lock().unwrap().push(id);
        held.hold().await?;
        time.sleep(Duration::from_secs(1)).await;
    }
    held.finish(&mut state, log()).await
}

/// What a schedule has led to.
struct Told {
    written: Vec<State>,
    accepted: Vec<String>,
    outcomes: Vec<Result<(), StateError>>,
}

/// Lets runs go on one at a time, as the choices say, some of them asleep for long.
fn tell(choices: Vec<u8>, fenced: bool) -> Result<Told, TestCaseError> {
    let choices = Arc::new(Choices(Mutex::new(choices.into_iter())));
    let time = Time::default();
    let network = Network::new(time.clone(), choices.clone(), fenced);
    let accepted = Mutex::new(Vec::new());
    let mut outcomes: Vec<Option<Result<(), StateError>>> = (0..RUNS).map(|_| None).collect();
    let mut runs: Vec<LocalBoxFuture<'_, Result<(), StateError>>> = Vec::new();
    for number in 0..RUNS {
        let file = StateFile::remote(network.clone(), NAME, LEASE, Arc::new(time.clone()));
        runs.push(Box::pin(run(number, file, time.clone(), &accepted)));
    }
    let mut asleep_until = [0; RUNS];
    let mut context = Context::from_waker(futures::task::noop_waker_ref());
    for _ in 0..100_000 {
        if outcomes.iter().all(Option::is_some) {
            break;
        }
        let choice = usize::from(choices.next());
        let number = choice % RUNS;
        match choice / RUNS % 8 {
            7 => asleep_until[number] = time.now() + 3 * u64::try_from(LEASE.as_millis()).unwrap(),
            6 => time.advance_to(time.now() + 700),
            _ => {}
        }
        let travelled = network.travelled.load(Ordering::SeqCst);
        let mut woke = false;
        // That one first, and then one after another as far as nothing else is to be done.
        for number in (0..RUNS).map(|next| (number + next) % RUNS) {
            if outcomes[number].is_none() && asleep_until[number] <= time.now() {
                woke = true;
                if let Poll::Ready(outcome) = runs[number].as_mut().poll(&mut context) {
                    outcomes[number] = Some(outcome);
                }
                if choice > 0 {
                    break;
                }
            }
        }
        // Where everything goes well, time passes only for those who wait.
        let is_quiet = choice == 0 && network.travelled.load(Ordering::SeqCst) == travelled;
        if !woke || is_quiet {
            let waking = asleep_until.iter().copied().filter(|until| *until > time.now());
            if let Some(next) = waking.chain(time.next_alarm()).min() {
                time.advance_to(next);
            }
        }
    }
    drop(runs);
    let outcomes: Option<Vec<_>> = outcomes.into_iter().collect();
    let outcomes = outcomes.ok_or_else(|| TestCaseError::fail("a run never ends"))?;
    let written = network.written.lock().unwrap().clone();
    Ok(Told { written, accepted: accepted.into_inner().unwrap(), outcomes })
}

/// What must hold, whatever the schedule.
fn check(told: &Told) -> Result<(), TestCaseError> {
    for pair in told.written.windows(2) {
        prop_assert_eq!(pair[1].serial, pair[0].serial + 1, "serials go up one by one");
        for address in pair[0].resources.keys() {
            prop_assert!(
                pair[1].resources.contains_key(address),
                "{} is lost at {}",
                address,
                pair[1].serial
            );
        }
    }
    let last = told.written.last().map(|state| state.resources.values().map(|resource| resource.id.clone()));
    let last: BTreeSet<String> = last.into_iter().flatten().collect();
    for id in &told.accepted {
        prop_assert!(last.contains(id), "{} was accepted, and is not there", id);
    }
    for outcome in &told.outcomes {
        let expected = matches!(
            outcome,
            Ok(()) | Err(StateError::TakenOver { .. } | StateError::Store(_) | StateError::Locked { .. })
        );
        prop_assert!(expected, "{:?}", outcome);
    }
    Ok(())
}

fn schedules() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..600)
}

#[test]
fn no_schedule_loses_a_write() {
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let taken_over = AtomicU64::new(0);
    let outcome = runner.run(&schedules(), |choices| {
        let told = tell(choices, true)?;
        let fenced_off =
            told.outcomes.iter().filter(|outcome| matches!(outcome, Err(StateError::TakenOver { .. })));
        taken_over.fetch_add(u64::try_from(fenced_off.count()).unwrap(), Ordering::SeqCst);
        check(&told)
    });
    outcome.unwrap();
    assert!(taken_over.into_inner() > 20, "there were holders that woke up too late");
}

#[test]
fn without_the_fence_some_schedule_does() {
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&schedules(), |choices| check(&tell(choices, false)?));
    assert!(outcome.is_err(), "the model would not see a fence that does not hold");
}

#[test]
fn runs_that_nothing_disturbs_come_one_after_another() {
    let told = tell(Vec::new(), true).unwrap();
    check(&told).unwrap();
    assert!(told.outcomes.iter().all(Result::is_ok), "{:?}", told.outcomes);
    assert_eq!(told.accepted.len(), RUNS * STEPS);
    assert_eq!(told.written.len(), RUNS * (STEPS + 1), "each begins, and records its steps");
}

#[test]
fn nothing_is_asked_about_a_lease_that_was_given_back_when_it_was_to_be_renewed() {
    let (time, choices) = (Time::default(), Arc::new(Choices(Mutex::default())));
    let network = Network::new(time.clone(), choices, true);
    let file = StateFile::remote(network.clone(), NAME, LEASE, Arc::new(time.clone()));
    let mut context = Context::from_waker(futures::task::noop_waker_ref());
    let info = info(0);
    let mut lock = file.lock(&info, Duration::ZERO, &|_| {}).boxed();
    let locked = (0..100).find_map(|_| match lock.poll_unpin(&mut context) {
        Poll::Ready(outcome) => Some(outcome.unwrap()),
        Poll::Pending => None,
    });
    let mut held = locked.unwrap();
    let lease = held.lease().unwrap();
    let mut keep = lease.keep().boxed();
    assert!(keep.poll_unpin(&mut context).is_pending(), "it is not to be renewed yet");
    let mut release = held.release().boxed();
    assert!(release.poll_unpin(&mut context).is_pending(), "the lease is on its way back");
    time.advance_to(u64::try_from(LEASE.as_millis() / 3).unwrap());
    assert!(keep.poll_unpin(&mut context).is_pending(), "it is to be renewed, and is not free");
    assert!((0..100).any(|_| release.poll_unpin(&mut context).is_ready()));
    let travelled = network.travelled.load(Ordering::SeqCst);
    assert!(keep.poll_unpin(&mut context).is_ready(), "there is nothing more to renew");
    assert_eq!(network.travelled.load(Ordering::SeqCst), travelled);
}

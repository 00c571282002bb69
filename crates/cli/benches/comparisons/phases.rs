//! Each part of the engine on its own: what it takes per resource, of few and of ten times as many. What there is of many
//! is no longer near the processor, so that each takes longer; that all together stays within its bound is measured
//! elsewhere.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use provision_engine::config::Configuration;
use provision_engine::diff;
use provision_engine::evaluate::Evaluation;
use provision_engine::event::Clock;
use provision_engine::kind::Registry;
use provision_engine::plan::{Aim, Inputs, Outcome, PlanDocument, plan};
use provision_engine::refresh::Observation;
use provision_engine::source::Diagnostics;
use provision_engine::state::State;
use provision_engine::value::Value;

use crate::configuration::Shape;
use crate::measure::{median, run};
use crate::report::{Row, Section, times};

/// What each part has taken.
type Taken = Vec<(&'static str, Duration)>;

/// Measures each part with `few` resources in a tree, and with ten times as many.
pub(crate) fn measure(binary: &str, few: usize, runs: usize) -> Section {
    let mut section = Section::new(
        "Parts of the engine, in microseconds per resource",
        &["part", "few resources", "ten times as many", "times"],
    );
    let (small, large) = (of(binary, few, runs), of(binary, few * 10, runs));
    for ((part, small), (_, large)) in small.into_iter().zip(large) {
        let each = |taken: Duration, resources: usize| taken.as_secs_f64() * 1e6 / resources as f64;
        let (small, large) = (each(small, few), each(large, few * 10));
        let cells = [part.to_owned(), format!("{small:.2}"), format!("{large:.2}"), times(large / small)];
        section.add(Row::new(cells));
    }
    section
}

/// The medians of all parts.
fn of(binary: &str, resources: usize, runs: usize) -> Taken {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("bench.toml"), Shape::Tree.in_toml(resources)).unwrap();
    let mut all: Vec<Taken> = (0..runs).map(|_| in_process(directory.path())).collect();
    run(directory.path(), binary, &["plan", "bench.toml", "--out", "bench.plan"]);
    run(directory.path(), binary, &["apply", "bench.toml", "--auto-approve"]);
    let shown: Vec<_> = (0..runs).map(|_| run(directory.path(), binary, &["show", "bench.plan"])).collect();
    let text = std::fs::read(directory.path().join("state/bench-bench.json")).expect("the state is there");
    for taken in &mut all {
        let (state, parsed) = timed(|| serde_json::from_slice::<State>(&text).expect("it is a state"));
        let (_, written) = timed(|| serde_json::to_vec_pretty(&state).expect("it is JSON"));
        taken.extend([("reading a state", parsed), ("writing a state", written)]);
    }
    let mut medians: Taken = Vec::new();
    for (part, (name, _)) in all[0].iter().enumerate() {
        let mut times: Vec<Duration> = all.iter().map(|taken| taken[part].1).collect();
        times.sort();
        medians.push((*name, times[times.len() / 2]));
    }
    medians.push(("output: `provision show` of the plan", median(&shown).wall));
    medians
}

/// What can be called.
fn in_process(directory: &Path) -> Taken {
    let mut registry = Registry::new();
    provision_engine::builtin::register(&mut registry, Arc::new(Wall));
    let (configuration, parsing) = timed(|| {
        let mut diagnostics = Diagnostics::default();
        Configuration::load(&directory.join("bench.toml"), &registry, &mut diagnostics).expect("it is right")
    });
    let kind = registry.kind("terraform_data").expect("it is built in");
    let evaluation = Evaluation::new(&configuration, &registry, BTreeMap::new());
    let (values, expressions) = timed(|| {
        let mut values = Vec::new();
        for placed in &configuration.blocks {
            let block = &configuration.root.blocks[&placed.name];
            for (address, each) in evaluation.expand("", &placed.name).instances() {
                let value = evaluation.node("", each.as_ref(), &block.arguments).value;
                let id = Value::from(address.as_str());
                evaluation.set(address, kind.schema().complete(&value, id));
                values.push(value);
            }
        }
        values
    });
    let state = State::new(&configuration.environment, "bench".to_owned(), &[0; 32]);
    let (_, differences) = timed(|| {
        for value in &values {
            let (checked, _) = kind.schema().check(value);
            black_box(diff::diff(kind.schema(), &checked, &checked, state.digest_key()));
        }
    });
    let (variables, observation, aim) = (BTreeMap::new(), Observation::default(), Aim::default());
    let inputs = Inputs {
        configuration: &configuration,
        registry: &registry,
        variables: &variables,
        state: &state,
        observation: &observation,
        aim: &aim,
        offline: false,
    };
    let (planned, planning) = timed(|| match plan(&inputs) {
        Ok(Outcome::Planned(plan, _)) => plan,
        _ => panic!("nothing is asked for a plan of terraform_data"),
    });
    let (_, document) =
        timed(|| serde_json::to_vec(&PlanDocument::new(&planned, &inputs)).expect("it is JSON"));
    vec![
        ("parsing and checking a file", parsing),
        ("expressions", expressions),
        ("diff", differences),
        ("a plan of all", planning),
        ("the plan as a document", document),
    ]
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = black_box(work());
    (done, start.elapsed())
}

/// The time of the machine.
struct Wall;

impl Clock for Wall {
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

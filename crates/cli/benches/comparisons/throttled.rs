//! An apply of many independent resources while the service lets twenty calls a second pass: as fast as that, and
//! without a failure.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use provision_sandbox::{Call, Effect, Fault, Options, Sandbox};

use crate::engines::repository;
use crate::report::{Limit, Row, Section, seconds};

/// How many roles there are, none of which depends on another.
const ROLES: usize = 200;

/// How many calls a second each service lets pass.
const RATE: u32 = 20;

/// How many times as long as the calls alone the apply may take.
const TIMES: f64 = 1.2;

/// What an apply has taken.
struct Measured {
    /// From the start of the process to its end.
    wall: Duration,
    /// How many calls passed.
    passed: usize,
    /// How many were throttled.
    throttled: usize,
}

impl Measured {
    /// How long the calls that passed take at the rate of the service.
    fn bound(&self) -> Duration {
        Duration::from_secs_f64(self.passed as f64 / f64::from(RATE))
    }

    fn ratio(&self) -> f64 {
        self.wall.as_secs_f64() / self.bound().as_secs_f64()
    }
}

fn environment() -> String {
    let mut text = "[env]\nname = \"bench\"\nproject = \"bench\"\nregion = \"us-east-1\"\n".to_owned();
    for index in 0..ROLES {
        write!(
            text,
            "\n[resource.aws_iam_role.r{index}]\nname = \"bench-{index}\"\n\n\
             [resource.aws_iam_role.r{index}.assume_role_policy]\nVersion = \"2012-10-17\"\n\
             Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", \
             Principal = {{ Service = \"lambda.amazonaws.com\" }} }}]\n"
        )
        .unwrap();
    }
    text
}

/// Applies roles on a local AWS that throttles, so many times, each time from nothing. An apply that fails ends the
/// benchmark; of the others that with the median ratio counts.
pub(crate) fn measure(binary: &str, runs: usize) -> Section {
    let mut section = Section::new(
        "Where each service takes 20 calls a second",
        &["what", "wall time", "what the calls take", "ratio", "at most", "calls", "throttled"],
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let directory = repository().join(".provision/sandbox");
    let sandbox = runtime.block_on(Sandbox::start(Options::new(directory))).expect("the local AWS starts");
    let mut measured: Vec<Measured> = (0..runs)
        .map(|_| {
            runtime.block_on(sandbox.reset()).expect("the local AWS is emptied");
            sandbox.inject(Fault::new(Effect::RateLimit(RATE)));
            let wall = apply(Path::new(binary), &sandbox);
            of_calls(wall, &sandbox.calls())
        })
        .collect();
    runtime.block_on(sandbox.stop());
    measured.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    let median = &measured[runs / 2];
    let mut row = Row::new([
        format!("apply of {ROLES} roles"),
        seconds(median.wall),
        seconds(median.bound()),
        format!("{:.2}", median.ratio()),
        format!("{TIMES:.2}"),
        median.passed.to_string(),
        median.throttled.to_string(),
    ]);
    row.must(Limit::AtMost(TIMES), median.ratio());
    section.add(row);
    section
}

/// How long an apply takes.
fn apply(binary: &Path, sandbox: &Sandbox) -> Duration {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("bench.toml"), environment()).unwrap();
    let mut command = Command::new(binary);
    command.args(["apply", "bench.toml", "--auto-approve"]).current_dir(directory.path());
    command
        .envs(sandbox.environment())
        .env("PROVISION_DIRECTORY", directory.path())
        .env_remove("AWS_MAX_ATTEMPTS");
    let start = Instant::now();
    let output = command.output().expect("the program runs");
    let elapsed = start.elapsed();
    assert!(output.status.success(), "the apply fails: {}", String::from_utf8_lossy(&output.stderr));
    elapsed
}

fn of_calls(wall: Duration, calls: &[Call]) -> Measured {
    // Of the service that has most to do. It has no other error of that status here.
    let (throttled, passed): (Vec<&Call>, Vec<&Call>) =
        calls.iter().filter(|call| call.service == "iam").partition(|call| call.status == Some(400));
    let created = passed.iter().filter(|call| call.operation == "CreateRole").count();
    assert_eq!(created, ROLES, "every role was made once");
    Measured { wall, passed: passed.len(), throttled: throttled.len() }
}

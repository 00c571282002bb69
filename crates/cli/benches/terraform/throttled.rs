//! An apply of many independent resources while the service lets twenty calls a second pass: as fast as that, and
//! without a failure.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use provision_sandbox::{Call, Effect, Fault, Options, Sandbox};

/// How many roles there are, none of which depends on another.
const ROLES: usize = 200;

/// How many calls a second each service lets pass.
const RATE: u32 = 20;

/// How many times as long as the calls alone the apply may take.
const TIMES: f64 = 1.2;

/// What an apply has taken: the run with the median ratio of all.
pub(crate) struct Measured {
    /// How long it took, from the start of the process to its end.
    pub(crate) seconds: f64,
    /// How long it may take: [`TIMES`] times as long as the calls that passed take at [`RATE`].
    pub(crate) bound: f64,
    /// How many calls passed.
    pub(crate) passed: usize,
    /// How many were throttled.
    pub(crate) throttled: usize,
}

impl Measured {
    /// How many times as long it took as the calls that passed take at the rate of the service.
    pub(crate) fn ratio(&self) -> f64 {
        self.seconds / self.bound * TIMES
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

/// Applies roles with `binary` on a local AWS of its own that throttles, so many times, each time from nothing. An
/// apply that fails ends the benchmark.
pub(crate) fn roles_under_a_limit(binary: &Path, runs: usize) -> Measured {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.provision/sandbox");
    let sandbox = runtime.block_on(Sandbox::start(Options::new(directory))).expect("the local AWS starts");
    let mut measured: Vec<Measured> = (0..runs.max(1))
        .map(|_| {
            runtime.block_on(sandbox.reset()).expect("the local AWS is emptied");
            sandbox.inject(Fault::new(Effect::RateLimit(RATE)));
            let elapsed = apply(binary, &sandbox);
            measure(elapsed, &sandbox.calls())
        })
        .collect();
    runtime.block_on(sandbox.stop());
    measured.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    measured.swap_remove(measured.len() / 2)
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

fn measure(elapsed: Duration, calls: &[Call]) -> Measured {
    // Of the service that has most to do. It has no other error of that status here.
    let (throttled, passed): (Vec<&Call>, Vec<&Call>) =
        calls.iter().filter(|call| call.service == "iam").partition(|call| call.status == Some(400));
    let created = passed.iter().filter(|call| call.operation == "CreateRole").count();
    assert_eq!(created, ROLES, "every role was made once");
    let bound = TIMES * passed.len() as f64 / f64::from(RATE);
    Measured { seconds: elapsed.as_secs_f64(), bound, passed: passed.len(), throttled: throttled.len() }
}

//! A place to measure in: a local AWS whose every call takes longer, a project directory, and the binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use provision_sandbox::{Call, Effect, Fault, Options, Sandbox};
use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What each call takes longer than the emulator needs for it: about what a call to AWS takes.
pub(crate) const LATENCY: Duration = Duration::from_millis(100);

/// How long a distribution is `InProgress` after each change.
pub(crate) const DEPLOY_TIME: Duration = Duration::from_millis(50);

/// A local AWS of its own, and a project directory.
pub(crate) struct Lab {
    sandbox: Sandbox,
    runtime: Runtime,
    directory: TempDir,
    binary: PathBuf,
    variables: Vec<(String, String)>,
}

/// A run of the binary, as it was seen from outside.
pub(crate) struct Run {
    /// From the start of the process to its end.
    pub(crate) wall: Duration,
    /// What the process has computed in that time, on all cores; unknown where there is no `/proc`.
    pub(crate) cpu: Option<Duration>,
    /// What it printed that is JSON.
    pub(crate) events: Vec<Json>,
    /// The calls that the front of the local AWS saw meanwhile.
    pub(crate) calls: Vec<Call>,
}

/// One command that was measured, beside the least time that AWS leaves it.
pub(crate) struct Measurement {
    pub(crate) what: &'static str,
    pub(crate) wall: Duration,
    pub(crate) cpu: Option<Duration>,
    pub(crate) bound: Duration,
    /// How many times the bound the command may take.
    pub(crate) allowed: f64,
}

impl Measurement {
    pub(crate) fn new(what: &'static str, run: &Run, bound: Duration, allowed: f64) -> Self {
        Self { what, wall: run.wall, cpu: run.cpu, bound, allowed }
    }

    /// How many times the bound the command took.
    pub(crate) fn ratio(&self) -> f64 {
        self.wall.as_secs_f64() / self.bound.as_secs_f64()
    }
}

/// Shows what a bound is made of, if that is asked for.
pub(crate) fn detail(text: std::fmt::Arguments<'_>) {
    if std::env::var_os("PROVISION_BENCH_DETAIL").is_some() {
        eprintln!("{text}");
    }
}

impl Lab {
    /// A lab in which calls are delayed, or not yet. Environments and modules are those of the workspace.
    pub(crate) fn new(binary: &Path, latency: Option<Duration>) -> Self {
        let runtime = Runtime::new().expect("a runtime starts");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let options =
            Options { deploy_time: DEPLOY_TIME, ..Options::new(workspace.join(".provision/sandbox")) };
        let sandbox = runtime.block_on(Sandbox::start(options)).expect("the local AWS starts");
        let directory = TempDir::with_prefix("provision-").expect("there is room for a directory");
        for part in ["envs", "modules"] {
            copy(&workspace.join(part), &directory.path().join(part));
        }
        let lab = Self { sandbox, runtime, directory, binary: binary.to_owned(), variables: Vec::new() };
        if let Some(latency) = latency {
            lab.delay(latency);
        }
        lab
    }

    /// Lets each call take that much longer from now on.
    pub(crate) fn delay(&self, latency: Duration) {
        let milliseconds = u64::try_from(latency.as_millis()).expect("a short time");
        self.sandbox.inject(Fault::new(Effect::Delay(milliseconds)));
    }

    /// Lets runs see one more environment variable.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::write(self.directory.path().join(path), text).expect("the file can be written");
    }

    /// Runs the binary, which must end well.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        // Connections of an earlier run may still be closing, and the log of the front is written as calls end.
        let before = self.sandbox.calls().len();
        let computed = children_cpu();
        let begin = Instant::now();
        let output = Command::new(&self.binary)
            .args(arguments)
            .current_dir(self.directory.path())
            .env("PROVISION_DIRECTORY", self.directory.path())
            .envs(self.sandbox.environment())
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .env_remove("AWS_PROFILE")
            .stdin(Stdio::null())
            .output()
            .expect("the binary starts");
        let wall = begin.elapsed();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "provision {} ends well: {stderr}", arguments.join(" "));
        let stdout = String::from_utf8(output.stdout).expect("text");
        let lines = stdout.lines().chain(stderr.lines()).filter(|line| line.starts_with('{'));
        Run {
            wall,
            cpu: computed.zip(children_cpu()).map(|(before, after)| after.saturating_sub(before)),
            events: lines.filter_map(|line| serde_json::from_str(line).ok()).collect(),
            calls: self.sandbox.calls().split_off(before),
        }
    }

    /// What is left in the account.
    pub(crate) fn resources(&self) -> usize {
        self.runtime.block_on(self.sandbox.resources()).expect("the local AWS lists what exists").len()
    }

    /// Ends the local AWS.
    pub(crate) fn close(self) {
        self.runtime.block_on(self.sandbox.stop());
    }
}

/// What the children of this process that have ended have computed, by `/proc`. The emulator is not among them: it has
/// not ended.
fn children_cpu() -> Option<Duration> {
    /// Of all Linux systems that Rust runs on: `USER_HZ`.
    const TICKS_PER_SECOND: u64 = 100;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the process, in parentheses, may have blanks in it.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    // proc_pid_stat(5): cutime and cstime are the 16th and 17th field, and the third is the first here.
    let ticks = fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory can be made");
    for entry in std::fs::read_dir(from).expect("the workspace has it") {
        let entry = entry.expect("it can be listed");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().expect("it has a type").is_dir() {
            true => copy(&from, &to),
            false => drop(std::fs::copy(&from, &to).expect("it can be copied")),
        }
    }
}

//! Compares the engine with Terraform's own, in one run: configurations of `terraform_data`, which both have built
//! in, so that nothing but the engines is measured.
//!
//! `cargo bench --package provision-cli --bench terraform`. Terraform is left out where it is not installed, and
//! only then; `PROVISION_BENCH_RUNS` sets how many runs the medians are of (3).

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run ends at once")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A tree: each resource depends on one parent, which has ten children.
fn parent(index: usize) -> Option<usize> {
    index.checked_sub(1).map(|index| index / 10)
}

fn provision_file(resources: usize) -> String {
    let mut text = "[env]\nname = \"bench\"\nproject = \"bench\"\nregion = \"us-east-1\"\n".to_owned();
    for index in 0..resources {
        let input =
            parent(index).map_or("root".to_owned(), |parent| format!("${{terraform_data.r{parent}.id}}"));
        write!(text, "\n[resource.terraform_data.r{index}]\ninput = \"{input}\"\n").unwrap();
    }
    text
}

fn terraform_file(resources: usize) -> String {
    let mut text = String::new();
    for index in 0..resources {
        let input =
            parent(index).map_or("\"root\"".to_owned(), |parent| format!("terraform_data.r{parent}.id"));
        write!(text, "resource \"terraform_data\" \"r{index}\" {{\n  input = {input}\n}}\n").unwrap();
    }
    text
}

/// How long a command takes, which must succeed.
fn time(directory: &Path, program: &str, arguments: &[&str]) -> Duration {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(directory)
        .env("CHECKPOINT_DISABLE", "1")
        .env("PROVISION_DIRECTORY", directory);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("the program runs");
    let elapsed = start.elapsed();
    assert!(status.success(), "{program} {arguments:?} ends well");
    elapsed
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// One of the two that are compared.
struct Engine {
    program: &'static str,
    file: &'static str,
    text: fn(usize) -> String,
    prepare: Option<&'static [&'static str]>,
    plan: &'static [&'static str],
    apply: &'static [&'static str],
}

const PROVISION: Engine = Engine {
    program: env!("CARGO_BIN_EXE_provision"),
    file: "bench.toml",
    text: provision_file,
    prepare: None,
    plan: &["plan", "bench.toml"],
    apply: &["apply", "bench.toml", "--auto-approve"],
};

const TERRAFORM: Engine = Engine {
    program: "terraform",
    file: "main.tf",
    text: terraform_file,
    prepare: Some(&["init"]),
    plan: &["plan"],
    apply: &["apply", "-auto-approve"],
};

impl Engine {
    /// The median time of a command, each run in a directory that has nothing yet.
    fn measure(&self, runs: usize, resources: usize, command: &[&str]) -> Duration {
        let text = (self.text)(resources);
        let times = (0..runs).map(|_| {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join(self.file), &text).unwrap();
            if let Some(prepare) = self.prepare {
                time(directory.path(), self.program, prepare);
            }
            time(directory.path(), self.program, command)
        });
        median(times.collect())
    }

    fn is_installed(&self) -> bool {
        Command::new(self.program).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    }
}

fn main() {
    // cargo test runs benchmarks too, to see that they build.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runs = std::env::var("PROVISION_BENCH_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(3);
    println!("medians of {runs}; a tree of terraform_data\n");
    println!("| what | provision | Terraform | ratio |");
    println!("| --- | ---: | ---: | ---: |");
    let choose_plan: fn(&Engine) -> _ = |engine| engine.plan;
    for (what, resources, command) in
        [("plan of 5,000", 5000, choose_plan), ("apply of 1,000", 1000, |engine| engine.apply)]
    {
        let ours = PROVISION.measure(runs, resources, command(&PROVISION)).as_secs_f64();
        let (theirs, ratio) = match TERRAFORM.is_installed() {
            true => {
                let theirs = TERRAFORM.measure(runs, resources, command(&TERRAFORM)).as_secs_f64();
                (format!("{theirs:.2} s"), format!("{:.0} times", theirs / ours))
            }
            false => ("not installed".to_owned(), "-".to_owned()),
        };
        println!("| {what} | {ours:.3} s | {theirs} | {ratio} |");
    }
}

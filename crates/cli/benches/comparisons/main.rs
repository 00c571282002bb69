//! What is claimed of speed, measured in one run on one machine.
//!
//! `cargo bench --package provision-cli --bench comparisons` measures all of it and writes it into
//! docs/performance.md; with `-- --quick` it measures a part in less than two minutes, and writes nothing, and with the
//! names of sections (`start engines growth parts latency throttled`) those alone. Terraform has to be installed.
//! `PROVISION_BENCH_RUNS` sets how many runs the medians are of (5), and `PROVISION_BENCH_BINARY` names another binary
//! to measure. It ends with an error where something is not as it has to be.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark that cannot run ends at once"
)]

use std::path::Path;
use std::process::ExitCode;

mod configuration;
mod document;
mod engines;
mod growth;
mod latency;
mod measure;
mod phases;
mod report;
mod throttled;

use report::Section;

/// How many runs a median is of, unless something else is asked for.
const RUNS: usize = 5;

/// How many resources growth begins with.
const FEW: usize = 10_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    // cargo test runs benchmarks too, to see that they build.
    if !has("--bench") {
        return ExitCode::SUCCESS;
    }
    let quick = has("--quick");
    let names = arguments.iter().filter(|argument| !argument.starts_with("--")).count();
    let wants = |name: &str| names == 0 || has(name);
    let given = |name: &str| std::env::var(name).ok();
    let built = given("PROVISION_BENCH_BINARY").unwrap_or(env!("CARGO_BIN_EXE_provision").to_owned());
    let directory = tempfile::tempdir().expect("a directory can be made");
    let binary = &install(&built, directory.path());
    let runs = given("PROVISION_BENCH_RUNS").and_then(|runs| runs.parse().ok());
    let runs = runs.unwrap_or(if quick { 1 } else { RUNS }).max(1);
    let few = if quick { FEW / 5 } else { FEW };
    let promise = if quick { engines::QUICK } else { engines::WHOLE };
    let mut sections: Vec<Section> = Vec::new();
    if wants("start") && engines::has_terraform() {
        sections.push(engines::start(binary, RUNS));
    }
    if wants("engines") && engines::has_terraform() {
        sections.push(engines::compare(binary, &promise, runs));
    }
    if wants("growth") {
        sections.push(growth::measure(binary, few, runs));
    }
    if wants("parts") {
        sections.push(phases::measure(binary, few, runs));
    }
    if wants("latency") {
        sections.push(latency::measure(binary, quick, runs));
    }
    if wants("throttled") && !quick {
        sections.push(throttled::measure(binary, runs));
    }
    if !quick && names == 0 {
        document::write(&sections, runs);
    }
    let failures: Vec<String> = sections.iter().flat_map(Section::failures).collect();
    for failure in &failures {
        println!("NOT KEPT: {failure}");
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Copies a binary, as an installation does, and gives its path. What a linker has written here and there takes longer to
/// load than what was written in one go, as Terraform was too.
fn install(binary: &str, directory: &Path) -> String {
    let installed = directory.join("provision");
    std::fs::copy(binary, &installed).expect("the binary can be copied");
    installed.to_str().expect("a directory with a plain name").to_owned()
}

//! What is claimed of speed, measured in one run on one machine.
//!
//! `cargo bench --package provision-cli --bench comparisons` measures all of it and writes it into
//! docs/performance.md; with `-- --quick` it measures a part, and writes nothing. Terraform has to be installed.
//! It ends with an error where something is not as it has to be.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run ends at once")]

use std::process::ExitCode;

mod configuration;
mod document;
mod engines;
mod growth;
mod measure;
mod phases;
mod report;

/// How many runs a median is of.
const RUNS: usize = 5;

fn main() -> ExitCode {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    // cargo test runs benchmarks too, to see that they build.
    if !has("--bench") {
        return ExitCode::SUCCESS;
    }
    let quick = has("--quick");
    let binary =
        &std::env::var("PROVISION_BENCH_BINARY").unwrap_or(env!("CARGO_BIN_EXE_provision").to_owned());
    let runs = if quick { 1 } else { RUNS };
    let mut sections = Vec::new();
    if engines::has_terraform() {
        sections.push(engines::start(binary, RUNS));
        let sizes = if quick { engines::QUICK } else { engines::WHOLE };
        sections.push(engines::compare(binary, sizes, runs));
    } else {
        println!("Terraform is not installed: there is nothing to compare with");
    }
    sections.push(growth::measure(binary, if quick { 2_000 } else { 10_000 }, runs));
    sections.push(phases::measure(binary, if quick { 2_000 } else { 10_000 }, runs));
    if !quick {
        document::write(&sections, runs);
    }
    let failures: Vec<String> = sections.iter().flat_map(report::Section::failures).collect();
    for failure in &failures {
        println!("NOT KEPT: {failure}");
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

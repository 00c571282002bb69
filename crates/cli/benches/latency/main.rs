//! Measures what is left of a run's time when AWS's is taken away: on a local AWS each of whose calls takes 100 ms
//! longer, no command may take much longer than the calls that it needs.
//!
//! `cargo bench --package provision-cli --bench latency`, with the names of scenarios for some alone.
//! `PROVISION_BENCH_BINARY` names another binary to measure, and `PROVISION_BENCH_DETAIL=1` shows what each bound is made
//! of. A bound that does not hold is a failure. Whatever else the machine does makes a run longer, so what does not hold is
//! measured again, and the best of the runs counts.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a benchmark that cannot run ends at once"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod independent;
mod lab;
mod storytime;
mod trace;

use lab::Measurement;

/// Measures some commands of a binary.
type Scenario = fn(&Path) -> Vec<Measurement>;

/// How often a scenario is measured at most.
const RUNS: usize = 3;

fn main() -> ExitCode {
    // cargo test runs benchmarks too, to see that they build.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let binary = std::env::var_os("PROVISION_BENCH_BINARY")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_provision")), PathBuf::from);
    let scenarios: [(&str, Scenario); 4] = [
        ("storytime", storytime::measure),
        ("alarms", independent::alarms),
        ("buckets", independent::buckets),
        ("roles", independent::roles),
    ];
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    println!("| what | wall time | of that CPU | bound | ratio | allowed |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut holds = true;
    for (name, measure) in scenarios {
        if !wanted.is_empty() && !wanted.iter().any(|wanted| wanted == name) {
            continue;
        }
        let mut best = measure(&binary);
        for _ in 1..RUNS {
            if best.iter().all(Measurement::holds) {
                break;
            }
            let again = best.into_iter().zip(measure(&binary));
            best = again.map(|(one, other)| if one.ratio() <= other.ratio() { one } else { other }).collect();
        }
        for measurement in best {
            holds &= measurement.holds();
            println!("{measurement}");
        }
    }
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

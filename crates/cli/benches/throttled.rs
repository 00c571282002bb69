//! Measures how close under the limit of a service that throttles an apply comes to rest.
//!
//! `cargo bench --package provision-cli --bench throttled`. `PROVISION_BENCH_RUNS` sets of how many runs the median is
//! (1): each takes a minute.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run ends at once")]

use std::path::Path;

#[path = "terraform/throttled.rs"]
mod throttled;

fn main() {
    // cargo test runs benchmarks too, to see that they build.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let runs = std::env::var("PROVISION_BENCH_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(1);
    let measured = throttled::roles_under_a_limit(Path::new(env!("CARGO_BIN_EXE_provision")), runs);
    println!("| what | measured | bound | ratio | passed | throttled |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    println!(
        "| apply of 200 roles, 20 calls a second | {:.1} s | {:.1} s | {:.3} | {} | {} |",
        measured.seconds,
        measured.bound,
        measured.ratio(),
        measured.passed,
        measured.throttled
    );
    if measured.seconds > measured.bound {
        std::process::exit(1);
    }
}

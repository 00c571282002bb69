//! What is left of a run's time when AWS's is taken away: on a local AWS each of whose calls takes 100 ms longer, no
//! command may take much longer than the calls that it needs.
//!
//! `PROVISION_BENCH_DETAIL=1` shows what each bound is made of.

use std::path::Path;

use crate::report::{Limit, Row, Section, seconds};

mod independent;
mod lab;
mod storytime;
mod trace;

use lab::Measurement;

/// Measures some commands of a binary.
type Scenario = fn(&Path) -> Vec<Measurement>;

const SCENARIOS: [Scenario; 4] =
    [storytime::measure, independent::alarms, independent::buckets, independent::roles];

/// Measures all scenarios, or the first of them. Of each command the run with the median ratio counts.
pub(crate) fn measure(binary: &str, only_first: bool, runs: usize) -> Section {
    let mut section = Section::new(
        "Beside AWS alone, where each call takes 100 ms longer",
        &["what", "wall time", "of that CPU", "what the calls take", "ratio", "at most"],
    );
    for scenario in &SCENARIOS[..if only_first { 1 } else { SCENARIOS.len() }] {
        let mut measured: Vec<Vec<Measurement>> = (0..runs).map(|_| scenario(Path::new(binary))).collect();
        for command in 0..measured[0].len() {
            measured.sort_by(|one, other| one[command].ratio().total_cmp(&other[command].ratio()));
            let median = &measured[runs / 2][command];
            let mut row = Row::new([
                median.what.to_owned(),
                seconds(median.wall),
                median.cpu.map_or("-".to_owned(), seconds),
                seconds(median.bound),
                format!("{:.2}", median.ratio()),
                format!("{:.2}", median.allowed),
            ]);
            row.must(Limit::AtMost(median.allowed), median.ratio());
            section.add(row);
        }
    }
    section
}

//! How time and memory grow with the number of resources.

use crate::configuration::Shape;
use crate::measure::{Cost, median, run};
use crate::report::{Limit, Row, Section, megabytes, seconds, times};

/// How much more ten times as many resources may take.
const MOST: f64 = 12.0;

/// Compares `few` resources with ten times as many.
pub(crate) fn measure(binary: &str, few: usize, runs: usize) -> Section {
    let mut section = Section::new(
        "Growth",
        &["what", "few", "ten times as many", "times", "at most", "memory", "then", "times"],
    );
    for shape in [Shape::Tree, Shape::Wide] {
        let (small, large) = (of(binary, shape, few, runs), of(binary, shape, few * 10, runs));
        for ((what, small), (_, large)) in small.into_iter().zip(large) {
            let time = large.wall.as_secs_f64() / small.wall.as_secs_f64();
            let memory = large.memory as f64 / small.memory as f64;
            let mut row = Row::new([
                format!("{}, {what} of {few} and of {}", shape.name(), few * 10),
                seconds(small.wall),
                seconds(large.wall),
                times(time),
                times(MOST),
                megabytes(small.memory),
                megabytes(large.memory),
                times(memory),
            ]);
            row.must(Limit::AtMost(MOST), time);
            row.must(Limit::AtMost(MOST), memory);
            section.add(row);
        }
    }
    section
}

/// What commands cost with so many resources.
fn of(binary: &str, shape: Shape, resources: usize, runs: usize) -> Vec<(&'static str, Cost)> {
    const COMMANDS: [(&str, &[&str]); 5] = [
        ("validate", &["validate", "bench.toml"]),
        ("plan", &["plan", "bench.toml"]),
        ("apply", &["apply", "bench.toml", "--auto-approve"]),
        ("plan that finds nothing to do", &["plan", "bench.toml"]),
        ("destroy", &["destroy", "bench.toml", "--auto-approve"]),
    ];
    let mut costs = vec![Vec::new(); COMMANDS.len()];
    for _ in 0..runs {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("bench.toml"), shape.in_toml(resources)).unwrap();
        for ((_, arguments), costs) in COMMANDS.iter().zip(&mut costs) {
            costs.push(run(directory.path(), binary, arguments));
        }
    }
    COMMANDS.iter().zip(costs).map(|((what, _), costs)| (*what, median(&costs))).collect()
}

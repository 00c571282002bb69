//! What was measured, as tables, and whether it is as it has to be.

use std::fmt::Write as _;
use std::time::Duration;

/// What belongs together.
pub(crate) struct Section {
    title: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Row>,
}

/// One thing that was measured.
pub(crate) struct Row {
    cells: Vec<String>,
    failures: Vec<String>,
}

/// What a number has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Section {
    pub(crate) fn new(title: &'static str, columns: &'static [&'static str]) -> Self {
        println!("\n{title}\n  {}", columns.join(" | "));
        Self { title, columns, rows: Vec::new() }
    }

    /// Adds a row, and shows it at once.
    pub(crate) fn add(&mut self, row: Row) {
        println!("  {}", row.cells.join(" | "));
        for failure in &row.failures {
            println!("    NOT KEPT: {failure}");
        }
        self.rows.push(row);
    }

    /// What is not as it has to be.
    pub(crate) fn failures(&self) -> impl Iterator<Item = String> {
        self.rows.iter().flat_map(|row| {
            let what = row.cells.first().map(String::as_str).unwrap_or_default();
            row.failures.iter().map(move |failure| format!("{what}: {failure}"))
        })
    }

    /// As a table in Markdown, under its title. All columns but the first are numbers.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n| {} |\n", self.title, self.columns.join(" | "));
        let rules: Vec<&str> =
            (0..self.columns.len()).map(|at| if at == 0 { "---" } else { "---:" }).collect();
        writeln!(text, "| {} |", rules.join(" | ")).unwrap();
        for row in &self.rows {
            writeln!(text, "| {} |", row.cells.join(" | ")).unwrap();
        }
        text
    }
}

impl Row {
    pub(crate) fn new(cells: impl IntoIterator<Item = String>) -> Self {
        Self { cells: cells.into_iter().collect(), failures: Vec::new() }
    }

    /// Says what a number has to be.
    pub(crate) fn must(&mut self, limit: Limit, number: f64) {
        let (is_kept, bound) = match limit {
            Limit::AtLeast(least) => (number >= least, format!("at least {least}")),
            Limit::AtMost(most) => (number <= most, format!("at most {most}")),
        };
        if !is_kept {
            self.failures.push(format!("{number:.2} is to be {bound}"));
        }
    }
}

pub(crate) fn seconds(duration: Duration) -> String {
    match duration.as_secs_f64() {
        short if short < 10.0 => format!("{short:.3} s"),
        long => format!("{long:.1} s"),
    }
}

pub(crate) fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
}

pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

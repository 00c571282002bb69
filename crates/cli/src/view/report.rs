//! The end of a run: what was done, what was not, and what to do about that.

use std::io::{self, Write};
use std::time::Duration;

use provision_engine::address::Address;
use provision_engine::apply::Report;
use provision_engine::source::Diagnostics;

use super::text::{Line, Tone, wrapped, write_lines};
use super::{Style, diagnostics, time};

/// How many addresses are listed of each sort.
const MOST_LISTED: usize = 20;

/// Draws what came of a run that took so long. `command` is what was run, such as `provision apply envs/dev.toml`.
pub(crate) fn write(
    report: &Report,
    elapsed: Duration,
    command: &str,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    if !report.diagnostics.is_empty() {
        diagnostics::write(&Diagnostics(report.diagnostics.clone()), out, style)?;
        writeln!(out)?;
    }
    let mut lines = Vec::new();
    if report.is_success() {
        lines.push(done(report, elapsed));
        return write_lines(&lines, out, style);
    }
    if !report.failed.is_empty() {
        lines.push(Line::default().and(Tone::Alarm, "Failed:"));
        for (address, error) in &report.failed {
            lines.push(Line::indented(2).and(Tone::Strong, address.as_str()).whole());
            lines
                .extend(error.to_string().lines().map(|text| Line::indented(4).and(Tone::Bad, text).whole()));
            lines.extend(error.hint.as_ref().map(|hint| {
                Line::indented(4).and(Tone::Strong, "help").and(Tone::Plain, format!(": {hint}")).whole()
            }));
        }
    }
    list("Skipped, because something they depend on failed:", &report.skipped, &mut lines);
    list("Not begun, because the run was interrupted:", &report.not_begun, &mut lines);
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.push(undone(report, elapsed));
    let first = if report.failed.is_empty() { "Run" } else { "Put right what failed, and run" };
    let advice =
        format!("What was done is in the state. {first} `{command}` again: it goes on where this one ended.");
    lines.extend(
        wrapped(&advice, style.width).iter().map(|text| Line::default().and(Tone::Plain, text).whole()),
    );
    write_lines(&lines, out, style)
}

/// `Done: 3 created, 1 updated, 2 deleted, in 42s.`
fn done(report: &Report, elapsed: Duration) -> Line {
    let line = Line::default().and(Tone::Good, "Done:").whole();
    if report.created + report.updated + report.deleted + report.adopted == 0 {
        return line.and(Tone::Plain, " nothing had to be changed.");
    }
    line.and(Tone::Plain, format!(" {}, in {}.", counts(report), time::duration(elapsed)))
}

fn undone(report: &Report, elapsed: Duration) -> Line {
    let title = if report.failed.is_empty() && report.diagnostics.is_empty() {
        "Interrupted:"
    } else {
        "Not all was done:"
    };
    let mut text = format!(" {}", counts(report));
    let undone = [
        (report.failed.len(), "failed"),
        (report.skipped.len(), "skipped"),
        (report.not_begun.len(), "not begun"),
    ];
    for (count, what) in undone.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!(", {count} {what}"));
    }
    Line::default()
        .and(Tone::Alarm, title)
        .and(Tone::Plain, format!("{text}, in {}.", time::duration(elapsed)))
        .whole()
}

/// What came of a run, in a line of the history: `3 created, 1 updated, 2 deleted`.
pub(crate) fn summary(report: &Report) -> String {
    match report.failed.len() + report.diagnostics.len() {
        0 => counts(report),
        failed => format!("{}, {failed} failed", counts(report)),
    }
}

fn counts(report: &Report) -> String {
    let mut text =
        format!("{} created, {} updated, {} deleted", report.created, report.updated, report.deleted);
    if report.adopted > 0 {
        text.push_str(&format!(", {} adopted", report.adopted));
    }
    text
}

fn list(title: &str, addresses: &[Address], lines: &mut Vec<Line>) {
    if addresses.is_empty() {
        return;
    }
    lines.push(Line::default().and(Tone::Notice, title).whole());
    let shown = if addresses.len() <= MOST_LISTED + 1 { addresses.len() } else { MOST_LISTED };
    lines.extend(
        addresses[..shown].iter().map(|address| Line::indented(2).and(Tone::Plain, address.as_str()).whole()),
    );
    if addresses.len() > shown {
        lines.push(Line::indented(2).and(Tone::Faint, format!("and {} more", addresses.len() - shown)));
    }
}

#[cfg(test)]
mod tests;

//! The checklist: what has come of each check, for people and for programs.

use std::io::{self, Write};

use provision_engine::checklist::{CheckResult, Finding, Severity};
use provision_engine::config::Environment;
use serde_json::{Value as Json, json};

use super::Style;
use super::text::{Line, Tone, width, wrapped, write_lines};

/// The columns that a check's own takes at most, where there are so few that it matters.
const WIDEST_CHECK: usize = 48;

/// The columns of the results, with those before and behind them.
const RESULT: usize = "skipped".len() + 4;

/// Draws the checklist as a table, and counts.
pub(crate) fn write(findings: &[Finding], out: &mut dyn Write, style: Style) -> io::Result<()> {
    if findings.is_empty() {
        return write_lines(&[Line::default().and(Tone::Faint, "There are no checks.")], out, style);
    }
    let longest = findings.iter().flat_map(|finding| [&finding.description, &finding.address]);
    let longest = longest.map(|text| width(text)).max().unwrap_or_default();
    let column = longest.min(if style.width == Style::UNBOUNDED { longest } else { WIDEST_CHECK });
    let reasons = style.width.saturating_sub(column + RESULT).max(20);
    let mut lines =
        vec![row(("Check", Tone::Strong), ("Result", Tone::Strong), ("Reason", Tone::Strong), column)];
    for finding in findings {
        let mut left: Vec<(String, Tone)> =
            wrapped(&finding.description, column).into_iter().map(|text| (text, Tone::Plain)).collect();
        left.push((finding.address.clone(), Tone::Faint));
        let right: Vec<String> = finding
            .reasons
            .iter()
            .flat_map(|reason| reason.lines())
            .flat_map(|line| wrapped(line, reasons))
            .collect();
        for position in 0..left.len().max(right.len()) {
            let (text, tone) =
                left.get(position).map_or(("", Tone::Plain), |(text, tone)| (text.as_str(), *tone));
            let result = if position == 0 { finding.result.name() } else { "" };
            let reason = right.get(position).map_or("", String::as_str);
            lines.push(row((text, tone), (result, tone_of(finding.result)), (reason, Tone::Plain), column));
        }
    }
    lines.push(Line::default());
    lines.push(summary(findings));
    write_lines(&lines, out, style)
}

/// What has come of each check, for programs.
pub(crate) fn json(environment: &Environment, findings: &[Finding]) -> Json {
    let check = |finding: &Finding| {
        json!({
            "check": finding.address,
            "description": finding.description,
            "severity": match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            "result": finding.result.name(),
            "reasons": finding.reasons,
        })
    };
    let counts = RESULTS.map(|result| (result.name().to_owned(), Json::from(count(findings, result))));
    json!({
        "format_version": "1",
        "env": { "project": environment.project, "name": environment.name, "region": environment.region },
        "checks": findings.iter().map(check).collect::<Vec<_>>(),
        "summary": Json::Object(counts.into_iter().collect()),
    })
}

const RESULTS: [CheckResult; 4] =
    [CheckResult::Passed, CheckResult::Failed, CheckResult::Skipped, CheckResult::Warning];

fn count(findings: &[Finding], result: CheckResult) -> usize {
    findings.iter().filter(|finding| finding.result == result).count()
}

fn row(check: (&str, Tone), result: (&str, Tone), reason: (&str, Tone), column: usize) -> Line {
    let filled = |text: &str, columns: usize| " ".repeat(columns.saturating_sub(width(text)));
    let line = Line::default().and(check.1, check.0).whole();
    if result.0.is_empty() && reason.0.is_empty() {
        return line;
    }
    let line = line.and(Tone::Plain, filled(check.0, column) + "  ").and(result.1, result.0);
    if reason.0.is_empty() {
        return line;
    }
    line.and(Tone::Plain, filled(result.0, "skipped".len()) + "  ").and(reason.1, reason.0)
}

fn tone_of(result: CheckResult) -> Tone {
    match result {
        CheckResult::Passed => Tone::Good,
        CheckResult::Failed => Tone::Alarm,
        CheckResult::Warning => Tone::Notice,
        CheckResult::Skipped => Tone::Faint,
    }
}

/// `4 passed, 1 failed, 2 skipped, 0 warnings.`
fn summary(findings: &[Finding]) -> Line {
    let mut line = Line::default();
    for (position, result) in RESULTS.into_iter().enumerate() {
        let count = count(findings, result);
        let tone = if count > 0 { tone_of(result) } else { Tone::Plain };
        let name = match (result, count) {
            (CheckResult::Warning, 1) => "warning",
            (CheckResult::Warning, _) => "warnings",
            _ => result.name(),
        };
        let separator = if position == 0 { "" } else { ", " };
        line = line.and(Tone::Plain, separator).and(tone, format!("{count} {name}"));
    }
    line.and(Tone::Plain, ".").whole()
}

#[cfg(test)]
mod tests;

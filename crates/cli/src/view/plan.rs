//! A plan for people: what would change, why, and nothing else.

use std::collections::BTreeMap;
use std::io::{self, Write};

use provision_engine::plan::{ChangeDocument, PlanDocument, Summary, with_unknown};
use provision_engine::state::OutputValue;
use provision_engine::value::Value;

use super::Style;
use super::text::{Line, Tone, wrapped, write_lines};
use super::value::{STEP, draw_members, inline};

mod difference;
mod sequence;
mod texts;

/// Where what is in a resource begins.
const BODY: usize = 6;

/// Draws a plan. `given` is what the environment gives now, where that is known: then the outputs that change are
/// drawn too.
pub(crate) fn write(
    document: &PlanDocument,
    given: Option<&BTreeMap<String, OutputValue>>,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    let mut blocks = document.effective().map(|change| resource(change, style)).peekable();
    while let Some(block) = blocks.next() {
        write_lines(&block, out, style)?;
        // Changes of one line each, such as deletes, stand as a list.
        if block.len() > 1 || blocks.peek().is_none_or(|next| next.len() > 1) {
            writeln!(out)?;
        }
    }
    let elsewhere = changed_elsewhere(document);
    if !elsewhere.is_empty() {
        write_lines(&elsewhere, out, style)?;
        writeln!(out)?;
    }
    let outputs = given
        .map(|given| difference::of_outputs(given, &document.expected_outputs(), style.width))
        .unwrap_or_default();
    if !outputs.is_empty() {
        writeln!(out, "{}", Tone::Strong.paint("Outputs:", style))?;
        write_lines(&outputs, out, style)?;
        writeln!(out)?;
    }
    write_lines(&[summary(document, !outputs.is_empty())], out, style)
}

/// What happens to one resource.
fn resource(change: &ChangeDocument, style: Style) -> Vec<Line> {
    let mut lines = vec![heading(change)];
    if change.replace_because.len() > 1 {
        for reason in &change.replace_because {
            let room = style.width.saturating_sub(BODY + 2);
            for text in wrapped(&format!("because {}", because(reason)), room) {
                lines.push(Line::indented(BODY).and(Tone::Notice, format!("# {text}")));
            }
        }
    }
    if change.adopted && change.action != "adopt" {
        let adopted = "# made by an interrupted run, and taken over";
        lines.push(Line::indented(BODY).and(Tone::Faint, adopted));
    }
    if !change.drift.is_empty() {
        lines.push(
            Line::indented(BODY)
                .and(Tone::Notice, "# changed outside of provision: ")
                .and(Tone::Plain, change.drift.join(", ")),
        );
    }
    match change.action.as_str() {
        "create" | "read" => {
            let after = with_unknown(&change.after, &change.after_unknown);
            draw_members(&after, BODY, style.width, &mut lines);
        }
        "update" | "replace" => lines.extend(difference::of_resource(change, BODY, style.width)),
        _ => {}
    }
    if change.action != "no-op" {
        for id in &change.deposed {
            lines.push(
                Line::indented(BODY)
                    .and(Tone::Bad, "- ")
                    .and(Tone::Plain, id)
                    .with_note(Tone::Faint, "what it replaced before, deleted too")
                    .whole(),
            );
        }
    }
    lines
}

fn heading(change: &ChangeDocument) -> Line {
    let (tone, mark) = match change.action.as_str() {
        "create" => (Tone::Good, "  +"),
        "update" => (Tone::Notice, "  ~"),
        "replace" if change.create_before_destroy => (Tone::Alarm, "+/-"),
        "replace" => (Tone::Alarm, "-/+"),
        "read" => (Tone::Read, " <="),
        "adopt" => (Tone::Read, "  >"),
        _ => (Tone::Bad, "  -"),
    };
    let line =
        Line::default().and(tone, mark).and(Tone::Plain, " ").and(Tone::Strong, &change.address).whole();
    match change.action.as_str() {
        "replace" => match change.replace_because.as_slice() {
            [reason] => line.with_note(Tone::Notice, format!("because {}", because(reason))),
            _ => line,
        },
        "read" => line.with_note(Tone::Faint, "read during the apply"),
        "adopt" => line.with_note(Tone::Faint, "adopt what an interrupted run has made"),
        "delete" => match &change.id {
            Some(id) => line.with_note(Tone::Faint, id),
            None => line,
        },
        "create" if change.gone => line.with_note(Tone::Notice, "deleted outside of provision"),
        "no-op" => {
            line.with_note(Tone::Faint, format!("what it has replaced: {}", change.deposed.join(", ")))
        }
        _ => line,
    }
}

/// A reason as a sentence.
fn because(reason: &str) -> String {
    if let Some(address) = reason.strip_prefix("replace_triggered_by ") {
        return format!("{address} changes (replace_triggered_by)");
    }
    // Other reasons than the path of an argument are sentences already; a path has spaces in a quoted key alone.
    let name = reason.split('[').next().unwrap_or_default();
    if name.contains(' ') { reason.to_owned() } else { format!("{reason} changes") }
}

/// What someone else has changed of resources that nothing is done to.
fn changed_elsewhere(document: &PlanDocument) -> Vec<Line> {
    let mut lines: Vec<Line> = document
        .changes
        .iter()
        .filter(|change| change.action == "no-op" && change.deposed.is_empty() && !change.drift.is_empty())
        .map(|change| {
            Line::indented(STEP)
                .and(Tone::Strong, &change.address)
                .and(Tone::Plain, format!(": {}", change.drift.join(", ")))
        })
        .collect();
    if !lines.is_empty() {
        let title = "Changed outside of provision, with nothing to do about it:";
        lines.insert(0, Line::default().and(Tone::Plain, title));
    }
    lines
}

fn summary(document: &PlanDocument, outputs: bool) -> Line {
    let Summary { create, update, replace, delete, adopt } = document.summary;
    let line = Line::default().whole();
    if document.effective().next().is_none() {
        let environment = format!("{} {}", document.env.project, document.env.name);
        return match outputs {
            true => line.and(Tone::Strong, "Plan:").and(Tone::Plain, " only outputs change."),
            false => line
                .and(Tone::Strong, "No changes.")
                .and(Tone::Plain, format!(" {environment} is as configured.")),
        };
    }
    let counts = [
        (Tone::Good, create, "to create"),
        (Tone::Notice, update, "to update"),
        (Tone::Alarm, replace, "to replace"),
        (Tone::Bad, delete, "to delete"),
        (Tone::Read, adopt, "to adopt"),
    ];
    let mut line = line.and(Tone::Strong, "Plan:");
    let shown = counts.iter().filter(|(_, count, what)| *count > 0 || *what != "to adopt");
    for (position, (tone, count, what)) in shown.enumerate() {
        let tone = if *count > 0 { *tone } else { Tone::Plain };
        line = line
            .and(Tone::Plain, if position == 0 { " " } else { ", " })
            .and(tone, format!("{count} {what}"));
    }
    line.and(Tone::Plain, ".")
}

/// A value as it stands on one side of `->`.
fn one_side(value: &Value) -> String {
    const LONGEST: usize = 40;
    let text = inline(value);
    match value {
        Value::List(items) if text.len() > LONGEST => format!("[… {} elements]", items.len()),
        Value::Map(map) if text.len() > LONGEST => format!("{{… {} members}}", map.len()),
        _ => text,
    }
}

#[cfg(test)]
mod tests;

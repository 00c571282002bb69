//! A plan for people: what would change, why, and nothing else.

use std::collections::BTreeMap;
use std::io::{self, Write};

use provision_engine::address::Address;
use provision_engine::plan::{ChangeDocument, PlanDocument, Summary, with_unknown};
use provision_engine::preflight::Preflight;
use provision_engine::state::OutputValue;
use provision_engine::value::Value;

use super::Style;
use super::text::{Line, Tone, counted, wrapped, write_lines};
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
    let mut blocks = document.effective().map(|change| of_change(document, change, style)).peekable();
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
    let outputs = given.map(|given| outputs(document, given, style)).unwrap_or_default();
    if !outputs.is_empty() {
        writeln!(out, "{}", Tone::Strong.paint("Outputs:", style))?;
        write_lines(&outputs, out, style)?;
        writeln!(out)?;
    }
    if let Some(preflight) = &document.preflight {
        write_preflight(preflight, out, style)?;
    }
    let left_out = left_out(document, style);
    if !left_out.is_empty() {
        write_lines(&left_out, out, style)?;
        writeln!(out)?;
    }
    write_lines(&[summary(document, !outputs.is_empty())], out, style)
}

/// Draws what would fail, and what could not be looked at.
pub(crate) fn write_preflight(preflight: &Preflight, out: &mut dyn Write, style: Style) -> io::Result<()> {
    write_lines(&seen_ahead(preflight, style), out, style)
}

/// What would fail, and what could not be looked at.
pub(crate) fn seen_ahead(preflight: &Preflight, style: Style) -> Vec<Line> {
    let mut lines = Vec::new();
    if !preflight.obstacles.is_empty() {
        lines.push(Line::default().and(Tone::Alarm, "This would fail:"));
        let room = style.width.saturating_sub(BODY);
        let text = |lines: &mut Vec<Line>, tone, text: &str| {
            let texts = wrapped(text, room).into_iter();
            lines.extend(texts.map(|text| Line::indented(BODY).and(tone, text).whole()));
        };
        for obstacle in &preflight.obstacles {
            if let Some(address) = &obstacle.address {
                let line =
                    Line::default().and(Tone::Alarm, "  x ").and(Tone::Strong, address.as_str()).whole();
                lines.push(match &obstacle.at {
                    Some(at) => line.with_note(Tone::Faint, at),
                    None => line,
                });
            } else {
                lines.push(Line::default().and(Tone::Alarm, "  x ").and(Tone::Strong, "all of it").whole());
            }
            text(&mut lines, Tone::Plain, &obstacle.message);
            obstacle.hint.iter().for_each(|hint| text(&mut lines, Tone::Faint, &format!("help: {hint}")));
        }
        lines.push(Line::default());
    }
    if !preflight.unseen.is_empty() {
        lines.push(Line::default().and(Tone::Notice, "Not looked at, and may fail:"));
        for unseen in &preflight.unseen {
            let texts = wrapped(unseen, style.width.saturating_sub(STEP));
            lines.extend(texts.into_iter().map(|text| Line::indented(STEP).and(Tone::Plain, text)));
        }
        lines.push(Line::default());
    }
    lines
}

/// What the plan would do as well, were it about everything.
fn left_out(document: &PlanDocument, style: Style) -> Vec<Line> {
    const NAMED: usize = 5;
    let count = document.left_out.len();
    if count == 0 {
        return Vec::new();
    }
    let title =
        format!("{} left out, and would do something in a plan of everything:", counted(count, "resource"));
    let mut lines: Vec<Line> = wrapped(&title, style.width)
        .into_iter()
        .map(|text| Line::default().and(Tone::Notice, text))
        .collect();
    let named = document.left_out.iter().take(NAMED);
    lines.extend(named.map(|address| Line::indented(STEP).and(Tone::Plain, address)));
    if count > NAMED {
        lines.push(Line::indented(STEP).and(Tone::Faint, format!("and {} more", count - NAMED)));
    }
    lines
}

/// Which outputs change, and how. `given` is what the environment gives now.
pub(crate) fn outputs(
    document: &PlanDocument,
    given: &BTreeMap<String, OutputValue>,
    style: Style,
) -> Vec<Line> {
    difference::of_outputs(given, &document.expected_outputs(), style.width)
}

/// What happens to one resource: a heading, and what there is to say below it.
pub(crate) fn of_change(document: &PlanDocument, change: &ChangeDocument, style: Style) -> Vec<Line> {
    let preflight = document.preflight.as_ref();
    let takes_along =
        preflight.and_then(|seen| seen.takes_along.get(&Address::from(change.address.as_str())));
    resource(change, takes_along, style)
}

fn resource(change: &ChangeDocument, takes_along: Option<&Vec<String>>, style: Style) -> Vec<Line> {
    let mut lines = vec![heading(change)];
    if let Some(takes_along) = takes_along {
        let text = format!("# takes with it: {}", takes_along.join(", "));
        lines.push(Line::indented(BODY).and(Tone::Bad, text));
    }
    if change.replace_because.len() > 1 {
        for reason in reasons(change) {
            let room = style.width.saturating_sub(BODY + 2);
            for text in wrapped(&format!("because {reason}"), room) {
                lines.push(Line::indented(BODY).and(Tone::Notice, format!("# {text}")));
            }
        }
    }
    if let Some(from) = change.moved_from.as_ref().filter(|_| change.action != "no-op") {
        lines.push(Line::indented(BODY).and(Tone::Faint, format!("# was {from}")));
    }
    if let Some(origin) = origin(change).filter(|_| change.action != "adopt") {
        lines.push(Line::indented(BODY).and(Tone::Faint, format!("# {origin}")));
    }
    if !change.drift.is_empty() && change.action != "refresh" {
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
        "refresh" if change.gone => {}
        "update" | "replace" | "refresh" => lines.extend(difference::of_resource(change, BODY, style.width)),
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
        "forget" => (Tone::Notice, "  ."),
        "refresh" => (Tone::Read, "  ~"),
        "no-op" if change.moved_from.is_some() && change.deposed.is_empty() => (Tone::Plain, "   "),
        _ => (Tone::Bad, "  -"),
    };
    let line =
        Line::default().and(tone, mark).and(Tone::Plain, " ").and(Tone::Strong, &change.address).whole();
    match change.action.as_str() {
        "replace" => match reasons(change).as_slice() {
            [reason] => line.with_note(Tone::Notice, format!("because {reason}")),
            _ => line,
        },
        "read" => line.with_note(Tone::Faint, "read during the apply"),
        "adopt" => match origin(change) {
            Some(origin) => line.with_note(Tone::Faint, origin),
            None => line,
        },
        "forget" => line.with_note(Tone::Notice, "is forgotten, and stays as it is"),
        "refresh" if change.gone => line.with_note(Tone::Notice, "deleted outside of provision"),
        "refresh" => line.with_note(Tone::Notice, "changed outside of provision"),
        "delete" => match &change.id {
            Some(id) => line.with_note(Tone::Faint, id),
            None => line,
        },
        "create" if change.gone => line.with_note(Tone::Notice, "deleted outside of provision"),
        "no-op" if change.deposed.is_empty() => match &change.moved_from {
            Some(from) => line.with_note(Tone::Faint, format!("was {from}")),
            None => line,
        },
        "no-op" => {
            line.with_note(Tone::Faint, format!("what it has replaced: {}", change.deposed.join(", ")))
        }
        _ => line,
    }
}

/// Where something that is taken over comes from.
fn origin(change: &ChangeDocument) -> Option<String> {
    let id = change.id.as_deref().unwrap_or_default();
    match (change.adopted, change.imported) {
        (true, _) => Some("made by an interrupted run, and taken over".to_owned()),
        (_, true) => Some(format!("exists already, and is taken over: {id}")),
        _ => None,
    }
}

/// Why something is replaced, in sentences that end with where it stands.
fn reasons(change: &ChangeDocument) -> Vec<String> {
    let places = change.replace_because_at.iter().map(Option::as_deref).chain(std::iter::repeat(None));
    let sentence = |(reason, place): (&String, Option<&str>)| match place {
        Some(place) => format!("{} ({place})", because(reason)),
        None => because(reason),
    };
    change.replace_because.iter().zip(places).map(sentence).collect()
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

/// What someone else has changed of resources that nothing is done to, below a heading.
pub(crate) fn changed_elsewhere(document: &PlanDocument) -> Vec<Line> {
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

/// What a plan comes to. `outputs`: whether outputs change.
pub(crate) fn summary(document: &PlanDocument, outputs: bool) -> Line {
    let Summary { create, update, replace, delete, adopt, forget, refresh } = document.summary;
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
        (Tone::Notice, forget, "to forget"),
        (Tone::Read, refresh, "to refresh"),
    ];
    let mut line = line.and(Tone::Strong, "Plan:");
    let always = ["to create", "to update", "to replace", "to delete"];
    let shown =
        counts.iter().filter(|(_, count, what)| *count > 0 || (refresh == 0 && always.contains(what)));
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

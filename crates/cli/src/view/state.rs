//! What the state says, for people.

use std::io::{self, Write};

use provision_engine::address::Address;
use provision_engine::state::{History, Resource, State};
use provision_engine::value::{Map, Value};

use super::text::{Line, Tone, counted, wrapped, write_lines};
use super::value::{STEP, draw_members};
use super::{Style, outputs};

/// Writes the addresses of all resources, one a line.
pub(crate) fn list(state: &State, out: &mut dyn Write) -> io::Result<()> {
    state.resources.keys().try_for_each(|address| writeln!(out, "{address}"))
}

/// Draws one resource: its attributes, and what else is recorded of it.
pub(crate) fn resource(
    address: &Address,
    resource: &Resource,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    let mut lines = vec![Line::default().and(Tone::Strong, address.as_str()).whole()];
    let mut attributes = resource.attributes.as_map().cloned().unwrap_or_else(Map::new);
    attributes.insert("id".to_owned(), Value::from(resource.id.as_str()));
    draw_members(&Value::Map(attributes), STEP, style.width, &mut lines);
    let mut remarks = Vec::new();
    if let Some(region) = &resource.region {
        remarks.push(format!("in {region}"));
    }
    if !resource.dependencies.is_empty() {
        let names: Vec<&str> = resource.dependencies.iter().map(Address::as_str).collect();
        remarks.push(format!("depends on {}", names.join(", ")));
    }
    if resource.prevent_destroy {
        remarks.push("prevent_destroy: a plan that would delete it is refused".to_owned());
    }
    remarks.extend(
        resource.deposed.iter().map(|deposed| format!("has replaced {}, still to be deleted", deposed.id)),
    );
    for remark in remarks {
        let room = style.width.saturating_sub(STEP + 2);
        lines.extend(
            wrapped(&remark, room)
                .iter()
                .map(|text| Line::indented(STEP).and(Tone::Faint, format!("# {text}")).whole()),
        );
    }
    write_lines(&lines, out, style)
}

/// Draws what runs have done, the newest first.
pub(crate) fn history(history: &History, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let width = history.runs.last().map_or(1, |run| run.serial.to_string().len());
    let mut lines = Vec::new();
    for run in history.runs.iter().rev() {
        lines.push(
            Line::default()
                .and(Tone::Strong, format!("{:>width$}", run.serial))
                .and(Tone::Faint, format!("  {}  ", run.ended))
                .and(Tone::Plain, format!("{}: {}", run.operation, run.changes))
                .and(Tone::Faint, format!("  {}", run.who))
                .whole(),
        );
    }
    write_lines(&lines, out, style)
}

/// Draws the whole state.
pub(crate) fn write(state: &State, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let environment = format!("{} {}", state.project, state.environment);
    let title = Line::default().and(Tone::Strong, environment).and(
        Tone::Plain,
        format!(
            " in {}: {}, serial {}",
            state.region,
            counted(state.resources.len(), "resource"),
            state.serial
        ),
    );
    title.whole().write(out, style)?;
    for (address, recorded) in &state.resources {
        writeln!(out)?;
        resource(address, recorded, out, style)?;
    }
    if !state.intents.is_empty() {
        let title = "Begun by a run that ended before it learned what came of it; the next run looks:";
        writeln!(out)?;
        let mut lines = vec![Line::default().and(Tone::Notice, title).whole()];
        lines.extend(
            state
                .intents
                .keys()
                .map(|address| Line::indented(STEP).and(Tone::Plain, address.as_str()).whole()),
        );
        write_lines(&lines, out, style)?;
    }
    if !state.outputs.is_empty() {
        writeln!(out, "\n{}", Tone::Strong.paint("Outputs:", style))?;
        outputs::write(&state.outputs, out, style)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

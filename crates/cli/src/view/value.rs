//! How a value is drawn: on its line if it fits there, as an indented block if not. Whoever draws a list of names
//! and values draws it with this.

use std::io;

use provision_engine::value::{Value, is_identifier};

use super::Style;
use super::text::{Line, Tone, counted, is_unseen, width, write_lines};

/// What stands for a value that only the apply can tell.
pub(crate) const UNKNOWN: &str = "(known after apply)";
/// What stands for a secret.
pub(crate) const SENSITIVE: &str = "(sensitive value)";

/// By how much a block is indented.
pub(crate) const STEP: usize = 4;
/// The longest list or map that stays on its line, however wide that is.
const LONGEST_INLINE: usize = 100;
/// The longest name that pushes the values around it to the right.
const LONGEST_ALIGNED: usize = 34;
/// How many lines of a text are drawn.
const MOST_LINES: usize = 40;

/// The beginning of an entry: where it is, what happens to it, what it is called.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// The column of the mark, or of the name where there is no mark.
    pub(crate) indent: usize,
    /// `+`, `-` or `~`.
    pub(crate) mark: Option<(Tone, &'static str)>,
    /// The name; an element of a list has none.
    pub(crate) name: Option<String>,
    /// To how many columns the name is filled up.
    pub(crate) pad: usize,
    /// A remark.
    pub(crate) note: Option<(Tone, &'static str)>,
}

impl Head {
    /// The column in which the name begins, and in which a block is closed.
    pub(crate) fn column(&self) -> usize {
        self.indent + self.mark.map_or(0, |(_, mark)| width(mark) + 1)
    }

    /// How many columns are before the value.
    pub(crate) fn width(&self) -> usize {
        self.line().width()
    }

    /// The line up to the value.
    pub(crate) fn line(&self) -> Line {
        let mut line = Line::indented(self.indent);
        if let Some((tone, mark)) = self.mark {
            line = line.and(tone, mark).and(Tone::Plain, " ");
        }
        if let Some(name) = &self.name {
            let pad = self.pad.saturating_sub(width(name));
            line = line.and(Tone::Plain, format!("{name}{:pad$} = ", ""));
        }
        if let Some((tone, note)) = self.note {
            line = line.with_note(tone, note);
        }
        line
    }

    /// The columns that a remark takes.
    pub(crate) fn note_width(&self) -> usize {
        self.note.map_or(0, |(_, note)| width(note) + 4)
    }
}

/// Draws a value by itself.
pub(crate) fn write(value: &Value, out: &mut dyn io::Write, style: Style) -> io::Result<()> {
    let mut lines = Vec::new();
    draw(&Head::default(), value, style.width, &mut lines);
    write_lines(&lines, out, style)
}

/// Draws an entry.
pub(crate) fn draw(head: &Head, value: &Value, columns: usize, lines: &mut Vec<Line>) {
    let value = &document(value).unwrap_or_else(|| value.clone());
    match value {
        Value::String(text) if text.trim_end_matches('\n').contains('\n') => {
            lines.push(head.line().and(Tone::Plain, "<<-EOT"));
            let texts: Vec<&str> = text.lines().collect();
            let indent = head.column() + STEP;
            let shown = if texts.len() > MOST_LINES + 1 { MOST_LINES } else { texts.len() };
            for text in &texts[..shown] {
                lines.push(Line::indented(indent).and(Tone::Plain, spelled(text)));
            }
            if texts.len() > shown {
                let more = counted(texts.len() - shown, "more line");
                lines.push(Line::indented(indent).and(Tone::Faint, format!("… {more}")));
            }
            lines.push(Line::indented(head.column()).and(Tone::Plain, "EOT"));
        }
        Value::List(_) | Value::Map(_) => {
            let room = columns.saturating_sub(head.width() + head.note_width()).min(LONGEST_INLINE);
            match brief(value).filter(|text| width(text) <= room) {
                Some(text) => lines.push(head.line().and(Tone::Plain, text)),
                None => draw_block(head, value, columns, lines),
            }
        }
        Value::Unknown | Value::Withheld(_) | Value::Null => {
            lines.push(head.line().and(Tone::Faint, inline(value)));
        }
        _ => lines.push(head.line().and(Tone::Plain, inline(value))),
    }
}

fn draw_block(head: &Head, value: &Value, columns: usize, lines: &mut Vec<Line>) {
    let inner = head.column() + STEP;
    let close = Line::indented(head.column());
    match value {
        // A list of one block reads better without a level of its own.
        Value::List(items) if items.len() == 1 && matches!(items[0], Value::Map(_)) => {
            lines.push(head.line().and(Tone::Plain, "[{"));
            draw_members(&items[0], inner, columns, lines);
            lines.push(close.and(Tone::Plain, "}]"));
        }
        Value::List(items) => {
            lines.push(head.line().and(Tone::Plain, "["));
            for item in items {
                draw(&Head { indent: inner, ..Head::default() }, item, columns, lines);
            }
            lines.push(close.and(Tone::Plain, "]"));
        }
        _ => {
            lines.push(head.line().and(Tone::Plain, "{"));
            draw_members(value, inner, columns, lines);
            lines.push(close.and(Tone::Plain, "}"));
        }
    }
}

/// Draws the members of a map; nothing for what is not set.
pub(crate) fn draw_members(value: &Value, indent: usize, columns: usize, lines: &mut Vec<Line>) {
    draw_aligned(set_members(value), lines, |(name, value), pad, lines| {
        draw(&Head { indent, name: Some(key(name)), pad, ..Head::default() }, value, columns, lines);
    });
}

/// Draws entries so that their values are below each other. Blocks stand on their own.
pub(crate) fn draw_aligned<'v, T>(
    entries: impl Iterator<Item = (&'v String, T)>,
    lines: &mut Vec<Line>,
    draw: impl Fn((&'v String, &T), usize, &mut Vec<Line>),
) {
    let entries: Vec<_> = entries
        .map(|(name, entry)| {
            let mut drawn = Vec::new();
            draw((name, &entry), 0, &mut drawn);
            (name, entry, drawn)
        })
        .collect();
    let short = entries.iter().filter(|(_, _, drawn)| !is_block(drawn)).map(|(name, ..)| width(&key(name)));
    let pad = short.filter(|width| *width <= LONGEST_ALIGNED).max().unwrap_or_default();
    for (name, entry, drawn) in entries {
        // What is as it would be drawn again is not.
        if is_block(&drawn) || pad <= width(&key(name)) {
            lines.extend(drawn);
        } else {
            draw((name, &entry), pad, lines);
        }
    }
}

/// Whether an entry was drawn as a block, rather than as a value or as one value and another below it.
fn is_block(drawn: &[Line]) -> bool {
    let opens = |line: &Line| matches!(line.end(), "{" | "[" | "[{" | "<<-EOT");
    drawn.first().is_some_and(opens)
}

/// The members of a map that are set.
fn set_members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_map().into_iter().flatten().filter(|(_, value)| !value.is_empty())
}

/// A value on one line, if it is simple enough to be read there.
fn brief(value: &Value) -> Option<String> {
    let is_simple = |value: &Value| {
        !matches!(value, Value::List(_) | Value::Map(_))
            && value.as_str().is_none_or(|text| !text.contains('\n'))
    };
    let simple = match value {
        Value::List(items) => items.iter().all(is_simple),
        Value::Map(_) => {
            let mut members = set_members(value);
            members.next().is_none_or(|(_, only)| is_simple(only)) && members.next().is_none()
        }
        other => is_simple(other),
    };
    simple.then(|| inline(value))
}

/// A value on one line, whole.
pub(crate) fn inline(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::List(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Map(_) => {
            let members: Vec<String> = set_members(value)
                .map(|(name, value)| format!("{} = {}", key(name), inline(value)))
                .collect();
            if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join(", ")) }
        }
        Value::Unknown => UNKNOWN.to_owned(),
        Value::Withheld(_) => SENSITIVE.to_owned(),
    }
}

/// A string of JSON as the value that it holds, which is easier to read.
pub(crate) fn document(value: &Value) -> Option<Value> {
    let text = value.as_str()?.trim();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let value = Value::from_json(serde_json::from_str(text).ok()?);
    (!value.is_empty()).then_some(value)
}

/// A name as it would stand in a configuration.
pub(crate) fn key(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { quoted(name) }
}

/// A text in quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            _ => spell(character, &mut quoted),
        }
    }
    quoted.push('"');
    quoted
}

/// A line of a text, with what cannot be seen spelled out.
pub(crate) fn spelled(text: &str) -> String {
    let mut spelled = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => spelled.push_str("    "),
            _ => spell(character, &mut spelled),
        }
    }
    spelled
}

fn spell(character: char, into: &mut String) {
    match character {
        '\t' => into.push_str("\\t"),
        '\r' => into.push_str("\\r"),
        _ if is_unseen(character) => into.extend(character.escape_unicode()),
        _ => into.push(character),
    }
}

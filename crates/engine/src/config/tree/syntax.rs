//! What is said of a file that is no TOML. The parser goes on after an error, and takes what follows for something that it
//! is not: only what it cannot have brought about itself is worth saying.

use std::ops::Range;
use std::sync::Arc;

use toml::de::Error;

use crate::source::{Diagnostic, Diagnostics, Place, SourceFile};

/// Says what is wrong.
pub(super) fn report(file: &Arc<SourceFile>, errors: &[Error], diagnostics: &mut Diagnostics) {
    let text = &file.text;
    let place = |span: Range<usize>| Place { file: file.clone(), start: span.start, end: span.end };
    // All that stands under a table which is there twice would be there twice.
    let mut repeated: Option<Range<usize>> = None;
    let mut last_line = None;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let message = error.message().trim();
        if message == "duplicate key" {
            if repeated.as_ref().is_some_and(|table| table.contains(&span.start)) {
                continue;
            }
            repeated = table_at(text, span.start);
            let hint = "there is one already: give this one another name, or make one of both";
            diagnostics.push(Diagnostic::at(&place(span), message).with_hint(hint));
            continue;
        }
        if let Some((at, bracket)) = unclosed(text, span.start) {
            let (what, end) = if bracket == '[' { ("list", ']') } else { ("table", '}') };
            diagnostics.push(
                Diagnostic::at(&place(at..at + 1), format!("this {what} has no end"))
                    .with_hint(format!("a `{end}` is missing, or a comma in it")),
            );
            // All the rest seems to be in it.
            return;
        }
        // Several errors of one line are one.
        let line = text[..span.start.min(text.len())].matches('\n').count();
        if last_line != Some(line) {
            let (message, hint) = in_words(message, text.get(span.start..).unwrap_or_default());
            diagnostics.push(Diagnostic::at(&place(span), message).with_hint(hint));
        }
        last_line = Some(line);
    }
}

/// What the parser says, and what to do about it. `found`: the text from there on.
fn in_words<'m>(message: &'m str, found: &str) -> (&'m str, &'static str) {
    let line = found.lines().next().unwrap_or_default().trim();
    if message.starts_with("string values must be quoted") {
        match line.is_empty() || line.starts_with('#') {
            true => ("a value is missing here", "write one after the `=`"),
            false => ("this is no value", "text stands in quotes: \"…\""),
        }
    } else if message.starts_with("invalid basic string, expected `\"`") {
        ("this text has no end", "a quote is missing")
    } else {
        (message, "this is no valid TOML")
    }
}

/// The table whose header stands on the line of `position`, if one does: up to the next header.
fn table_at(text: &str, position: usize) -> Option<Range<usize>> {
    let (before, after) = text.split_at_checked(position)?;
    let line = before.rsplit('\n').next().unwrap_or_default();
    let end = after.find("\n[").map_or(text.len(), |length| position + length);
    line.trim_start().starts_with('[').then_some(position..end)
}

/// The innermost bracket of a value that is open at a place, if what stands there cannot be in it: another key, the header
/// of a table, or nothing more.
fn unclosed(text: &str, position: usize) -> Option<(usize, char)> {
    let (before, after) = text.split_at_checked(position)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default().trim();
    let key = line.split('=').next().unwrap_or_default().trim_end();
    let is_key = key.len() < line.len()
        && key.chars().all(|character| character.is_alphanumeric() || "_-.\"' ".contains(character));
    let is_header = line.starts_with('[') && line.ends_with(']');
    let open = open_brackets(before);
    let &(at, bracket) = open.last()?;
    // In its own line, the parser knows best what is wrong.
    (at < line_start && (is_key || is_header || after.trim().is_empty())).then_some((at, bracket))
}

/// The brackets of values that are open at the end of a text.
fn open_brackets(text: &str) -> Vec<(usize, char)> {
    let mut open = Vec::new();
    let mut rest = text;
    let mut is_value = false;
    while let Some(character) = rest.chars().next() {
        let at = text.len() - rest.len();
        let skipped = match character {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => string_length(rest),
            _ => {
                match character {
                    '=' => is_value = true,
                    '\n' if open.is_empty() => is_value = false,
                    '[' | '{' if is_value => open.push((at, character)),
                    ']' | '}' if is_value => drop(open.pop()),
                    _ => {}
                }
                character.len_utf8()
            }
        };
        rest = &rest[skipped..];
    }
    open
}

/// The length of the string that a text begins with, quotes included. One of one line ends with that in any case.
fn string_length(text: &str) -> usize {
    let quote = &text[..1];
    let long = quote.repeat(3);
    if text.starts_with(&long) {
        return text[3..].find(&long).map_or(text.len(), |length| length + 6);
    }
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' if quote == "\"" => escaped = true,
            _ if text[at..].starts_with(quote) => return at + 1,
            _ => {}
        }
    }
    text.len()
}

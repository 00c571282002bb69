//! What an environment gives: for people, and in the forms that programs read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use provision_engine::source::Diagnostic;
use provision_engine::state::OutputValue;
use provision_engine::value::{Map, Value};
use serde_json::{Value as Json, json};

use super::Style;
use super::text::{Line, Tone, write_lines};
use super::value::{Head, SENSITIVE, draw, draw_aligned, key};

/// Draws outputs, names aligned, secrets masked.
pub(crate) fn write(
    outputs: &BTreeMap<String, OutputValue>,
    out: &mut dyn Write,
    style: Style,
) -> io::Result<()> {
    let mut lines = Vec::new();
    draw_aligned(outputs.iter(), &mut lines, |(name, output), pad, lines| {
        let head = Head { name: Some(key(name)), pad, ..Head::default() };
        match is_secret(output) {
            true => lines.push(head.line().and(Tone::Faint, SENSITIVE)),
            false => draw(&head, &output.value, style.width, lines),
        }
    });
    if lines.is_empty() {
        lines.push(Line::default().and(Tone::Faint, "There are no outputs."));
    }
    write_lines(&lines, out, style)
}

/// Outputs as `{"name": {"value": …, "type": …, "sensitive": false}}`; the value of a secret is null.
pub(crate) fn json(outputs: &BTreeMap<String, OutputValue>) -> Json {
    let outputs = outputs.iter().map(|(name, output)| {
        let secret = is_secret(output);
        let value = if secret { &Value::Null } else { &output.value };
        (name.clone(), json!({ "value": value, "type": type_of(value), "sensitive": secret }))
    });
    Json::Object(outputs.collect())
}

/// Outputs as lines of a `.env` file.
pub(crate) fn dotenv(outputs: &BTreeMap<String, OutputValue>) -> String {
    assignments(outputs, |name, value| format!("{name}={}", dotenv_quoted(value)))
}

/// Outputs as lines that a POSIX shell evaluates.
pub(crate) fn shell(outputs: &BTreeMap<String, OutputValue>) -> String {
    assignments(outputs, |name, value| format!("export {name}='{}'", value.replace('\'', r"'\''")))
}

/// The bare value of one output, with nothing around it.
pub(crate) fn raw(name: &str, output: &OutputValue) -> Result<String, Diagnostic> {
    if is_secret(output) {
        return Err(Diagnostic::new(format!("the output `{name}` is sensitive, and its value is not kept"))
            .with_hint("read it from where it is stored, such as Secrets Manager"));
    }
    match &output.value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Ok(bare(&output.value)),
        other => Err(Diagnostic::new(format!(
            "the output `{name}` is {}, which has no raw form",
            other.type_name()
        ))
        .with_hint("use --format json")),
    }
}

fn is_secret(output: &OutputValue) -> bool {
    output.sensitive || output.value.any(&|value| matches!(value, Value::Withheld(_)))
}

/// A line for each output; a comment for each secret.
fn assignments(outputs: &BTreeMap<String, OutputValue>, line: impl Fn(&str, &str) -> String) -> String {
    let mut text = String::new();
    for (name, output) in outputs {
        let name = variable(name);
        match is_secret(output) {
            true => text.push_str(&format!("# {name} is sensitive, and left out")),
            false => text.push_str(&line(&name, &bare(&output.value))),
        }
        text.push('\n');
    }
    text
}

/// The name of an environment variable for an output.
fn variable(name: &str) -> String {
    let mut variable: String = name
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' })
        .collect();
    if variable.starts_with(|first: char| first.is_ascii_digit()) {
        variable.insert(0, '_');
    }
    variable
}

/// A value as a text: a string as it is, nothing for null, compact JSON for lists and maps.
fn bare(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_json().to_string(),
    }
}

/// A value as `.env` files quote it. Their readers agree on bare words, and on single quotes as the quotes in which
/// everything stands for itself; they differ on escapes, which are used only where there is no other way.
fn dotenv_quoted(value: &str) -> String {
    let is_bare = |character: char| character.is_ascii_alphanumeric() || "_-./:@%+,=".contains(character);
    if value.chars().all(is_bare) {
        return value.to_owned();
    }
    if !value.contains(['\'', '\r']) {
        return format!("'{value}'");
    }
    let mut quoted = String::from('"');
    for character in value.chars() {
        match character {
            '"' | '\\' | '$' | '`' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// The type of a value in Terraform's notation: `"string"`, `["list", "string"]`, `["object", {…}]`.
fn type_of(value: &Value) -> Json {
    match value {
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
        Value::List(items) => match shared_type(items.iter()) {
            Some(element) => json!(["list", element]),
            None => json!(["tuple", items.iter().map(type_of).collect::<Vec<_>>()]),
        },
        Value::Map(map) => match shared_type(map.values()) {
            Some(element) => json!(["map", element]),
            None => json!(["object", types_of(map)]),
        },
        Value::Null | Value::Unknown | Value::Withheld(_) => json!("dynamic"),
    }
}

fn types_of(map: &Map) -> serde_json::Map<String, Json> {
    map.iter().map(|(name, value)| (name.clone(), type_of(value))).collect()
}

/// The type that all have, if there are any.
fn shared_type<'v>(values: impl Iterator<Item = &'v Value>) -> Option<Json> {
    let mut types = values.map(type_of);
    let first = types.next()?;
    types.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests;

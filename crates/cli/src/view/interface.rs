//! What a module takes and gives, as the tables of its README.

use std::fmt::Write;

use provision_engine::config::tree::{Content, Node};
use provision_engine::config::{Module, Variable};
use provision_engine::schema::{Attribute, Schema, Type};
use provision_engine::value::Value;

/// The line before the tables.
pub(crate) const BEGIN: &str = "<!-- inputs and outputs: just schema writes them anew from module.toml -->";
/// The line after them.
pub(crate) const END: &str = "<!-- end of inputs and outputs -->";

/// A README with the tables of a module between their marks; `None` if it has no marks.
pub(crate) fn written_into(readme: &str, module: &Module) -> Option<String> {
    let (before, rest) = readme.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n{END}{after}", tables(module)))
}

fn tables(module: &Module) -> String {
    let mut text = String::new();
    if !module.variables.is_empty() {
        text.push_str("## Inputs\n\n| name | type | default | |\n| --- | --- | --- | --- |\n");
        for (name, variable) in &module.variables {
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "| `{name}` | `{}` | {} | {} |",
                cell(&variable.r#type.r#type.describe()),
                cell(&default(variable)),
                cell(&description(variable)),
            );
        }
    }
    if !module.outputs.is_empty() {
        let separator = if text.is_empty() { "" } else { "\n" };
        let _ = write!(text, "{separator}## Outputs\n\n| name | |\n| --- | --- |\n");
        for (name, output) in &module.outputs {
            let secret = if output.sensitive { " Sensitive." } else { "" };
            let _ = writeln!(text, "| `{name}` | {}{secret} |", cell(&output.description));
        }
    }
    text
}

/// What an input is for, what is in it, and what it is refused with if a condition does not hold.
fn description(variable: &Variable) -> String {
    let mut parts = vec![variable.description.clone()];
    if variable.sensitive {
        parts.push("Sensitive.".to_owned());
    }
    if let Some(schema) = block(&variable.r#type.r#type) {
        let members: Vec<String> =
            schema.attributes.iter().map(|(name, member)| said(name, member)).collect();
        parts.push(format!("With {}.", members.join(", ")));
    }
    let mut text = parts.join(" ");
    for validation in &variable.validations {
        let message = match validation.error_message.literal_str() {
            Some(message) => message.to_owned(),
            None => source(&validation.error_message),
        };
        let _ = write!(text, "<br>*Refused with:* {}.", message.trim_end_matches('.'));
    }
    text
}

/// A member of an object, and whether it can be left out.
fn said(name: &str, member: &Attribute) -> String {
    let inner = block(&member.r#type).map(|schema| {
        let members: Vec<String> =
            schema.attributes.iter().map(|(name, member)| said(name, member)).collect();
        format!(" with {}", members.join(", "))
    });
    let facts = match (&member.default, member.required) {
        (Some(default), _) => format!(", default `{}`", plain(default)),
        (None, true) => String::new(),
        (None, false) => ", optional".to_owned(),
    };
    format!("`{name}` ({}{facts}{})", member.r#type.describe(), inner.unwrap_or_default())
}

fn block(r#type: &Type) -> Option<&Schema> {
    match r#type {
        Type::Object(schema) => Some(schema),
        Type::List(element) | Type::Set(element) | Type::Map(element) => block(&element.r#type),
        _ => None,
    }
}

/// What an input is if nothing is said; a dash for nothing.
fn default(variable: &Variable) -> String {
    let Some(node) = &variable.default else { return "**required**".to_owned() };
    match &node.content {
        Content::Literal(Value::String(text)) if !text.is_empty() => format!("`{text}`"),
        Content::Literal(value) => format!("`{}`", value.to_json()),
        Content::Expression(_) if source(node) == "${null}" => "–".to_owned(),
        _ => format!("`{}`", source(node)),
    }
}

/// What stands in the file, on one line, and without the quotes of an expression.
fn source(node: &Node) -> String {
    let text = node.place.text().trim_matches(['"', '\'']);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_json().to_string(), str::to_owned)
}

/// Text as it can stand in a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

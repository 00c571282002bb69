//! The reference of a kind, as Markdown, from its schema.

use std::fmt::Write;

use provision_engine::schema::{Attribute, Comparison, Schema, Type};
use provision_engine::value::Value;

/// What a kind takes and gives.
pub(crate) fn markdown(name: &str, schema: &Schema) -> String {
    let mut text = format!("# `{name}`\n\n{}\n", paragraph(&schema.description));
    let (computed, arguments): (Vec<_>, Vec<_>) =
        members(schema).partition(|(_, attribute)| attribute.read_only);
    if !arguments.is_empty() {
        text.push_str("\n## Arguments\n\n");
        list(&mut text, &arguments, 0);
    }
    text.push_str("\n## Attributes\n\n");
    if !computed.iter().any(|(name, _)| *name == "id") {
        text.push_str("- `id` (string): What the kind is found by.\n");
    }
    list(&mut text, &computed, 0);
    text
}

/// A list of all kinds, each with the first sentence of what it is.
pub(crate) fn index(kinds: &[(&str, &Schema)]) -> String {
    let mut text = "# Kinds\n\nWhat each kind of resource and each data source takes and gives. `provision schema --out docs/reference` \
        writes these pages from the code.\n\n"
        .to_owned();
    for (name, schema) in kinds {
        let description = paragraph(&schema.description);
        let first = description.split_once(". ").map_or(description.as_str(), |(first, _)| first);
        let _ = writeln!(text, "- [`{name}`]({name}.md): {}", first.trim_end_matches('.'));
    }
    text
}

fn list(text: &mut String, attributes: &[(&String, &Attribute)], depth: usize) {
    // What must be set comes first.
    let (required, optional): (Vec<_>, Vec<_>) =
        attributes.iter().partition(|(_, attribute)| attribute.required);
    for (name, attribute) in required.into_iter().chain(optional) {
        let indent = "  ".repeat(depth);
        let facts = facts(attribute).join(", ");
        let description = paragraph(&attribute.description);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{indent}- `{name}` ({facts}): {description}");
        if let Some(schema) = block(&attribute.r#type) {
            list(text, &members(schema).collect::<Vec<_>>(), depth + 1);
        }
    }
}

fn members(schema: &Schema) -> impl Iterator<Item = (&String, &Attribute)> {
    schema.attributes.iter().map(|(name, attribute)| (name, attribute.as_ref()))
}

fn block(r#type: &Type) -> Option<&Schema> {
    match r#type {
        Type::Object(schema) => Some(schema),
        Type::List(element) | Type::Set(element) | Type::Map(element) => block(&element.r#type),
        _ => None,
    }
}

fn facts(attribute: &Attribute) -> Vec<String> {
    let mut facts = vec![attribute.r#type.describe()];
    let flags = [
        (attribute.required, "required"),
        (attribute.forces_replacement, "forces replacement"),
        (attribute.computed && !attribute.read_only, "chosen by AWS if not set"),
        (attribute.write_only && !attribute.read_only, "write-only"),
        (attribute.write_only && attribute.read_only, "only in the run that makes it"),
        (attribute.sensitive, "sensitive"),
        (attribute.kept, "known to the state alone"),
        (attribute.compare == Comparison::CaseInsensitive, "case does not matter"),
    ];
    facts.extend(flags.iter().filter(|(set, _)| *set).map(|(_, fact)| (*fact).to_owned()));
    if let Some(default) = &attribute.default {
        facts.push(format!("default `{}`", plain(default)));
    }
    let constraints = &attribute.constraints;
    if !constraints.one_of.is_empty() {
        let choices: Vec<String> =
            constraints.one_of.iter().map(|choice| format!("`{}`", plain(choice))).collect();
        facts.push(format!("one of {}", choices.join(" ")));
    }
    match (constraints.minimum, constraints.maximum) {
        (Some(minimum), Some(maximum)) => facts.push(format!("{minimum} to {maximum}")),
        (Some(minimum), None) if minimum > 0.0 => facts.push(format!("at least {minimum}")),
        (None, Some(maximum)) => facts.push(format!("at most {maximum}")),
        _ => {}
    }
    facts
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_json().to_string(), str::to_owned)
}

/// A doc comment's lines as one.
fn paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! Keys that are misspelled, missing, or there twice.

use provision_engine::config::Configuration;
use provision_engine::config::tree::{Entry, Table};
use provision_engine::source::Diagnostics;
use provision_engine::spelling::nearest;

use super::{Mutation, Source, misspelled};

/// The language's own arguments of resources.
const OWN: [&str; 4] = ["for_each", "depends_on", "region", "lifecycle"];

pub(super) fn misspelled_arguments(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for argument in source.arguments() {
        let wrong = misspelled(argument.name);
        let settable = argument.schema.attributes.iter().filter(|(_, attribute)| !attribute.read_only);
        // Another may be nearer, and an own one of the language be meant.
        if nearest(&wrong, settable.map(|(name, _)| name.as_str()).chain(OWN)) == Some(argument.name)
            && !argument.schema.attributes.contains_key(&wrong)
        {
            made.push(misspell("an argument that is misspelled", source, argument.name, argument.entry));
        }
    }
    made
}

/// The tables whose keys the language defines, each with what it is.
fn settings<'s>(source: &'s Source<'_>) -> Vec<(&'static str, &'s Entry)> {
    let mut found = Vec::new();
    for section in ["variable", "output", "check"] {
        found.extend(source.section(section).map(|(_, entry)| (section, entry)));
    }
    if source.is_environment() {
        found.extend(source.root.table().unwrap().get("env").map(|entry| ("env", entry)));
    }
    found
}

pub(super) fn misspelled_settings(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (_, entry) in settings(source) {
        for (name, setting) in entry.node.table().unwrap() {
            if source.is_written(setting) {
                made.push(misspell("a setting that is misspelled", source, name, setting));
            }
            for table in setting.node.list().into_iter().flatten().filter_map(|node| node.table()) {
                for (name, setting) in table.iter().filter(|(_, setting)| source.is_written(setting)) {
                    made.push(misspell("a setting that is misspelled", source, name, setting));
                }
            }
        }
    }
    made
}

pub(super) fn misspelled_own_arguments(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    let blocks = source.blocks("resource").into_iter().map(|(_, _, entry)| entry);
    for block in blocks.chain(source.section("module").map(|(_, entry)| entry)) {
        for (name, entry) in block.node.table().unwrap() {
            if !source.is_written(entry)
                || !["for_each", "depends_on", "lifecycle", "source"].contains(&name.as_str())
            {
                continue;
            }
            let mut mutation =
                misspell("an argument of the language that is misspelled", source, name, entry);
            if name == "for_each" {
                // What names the element of `for_each` means nothing without one.
                block.node.for_each_expression(&mut |expression| {
                    for reference in expression.references.iter().filter(|named| named.names[0] == "each") {
                        mutation.lines.extend(reference_lines(source, reference.place.start));
                    }
                });
            }
            made.push(mutation);
            if name == "lifecycle"
                && let Some(table) = entry.node.table()
            {
                for (name, entry) in table {
                    made.push(misspell("a setting of a lifecycle that is misspelled", source, name, entry));
                }
            }
        }
    }
    made
}

/// Misspelling keeps the number of lines.
fn reference_lines(source: &Source<'_>, byte: usize) -> impl Iterator<Item = usize> {
    std::iter::once(super::line(source.text(), byte))
}

pub(super) fn misspelled_inputs(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (call, name, entry) in inputs(source) {
        let wrong = misspelled(name);
        let variables = variables(source, call);
        let known = variables.iter().map(|(name, _)| name.as_str()).chain([
            "source",
            "for_each",
            "depends_on",
            "lifecycle",
        ]);
        if nearest(&wrong, known) == Some(name.as_str())
            && !variables.iter().any(|(known, _)| *known == wrong)
        {
            made.push(misspell("an input of a module that is misspelled", source, name, entry));
        }
    }
    made
}

/// The inputs that are given to modules, each with its call.
fn inputs<'s>(source: &'s Source<'_>) -> Vec<(&'s Entry, &'s String, &'s Entry)> {
    let mut found = Vec::new();
    for (_, call) in source.section("module") {
        for (name, entry) in call.node.table().unwrap() {
            if !["source", "for_each", "depends_on", "lifecycle"].contains(&name.as_str())
                && source.is_written(entry)
            {
                found.push((call, name, entry));
            }
        }
    }
    found
}

/// The variables of the module that is called, and whether each must be given.
fn variables(source: &Source<'_>, call: &Entry) -> Vec<(String, bool)> {
    let directory = call.node.table().unwrap()["source"].node.literal_str().unwrap();
    let directory = source.directory().join(directory);
    let module = Configuration::load_module(&directory, &mut Diagnostics::default()).unwrap();
    module.variables.iter().map(|(name, variable)| (name.clone(), variable.default.is_none())).collect()
}

fn misspell(sort: &'static str, source: &Source<'_>, name: &str, entry: &Entry) -> Mutation {
    let by = misspelled(name);
    source.edit(sort, entry.key.start..entry.key.end, &by).saying(format!("did you mean `{name}`?"))
}

pub(super) fn missing_arguments(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for argument in source.arguments().into_iter().filter(|argument| argument.attribute.required) {
        if let Some(lines) = source.own_lines(argument.entry) {
            let mutation = source.edit("an argument that is missing", lines, "");
            made.push(
                mutation.missing_at(argument.header).saying(format!("`{}` is required", argument.name)),
            );
        }
    }
    made
}

pub(super) fn missing_settings(source: &Source<'_>) -> Vec<Mutation> {
    const NEEDED: [(&str, &[&str]); 4] = [
        ("env", &["name", "project", "region"]),
        ("output", &["value"]),
        ("check", &["description"]),
        ("variable", &[]),
    ];
    let mut made = Vec::new();
    for (section, entry) in settings(source) {
        let needed = NEEDED.iter().find(|(name, _)| *name == section).unwrap().1;
        let table = entry.node.table().unwrap();
        made.extend(without(source, table, needed, entry.key.start));
        for (_, setting) in table {
            for node in setting.node.list().into_iter().flatten() {
                let Some(table) = node.table().filter(|table| table.contains_key("error_message")) else {
                    continue;
                };
                made.extend(without(source, table, &["condition", "error_message"], node.place.start));
            }
        }
    }
    made
}

fn without(source: &Source<'_>, table: &Table, needed: &[&str], header: usize) -> Vec<Mutation> {
    let present = needed.iter().filter_map(|name| Some((name, table.get(*name)?)));
    present
        .filter_map(|(name, entry)| {
            let mutation = source.edit("a setting that is missing", source.own_lines(entry)?, "");
            Some(mutation.missing_at(header).saying(format!("`{name}`")))
        })
        .collect()
}

pub(super) fn missing_inputs(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (call, name, entry) in inputs(source) {
        let is_needed = variables(source, call).iter().any(|(known, needed)| known == name && *needed);
        if let Some(lines) = source.own_lines(entry).filter(|_| is_needed) {
            let mutation = source.edit("an input of a module that is missing", lines, "");
            made.push(mutation.missing_at(call.key.start).saying(format!("needs `{name}`")));
        }
    }
    for (_, call) in source.section("module") {
        if let Some(lines) = source.own_lines(&call.node.table().unwrap()["source"]) {
            let mutation = source.edit("a module without its source", lines, "");
            made.push(mutation.missing_at(call.key.start).saying("add source ="));
        }
    }
    made
}

pub(super) fn repeated(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    let tables = settings(source).into_iter().map(|(_, entry)| entry);
    let blocks = source.blocks("resource").into_iter().map(|(_, _, entry)| entry);
    for table in tables.chain(blocks).filter_map(|entry| entry.node.table()) {
        for entry in table.values() {
            let Some(lines) = source.own_lines(entry) else { continue };
            let again = source.text()[lines.clone()].to_owned();
            let mutation = source.edit("a key that is there twice", lines.end..lines.end, &again);
            made.push(mutation.saying("duplicate key"));
        }
    }
    made
}

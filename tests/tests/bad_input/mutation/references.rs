//! Expressions that name or call what there is not, or what needs them.

use std::collections::BTreeSet;

use provision_engine::expression::Reference;
use provision_engine::function;
use provision_engine::spelling::nearest;
use regex::Regex;

use super::{Mutation, Source, misspelled};

/// The references of a file that are written without anything in between.
fn references(source: &Source<'_>) -> Vec<Reference> {
    let mut found = Vec::new();
    source.root.for_each_expression(&mut |expression| {
        found.extend(
            expression
                .references
                .iter()
                .filter(|reference| reference.place.text().starts_with(&reference.names.join(".")))
                .cloned(),
        );
    });
    found
}

/// Misspells the part of a reference at that position.
fn misspell(sort: &'static str, source: &Source<'_>, reference: &Reference, position: usize) -> Mutation {
    let before: usize = reference.names[..position].iter().map(|name| name.len() + 1).sum();
    let name = &reference.names[position];
    let start = reference.place.start + before;
    source.edit(sort, start..start + name.len(), &misspelled(name)).saying(name.as_str())
}

pub(super) fn misspelled_roots(source: &Source<'_>) -> Vec<Mutation> {
    let roots = ["var", "local", "module", "data"];
    let all = references(source);
    let known = all.iter().filter(|reference| roots.contains(&reference.names[0].as_str()));
    known
        .map(|reference| {
            let root = &reference.names[0];
            let sort = "the root of a name that is misspelled";
            misspell(sort, source, reference, 0).saying(format!("did you mean `{root}."))
        })
        .collect()
}

pub(super) fn misspelled_names(source: &Source<'_>) -> Vec<Mutation> {
    let all = references(source);
    let names: BTreeSet<String> = all.iter().flat_map(|reference| reference.names.clone()).collect();
    let mut made = Vec::new();
    for reference in &all {
        let position = match reference.names[0].as_str() {
            "var" | "local" | "env" | "each" if reference.names.len() > 1 => 1,
            "module" if reference.names.len() > 2 => 2,
            "data" => 2,
            "self" | "path" => continue,
            _ => 1,
        };
        let declared = |name: &String| source.text().contains(&format!(".{name}]"));
        let wrong = misspelled(&reference.names[position]);
        if names.contains(&wrong) || declared(&wrong) {
            continue;
        }
        made.push(misspell("a name that is misspelled", source, reference, position));
    }
    made
}

pub(super) fn misspelled_attributes(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for reference in references(source) {
        let (kind, position) = match reference.names[0].as_str() {
            "data" => (source.registry.data(&reference.names[1]).map(|kind| kind.schema()), 3),
            kind => (source.registry.kind(kind).map(|kind| kind.schema()), 2),
        };
        let (Some(schema), Some(name)) = (kind, reference.names.get(position)) else { continue };
        let wrong = misspelled(name);
        let known = || schema.attributes.keys().map(String::as_str).chain(["id"]);
        if known().all(|known| known != wrong) && nearest(&wrong, known()) == Some(name.as_str()) {
            let mutation = misspell("an attribute that is misspelled", source, &reference, position);
            made.push(mutation.saying(format!("did you mean `{name}`?")));
        }
    }
    made
}

pub(super) fn misspelled_functions(source: &Source<'_>) -> Vec<Mutation> {
    let call = Regex::new(r"\b([a-z][a-z0-9_]*)\(").unwrap();
    let mut made = Vec::new();
    source.root.for_each_expression(&mut |expression| {
        let text = expression.place.text();
        for name in call.captures_iter(text).filter_map(|found| found.get(1)) {
            let wrong = misspelled(name.as_str());
            // Some are written in the text around expressions.
            let is_call = expression
                .calls
                .iter()
                .any(|(_, place)| place.start == expression.place.start + name.start());
            if is_call && function::function(name.as_str()).is_some() && function::function(&wrong).is_none()
            {
                let at = expression.place.start;
                let mutation =
                    source.edit("a function that is misspelled", at + name.start()..at + name.end(), &wrong);
                made.push(mutation.saying(format!("there is no function `{wrong}`")));
            }
        }
    });
    made
}

pub(super) fn circles(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (kind, name, block) in source.blocks("resource") {
        block.node.for_each_expression(&mut |expression| {
            for reference in &expression.references {
                let named = source
                    .blocks("resource")
                    .into_iter()
                    .find(|(kind, name, _)| reference.names.starts_with(&[(*kind).clone(), (*name).clone()]));
                let Some((_, _, named)) = named else { continue };
                if named.node.table().unwrap().contains_key("depends_on") {
                    continue;
                }
                let Some(at) = source.after_header(named) else { continue };
                let by = format!("depends_on = [\"{kind}.{name}\"]\n");
                let mutation = source.edit("a circle", at..at, &by).breaking(reference.place.start);
                made.push(mutation.saying("this needs itself"));
            }
        });
    }
    made
}

pub(super) fn circles_of_locals(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (name, entry) in source.section("locals").filter(|(_, entry)| source.is_written(entry)) {
        let range = entry.node.place.start..entry.node.place.end;
        let by = format!("\"${{local.{name}}}\"");
        made.push(source.edit("a local that needs itself", range, &by).saying("this needs itself"));
    }
    for (name, variable) in source.section("variable") {
        if let Some(default) = variable.node.table().unwrap().get("default") {
            let range = default.node.place.start..default.node.place.end;
            let mutation =
                source.edit("a variable that needs itself", range, &format!("\"${{var.{name}}}\""));
            if source.is_environment() {
                made.push(mutation.saying("this needs itself"));
            }
        }
    }
    made
}

pub(super) fn each_without_for_each(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (_, _, block) in source.blocks("resource") {
        let table = block.node.table().unwrap();
        if table.contains_key("for_each") {
            continue;
        }
        for entry in
            table.values().filter(|entry| source.is_written(entry) && entry.node.literal_str().is_some())
        {
            let range = entry.node.place.start..entry.node.place.end;
            let mutation = source.edit("each without for_each", range, "\"x-${each.key}\"");
            made.push(mutation.saying("add for_each"));
        }
    }
    made
}

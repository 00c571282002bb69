//! What is no TOML, and no expression.

use provision_engine::config::tree::{Content, Entry, Node};

use super::{Mutation, Source, line};

/// Every value that has a line to itself, and its key.
fn values<'s>(source: &'s Source<'_>) -> Vec<&'s Entry> {
    fn collect<'s>(source: &Source<'_>, node: &'s Node, found: &mut Vec<&'s Entry>) {
        match &node.content {
            Content::Table(table) => {
                for entry in table.values() {
                    if source.own_lines(entry).is_some() && !entry.node.place.text().contains('\n') {
                        found.push(entry);
                    } else {
                        collect(source, &entry.node, found);
                    }
                }
            }
            Content::List(nodes) => nodes.iter().for_each(|node| collect(source, node, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(source, &source.root, &mut found);
    found
}

/// Takes away the last byte of each value that begins and ends with these.
fn unclosed(sort: &'static str, source: &Source<'_>, open: char, close: char) -> Vec<Mutation> {
    let values = values(source).into_iter().map(|entry| &entry.node.place);
    values
        .filter(|place| place.text().starts_with(open) && place.text().ends_with(close))
        .map(|place| source.edit(sort, place.end - 1..place.end, ""))
        .collect()
}

pub(super) fn unclosed_strings(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = unclosed("a string without its end", source, '"', '"');
    made.extend(unclosed("a string without its end", source, '\'', '\''));
    let long = source.text().match_indices("'''\n").filter(|(at, _)| !source.text()[..*at].ends_with('='));
    let ends = long.filter(|(at, _)| source.text()[..*at].matches("'''").count() % 2 == 1);
    for (at, _) in ends {
        let text = source.text();
        let mut mutation = source.edit("a long string without its end", at..at + 3, "");
        // It goes on to where the next one begins, or to the end of the file.
        let begin = text[..at].rfind("'''").unwrap();
        mutation.lines = (line(text, begin)..=line(text, text.len())).collect();
        let next = text[at + 3..].find("'''").map_or(text.len(), |next| at + 3 + next);
        mutation.lines.retain(|number| {
            (line(text, begin)..=line(text, at)).contains(number) || *number >= line(text, next)
        });
        mutation.lines.retain(|number| *number <= line(text, next));
        made.push(mutation);
    }
    made
}

pub(super) fn unclosed_expressions(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for entry in values(source) {
        let place = &entry.node.place;
        if matches!(entry.node.content, Content::Expression(_)) && place.text().ends_with("}\"") {
            let mutation = source.edit("an expression without its end", place.end - 2..place.end - 1, "");
            made.push(mutation.saying("this expression cannot be read"));
        }
        if matches!(entry.node.content, Content::Expression(_)) && place.text().contains(")}") {
            let at = place.start + place.text().find(")}").unwrap();
            let mutation = source.edit("a call without its end", at..at + 1, "");
            made.push(mutation.saying("this expression cannot be read"));
        }
    }
    made
}

pub(super) fn unclosed_brackets(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = unclosed("a list without its end", source, '[', ']');
    made.extend(unclosed("a table without its end", source, '{', '}'));
    made
}

pub(super) fn unclosed_headers(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for section in ["variable", "output", "module", "check"] {
        for (_, entry) in source.section(section) {
            if let Some(after) = source.after_header(entry) {
                made.push(source.edit("a header without its end", after - 2..after - 1, ""));
                let start = source.text()[..entry.key.start].rfind('\n').map_or(0, |at| at + 1);
                made.push(source.edit("a header without its beginning", start..start + 1, ""));
            }
        }
    }
    for entry in values(source) {
        let equals = entry.key.end + source.text()[entry.key.end..].find('=').unwrap();
        made.push(source.edit("a key without an equals sign", equals..equals + 1, ""));
        let range = entry.node.place.start..entry.node.place.end;
        made.push(source.edit("a key without a value", range.clone(), ""));
        made.push(source.edit("a word without quotes", range, "zonk"));
    }
    made
}

pub(super) fn operators(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for entry in
        values(source).into_iter().filter(|entry| matches!(entry.node.content, Content::Expression(_)))
    {
        let place = &entry.node.place;
        for by in [
            "\"${1 +}\"",
            "\"${}\"",
            "\"${[1, 2}\"",
            "\"${a b}\"",
            "\"%{ if true }x\"",
            "\"${upper(}\"",
            "\"${? :}\"",
        ] {
            let mutation = source.edit("no expression", place.start..place.end, by);
            made.push(mutation.saying("this expression cannot be read"));
        }
    }
    made
}

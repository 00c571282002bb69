//! Values that cannot be.

use provision_engine::config::tree::Node;
use provision_engine::schema::Type;

use super::{Argument, Mutation, Source};

fn replace(sort: &'static str, source: &Source<'_>, node: &Node, by: &str) -> Mutation {
    source.edit(sort, node.place.start..node.place.end, by)
}

pub(super) fn of_another_type(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for argument in settable(source) {
        let by = match argument.attribute.r#type {
            Type::Any => continue,
            Type::String => "[\"x\"]",
            Type::Number | Type::Integer => "\"many\"",
            Type::Bool => "\"perhaps\"",
            _ => "5",
        };
        let mutation = replace("a value of another type", source, &argument.entry.node, by);
        made.push(mutation.saying("expected a"));
    }
    made
}

fn settable<'s>(source: &'s Source<'_>) -> Vec<Argument<'s>> {
    source.arguments().into_iter().filter(|argument| !argument.attribute.read_only).collect()
}

pub(super) fn out_of_range(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for argument in settable(source) {
        let constraints = &argument.attribute.constraints;
        let node = &argument.entry.node;
        let sort = "a number that is out of range";
        if let Some(most) = constraints.maximum {
            made.push(replace(sort, source, node, &format!("{}", most + 1.0)).saying("is at most"));
        }
        if let Some(least) = constraints.minimum {
            made.push(replace(sort, source, node, &format!("{}", least - 1.0)).saying("is at least"));
        }
        let sort = "a text that is too long";
        if let (Some(most), Type::String) = (constraints.maximum_length, &argument.attribute.r#type) {
            made.push(
                replace(sort, source, node, &format!("\"{}\"", "x".repeat(most + 1))).saying("has at most"),
            );
        }
    }
    made
}

pub(super) fn none_of_the_choices(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for argument in settable(source) {
        if matches!(argument.attribute.r#type, Type::String)
            && !argument.attribute.constraints.one_of.is_empty()
        {
            let mutation = replace("a value that is no choice", source, &argument.entry.node, "\"zonk\"");
            made.push(mutation.saying("is one of"));
        }
    }
    made
}

pub(super) fn null(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for argument in source.arguments() {
        // What is null shows once it is evaluated.
        if argument.attribute.required && source.used.there.contains(&argument.block) {
            let mutation = replace("null that is no value", source, &argument.entry.node, "\"${null}\"");
            made.push(mutation.saying("is required"));
        }
    }
    made
}

pub(super) fn computed(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (kind, _, entry) in source.blocks("resource") {
        let schema = source.registry.kind(kind).unwrap().schema();
        let computed = schema.attributes.iter().find(|(_, attribute)| attribute.read_only);
        if let (Some((name, _)), Some(at)) = (computed, source.after_header(entry)) {
            let mutation = source.edit("an attribute that is set", at..at, &format!("{name} = \"x\"\n"));
            made.push(mutation.saying("is computed and cannot be set"));
        }
    }
    made
}

pub(super) fn documents(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for argument in settable(source) {
        if matches!(argument.attribute.r#type, Type::Policy | Type::Document) {
            for by in ["'{ \"Version\": '", "\"Allow everything\"", "'{ \"Statement\": [ }'"] {
                let mutation = replace("a document that is no JSON", source, &argument.entry.node, by);
                made.push(mutation.saying("this is no JSON"));
            }
        }
    }
    made
}

pub(super) fn environments(source: &Source<'_>) -> Vec<Mutation> {
    const WRONG: [(&str, &str, &str); 12] = [
        ("region", "\"mars\"", "is no AWS region"),
        ("region", "\"us-east\"", "is no AWS region"),
        ("region", "1", "expected a string"),
        ("region", "\"${var.region}\"", "write it out"),
        ("name", "\"De v\"", "use lower-case letters"),
        ("name", "\"-dev\"", "use lower-case letters"),
        ("name", "[]", "expected a string"),
        ("project", "\"Story_Time\"", "use lower-case letters"),
        ("project", "\"\"", "use lower-case letters"),
        ("tags", "\"a=b\"", "expected a table of strings"),
        ("tags", "{ a = 1 }", "expected a string"),
        ("tags", "{ a = [] }", "expected a string"),
    ];
    let mut made = Vec::new();
    let Some(env) = source.root.table().unwrap().get("env").and_then(|entry| entry.node.table()) else {
        return made;
    };
    for (name, by, says) in WRONG {
        if let Some(entry) = env.get(name) {
            made.push(replace("a wrong environment", source, &entry.node, by).saying(says));
        }
    }
    made
}

pub(super) fn types_of_variables(source: &Source<'_>) -> Vec<Mutation> {
    let mut made = Vec::new();
    for (_, entry) in source.section("variable") {
        let table = entry.node.table().unwrap();
        if let Some(r#type) = table.get("type") {
            for by in
                ["\"strng\"", "\"list(\"", "\"map(string, string)\"", "\"object({ a = lst(any) })\"", "5"]
            {
                let mutation = replace("a type that is none", source, &r#type.node, by);
                made.push(mutation.saying(if by == "5" { "expected a string" } else { "type" }));
            }
            let text = r#type.node.literal_str().unwrap_or_default();
            if let (true, Some(default)) = (source.is_environment(), table.get("default")) {
                let by = match text {
                    "number" => "\"many\"",
                    "bool" => "\"perhaps\"",
                    "string" => "[1]",
                    _ => "5",
                };
                let mutation = replace("a default of another type", source, &default.node, by);
                made.push(mutation.saying("expected"));
            }
        }
        if let Some(sensitive) = table.get("sensitive") {
            made.push(
                replace("a flag that is none", source, &sensitive.node, "\"yes\"")
                    .saying("expected true or false"),
            );
        }
    }
    made
}

//! What is wrong with a table.

use std::collections::BTreeSet;

use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};

use crate::given::Given;

pub(super) fn problems(table: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let given = Given(table);
    capacity(table, table, &Path::root(), &mut problems);
    for (index, part) in table.get("global_secondary_index").items().iter().enumerate() {
        let path = Path::root().key("global_secondary_index").index(index);
        capacity(table, part, &path, &mut problems);
        projection(part, &path, &mut problems);
    }
    for (index, part) in table.get("local_secondary_index").items().iter().enumerate() {
        projection(part, &Path::root().key("local_secondary_index").index(index), &mut problems);
    }
    if given.has("local_secondary_index") && given.lacks("range_key") {
        problems.push(
            Problem::new("local_secondary_index", "a table without a `range_key` has no local indexes")
                .with_hint("add `range_key`, or make it a `global_secondary_index`"),
        );
    }
    if given.has("stream_enabled") && given.lacks("stream_view_type") {
        problems
            .push(Problem::new("stream_view_type", "a stream needs `stream_view_type`").with_hint("add it"));
    }
    let ttl = Given(table.get("ttl"));
    if ttl.has("enabled") && ttl.lacks("attribute_name") {
        problems.push(
            Problem::new(
                Path::root().key("ttl").key("attribute_name"),
                "nothing says by which attribute items expire",
            )
            .with_hint("add `attribute_name`"),
        );
    }
    let encryption = Given(table.get("server_side_encryption"));
    if encryption.has("kms_key_arn") && encryption.lacks("enabled") {
        problems.push(
            Problem::new(Path::root().key("server_side_encryption").key("enabled"), "the key is not used")
                .with_hint("set `enabled = true`, or leave out the key"),
        );
    }
    names(table, &mut problems);
    attributes(table, &mut problems);
    problems
}

/// That a table or an index says how much it can take, if that is paid for ahead, and only then.
fn capacity(table: &Value, part: &Value, path: &Path, problems: &mut Vec<Problem>) {
    let given = Given(part);
    let Some(mode) = table.get("billing_mode").as_str() else { return };
    let is_provisioned = mode == "PROVISIONED";
    for name in ["read_capacity", "write_capacity"] {
        if is_provisioned && given.lacks(name) {
            problems.push(
                Problem::new(
                    path.key(name),
                    format!("a provisioned table needs `{name}`, and so do its indexes"),
                )
                .with_hint("add it, or set `billing_mode = \"PAY_PER_REQUEST\"`"),
            );
        }
        if !is_provisioned && given.has(name) {
            problems.push(
                Problem::new(path.key(name), format!("`{name}` is for `billing_mode = \"PROVISIONED\"`"))
                    .with_hint("remove it, or limit the table by `on_demand_throughput`"),
            );
        }
    }
    if is_provisioned && given.has("on_demand_throughput") {
        problems.push(Problem::new(
            path.key("on_demand_throughput"),
            "`on_demand_throughput` is for `billing_mode = \"PAY_PER_REQUEST\"`",
        ));
    }
}

fn projection(index: &Value, path: &Path, problems: &mut Vec<Problem>) {
    let given = Given(index);
    let path = path.key("non_key_attributes");
    match index.get("projection_type").as_str() {
        Some("INCLUDE") if given.lacks("non_key_attributes") => {
            problems.push(
                Problem::new(path, "nothing says which attributes the index includes").with_hint("add them"),
            );
        }
        Some(kind) if kind != "INCLUDE" && given.has("non_key_attributes") => {
            problems.push(
                Problem::new(path, format!("`non_key_attributes` are not for the projection {kind}"))
                    .with_hint("remove them, or set `projection_type = \"INCLUDE\"`"),
            );
        }
        _ => {}
    }
}

fn names(table: &Value, problems: &mut Vec<Problem>) {
    let mut names = BTreeSet::new();
    for list in ["global_secondary_index", "local_secondary_index"] {
        for (index, part) in table.get(list).items().iter().enumerate() {
            if part.get("name").as_str().is_some_and(|name| !names.insert(name)) {
                let path = Path::root().key(list).index(index).key("name");
                problems.push(Problem::new(path, "another index of the table has this name"));
            }
        }
    }
}

/// That each key is declared, and nothing else.
fn attributes(table: &Value, problems: &mut Vec<Problem>) {
    let lists = ["attribute", "global_secondary_index", "local_secondary_index"];
    let is_unknown = |list: &&str| {
        let items = table.get(list);
        items.is_unknown() || items.items().iter().any(Value::is_unknown)
    };
    if lists.iter().any(is_unknown) {
        return;
    }
    let indexes = lists[1..].iter().flat_map(|list| {
        let path = Path::root().key(*list);
        table.get(list).items().iter().enumerate().map(move |(index, part)| (part, path.index(index)))
    });
    let keys: Vec<(&Value, Path)> = [(table, Path::root())]
        .into_iter()
        .chain(indexes)
        .flat_map(|(part, path)| ["hash_key", "range_key"].map(|name| (part.get(name), path.key(name))))
        .filter(|(key, _)| !key.is_null())
        .collect();
    let declared = table.get("attribute").items();
    let mut seen = BTreeSet::new();
    for (index, attribute) in declared.iter().enumerate() {
        let Some(name) = attribute.get("name").as_str() else { return };
        let path = Path::root().key("attribute").index(index).key("name");
        if !seen.insert(name) {
            problems.push(Problem::new(path.clone(), format!("\"{name}\" is declared twice")));
        }
        if keys.iter().all(|(key, _)| !key.is_unknown() && key.as_str() != Some(name)) {
            problems.push(
                Problem::new(path, format!("\"{name}\" is a key of nothing"))
                    .with_hint("remove it: only keys of the table and of its indexes are declared"),
            );
        }
    }
    for (key, path) in keys {
        if let Some(name) = key.as_str()
            && !seen.contains(name)
        {
            problems.push(
                Problem::new(path, format!("\"{name}\" is no `attribute`"))
                    .with_hint(format!("add {{ name = \"{name}\", type = \"S\" }} to `attribute`")),
            );
        }
    }
}

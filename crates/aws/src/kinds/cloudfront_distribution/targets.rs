//! Whether what behaviors and origin groups refer to exists.

use std::collections::BTreeSet;

use provision_engine::schema::Problem;
use provision_engine::spelling;
use provision_engine::value::{Path, Value};

/// What is wrong with the references to origins and origin groups. Judges nothing while a name is unknown.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let (Some(origins), Some(groups)) =
        (names(configuration.get("origin")), names(configuration.get("origin_group")))
    else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for group in configuration.get("origin_group").items() {
        let name = group.get("origin_id").as_str().unwrap_or("…");
        let mut refuse = |message: String, hint: String| {
            let message = format!("origin group \"{name}\": {message}");
            problems.push(Problem::new("origin_group", message).with_hint(hint));
        };
        if origins.contains(name) {
            refuse("an origin has this name".to_owned(), "give the group a name of its own".to_owned());
        }
        let mut members = BTreeSet::new();
        for member in group.get("member").items().iter().filter_map(|member| member.get("origin_id").as_str())
        {
            if !origins.contains(member) {
                refuse(format!("there is no origin \"{member}\""), suggestion(member, &origins));
            }
            if !members.insert(member) {
                refuse(format!("\"{member}\" is both of its members"), "name two origins".to_owned());
            }
        }
    }
    let all: BTreeSet<&str> = origins.union(&groups).copied().collect();
    let mut target = |behavior: &Value, path: Path| {
        if let Some(name) = behavior.get("target_origin_id").as_str().filter(|name| !all.contains(name)) {
            let message = format!("there is no origin or origin group \"{name}\"");
            problems
                .push(Problem::new(path.key("target_origin_id"), message).with_hint(suggestion(name, &all)));
        }
    };
    target(configuration.get("default_cache_behavior"), Path::from("default_cache_behavior"));
    for (index, behavior) in configuration.get("ordered_cache_behavior").items().iter().enumerate() {
        target(behavior, Path::from("ordered_cache_behavior").index(index));
    }
    problems
}

/// The names of the origins or groups in a list, if all of them are known.
fn names(list: &Value) -> Option<BTreeSet<&str>> {
    match list {
        Value::Null => Some(BTreeSet::new()),
        Value::List(items) => items.iter().map(|item| item.get("origin_id").as_str()).collect(),
        _ => None,
    }
}

fn suggestion(name: &str, known: &BTreeSet<&str>) -> String {
    match spelling::nearest(name, known.iter().copied()) {
        Some(nearest) => format!("did you mean \"{nearest}\"?"),
        None if known.is_empty() => "add an `origin`".to_owned(),
        None => format!("there are {}", known.iter().copied().collect::<Vec<_>>().join(", ")),
    }
}

//! Policies: what they allow, and what is left of them without an action.

use std::collections::BTreeSet;

use provision_sandbox::Need;
use provision_tests::World;
use serde_json::{Value, json};

/// The policy for a plan, as root sees it.
pub(crate) fn policy(world: &World, arguments: &[&str]) -> Value {
    let output = world.succeed(&[&["plan", "--permissions"], arguments].concat());
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"))
}

/// Each action with each resource that a policy allows it on.
pub(crate) fn pairs(policy: &Value) -> BTreeSet<(String, String)> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .flat_map(|statement| {
            let resources = texts(&statement["Resource"]);
            let actions = texts(&statement["Action"]);
            actions.into_iter().flat_map(move |action| {
                resources.clone().into_iter().map(move |resource| (action.clone(), resource))
            })
        })
        .collect()
}

/// All actions of a policy.
pub(crate) fn actions(policy: &Value) -> BTreeSet<String> {
    pairs(policy).into_iter().map(|(action, _)| action).collect()
}

/// The policy without one action.
pub(crate) fn without(policy: &Value, action: &str) -> Value {
    let statements = policy["Statement"].as_array().unwrap().iter();
    let less = statements.filter_map(|statement| {
        let left: Vec<String> =
            texts(&statement["Action"]).into_iter().filter(|other| other != action).collect();
        let mut statement = statement.clone();
        statement["Action"] = json!(left);
        (!left.is_empty()).then_some(statement)
    });
    json!({ "Version": "2012-10-17", "Statement": less.collect::<Vec<_>>() })
}

/// Fails unless a policy allows what was needed, and nothing else.
pub(crate) fn assert_least(policy: &Value, needs: &[Need], what: &str) {
    let denied: Vec<&Need> = needs.iter().filter(|need| !need.allowed).collect();
    assert!(denied.is_empty(), "{what}: nothing that is needed is missing: {denied:#?}");
    let is_needed = |(action, resource): &&(String, String)| {
        needs.iter().any(|need| need.action == *action && is_like(resource, &need.resource))
    };
    let pairs = pairs(policy);
    let idle: Vec<_> = pairs.iter().filter(|pair| !is_needed(pair)).collect();
    assert!(idle.is_empty(), "{what}: nothing that is allowed was not needed: {idle:#?}");
}

fn texts(value: &Value) -> Vec<String> {
    let one = std::slice::from_ref(value);
    let all = value.as_array().map_or(one, Vec::as_slice);
    all.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn is_like(pattern: &str, text: &str) -> bool {
    let pattern = regex::escape(pattern).replace(r"\*", ".*");
    regex::Regex::new(&format!("^{pattern}$")).unwrap().is_match(text)
}

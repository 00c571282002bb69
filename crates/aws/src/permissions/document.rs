//! Permissions as an IAM policy.

use std::collections::{BTreeMap, BTreeSet};

use provision_engine::permission::Permission;
use serde_json::{Map, Value, json};

/// How many characters a managed policy has at most, white space not counted.
pub const LIMIT: usize = 6144;

type Conditions = BTreeMap<(String, String), String>;

/// The policy that allows these permissions and no others: what is allowed on the same resources under the same
/// conditions is one statement. The same permissions give the same text.
pub fn document(permissions: &BTreeSet<Permission>) -> Value {
    let statements: Vec<Value> = statements(permissions)
        .into_iter()
        .map(|(actions, resources, conditions)| {
            let mut statement = json!({
                "Effect": "Allow",
                "Action": one_or_more(&actions),
                "Resource": one_or_more(&resources),
            });
            if !conditions.is_empty() {
                statement["Condition"] = tested(&conditions);
            }
            statement
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// How many characters of a policy count.
pub fn size(document: &Value) -> usize {
    document.to_string().chars().filter(|character| !character.is_whitespace()).count()
}

/// Actions, the resources that all of them are allowed on, and the conditions of that.
pub(super) fn statements(permissions: &BTreeSet<Permission>) -> Vec<(Vec<String>, Vec<String>, Conditions)> {
    let mut actions: BTreeMap<(&Conditions, &str), BTreeSet<&str>> = BTreeMap::new();
    for permission in least(permissions) {
        let place = (&permission.conditions, permission.resource.as_str());
        actions.entry(place).or_default().insert(&permission.action);
    }
    let mut resources: BTreeMap<(BTreeSet<&str>, &Conditions), Vec<String>> = BTreeMap::new();
    for ((conditions, resource), actions) in actions {
        resources.entry((actions, conditions)).or_default().push(resource.to_owned());
    }
    let owned = |actions: BTreeSet<&str>| actions.into_iter().map(str::to_owned).collect();
    resources
        .into_iter()
        .map(|((actions, conditions), resources)| (owned(actions), resources, conditions.clone()))
        .collect()
}

/// The permissions that no other one includes.
fn least(permissions: &BTreeSet<Permission>) -> Vec<&Permission> {
    let mut by_action: BTreeMap<&str, Vec<&Permission>> = BTreeMap::new();
    for permission in permissions {
        by_action.entry(&permission.action).or_default().push(permission);
    }
    let is_included = |permission: &Permission| {
        by_action.get(permission.action.as_str()).into_iter().flatten().any(|other| {
            *other != permission
                && is_like(&other.resource, &permission.resource)
                && other
                    .conditions
                    .iter()
                    .all(|condition| permission.conditions.iter().any(|own| own == condition))
        })
    };
    permissions.iter().filter(|permission| !is_included(permission)).collect()
}

/// Whether what one pattern stands for includes what another does: `*` stands for any characters.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text.strip_prefix(before).is_some_and(|rest| {
            after.is_empty()
                || rest
                    .char_indices()
                    .map(|(place, _)| place)
                    .chain([rest.len()])
                    .any(|place| is_like(after, rest.get(place..).unwrap_or_default()))
        }),
    }
}

fn tested(conditions: &Conditions) -> Value {
    let mut operators = Map::new();
    for ((operator, key), value) in conditions {
        let keys = operators.entry(operator.clone()).or_insert_with(|| json!({}));
        keys[key] = json!(value);
    }
    Value::Object(operators)
}

fn one_or_more(texts: &[String]) -> Value {
    match texts {
        [single] => json!(single),
        several => json!(several),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(all: &[(&str, &str)]) -> BTreeSet<Permission> {
        all.iter().map(|(action, resource)| Permission::new(*action, *resource)).collect()
    }

    #[test]
    fn what_is_allowed_on_the_same_is_one_statement() {
        let all = [("s3:b", "y"), ("s3:a", "x"), ("s3:a", "y"), ("s3:b", "x"), ("s3:c", "x"), ("s3:c", "z*")];
        let expected = json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Effect": "Allow", "Action": ["s3:a", "s3:b"], "Resource": "y" },
                { "Effect": "Allow", "Action": ["s3:a", "s3:b", "s3:c"], "Resource": "x" },
                { "Effect": "Allow", "Action": "s3:c", "Resource": "z*" },
            ],
        });
        assert_eq!(document(&permissions(&all)), expected);
    }

    #[test]
    fn what_another_includes_is_left_out() {
        let mut all = permissions(&[("s3:a", "x/*"), ("s3:a", "x/y"), ("s3:a", "x"), ("s3:b", "x/y")]);
        all.insert(Permission::new("s3:a", "x/z").only_if("StringEquals", "key", "value"));
        let document = document(&all);
        let resources: Vec<&Value> =
            document["Statement"].as_array().into_iter().flatten().map(|it| &it["Resource"]).collect();
        assert_eq!(resources, [&json!(["x", "x/*"]), &json!("x/y")]);
    }

    #[test]
    fn conditions_are_kept_apart() {
        let pass = |service| Permission::new("iam:PassRole", "r").only_if("StringEquals", "to", service);
        let document = document(&BTreeSet::from([pass("a"), pass("b")]));
        assert_eq!(document["Statement"][0]["Condition"], json!({ "StringEquals": { "to": "a" } }));
        assert_eq!(document["Statement"][1]["Condition"], json!({ "StringEquals": { "to": "b" } }));
    }
}

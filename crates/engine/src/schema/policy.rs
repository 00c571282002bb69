//! When two IAM policies mean the same.

use super::check::sorted;
use crate::value::Value;

/// The members of a policy in which one string and a list of one are the same, and order does not matter.
const POLICY_SETS: [&str; 5] = ["Action", "NotAction", "Resource", "NotResource", "Statement"];

/// A policy in a form in which equal meaning is equality.
pub(super) fn policy_form(value: &Value) -> Value {
    let Value::Map(map) = value else { return value.clone() };
    Value::Map(
        map.iter()
            .map(|(key, item)| {
                let form = match key.as_str() {
                    "Statement" => set_of(item, &policy_form),
                    "Principal" | "NotPrincipal" => match item {
                        // AWS answers "*" where {"AWS": "*"} was sent.
                        Value::Map(inner) if inner.len() == 1 && is_everyone(inner.get("AWS")) => {
                            Value::from("*")
                        }
                        Value::Map(inner) => Value::Map(
                            inner
                                .iter()
                                .map(|(key, item)| (key.clone(), set_of(item, &principal_form)))
                                .collect(),
                        ),
                        other => other.clone(),
                    },
                    "Condition" => condition_form(item),
                    name if POLICY_SETS.contains(&name) => set_of(item, &|item| item.clone()),
                    _ => item.clone(),
                };
                (key.clone(), form)
            })
            .collect(),
    )
}

fn is_everyone(principal: Option<&Value>) -> bool {
    match principal {
        Some(Value::List(items)) => matches!(items.as_slice(), [single] if single.as_str() == Some("*")),
        single => single.and_then(Value::as_str) == Some("*"),
    }
}

fn condition_form(value: &Value) -> Value {
    let Value::Map(operators) = value else { return value.clone() };
    let keys = |value: &Value| match value {
        Value::Map(keys) => Value::Map(
            keys.iter().map(|(key, item)| (key.to_ascii_lowercase(), set_of(item, &as_text))).collect(),
        ),
        other => other.clone(),
    };
    Value::Map(operators.iter().map(|(operator, value)| (operator.clone(), keys(value))).collect())
}

/// An account's number stands for its root user.
fn principal_form(value: &Value) -> Value {
    match value.as_str() {
        Some(account) if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
            Value::String(format!("arn:aws:iam::{account}:root"))
        }
        _ => value.clone(),
    }
}

/// Conditions compare text: `true` and `"true"` are the same.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Bool(boolean) => Value::String(boolean.to_string()),
        Value::Number(number) => Value::String(number.to_string()),
        other => other.clone(),
    }
}

fn set_of(value: &Value, form: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::List(items) => sorted(items.iter().map(form).collect()),
        Value::Unknown => Value::Unknown,
        single => Value::List(vec![form(single)]),
    }
}

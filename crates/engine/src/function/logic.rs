//! Questions about the elements of a list.

use super::conversion::as_bool;
use super::{Arguments, Function};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "alltrue",
        &["list"],
        all_true,
        "Whether all elements are true; so they are if there are none.",
    )
    .partial(),
    Function::new("anytrue", &["list"], any_true, "Whether any element is true.").partial(),
    Function::new("contains", &["list", "value"], contains, "Whether an element equals the value.").partial(),
];

/// Whether an element decides the answer.
enum Verdict {
    Decisive,
    Indifferent,
    NotKnown,
}

/// Goes through a list for an element that decides for `decided`; without one, the answer is the opposite, or
/// whatever stands for what is not known.
fn decide(
    items: &[Value],
    decided: bool,
    judge: impl Fn(&Value) -> Result<Verdict, String>,
) -> Result<Value, String> {
    let mut open = None;
    for item in items {
        match judge(item)? {
            Verdict::Decisive => return Ok(Value::Bool(decided)),
            Verdict::Indifferent => {}
            Verdict::NotKnown if !item.is_wholly_known() => open = Some(Value::Unknown),
            Verdict::NotKnown => open = open.or_else(|| super::withheld(item)).or(Some(Value::Unknown)),
        }
    }
    Ok(open.unwrap_or(Value::Bool(!decided)))
}

/// `alltrue` is decided by a false element, or by null; `anytrue` by a true one.
fn boolean(arguments: &Arguments<'_>, decisive: bool, null_decides: bool) -> Result<Value, String> {
    decide(arguments.list(0)?, decisive, |item| match item {
        Value::Unknown | Value::Withheld(_) => Ok(Verdict::NotKnown),
        Value::Null if null_decides => Ok(Verdict::Decisive),
        Value::Null => Ok(Verdict::Indifferent),
        other => match as_bool(other) {
            Ok(value) if value == decisive => Ok(Verdict::Decisive),
            Ok(_) => Ok(Verdict::Indifferent),
            Err(message) => Err(arguments.invalid(0, message)),
        },
    })
}

fn all_true(arguments: &Arguments<'_>) -> Result<Value, String> {
    boolean(arguments, false, true)
}

fn any_true(arguments: &Arguments<'_>) -> Result<Value, String> {
    boolean(arguments, true, false)
}

fn contains(arguments: &Arguments<'_>) -> Result<Value, String> {
    let sought = arguments.value(1);
    let opaque = |value: &Value| value.any(&|part| matches!(part, Value::Unknown | Value::Withheld(_)));
    let sought_is_opaque = opaque(sought);
    decide(arguments.list(0)?, true, |item| {
        Ok(match () {
            () if sought_is_opaque || opaque(item) => Verdict::NotKnown,
            () if item == sought => Verdict::Decisive,
            () => Verdict::Indifferent,
        })
    })
}

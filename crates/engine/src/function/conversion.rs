//! Types and the conversions between them, as Terraform makes them: between primitive types and text.

use std::borrow::Cow;

use super::set::set_of;
use super::{Arguments, Function};
use crate::value::{Map, Number, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("tobool", &["v"], to_bool, "Converts `\"true\"` or `\"false\"` to a boolean."),
    Function::new("tolist", &["v"], to_list, "A list whose elements are all of one type.").partial(),
    Function::new("tomap", &["v"], to_map, "A map whose values are all of one type.").partial(),
    Function::new("tonumber", &["v"], to_number, "Converts text in decimal notation to a number."),
    Function::new("toset", &["v"], to_set, "A list in order, with each element once."),
    Function::new("tostring", &["v"], to_string, "Converts a number or a boolean to text."),
];

fn mismatch(expected: &str, value: &Value) -> String {
    match value {
        Value::Null => "must not be null".to_owned(),
        other => format!("expected {expected}, found {}", other.type_name()),
    }
}

/// A primitive value as text: what a template inserts.
///
/// # Errors
/// The value is null, a list or a map, or is not known.
pub fn as_text(value: &Value) -> Result<Cow<'_, str>, String> {
    match value {
        Value::String(text) => Ok(Cow::Borrowed(text)),
        Value::Number(number) => Ok(Cow::Owned(number_text(number))),
        Value::Bool(boolean) => Ok(Cow::Borrowed(if *boolean { "true" } else { "false" })),
        other => Err(mismatch("a string", other)),
    }
}

/// A number, or the number that some text spells.
///
/// # Errors
/// The value is neither.
pub fn as_number(value: &Value) -> Result<Number, String> {
    match value {
        Value::Number(number) => Ok(number.clone()),
        Value::String(text) => {
            parse_number(text).ok_or_else(|| "expected a number, found text that is none".to_owned())
        }
        other => Err(mismatch("a number", other)),
    }
}

/// A boolean, or the boolean that some text spells.
///
/// # Errors
/// The value is neither.
pub fn as_bool(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(boolean) => Ok(*boolean),
        Value::String(text) => match text.as_str() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            "True" | "TRUE" | "False" | "FALSE" => {
                Err("a boolean is required: to convert from text, use lowercase".to_owned())
            }
            _ => Err("expected a boolean, found text that is neither \"true\" nor \"false\"".to_owned()),
        },
        other => Err(mismatch("a boolean", other)),
    }
}

/// A number in decimal notation, without an exponent.
pub fn number_text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    }
}

/// The number that some text spells. A whole number that does not fit 64 bits is none: rounding it in silence
/// would change it.
pub(super) fn parse_number(text: &str) -> Option<Number> {
    if let Ok(integer) = text.parse::<i64>() {
        return Some(integer.into());
    }
    if let Ok(integer) = text.parse::<u64>() {
        return Some(integer.into());
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    // Rust reads "inf" and "nan" as numbers too.
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        || digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    match Value::from(text.parse::<f64>().ok()?) {
        Value::Number(number) => Some(number),
        _ => None,
    }
}

/// Elements brought to one type: primitive values of different types all become text.
///
/// `None` if that cannot be told yet, because something unknown stands beside what it could turn into text.
pub(super) fn unified<'a>(values: impl Iterator<Item = &'a Value> + Clone) -> Option<Vec<Value>> {
    let known =
        values.clone().filter(|value| !matches!(value, Value::Null | Value::Unknown | Value::Withheld(_)));
    let opaque = values.clone().any(|value| matches!(value, Value::Unknown | Value::Withheld(_)));
    let primitive = |value: &Value| matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_));
    let same = |left: &Value, right: &Value| std::mem::discriminant(left) == std::mem::discriminant(right);
    let all_primitive = known.clone().all(primitive);
    let first = known.clone().next();
    let mixed = all_primitive && first.is_some_and(|first| known.clone().any(|value| !same(first, value)));
    if mixed {
        return Some(
            values.map(|value| as_text(value).map_or_else(|_| value.clone(), Value::from)).collect(),
        );
    }
    let could_become_text = matches!(first, Some(Value::Bool(_) | Value::Number(_))) && all_primitive;
    if opaque && could_become_text {
        return None;
    }
    Some(values.cloned().collect())
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        Self::String(text.into_owned())
    }
}

fn unless_null(
    arguments: &Arguments<'_>,
    convert: impl Fn(&Value) -> Result<Value, String>,
) -> Result<Value, String> {
    match arguments.value(0) {
        Value::Null => Ok(Value::Null),
        value => convert(value).map_err(|message| arguments.invalid(0, message)),
    }
}

fn to_bool(arguments: &Arguments<'_>) -> Result<Value, String> {
    unless_null(arguments, |value| as_bool(value).map(Value::Bool))
}

fn to_number(arguments: &Arguments<'_>) -> Result<Value, String> {
    unless_null(arguments, |value| as_number(value).map(Value::Number))
}

fn to_string(arguments: &Arguments<'_>) -> Result<Value, String> {
    unless_null(arguments, |value| as_text(value).map(Value::from))
}

/// What stands for a collection whose type cannot be told because of this.
fn undetermined(value: &Value) -> Value {
    match super::withheld(value) {
        Some(secret) if value.is_wholly_known() => secret,
        _ => Value::Unknown,
    }
}

fn to_list(arguments: &Arguments<'_>) -> Result<Value, String> {
    let value = arguments.value(0);
    if value.is_null() {
        return Ok(Value::Null);
    }
    let items = arguments.list(0)?;
    Ok(unified(items.iter()).map_or_else(|| undetermined(value), Value::List))
}

fn to_set(arguments: &Arguments<'_>) -> Result<Value, String> {
    if arguments.value(0).is_null() {
        return Ok(Value::Null);
    }
    Ok(set_of(arguments.list(0)?))
}

fn to_map(arguments: &Arguments<'_>) -> Result<Value, String> {
    let value = arguments.value(0);
    if value.is_null() {
        return Ok(Value::Null);
    }
    let map = arguments.map(0)?;
    Ok(match unified(map.values()) {
        Some(values) => Value::Map(map.keys().cloned().zip(values).collect::<Map>()),
        None => undetermined(value),
    })
}

//! JSON text as Terraform writes and reads it.
//!
//! Terraform escapes `<`, `>` and `&` so that JSON can stand in HTML. Many a policy in an account was written that
//! way, so the same is done here.

use serde_json::Value as Json;

use super::conversion::number_text;
use crate::value::{Number, Value};

/// A value as JSON text, without white space and with keys in order.
///
/// # Errors
/// A part of the value is not known.
pub(crate) fn encode(value: &Value) -> Result<String, String> {
    let mut text = String::new();
    write(&mut text, value)?;
    Ok(text)
}

fn write(text: &mut String, value: &Value) -> Result<(), String> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(boolean) => text.push_str(if *boolean { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number_text(number)),
        Value::String(string) => text.push_str(&quoted(string)),
        Value::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(text, item)?;
            }
            text.push(']');
        }
        Value::Map(map) => {
            text.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&quoted(key));
                text.push(':');
                write(text, item)?;
            }
            text.push('}');
        }
        Value::Unknown | Value::Withheld(_) => {
            return Err(format!("{} cannot be written as JSON", value.type_name()));
        }
    }
    Ok(())
}

/// Text as a JSON string.
pub(super) fn quoted(string: &str) -> String {
    let mut text = String::with_capacity(string.len() + 2);
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                text.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

/// The value that JSON text stands for.
///
/// # Errors
/// Where the text is no JSON.
pub(super) fn decode(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map(plain).map_err(|error| format!("this is no JSON: {error}"))
}

/// Unlike `Value::from_json`, this takes nothing for the form that withheld secrets have in the state: the text
/// comes from elsewhere.
fn plain(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => float_or_integer(number),
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::List(items.into_iter().map(plain).collect()),
        Json::Object(object) => {
            Value::Map(object.into_iter().map(|(key, value)| (key, plain(value))).collect())
        }
    }
}

fn float_or_integer(number: Number) -> Value {
    match number.as_f64() {
        Some(float) if number.is_f64() => Value::from(float),
        _ => Value::Number(number),
    }
}

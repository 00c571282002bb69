//! Functions on maps.

use std::collections::BTreeMap;

use super::conversion::as_text;
use super::{Arguments, Function};
use crate::value::{Map, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("keys", &["input_map"], keys, "The keys of a map, in order.").partial(),
    Function::new(
        "lookup",
        &["input_map", "key", "default"],
        lookup,
        "The value of a key, or else the default.",
    )
    .optional(1)
    .lazy(),
    Function::new("merge", &["maps"], merge, "One map of all; of keys in several maps the last one wins.")
        .variadic()
        .partial(),
    Function::new(
        "transpose",
        &["values"],
        transpose,
        "Swaps the keys and the values of a map of lists of strings.",
    ),
    Function::new("values", &["input_map"], values, "The values of a map, in the order of its keys.")
        .partial(),
    Function::new(
        "zipmap",
        &["keyslist", "valueslist"],
        zipmap,
        "A map of a list of keys and a list of their values.",
    )
    .partial(),
];

fn keys(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::List(arguments.map(0)?.keys().cloned().map(Value::String).collect()))
}

fn lookup(arguments: &Arguments<'_>) -> Result<Value, String> {
    if let Some(unavailable) = arguments.unavailable(0).or_else(|| arguments.unavailable(1)) {
        return Ok(unavailable);
    }
    let (map, key) = (arguments.map(0)?, arguments.text(1)?);
    map.get(key.as_ref())
        .or_else(|| arguments.get(2))
        .cloned()
        .ok_or_else(|| "the map has no such key, and no default is given".to_owned())
}

fn merge(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut merged = Map::new();
    for (position, value) in arguments.rest(0).iter().enumerate() {
        if !value.is_null() {
            merged.extend(arguments.map(position)?.clone());
        }
    }
    Ok(Value::Map(merged))
}

fn transpose(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut transposed: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (key, value) in arguments.map(0)? {
        let Value::List(items) = value else {
            return Err(arguments.invalid(
                0,
                format!("expected a map of lists of strings, found {} in it", value.type_name()),
            ));
        };
        for item in items {
            let item = as_text(item).map_err(|message| arguments.invalid(0, message))?;
            let keys = transposed.entry(item.into_owned()).or_default();
            // The map's own order leaves the keys in order, with equal ones side by side.
            if keys.last().and_then(Value::as_str) != Some(key) {
                keys.push(Value::from(key.as_str()));
            }
        }
    }
    Ok(Value::Map(transposed.into_iter().map(|(key, items)| (key, Value::List(items))).collect()))
}

fn values(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::List(arguments.map(0)?.values().cloned().collect()))
}

fn zipmap(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (keys, values) = (arguments.list(0)?, arguments.list(1)?);
    if keys.len() != values.len() {
        return Err(format!("there must be as many keys as values, not {} and {}", keys.len(), values.len()));
    }
    let mut zipped = Map::new();
    for (index, (key, value)) in keys.iter().zip(values).enumerate() {
        match key {
            // A map whose keys are not known is not known at all.
            Value::Unknown => return Ok(Value::Unknown),
            secret @ Value::Withheld(_) => return Ok(super::withheld(secret).unwrap_or_default()),
            key => {
                let key = as_text(key)
                    .map_err(|message| arguments.invalid(0, format!("element {index}: {message}")))?;
                zipped.insert(key.into_owned(), value.clone());
            }
        }
    }
    Ok(Value::Map(zipped))
}

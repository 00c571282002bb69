//! Functions on lists.

use super::conversion::unified;
use super::order::compare;
use super::{Arguments, Function};
use crate::value::{Number, Value};

/// The most numbers that `range` makes, as in Terraform.
const LONGEST_RANGE: usize = 1024;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "chunklist",
        &["list", "size"],
        chunklist,
        "Splits a list into lists of that size; 0 makes one.",
    )
    .partial(),
    Function::new(
        "coalesce",
        &["vals"],
        coalesce,
        "The first argument that is neither null nor the empty string.",
    )
    .variadic()
    .lazy(),
    Function::new("coalescelist", &["vals"], coalescelist, "The first list that is not empty.")
        .variadic()
        .lazy(),
    Function::new("compact", &["list"], compact, "A list of strings without those that are null or empty."),
    Function::new("concat", &["seqs"], concat, "All the lists one after the other.").variadic().partial(),
    Function::new("distinct", &["list"], distinct, "A list without what is in it already."),
    Function::new(
        "element",
        &["list", "index"],
        element,
        "The element at an index, counted around the list.",
    )
    .partial(),
    Function::new(
        "flatten",
        &["list"],
        flatten,
        "A list whose elements that are lists are replaced by their own.",
    )
    .partial(),
    Function::new(
        "index",
        &["list", "value"],
        index,
        "The index of the first element that equals the value.",
    ),
    Function::new("length", &["value"], length, "How many elements or characters there are.").partial(),
    Function::new(
        "matchkeys",
        &["values", "keys", "searchset"],
        matchkeys,
        "The values whose keys are searched for.",
    ),
    Function::new("one", &["list"], one, "The only element of a list, or null if it is empty.").partial(),
    Function::new(
        "range",
        &["start_or_limit", "limit", "step"],
        range,
        "The numbers from a start to before a limit.",
    )
    .optional(2),
    Function::new("reverse", &["list"], reverse, "A list from its end to its beginning.").partial(),
    Function::new(
        "slice",
        &["list", "start_index", "end_index"],
        slice,
        "The elements from a start to before an end.",
    )
    .partial(),
    Function::new("sort", &["list"], sort, "A list of strings in the order of their characters' codes."),
];

fn list(items: impl IntoIterator<Item = Value>) -> Result<Value, String> {
    Ok(Value::List(items.into_iter().collect()))
}

fn chunklist(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (items, size) = (arguments.list(0)?, arguments.size(1)?);
    match size {
        _ if items.is_empty() => list([]),
        0 => list([Value::List(items.to_vec())]),
        size => list(items.chunks(size).map(|chunk| Value::List(chunk.to_vec()))),
    }
}

fn coalesce(arguments: &Arguments<'_>) -> Result<Value, String> {
    let values = arguments.rest(0);
    for (position, value) in values.iter().enumerate() {
        if let Some(unavailable) = arguments.unavailable(position) {
            return Ok(unavailable);
        }
        if value.is_null() || value.as_str() == Some("") {
            continue;
        }
        // A number beside a string becomes one, as in Terraform, whichever is chosen.
        return Ok(match unified(values.iter()) {
            Some(unified) => unified.into_iter().nth(position).unwrap_or_default(),
            None => value.clone(),
        });
    }
    Err("no argument is neither null nor the empty string".to_owned())
}

fn coalescelist(arguments: &Arguments<'_>) -> Result<Value, String> {
    for (position, value) in arguments.rest(0).iter().enumerate() {
        if let Some(unavailable) = arguments.unavailable(position) {
            return Ok(unavailable);
        }
        if !value.is_null() && !arguments.list(position)?.is_empty() {
            return Ok(value.clone());
        }
    }
    Err("no argument is a list with elements".to_owned())
}

fn compact(arguments: &Arguments<'_>) -> Result<Value, String> {
    let items: Vec<Value> = arguments
        .list(0)?
        .iter()
        .filter(|item| !item.is_null() && item.as_str() != Some(""))
        .cloned()
        .collect();
    match items.iter().find(|item| matches!(item, Value::List(_) | Value::Map(_))) {
        Some(other) => {
            Err(arguments
                .invalid(0, format!("expected a list of strings, found {} in it", other.type_name())))
        }
        None => list(unified(items.iter()).unwrap_or_default()),
    }
}

fn concat(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut items = Vec::new();
    for position in 0..arguments.rest(0).len() {
        items.extend_from_slice(arguments.list(position)?);
    }
    list(items)
}

fn distinct(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut distinct: Vec<Value> = Vec::new();
    for item in arguments.list(0)? {
        if !distinct.contains(item) {
            distinct.push(item.clone());
        }
    }
    list(distinct)
}

fn element(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (items, index) = (arguments.list(0)?, arguments.integer(1)?);
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let position = index.checked_rem_euclid(length).and_then(|position| usize::try_from(position).ok());
    match position.and_then(|position| items.get(position)) {
        Some(item) => Ok(item.clone()),
        None => Err("an empty list has no element".to_owned()),
    }
}

fn flatten(arguments: &Arguments<'_>) -> Result<Value, String> {
    fn flatten_into(flat: &mut Vec<Value>, items: &[Value]) {
        for item in items {
            match item {
                Value::List(items) => flatten_into(flat, items),
                other => flat.push(other.clone()),
            }
        }
    }
    let mut flat = Vec::new();
    flatten_into(&mut flat, arguments.list(0)?);
    // What is unknown could turn out to be a list, and then the result would be longer.
    if flat.iter().any(Value::is_unknown) {
        return Ok(Value::Unknown);
    }
    match flat.iter().find(|item| matches!(item, Value::Withheld(_))).and_then(super::withheld) {
        Some(withheld) => Ok(withheld),
        None => list(flat),
    }
}

fn index(arguments: &Arguments<'_>) -> Result<Value, String> {
    let position = arguments.list(0)?.iter().position(|item| item == arguments.value(1));
    match position.and_then(|position| i64::try_from(position).ok()) {
        Some(position) => Ok(Value::from(position)),
        None => Err("the list has no such element".to_owned()),
    }
}

fn length(arguments: &Arguments<'_>) -> Result<Value, String> {
    let length = match arguments.value(0) {
        Value::List(items) => items.len(),
        Value::Map(map) => map.len(),
        Value::String(text) => text.chars().count(),
        other => {
            return Err(arguments
                .invalid(0, format!("expected a list, a map or a string, found {}", other.type_name())));
        }
    };
    Ok(Value::from(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn matchkeys(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (values, keys, searched) = (arguments.list(0)?, arguments.list(1)?, arguments.list(2)?);
    if values.len() != keys.len() {
        return Err(format!(
            "`keys` and `values` must have the same length, not {} and {}",
            keys.len(),
            values.len()
        ));
    }
    list(values.iter().zip(keys).filter(|(_, key)| searched.contains(key)).map(|(value, _)| value.clone()))
}

fn one(arguments: &Arguments<'_>) -> Result<Value, String> {
    match arguments.list(0)? {
        [] => Ok(Value::Null),
        [item] => Ok(item.clone()),
        items => {
            Err(arguments.invalid(0, format!("must have no more than one element, not {}", items.len())))
        }
    }
}

fn range(arguments: &Arguments<'_>) -> Result<Value, String> {
    let given = arguments.rest(0).len();
    let zero = Number::from(0);
    let (start, limit) = match given {
        1 => (zero, arguments.number(0)?),
        _ => (arguments.number(0)?, arguments.number(1)?),
    };
    let float = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
    let limit = Value::Number(limit);
    let up = compare(&Value::Number(start.clone()), &limit).is_le();
    let step = match given {
        3 => arguments.number(2)?,
        _ => Number::from(if up { 1 } else { -1 }),
    };
    if float(&step) == 0.0 {
        return Err(arguments.invalid(2, "must not be zero"));
    }
    if up && float(&step) < 0.0 {
        return Err(arguments.invalid(2, "must be positive, as the limit is greater than the start"));
    }
    if !up && float(&step) > 0.0 {
        return Err(arguments.invalid(2, "must be negative, as the limit is less than the start"));
    }
    let mut numbers = Vec::new();
    loop {
        // Counting in steps from the start adds no error of rounding to the next.
        let next = nth(&start, &step, numbers.len())?;
        let order = compare(&next, &limit);
        let within = if up { order.is_lt() } else { order.is_gt() };
        if !within {
            return list(numbers);
        }
        if numbers.len() == LONGEST_RANGE {
            return Err(format!(
                "more than {LONGEST_RANGE} values; bring the limits together or take larger steps"
            ));
        }
        numbers.push(next);
    }
}

fn nth(start: &Number, step: &Number, position: usize) -> Result<Value, String> {
    let exact = start.as_i64().zip(step.as_i64()).zip(i64::try_from(position).ok());
    if let Some(((start, step), position)) = exact
        && let Some(next) = step.checked_mul(position).and_then(|distance| start.checked_add(distance))
    {
        return Ok(Value::from(next));
    }
    let float = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
    super::numeric::finite(float(start) + float(step) * position as f64)
}

fn reverse(arguments: &Arguments<'_>) -> Result<Value, String> {
    list(arguments.list(0)?.iter().rev().cloned())
}

fn slice(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (items, start, end) = (arguments.list(0)?, arguments.size(1)?, arguments.size(2)?);
    if end > items.len() {
        return Err(
            arguments.invalid(2, format!("must not be greater than the list's length, {}", items.len()))
        );
    }
    match items.get(start..end) {
        Some(part) => list(part.iter().cloned()),
        None => Err(arguments.invalid(1, "must not be greater than the end")),
    }
}

fn sort(arguments: &Arguments<'_>) -> Result<Value, String> {
    let mut texts = arguments.texts(0)?;
    texts.sort();
    list(texts.into_iter().map(Value::from))
}

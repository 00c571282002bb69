//! Regular expressions.

use regex::{Captures, Regex};

use super::{Arguments, Function};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "regex",
        &["pattern", "string"],
        first,
        "What a pattern matches first, or its groups if it has any.",
    ),
    Function::new("regexall", &["pattern", "string"], all, "The same for each match."),
    Function::new(
        "replace",
        &["str", "substr", "replace"],
        replace,
        "Text with each `substr` replaced; between slashes it is a pattern, whose groups are `$1` or `${name}`.",
    ),
];

fn compile(arguments: &Arguments<'_>, position: usize, pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default();
        arguments
            .invalid(position, format!("no regular expression: {}", reason.trim_start_matches("error: ")))
    })
}

/// What a match becomes: a map if the groups have names, a list if they have none, or the text if there are none.
enum Shape {
    Whole,
    List,
    Map,
}

fn shape(arguments: &Arguments<'_>, pattern: &Regex) -> Result<Shape, String> {
    let groups = pattern.captures_len() - 1;
    let named = pattern.capture_names().flatten().count();
    match (groups, named) {
        (0, _) => Ok(Shape::Whole),
        (_, 0) => Ok(Shape::List),
        (groups, named) if groups == named => Ok(Shape::Map),
        _ => Err(arguments.invalid(0, "the groups must either all have names or none")),
    }
}

fn matched(pattern: &Regex, shape: &Shape, captures: &Captures<'_>) -> Value {
    let group =
        |found: Option<regex::Match<'_>>| found.map_or(Value::Null, |found| Value::from(found.as_str()));
    match shape {
        Shape::Whole => group(captures.get(0)),
        Shape::List => Value::List(captures.iter().skip(1).map(group).collect()),
        Shape::Map => Value::Map(
            pattern
                .capture_names()
                .flatten()
                .map(|name| (name.to_owned(), group(captures.name(name))))
                .collect(),
        ),
    }
}

fn first(arguments: &Arguments<'_>) -> Result<Value, String> {
    let pattern = compile(arguments, 0, &arguments.text(0)?)?;
    let shape = shape(arguments, &pattern)?;
    match pattern.captures(&arguments.text(1)?) {
        Some(captures) => Ok(matched(&pattern, &shape, &captures)),
        None => Err("the pattern matches no part of the string".to_owned()),
    }
}

fn all(arguments: &Arguments<'_>) -> Result<Value, String> {
    let pattern = compile(arguments, 0, &arguments.text(0)?)?;
    let shape = shape(arguments, &pattern)?;
    let text = arguments.text(1)?;
    Ok(Value::List(
        pattern.captures_iter(&text).map(|captures| matched(&pattern, &shape, &captures)).collect(),
    ))
}

fn replace(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (text, sought, replacement) = (arguments.text(0)?, arguments.text(1)?, arguments.text(2)?);
    let pattern = sought.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
    Ok(Value::from(match pattern {
        Some(pattern) => {
            compile(arguments, 1, pattern)?.replace_all(&text, replacement.as_ref()).into_owned()
        }
        None => text.replace(sought.as_ref(), &replacement),
    }))
}

//! Functions on text.

use super::format::{format, format_list};
use super::{Arguments, Function};
use crate::value::Value;

/// The widest indentation and the widest field of a format: more would be a mistake, and could exhaust the memory.
pub(super) const WIDEST: usize = 10_000;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("chomp", &["str"], chomp, "Text without the ends of lines at its end."),
    Function::new("endswith", &["str", "suffix"], ends_with, "Whether text ends like that."),
    Function::new(
        "format",
        &["format", "args"],
        format,
        "Text made of a format and values for the verbs in it.",
    )
    .variadic(),
    Function::new("formatlist", &["format", "args"], format_list, "The same for each element of the lists.")
        .variadic()
        .partial(),
    Function::new(
        "indent",
        &["spaces", "str"],
        indent,
        "Text with spaces before all of its lines but the first.",
    ),
    Function::new(
        "join",
        &["separator", "lists"],
        join,
        "The elements of lists with a separator between them.",
    )
    .variadic(),
    Function::new("lower", &["str"], lower, "Text in lower case."),
    Function::new("split", &["separator", "str"], split, "The parts of text that a separator separates."),
    Function::new("startswith", &["str", "prefix"], starts_with, "Whether text starts like that."),
    Function::new("strcontains", &["str", "substr"], contains, "Whether text has that in it."),
    Function::new("strrev", &["str"], reverse, "Text from its end to its beginning."),
    Function::new(
        "substr",
        &["str", "offset", "length"],
        substring,
        "A part of text; a length of -1 is to its end.",
    ),
    Function::new("title", &["str"], title, "Text with the first letter of each word in upper case."),
    Function::new(
        "trim",
        &["str", "cutset"],
        trim,
        "Text without these characters at its start and its end.",
    ),
    Function::new("trimprefix", &["str", "prefix"], trim_prefix, "Text without that at its start."),
    Function::new("trimspace", &["str"], trim_space, "Text without white space at its start and its end."),
    Function::new("trimsuffix", &["str", "suffix"], trim_suffix, "Text without that at its end."),
    Function::new("upper", &["str"], upper, "Text in upper case."),
];

fn chomp(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(arguments.text(0)?.trim_end_matches(['\r', '\n'])))
}

fn ends_with(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(arguments.text(0)?.ends_with(arguments.text(1)?.as_ref())))
}

fn indent(arguments: &Arguments<'_>) -> Result<Value, String> {
    let spaces = arguments.size(0)?;
    if spaces > WIDEST {
        return Err(arguments.invalid(0, format!("must not be greater than {WIDEST}")));
    }
    Ok(Value::from(arguments.text(1)?.replace('\n', &format!("\n{}", " ".repeat(spaces)))))
}

fn join(arguments: &Arguments<'_>) -> Result<Value, String> {
    let separator = arguments.text(0)?;
    let mut parts = Vec::new();
    for position in 1..=arguments.rest(1).len() {
        parts.extend(arguments.texts(position)?);
    }
    Ok(Value::from(parts.join(separator.as_ref())))
}

fn lower(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(arguments.text(0)?.to_lowercase()))
}

fn split(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (separator, text) = (arguments.text(0)?, arguments.text(1)?);
    Ok(Value::List(if separator.is_empty() {
        text.chars().map(|character| Value::from(character.to_string())).collect()
    } else {
        text.split(separator.as_ref()).map(Value::from).collect()
    }))
}

fn starts_with(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(arguments.text(0)?.starts_with(arguments.text(1)?.as_ref())))
}

fn contains(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(arguments.text(0)?.contains(arguments.text(1)?.as_ref())))
}

fn reverse(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(arguments.text(0)?.chars().rev().collect::<String>()))
}

fn substring(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (text, offset, length) = (arguments.text(0)?, arguments.integer(1)?, arguments.integer(2)?);
    let total = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let offset = if offset < 0 { offset.saturating_add(total) } else { offset };
    // An offset before the start selects nothing, as in Terraform.
    let Ok(offset) = usize::try_from(offset) else { return Ok(Value::from("")) };
    // Any negative length is to the end.
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Value::from(text.chars().skip(offset).take(length).collect::<String>()))
}

fn title(arguments: &Arguments<'_>) -> Result<Value, String> {
    let text = arguments.text(0)?;
    let mut titled = String::with_capacity(text.len());
    let mut inside = false;
    for character in text.chars() {
        if inside {
            titled.push(character);
        } else {
            titled.extend(character.to_uppercase());
        }
        inside = character.is_alphanumeric()
            || character == '_'
            || !(character.is_ascii() || character.is_whitespace());
    }
    Ok(Value::from(titled))
}

fn trim(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (text, cutset) = (arguments.text(0)?, arguments.text(1)?);
    Ok(Value::from(text.trim_matches(|character| cutset.contains(character))))
}

fn trim_prefix(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (text, prefix) = (arguments.text(0)?, arguments.text(1)?);
    Ok(Value::from(text.strip_prefix(prefix.as_ref()).unwrap_or(&text)))
}

fn trim_space(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(arguments.text(0)?.trim()))
}

fn trim_suffix(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (text, suffix) = (arguments.text(0)?, arguments.text(1)?);
    Ok(Value::from(text.strip_suffix(suffix.as_ref()).unwrap_or(&text)))
}

fn upper(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(arguments.text(0)?.to_uppercase()))
}

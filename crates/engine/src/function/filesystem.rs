//! Functions that read files, directories and the environment, and functions on paths.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::glob::glob;
use super::{Arguments, Function};
use crate::value::{Map, Value, is_identifier};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("basename", &["path"], base_name, "The last part of a path."),
    Function::new("dirname", &["path"], directory_name, "A path without its last part."),
    Function::new(
        "env_var",
        &["name", "default"],
        environment_variable,
        "The value of an environment variable.",
    )
    .optional(1),
    Function::new(
        "export",
        &["path", "inputs"],
        export,
        "The template of AWS CloudFormation that a module becomes, with these inputs fixed.",
    )
    .optional(1),
    Function::new("file", &["path"], file, "The text in a file."),
    Function::new("filebase64", &["path"], file_base64, "The bytes of a file in base64."),
    Function::new("fileexists", &["path"], file_exists, "Whether there is a file."),
    Function::new(
        "fileset",
        &["path", "pattern"],
        file_set,
        "The files below a directory that match a pattern.",
    ),
    Function::new(
        "pathexpand",
        &["path"],
        path_expand,
        "A path whose `~` at the start is the home directory.",
    ),
    Function::new("templatefile", &["path", "vars"], template_file, "What the template in a file becomes.")
        .partial(),
];

/// The text in the file that the first argument names.
fn text_of(arguments: &Arguments<'_>) -> Result<String, String> {
    let path = arguments.text(0)?;
    String::from_utf8(arguments.files.read(&path)?).map_err(|_| {
        arguments.invalid(
            0,
            format!(
                "the file {path} is no UTF-8 text; use filebase64 for it, or a function that takes its hash"
            ),
        )
    })
}

fn export(arguments: &Arguments<'_>) -> Result<Value, String> {
    let inputs = match arguments.get(1) {
        Some(_) => arguments.map(1)?.clone(),
        None => Map::new(),
    };
    arguments.files.export(&arguments.text(0)?, &inputs).map(Value::from)
}

fn file(arguments: &Arguments<'_>) -> Result<Value, String> {
    text_of(arguments).map(Value::String)
}

fn file_base64(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(STANDARD.encode(arguments.files.read(&arguments.text(0)?)?)))
}

fn file_exists(arguments: &Arguments<'_>) -> Result<Value, String> {
    Ok(Value::from(arguments.files.exists(&arguments.text(0)?)))
}

fn file_set(arguments: &Arguments<'_>) -> Result<Value, String> {
    let (directory, pattern) = (arguments.text(0)?, arguments.text(1)?);
    let pattern = glob(&pattern).map_err(|message| arguments.invalid(1, message))?;
    let mut paths = arguments.files.list(&directory)?;
    paths.retain(|path| pattern.is_match(path));
    paths.sort();
    paths.dedup();
    Ok(Value::List(paths.into_iter().map(Value::String).collect()))
}

fn template_file(arguments: &Arguments<'_>) -> Result<Value, String> {
    let variables = arguments.map(1)?;
    if let Some(name) = variables.keys().find(|name| !is_identifier(name)) {
        return Err(arguments.invalid(1, format!("`{name}` cannot be the name of a variable")));
    }
    let path = arguments.text(0)?;
    arguments
        .files
        .template(&text_of(arguments)?, variables)
        .map_err(|message| format!("in the template {path}: {message}"))
}

fn environment_variable(arguments: &Arguments<'_>) -> Result<Value, String> {
    let name = arguments.text(0)?;
    match arguments.files.environment_variable(&name) {
        Some(value) => Ok(Value::String(value)),
        None => arguments
            .get(1)
            .cloned()
            .ok_or_else(|| format!("the environment variable {name} is not set, and no default is given")),
    }
}

fn base_name(arguments: &Arguments<'_>) -> Result<Value, String> {
    let path = arguments.text(0)?;
    Ok(Value::from(match path.trim_end_matches('/') {
        "" if path.is_empty() => ".",
        "" => "/",
        path => path.rsplit('/').next().unwrap_or(path),
    }))
}

fn directory_name(arguments: &Arguments<'_>) -> Result<Value, String> {
    let path = arguments.text(0)?;
    let directory = path.rfind('/').and_then(|slash| path.get(..=slash)).unwrap_or_default();
    Ok(Value::from(clean(directory)))
}

/// A path without empty parts, `.`, and parts that a `..` after them takes back.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".to_owned(),
        (false, path) => path,
    }
}

fn path_expand(arguments: &Arguments<'_>) -> Result<Value, String> {
    let path = arguments.text(0)?;
    let Some(rest) = path.strip_prefix('~') else { return Ok(Value::from(path)) };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err(arguments.invalid(0, "the home directory of another user cannot be told"));
    }
    match arguments.files.environment_variable("HOME") {
        Some(home) => Ok(Value::from(format!("{home}{rest}"))),
        None => Err("the environment variable HOME is not set".to_owned()),
    }
}

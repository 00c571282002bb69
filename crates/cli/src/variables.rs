//! The values of an environment's variables that are given from outside of its file.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use provision_engine::config::{Configuration, Variable};
use provision_engine::schema::Type;
use provision_engine::source::{Diagnostic, Diagnostics};
use provision_engine::spelling::nearest;
use provision_engine::value::Value;

use crate::error::CommandError;

/// Where values come from: each of these goes before those above it.
#[derive(clap::Args, Debug, Clone, Default)]
pub(crate) struct VariableArguments {
    /// A TOML file with values of variables; can be given more than once
    #[arg(long = "var-file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The value of a variable; can be given more than once. PROVISION_VAR_<NAME> does the same
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub(crate) values: Vec<String>,
}

/// Collects the values that are given, and asks for those that are missing where there is somebody to ask.
pub(crate) fn given(
    arguments: &VariableArguments,
    configuration: &Configuration,
) -> Result<BTreeMap<String, Value>, CommandError> {
    let mut values = stated(arguments, configuration)?;
    ask(configuration, &mut values)?;
    Ok(values)
}

/// Collects the values that are given.
pub(crate) fn stated(
    arguments: &VariableArguments,
    configuration: &Configuration,
) -> Result<BTreeMap<String, Value>, CommandError> {
    let variables = &configuration.root.variables;
    let mut values = BTreeMap::new();
    for (name, variable) in variables {
        if let Ok(text) = std::env::var(format!("PROVISION_VAR_{name}")) {
            values.insert(name.clone(), from_text(&text, variable));
        }
    }
    let mut problems = Diagnostics::default();
    let unknown = |name: &str, wherefrom: &str| {
        let known = variables.keys().map(String::as_str);
        let hint = match nearest(name, known.clone()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("the environment has {}", known.collect::<Vec<_>>().join(", ")),
        };
        Diagnostic::new(format!("{wherefrom} gives `{name}`, which is no variable")).with_hint(hint)
    };
    for path in &arguments.files {
        let text = std::fs::read_to_string(path)
            .map_err(|error| CommandError::new(format!("{} cannot be read: {error}", path.display())))?;
        let table: BTreeMap<String, serde_json::Value> = toml::from_str(&text).map_err(|error| {
            CommandError::new(format!("{}: {}", path.display(), error.to_string().trim_end()))
        })?;
        for (name, value) in table {
            if variables.contains_key(&name) {
                values.insert(name, Value::from_json(value));
            } else {
                problems.push(unknown(&name, &path.display().to_string()));
            }
        }
    }
    for text in &arguments.values {
        match text.split_once('=') {
            Some((name, value)) => match variables.get(name) {
                Some(variable) => {
                    values.insert(name.to_owned(), from_text(value, variable));
                }
                None => problems.push(unknown(name, "--var")),
            },
            None => problems.push(
                Diagnostic::new(format!("--var {text} has no `=`")).with_hint("write --var NAME=VALUE"),
            ),
        }
    }
    problems.into_result()?;
    Ok(values)
}

/// Asks for what is still missing, where there is somebody to ask.
fn ask(configuration: &Configuration, values: &mut BTreeMap<String, Value>) -> Result<(), CommandError> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(());
    }
    for (name, variable) in &configuration.root.variables {
        // What is typed is seen: a secret has to come another way, as the error that follows says.
        if variable.default.is_some() || variable.sensitive || values.contains_key(name) {
            continue;
        }
        let mut prompt = anstream::stderr();
        if !variable.description.is_empty() {
            writeln!(prompt, "{}", variable.description)?;
        }
        write!(prompt, "var.{name} ({}): ", variable.type_text)?;
        prompt.flush()?;
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        values.insert(name.clone(), from_text(line.trim_end_matches(['\r', '\n']), variable));
    }
    Ok(())
}

/// Text as what the variable takes: itself, or JSON.
fn from_text(text: &str, variable: &Variable) -> Value {
    match variable.r#type.r#type {
        Type::String => Value::from(text),
        _ => serde_json::from_str(text).map_or_else(|_| Value::from(text), Value::from_json),
    }
}

//! `provision output`: what an environment gives, for people and for the app's deployment.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::plan::Aim;
use provision_engine::refresh::Observation;
use provision_engine::source::Diagnostics;
use provision_engine::state::{OutputValue, State};

use crate::error::CommandError;
use crate::project::Project;
use crate::session::Session;
use crate::variables::VariableArguments;
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file (the one last used if none is named), and the name of one output
    #[arg(value_name = "ENV] [NAME", num_args = 0..=2)]
    words: Vec<String>,
    /// As `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// In which form
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// As `--format raw`: the bare value of one output, also of a sensitive one that can be computed again
    #[arg(long, conflicts_with_all = ["format", "json"])]
    raw: bool,
    #[command(flatten)]
    variables: VariableArguments,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// NAME="value" lines for a .env file
    Dotenv,
    /// export NAME='value' lines for a shell
    Shell,
    /// {"name": {"value": …, "type": …, "sensitive": false}}
    Json,
    /// The value of one output and nothing else
    Raw,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let (environment, name) = match arguments.words.as_slice() {
        [] => (None, None),
        [word] if word.ends_with(".toml") => (Some(PathBuf::from(word)), None),
        [name] => (None, Some(name.clone())),
        [environment, name, ..] => (Some(PathBuf::from(environment)), Some(name.clone())),
    };
    let environment = environment.map_or_else(|| Project::here().remembered(), Ok)?;
    let session = Session::open(&environment, &arguments.variables)?;
    let (state, exists) = session.state().await?;
    if !exists {
        return Err(CommandError::with_hint(
            format!("{} has not been applied", environment.display()),
            format!("provision apply {}", environment.display()),
        ));
    }
    let mut outputs = state.outputs.clone();
    if let Some(name) = &name {
        if !outputs.contains_key(name) {
            let known: Vec<&str> = outputs.keys().map(String::as_str).collect();
            let hint = match provision_engine::spelling::nearest(name, known.iter().copied()) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("there are {}", known.join(", ")),
            };
            return Err(CommandError::with_hint(format!("there is no output `{name}`"), hint));
        }
        outputs.retain(|key, _| key == name);
    }
    let format = match (arguments.json, arguments.raw) {
        (true, _) => Some(Format::Json),
        (_, true) => Some(Format::Raw),
        _ => arguments.format,
    };
    let mut out = anstream::stdout();
    match format {
        None => view::outputs::write(&outputs, &mut out, Style::of_stdout())?,
        Some(Format::Json) => writeln!(out, "{:#}", view::outputs::json(&outputs))?,
        Some(Format::Dotenv) => out.write_all(view::outputs::dotenv(&outputs).as_bytes())?,
        Some(Format::Shell) => out.write_all(view::outputs::shell(&outputs).as_bytes())?,
        Some(Format::Raw) => {
            let (Some(name), Some(output)) = (&name, outputs.values().next()) else {
                return Err(CommandError::with_hint("--format raw prints one output", "name it"));
            };
            let known = secret(&session, &state, name, output);
            let raw =
                view::outputs::raw(name, known.as_ref().unwrap_or(output)).map_err(Diagnostics::from)?;
            out.write_all(raw.as_bytes())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A sensitive output with its value, which the state does not have, computed again: if it comes from what the state
/// has, and is what was applied.
fn secret(session: &Session, state: &State, name: &str, output: &OutputValue) -> Option<OutputValue> {
    if !output.sensitive {
        return None;
    }
    let observation = Observation::default();
    let value = provision_engine::plan::output(&session.inputs(state, &observation, &Aim::default()), name);
    let is_that = state.digest_key().withhold(&value, &format!("output.{name}")) == output.value;
    (is_that && value.is_wholly_known() && value.withheld().is_empty())
        .then_some(OutputValue { value, sensitive: false })
}

//! `provision verify`: runs the checks that an environment and its modules declare, and shows the checklist.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use futures::FutureExt;
use futures::future::try_join;
use provision_engine::checklist::{Check, CheckResult};

use crate::error::CommandError;
use crate::project::Project;
use crate::session::Session;
use crate::timings::{Form, TimingArguments, Timings};
use crate::variables::VariableArguments;
use crate::view::progress::{Mode, Progress};
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file (the one last used if none is named), and the checks to run, by name or address; all if
    /// none is named
    #[arg(value_name = "ENV] [CHECK")]
    words: Vec<String>,
    /// Print what has come of each check as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    timings: TimingArguments,
    #[command(flatten)]
    variables: VariableArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let timings = arguments.timings.begin(if arguments.json { Form::BesideDocument } else { Form::Table });
    let outcome = verify(&arguments, &timings).await;
    timings.finish();
    outcome
}

async fn verify(arguments: &Arguments, timings: &Timings) -> Result<ExitCode, CommandError> {
    let (environment, names) = match arguments.words.split_first() {
        Some((first, rest)) if first.ends_with(".toml") => (PathBuf::from(first), rest),
        _ => (Project::here().remembered()?, arguments.words.as_slice()),
    };
    let session = Session::open_timed(&environment, &arguments.variables, timings)?;
    session.check()?;
    let (state, exists) = session.state().await?;
    if !exists {
        return Err(CommandError::with_hint(
            format!("{} has not been applied", environment.display()),
            format!("provision apply {}", environment.display()),
        ));
    }
    let progress = Progress::new(Mode::of_stderr(), Style::of_stderr());
    let checks = session.checklist(&state, &progress).map(Ok);
    let checks = try_join(session.account(&state), checks).await;
    progress.finish();
    let checks = chosen(checks?.1?, names)?;
    let findings = session.verify(&checks).await;
    let mut out = anstream::stdout();
    match arguments.json {
        true => writeln!(out, "{:#}", view::checklist::json(&session.configuration.environment, &findings))?,
        false => view::checklist::write(&findings, &mut out, Style::of_stdout())?,
    }
    let has_failed = findings.iter().any(|finding| finding.result == CheckResult::Failed);
    Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The checks that bear one of these names, or have one of these addresses.
fn chosen(checks: Vec<Check>, names: &[String]) -> Result<Vec<Check>, CommandError> {
    let name_of = |check: &Check| check.address.rsplit('.').next().unwrap_or_default().to_owned();
    let is_meant = |check: &Check, name: &String| check.address == *name || name_of(check) == *name;
    if let Some(unknown) = names.iter().find(|name| !checks.iter().any(|check| is_meant(check, name))) {
        let known: Vec<String> =
            checks.iter().flat_map(|check| [name_of(check), check.address.clone()]).collect();
        let hint = match provision_engine::spelling::nearest(unknown, known.iter().map(String::as_str)) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if checks.is_empty() => "the environment and its modules declare none".to_owned(),
            None => {
                let addresses: Vec<&str> = checks.iter().map(|check| check.address.as_str()).collect();
                format!("there are {}", addresses.join(", "))
            }
        };
        return Err(CommandError::with_hint(format!("there is no check `{unknown}`"), hint));
    }
    Ok(checks
        .into_iter()
        .filter(|check| names.is_empty() || names.iter().any(|name| is_meant(check, name)))
        .collect())
}

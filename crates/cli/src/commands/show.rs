//! `provision show`: a plan file, or the state of an environment.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::CommandError;
use crate::project::Project;
use crate::saved_plan::SavedPlan;
use crate::session::Session;
use crate::variables::VariableArguments;
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A plan file, or an environment file (the one last used if none is named)
    #[arg(value_name = "PLANFILE|ENV")]
    target: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Write the page for reviewers of a plan file to this file, and print nothing
    #[arg(long, value_name = "FILE.html", conflicts_with = "json")]
    report: Option<PathBuf>,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let target = arguments.target.clone().map_or_else(|| Project::here().remembered(), Ok)?;
    if target.extension().is_none_or(|extension| extension != "toml") {
        let saved = SavedPlan::read(&target)?;
        if let Some(report) = &arguments.report {
            super::write_file(report, &saved.review())?;
            return Ok(ExitCode::SUCCESS);
        }
        super::plan::show(&saved.document, &saved.given, arguments.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.report.is_some() {
        return Err(CommandError::with_hint(
            "a report is of a plan, and this is an environment",
            "plan it: provision plan ENV --report FILE.html",
        ));
    }
    let session = Session::open(&target, &VariableArguments::default())?;
    let (state, exists) = session.state().await?;
    let mut out = anstream::stdout();
    if !exists {
        writeln!(out, "{} has no state yet.", target.display())?;
    } else if arguments.json {
        // The key of the digests is nobody's business but the state's own.
        let mut json = serde_json::to_value(&state).map_err(|error| CommandError::new(error.to_string()))?;
        if let Some(object) = json.as_object_mut() {
            object.remove("digest_key");
        }
        writeln!(out, "{json:#}")?;
    } else {
        view::state::write(&state, &mut out, Style::of_stdout())?;
    }
    Ok(ExitCode::SUCCESS)
}

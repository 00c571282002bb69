//! `provision validate`: everything that can be checked with no network.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::CommandError;
use crate::project::Project;
use crate::session::Session;
use crate::variables::VariableArguments;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file; the one last used if none is named
    environment: Option<PathBuf>,
    #[command(flatten)]
    variables: VariableArguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let path = match &arguments.environment {
        Some(path) => path.clone(),
        None => Project::here().remembered()?,
    };
    let session = Session::open(&path, &arguments.variables)?;
    session.check()?;
    writeln!(anstream::stdout(), "{} is valid.", path.display())?;
    Ok(ExitCode::SUCCESS)
}

//! `provision bootstrap`: makes the place where the state of an environment is kept.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::config::Backend;

use crate::error::CommandError;
use crate::session::Session;
use crate::variables::VariableArguments;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file
    environment: PathBuf,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let session = Session::open(&arguments.environment, &VariableArguments::default())?;
    let mut out = anstream::stdout();
    let Backend::S3(backend) = &session.configuration.environment.backend else {
        writeln!(out, "The state is a file on this machine: there is nothing to make.")?;
        return Ok(ExitCode::SUCCESS);
    };
    session.check_account().await?;
    for prepared in session.bootstrap(backend).await? {
        writeln!(out, "{prepared}")?;
    }
    Ok(ExitCode::SUCCESS)
}

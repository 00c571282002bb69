//! `provision state pull`: the state, to be kept elsewhere.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::session;
use crate::error::CommandError;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The environment file; the one last used if none is named
    environment: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let session = session(arguments.environment)?;
    let (state, exists) = session.state().await?;
    if !exists {
        return Err(CommandError::new(format!(
            "{} has no state yet",
            session.configuration.environment.path.display()
        )));
    }
    anstream::stdout().write_all(&state.to_document()?)?;
    Ok(ExitCode::SUCCESS)
}

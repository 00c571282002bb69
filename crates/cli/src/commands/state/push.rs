//! `provision state push`: a state that was kept elsewhere.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::state::{Errored, State};

use super::session;
use crate::error::CommandError;
use crate::held::{LockArguments, hold};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file: an errored.json that a run has left, or a state. It has to go on from the state that there is
    file: PathBuf,
    /// The environment file; the one last used if none is named
    environment: Option<PathBuf>,
    /// Write it even where that forgets what the state knows: an older serial, or another history
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let file = arguments.file.display().to_string();
    let bytes = std::fs::read(&arguments.file)
        .map_err(|error| CommandError::new(format!("{file} cannot be read: {error}")))?;
    let session = session(arguments.environment)?;
    hold(&session, "state push", &arguments.lock, async |held| {
        let mut out = anstream::stdout();
        let Some(errored) = Errored::parse(&bytes) else {
            let state = State::parse(&file, &bytes)?;
            let environment = &session.configuration.environment;
            state.check_environment(&file, &environment.project, &environment.name)?;
            if held.exists && !arguments.force {
                state.check_extends(&held.state)?;
            }
            // Serials go forward, whatever is pushed.
            let serial = held.state.serial.max(state.serial);
            held.state = state.after(serial);
            held.replace(format!("pushed {file}")).await?;
            writeln!(out, "The state is what {file} says, as serial {}.", held.state.serial)?;
            return Ok(ExitCode::SUCCESS);
        };
        if !held.exists {
            held.state = errored.state.clone();
        }
        let said = errored.reconcile(&mut held.state)?;
        held.replace(format!("pushed what an interrupted run knew: {} resources", said.len())).await?;
        for (address, what) in &said {
            writeln!(out, "{address}: {what}")?;
        }
        writeln!(out, "The state knows all that {file} knows, as serial {}.", held.state.serial)?;
        // It has served.
        std::fs::remove_file(&arguments.file)?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}

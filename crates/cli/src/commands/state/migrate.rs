//! `provision state migrate`: the state, to where the environment file says it is.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use provision_engine::state::StateFile;

use super::session;
use crate::error::CommandError;
use crate::held::{LockArguments, hold, hold_file};
use crate::session::TokioClock;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The environment file, whose [state] says where the state is to be; the one last used if none is named
    environment: Option<PathBuf>,
    /// Where it was: an environment file with the former [state], or a state file; without, the file of this
    /// machine that an environment without [state] has
    #[arg(long, value_name = "ENV|STATEFILE")]
    from: Option<PathBuf>,
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let session = session(arguments.environment)?;
    let environment = &session.configuration.environment;
    let local = |path: PathBuf| StateFile::local(path, Arc::new(TokioClock));
    let from = match &arguments.from {
        None => local(session.project.state(environment, None)),
        Some(path) if path.extension().is_some_and(|extension| extension == "toml") => {
            super::session(Some(path.clone()))?.state_file().await?
        }
        Some(path) => local(path.clone()),
    };
    let to = session.state_file().await?;
    if from.location() == to.location() {
        return Err(CommandError::with_hint(
            format!("the state is at {} already", to.location()),
            "change [state] in the environment file first, and name with --from where it was",
        ));
    }
    hold_file(&session, from.clone(), "state migrate", &arguments.lock, async |old| {
        if !old.exists {
            return Err(CommandError::with_hint(
                format!("there is no state at {}", from.location()),
                "say with --from where it is",
            ));
        }
        hold(&session, "state migrate", &arguments.lock, async |new| {
            if new.exists {
                // A migration that was interrupted goes on; anything else must not be written over.
                old.state.check_extends(&new.state).or_else(|error| {
                    if new.state.lineage == old.state.lineage && new.state.resources == old.state.resources {
                        Ok(())
                    } else {
                        Err(error)
                    }
                })?;
            }
            new.state = old.state.clone();
            new.replace(format!("moved from {}", from.location())).await?;
            Ok(ExitCode::SUCCESS)
        })
        .await?;
        // Nobody is to go on with it there.
        old.recorder.retire().await?;
        writeln!(
            anstream::stdout(),
            "The state is at {}, and no longer at {}.",
            to.location(),
            from.location()
        )?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}

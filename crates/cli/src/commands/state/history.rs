//! `provision state history` and `provision state restore`: what runs have done, and the way back.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::{environment, session};
use crate::error::CommandError;
use crate::held::{LockArguments, hold};
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(super) struct HistoryArguments {
    /// The environment file; the one last used if none is named
    environment: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(super) struct RestoreArguments {
    /// The environment file (the one last used if none is named), and the serial
    #[arg(value_name = "ENV] [SERIAL", num_args = 1..=2, required = true)]
    words: Vec<String>,
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) async fn history(arguments: HistoryArguments) -> Result<ExitCode, CommandError> {
    let session = session(arguments.environment)?;
    let history = session.state_file().await?.history().await?;
    let mut out = anstream::stdout();
    if arguments.json {
        let json = serde_json::to_string_pretty(&history.runs)
            .map_err(|error| CommandError::new(error.to_string()))?;
        writeln!(out, "{json}")?;
    } else {
        view::state::history(&history, &mut out, Style::of_stdout())?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(arguments: RestoreArguments) -> Result<ExitCode, CommandError> {
    let (environment, words) = environment(&arguments.words);
    let unknown = |serial: &str| {
        CommandError::with_hint(
            format!("no run has left a state of serial {serial} that is still kept"),
            "provision state history shows the serials",
        )
    };
    let [word] = words else {
        return Err(CommandError::with_hint("no serial is named", "provision state history shows them"));
    };
    let serial: u64 = word.parse().map_err(|_| unknown(word))?;
    let session = session(environment)?;
    hold(&session, "state restore", &arguments.lock, async |held| {
        let file = session.state_file().await?;
        let history = file.history().await?;
        let run = history.run(serial).ok_or_else(|| unknown(word))?;
        let then = file.at(run).await?.ok_or_else(|| unknown(word))?;
        session.check_state(&then, &file)?;
        held.state = then.after(held.state.serial);
        held.replace(format!("restored serial {serial}")).await?;
        writeln!(
            anstream::stdout(),
            "The state is what it was at serial {serial}, as serial {}. Nothing else has changed: provision plan \
             shows how that differs from what there is.",
            held.state.serial
        )?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}

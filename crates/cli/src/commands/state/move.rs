//! `provision state mv`: another address for what exists.

use std::io::Write;
use std::process::ExitCode;

use super::{environment, session, unknown};
use crate::error::CommandError;
use crate::held::{LockArguments, hold};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The environment file (the one last used if none is named), the address, and what it is to be
    #[arg(value_name = "ENV] [FROM] [TO", num_args = 2..=3, required = true)]
    words: Vec<String>,
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let (environment, words) = environment(&arguments.words);
    let [from, to] = words else {
        return Err(CommandError::with_hint("two addresses are needed", "provision state mv ENV FROM TO"));
    };
    let session = session(environment)?;
    hold(&session, "state mv", &arguments.lock, async |held| {
        let moved = held.state.rename(from, to)?;
        if moved.is_empty() {
            return Err(unknown(from, held.state.resources.keys()));
        }
        held.replace(format!("{from} is now {to}")).await?;
        let mut out = anstream::stdout();
        for (from, to) in &moved {
            writeln!(out, "{from} is now {to}")?;
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

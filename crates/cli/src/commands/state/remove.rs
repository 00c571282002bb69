//! `provision state rm`: what exists is no longer this environment's.

use std::io::Write;
use std::process::ExitCode;

use super::{environment, session, unknown};
use crate::error::CommandError;
use crate::held::{LockArguments, hold};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The environment file (the one last used if none is named), and the addresses: of resources, or of modules
    #[arg(value_name = "ENV] [ADDRESS", num_args = 1.., required = true)]
    words: Vec<String>,
    #[command(flatten)]
    lock: LockArguments,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let (environment, addresses) = environment(&arguments.words);
    if addresses.is_empty() {
        return Err(CommandError::with_hint("no address is named", "provision state list shows them"));
    }
    let session = session(environment)?;
    hold(&session, "state rm", &arguments.lock, async |held| {
        let mut forgotten = Vec::new();
        for address in addresses {
            let found = held.state.forget(address);
            if found.is_empty() {
                return Err(unknown(address, held.state.resources.keys()));
            }
            forgotten.extend(found);
        }
        held.replace(format!("forgot {}", addresses.join(", "))).await?;
        let mut out = anstream::stdout();
        for (address, resource) in &forgotten {
            writeln!(out, "{address} is forgotten. It exists still: {}", resource.id)?;
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

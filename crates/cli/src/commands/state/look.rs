//! `provision state list` and `provision state show`: what is in the state.

use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::address::Address;

use super::{environment, session, unknown};
use crate::error::CommandError;
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(super) struct ListArguments {
    /// The environment file; the one last used if none is named
    environment: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(super) struct ShowArguments {
    /// The environment file (the one last used if none is named), and the address
    #[arg(value_name = "ENV] [ADDRESS", num_args = 1..=2, required = true)]
    words: Vec<String>,
}

pub(super) async fn list(arguments: ListArguments) -> Result<ExitCode, CommandError> {
    let (state, _) = session(arguments.environment)?.state().await?;
    view::state::list(&state, &mut anstream::stdout())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn show(arguments: ShowArguments) -> Result<ExitCode, CommandError> {
    let (environment, words) = environment(&arguments.words);
    let [address] = words else {
        return Err(CommandError::with_hint("no address is named", "provision state list shows them"));
    };
    let (state, _) = session(environment)?.state().await?;
    let key = Address::from(address.as_str());
    let resource = state.resources.get(&key).ok_or_else(|| unknown(address, state.resources.keys()))?;
    view::state::resource(&key, resource, &mut anstream::stdout(), Style::of_stdout())?;
    Ok(ExitCode::SUCCESS)
}

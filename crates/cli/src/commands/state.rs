//! `provision state`: looks into the state.

use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::address::Address;
use provision_engine::state::State;

use crate::error::CommandError;
use crate::project::Project;
use crate::session::Session;
use crate::variables::VariableArguments;
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List the addresses of all resources
    List {
        /// The environment file; the one last used if none is named
        environment: Option<PathBuf>,
    },
    /// Show one resource
    Show {
        /// The environment file (the one last used if none is named), and the address
        #[arg(value_name = "ENV] [ADDRESS", num_args = 1..=2, required = true)]
        words: Vec<String>,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let mut out = anstream::stdout();
    match &arguments.command {
        Command::List { environment } => {
            view::state::list(&state(environment.clone())?, &mut out)?;
        }
        Command::Show { words } => {
            let (environment, address) = match words.as_slice() {
                [environment, address, ..] => (Some(PathBuf::from(environment)), address),
                [address] => (None, address),
                [] => {
                    return Err(CommandError::with_hint(
                        "no address is named",
                        "provision state list shows them",
                    ));
                }
            };
            let state = state(environment)?;
            let key = Address::from(address.as_str());
            let Some(resource) = state.resources.get(&key) else {
                let known = state.resources.keys().map(Address::as_str);
                let hint = match provision_engine::spelling::nearest(address, known) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => "provision state list shows what there is".to_owned(),
                };
                return Err(CommandError::with_hint(format!("the state has no `{address}`"), hint));
            };
            view::state::resource(&key, resource, &mut out, Style::of_stdout())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn state(environment: Option<PathBuf>) -> Result<State, CommandError> {
    let environment = environment.map_or_else(|| Project::here().remembered(), Ok)?;
    Ok(Session::open(&environment, &VariableArguments::default())?.state()?.0)
}

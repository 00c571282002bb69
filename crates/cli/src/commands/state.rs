//! `provision state`: the state, by hand.

use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::address::Address;

use crate::error::CommandError;
use crate::project::Project;
use crate::session::Session;
use crate::variables::VariableArguments;

mod history;
mod look;
mod migrate;
mod r#move;
mod pull;
mod push;
mod remove;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List the addresses of all resources
    List(look::ListArguments),
    /// Show one resource
    Show(look::ShowArguments),
    /// Give a resource, a module or all instances of either another address
    #[command(name = "mv")]
    Move(r#move::Arguments),
    /// Forget resources: they stay as they are, and are no longer this environment's
    #[command(name = "rm")]
    Remove(remove::Arguments),
    /// Print the whole state
    Pull(pull::Arguments),
    /// Write a state that was kept elsewhere: what a run could not write, or what was pulled and changed
    Push(push::Arguments),
    /// Show what runs have done, the newest first
    History(history::HistoryArguments),
    /// Make the state again what it was after an earlier run. What exists stays as it is: a plan tells the difference
    Restore(history::RestoreArguments),
    /// Move the state to where the environment file says it is
    Migrate(migrate::Arguments),
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    match arguments.command {
        Command::List(arguments) => look::list(arguments).await,
        Command::Show(arguments) => look::show(arguments).await,
        Command::Move(arguments) => r#move::run(arguments).await,
        Command::Remove(arguments) => remove::run(arguments).await,
        Command::Pull(arguments) => pull::run(arguments).await,
        Command::Push(arguments) => push::run(arguments).await,
        Command::History(arguments) => history::history(arguments).await,
        Command::Restore(arguments) => history::restore(arguments).await,
        Command::Migrate(arguments) => migrate::run(arguments).await,
    }
}

/// The environment that is named, or the one last used.
fn session(environment: Option<PathBuf>) -> Result<ManuallyDrop<Session>, CommandError> {
    let environment = environment.map_or_else(|| Project::here().remembered(), Ok)?;
    Session::open(&environment, &VariableArguments::default())
}

/// The environment file that words begin with, if they do, and the other words.
fn environment(words: &[String]) -> (Option<PathBuf>, &[String]) {
    match words.split_first() {
        Some((first, rest)) if first.ends_with(".toml") => (Some(PathBuf::from(first)), rest),
        _ => (None, words),
    }
}

/// That the state has nothing of that address.
fn unknown<'a>(address: &str, known: impl Iterator<Item = &'a Address>) -> CommandError {
    let hint = match provision_engine::spelling::nearest(address, known.map(Address::as_str)) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "provision state list shows what there is".to_owned(),
    };
    CommandError::with_hint(format!("the state has no `{address}`"), hint)
}

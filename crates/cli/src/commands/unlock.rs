//! `provision unlock`: takes a lock away from whoever holds it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::run;
use crate::error::CommandError;
use crate::project::Project;
use crate::session::Session;
use crate::variables::VariableArguments;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file; the one last used if none is named
    environment: Option<PathBuf>,
    /// Do not ask
    #[arg(long)]
    force: bool,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let path = arguments.environment.map_or_else(|| Project::here().remembered(), Ok)?;
    let session = Session::open(&path, &VariableArguments::default())?;
    let file = session.state_file().await?;
    let mut out = anstream::stdout();
    if !file.is_remote() {
        writeln!(
            out,
            "{} is on this machine: its lock ends with the process that holds it.",
            file.location()
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let id = match file.holder().await {
        Ok(None) => {
            writeln!(out, "{} is not locked.", file.location())?;
            return Ok(ExitCode::SUCCESS);
        }
        Ok(Some(holder)) => {
            writeln!(out, "{} is locked by {holder}.", file.location())?;
            match &holder.expires {
                Some(expires) => writeln!(
                    out,
                    "The lease ends at {expires} unless it is renewed: there is no need to unlock."
                )?,
                None => writeln!(out, "The lock says of no end.")?,
            }
            holder.id
        }
        Err(error) => {
            writeln!(out, "{error}")?;
            String::new()
        }
    };
    let question =
        "A run that is alive will find its state taken away. Take the lock? Only `yes` is taken for a yes:";
    if !arguments.force && !run::ask(question, "yes").await? {
        return Err(CommandError::new("nothing was done"));
    }
    match file.unlock(&id).await? {
        true => writeln!(out, "Unlocked.")?,
        false => writeln!(out, "It was given back, or renewed, meanwhile: nothing was done.")?,
    }
    Ok(ExitCode::SUCCESS)
}

//! `provision sandbox`: the local AWS, on loopback.

use std::io::Write;
use std::process::ExitCode;

use provision_sandbox::{Options, Sandbox};

use crate::error::CommandError;
use crate::project::Project;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The port to listen on; a free one if none is named
    #[arg(long)]
    port: Option<u16>,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let mut options = Options::new(Project::here().own("sandbox")?);
    options.port = arguments.port;
    let mut notes = anstream::stderr();
    writeln!(notes, "Starting the local AWS (the first time, it is installed: that takes a while)…")?;
    let sandbox = Sandbox::start(options).await?;
    let mut out = anstream::stdout();
    for (name, value) in sandbox.environment() {
        writeln!(out, "export {name}={value}")?;
    }
    out.flush()?;
    writeln!(notes, "It runs until Ctrl-C. In another shell, paste the lines above.")?;
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(ExitCode::SUCCESS)
}

//! `provision demo`: plan, apply, plan, output and destroy, as a person would run them, on the local AWS.

use std::io::Write;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};

use provision_sandbox::{Options, Sandbox};

use crate::error::CommandError;
use crate::project::{DIRECTORY_VARIABLE, Project};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file
    #[arg(default_value = "envs/dev.toml")]
    environment: PathBuf,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let project = Project::around(&arguments.environment);
    let mut out = anstream::stderr();
    writeln!(out, "Starting the local AWS (the first time, it is installed: that takes a while)…")?;
    let sandbox = Sandbox::start(Options::new(project.own("sandbox")?)).await?;
    // The demo's state is its own: the environment may exist on a real account too.
    let directory = project.own("demo")?;
    if directory.exists() {
        std::fs::remove_dir_all(&directory)?;
    }
    std::fs::create_dir_all(&directory)?;
    let environment = arguments.environment.display().to_string();
    let steps: [&[&str]; 5] = [
        &["plan", &environment],
        &["apply"],
        &["plan", &environment, "--detailed-exitcode"],
        &["output", &environment],
        &["destroy", &environment, "--auto-approve", "--allow-destroy"],
    ];
    for step in steps {
        writeln!(out, "\n$ provision {}", step.join(" "))?;
        let status = command(step, &sandbox, &directory).await?;
        if !status.success() {
            return Err(CommandError::new(format!("`provision {}` ended with {status}", step.join(" "))));
        }
    }
    let left = sandbox.resources().await?;
    for resource in &left {
        writeln!(out, "left behind: {} {} {}", resource.service, resource.kind, resource.id)?;
    }
    sandbox.stop().await;
    if !left.is_empty() {
        return Err(CommandError::new("the destroy has left something behind"));
    }
    writeln!(out, "\nThe local AWS is empty again. That was all of it: plan, apply, plan, output, destroy.")?;
    Ok(ExitCode::SUCCESS)
}

async fn command(
    words: &[&str],
    sandbox: &Sandbox,
    directory: &std::path::Path,
) -> Result<ExitStatus, CommandError> {
    let mut command = tokio::process::Command::new(std::env::current_exe()?);
    command.args(words).env(DIRECTORY_VARIABLE, directory).envs(sandbox.environment());
    // Nothing of a real account's reaches it.
    command.env_remove("AWS_PROFILE").env_remove("AWS_SESSION_TOKEN").kill_on_drop(true);
    Ok(command.status().await?)
}

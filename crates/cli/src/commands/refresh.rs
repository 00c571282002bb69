//! `provision refresh`: lets the state say what is there, and changes nothing else. It is `apply --refresh-only`.

use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::plan::Goal;

use super::aim::PartArguments;
use super::run::{self, RunArguments};
use crate::error::CommandError;
use crate::held::hold;
use crate::project::Project;
use crate::session::Session;
use crate::timings::{TimingArguments, Timings};
use crate::variables::VariableArguments;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file; the one last used if none is named
    environment: Option<PathBuf>,
    #[command(flatten)]
    part: PartArguments,
    #[command(flatten)]
    run: RunArguments,
    #[command(flatten)]
    timings: TimingArguments,
    #[command(flatten)]
    variables: VariableArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let timings = arguments.run.timings(arguments.timings);
    let outcome = refresh(arguments, &timings).await;
    timings.finish();
    outcome
}

async fn refresh(arguments: Arguments, timings: &Timings) -> Result<ExitCode, CommandError> {
    let path = arguments.environment.map_or_else(|| Project::here().remembered(), Ok)?;
    let session = Session::open_timed(&path, &arguments.variables, timings)?;
    session.check()?;
    session.project.remember(&path)?;
    let command = format!("provision refresh {}", path.display());
    hold(&session, "refresh", &arguments.run.lock, async |held| {
        let aim = arguments.part.aim(Goal::Refresh);
        let question = |_: Option<&str>| {
            ("Record this in the state? Only `yes` is taken for a yes:".to_owned(), "yes".to_owned())
        };
        run::plan_and_carry_out(&session, held, aim, &arguments.run, question, &command).await
    })
    .await
}

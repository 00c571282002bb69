//! `provision destroy`: deletes everything that an environment has.

use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::plan::Goal;

use super::aim::PartArguments;
use super::run::{self, RunArguments};
use crate::error::CommandError;
use crate::held::hold;
use crate::session::Session;
use crate::timings::{TimingArguments, Timings};
use crate::variables::VariableArguments;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file
    environment: PathBuf,
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
    let outcome = destroy(arguments, &timings).await;
    timings.finish();
    outcome
}

async fn destroy(arguments: Arguments, timings: &Timings) -> Result<ExitCode, CommandError> {
    let session = Session::open_timed(&arguments.environment, &arguments.variables, timings)?;
    session.project.remember(&arguments.environment)?;
    let environment = &session.configuration.environment;
    let question = |account: Option<&str>| {
        let account = account.map(|account| format!(", account {account}")).unwrap_or_default();
        let question = format!(
            "This deletes all of the above: {} {}{account}, {}.\nType the environment's name to go on:",
            environment.project, environment.name, environment.region
        );
        (question, environment.name.clone())
    };
    let command = format!("provision destroy {}", environment.path.display());
    hold(&session, "destroy", &arguments.run.lock, async |held| {
        let aim = arguments.part.aim(Goal::Destroy);
        run::plan_and_carry_out(&session, held, aim, &arguments.run, question, &command).await
    })
    .await
}

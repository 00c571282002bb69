//! `provision destroy`: deletes everything that an environment has.

use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::plan::PlanDocument;

use super::run::{self, RunArguments};
use crate::error::CommandError;
use crate::held::hold;
use crate::session::Session;
use crate::variables::VariableArguments;
use crate::view::Style;
use crate::view::progress::Progress;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file
    environment: PathBuf,
    #[command(flatten)]
    run: RunArguments,
    #[command(flatten)]
    variables: VariableArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let session = Session::open(&arguments.environment, &arguments.variables)?;
    session.project.remember(&arguments.environment)?;
    hold(&session, "destroy", &arguments.run.lock, async |held| {
        let account = session.account(&held.state).await?;
        let progress = Progress::new(arguments.run.mode(), Style::of_stderr());
        let planned = session.plan(&held.state, true, true, &progress).await;
        progress.finish();
        let planned = planned?;
        if !arguments.run.json {
            let inputs = session.inputs(&held.state, &planned.observation, true);
            super::plan::show(&PlanDocument::new(&planned.plan, &inputs), &held.state.outputs, false)?;
        }
        if !planned.is_worth_applying() {
            held.settle().await?;
            return Ok(ExitCode::SUCCESS);
        }
        run::check_protection(&session, &planned.plan, &arguments.run)?;
        let environment = &session.configuration.environment;
        if !planned.plan.is_empty() && !arguments.run.auto_approve {
            let account = account.map(|account| format!(", account {account}")).unwrap_or_default();
            let question = format!(
                "This deletes all of the above: {} {}{account}, {}.\nType the environment's name to go on:",
                environment.project, environment.name, environment.region
            );
            if !run::ask(&question, &environment.name).await? {
                return Err(CommandError::new("nothing was done"));
            }
        }
        let command = format!("provision destroy {}", environment.path.display());
        run::carry_out(&session, held, &planned, &arguments.run, &command).await
    })
    .await
}

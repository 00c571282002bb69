//! `provision apply`: carries out the plan that was last shown, a plan file, or a new plan.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use provision_engine::plan::Goal;

use super::aim::{ChangeArguments, PartArguments};
use super::run::{self, LAST_PLAN, RunArguments};
use crate::error::CommandError;
use crate::held::hold;
use crate::project::Project;
use crate::saved_plan::SavedPlan;
use crate::session::Session;
use crate::timings::{Phase, TimingArguments, Timings};
use crate::variables::VariableArguments;
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// An environment file, to plan and apply; or a plan file. Without one: exactly the plan that was last shown
    #[arg(value_name = "ENV|PLANFILE")]
    target: Option<PathBuf>,
    #[command(flatten)]
    part: PartArguments,
    #[command(flatten)]
    changes: ChangeArguments,
    #[command(flatten)]
    run: RunArguments,
    #[command(flatten)]
    timings: TimingArguments,
    #[command(flatten)]
    variables: VariableArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let timings = arguments.run.timings(arguments.timings);
    let outcome = apply(&arguments, &timings).await;
    timings.finish();
    outcome
}

async fn apply(arguments: &Arguments, timings: &Timings) -> Result<ExitCode, CommandError> {
    match &arguments.target {
        Some(path) if is_environment(path) => plan_and_apply(path, arguments, timings).await,
        Some(path) => apply_saved(path, arguments, timings).await,
        None => {
            let path = Project::here().own(LAST_PLAN)?;
            if !path.exists() {
                return Err(CommandError::with_hint(
                    "there is no plan to apply",
                    "make one: provision plan ENV; or name the environment: provision apply ENV",
                ));
            }
            apply_saved(&path, arguments, timings).await
        }
    }
}

fn is_environment(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

async fn plan_and_apply(
    path: &Path,
    arguments: &Arguments,
    timings: &Timings,
) -> Result<ExitCode, CommandError> {
    let session = Session::open_timed(path, &arguments.variables, timings)?;
    session.check()?;
    session.project.remember(path)?;
    hold(&session, "apply", &arguments.run.lock, async |held| {
        let question = |_: Option<&str>| run::yes();
        let aim = arguments.changes.aim(&arguments.part, Goal::Apply);
        run::plan_and_carry_out(&session, held, aim, &arguments.run, question, &command(&session)).await
    })
    .await
}

async fn apply_saved(
    path: &Path,
    arguments: &Arguments,
    timings: &Timings,
) -> Result<ExitCode, CommandError> {
    if arguments.part.are_given() || arguments.changes.are_given() {
        return Err(CommandError::with_hint(
            "a plan that was made is carried out whole, and as it is",
            "give these to provision plan, or name the environment",
        ));
    }
    let saved = SavedPlan::read(path)?;
    let mut variables = arguments.variables.clone();
    variables.values.splice(0..0, saved.variable_arguments());
    let environment_file = saved.environment_file.clone();
    let working = std::env::current_dir().unwrap_or_default();
    let environment_file = environment_file.strip_prefix(&working).unwrap_or(&environment_file);
    let session = Session::open_timed(environment_file, &variables, timings)?;
    if !saved.aim.destroys() {
        session.check()?;
    }
    let session = &session;
    hold(session, "apply", &arguments.run.lock, async move |held| {
        if !held.exists {
            held.state = saved.begin(held.state.clone());
        }
        session.account(&held.state).await?;
        let planning = session.timings.phase(Phase::Planning);
        let planned = saved.replan(session, &held.state, held.exists).await?;
        drop(planning);
        if !planned.is_worth_applying() {
            std::io::Write::write_all(&mut anstream::stdout(), b"The plan has nothing to do.\n")?;
            held.settle().await?;
            return Ok(ExitCode::SUCCESS);
        }
        run::check_protection(session, &planned.plan, &arguments.run)?;
        let preflight =
            session.preflight((&held.state, held.exists), &planned, &arguments.run.preflight).await;
        if let Some(preflight) = &preflight {
            view::plan::write_preflight(preflight, &mut anstream::stderr(), Style::of_stderr())?;
        }
        run::check_obstacles(preflight.as_ref())?;
        run::carry_out(session, held, &planned, &arguments.run, &command(session)).await
    })
    .await
}

/// What to run again.
fn command(session: &Session) -> String {
    format!("provision apply {}", session.configuration.environment.path.display())
}

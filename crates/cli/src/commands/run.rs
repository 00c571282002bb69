//! What `apply` and `destroy` have in common: a plan is agreed to and carried out, under the lock of the state.

use std::io::{BufRead, IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::process::ExitCode;
use std::time::Instant;

use provision_engine::apply::{Options, Surroundings, apply};
use provision_engine::plan::{Aim, Plan, PlanDocument};
use provision_engine::preflight::{Obstacle, Preflight};

use super::aim::PreflightArguments;
use crate::error::CommandError;
use crate::held::{Held, LockArguments};
use crate::session::{Planned, Session, TokioClock};
use crate::timings::{Form, Phase, TimingArguments, Timings};
use crate::view::progress::{Mode, Progress};
use crate::view::{self, Style};

/// The plan that was last shown, among the command's own files.
pub(crate) const LAST_PLAN: &str = "plan.json";

#[derive(clap::Args, Clone)]
pub(crate) struct RunArguments {
    /// Do not ask
    #[arg(long)]
    pub(crate) auto_approve: bool,
    /// Print what happens as JSON lines
    #[arg(long)]
    pub(crate) json: bool,
    /// How many steps run at a time, beside those that only wait
    #[arg(long, default_value_t = 64, value_name = "N", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=1024))]
    pub(crate) parallelism: usize,
    /// Do not wait at the end for what takes a while to settle
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// Allow deletes and replacements in an environment with `protect`
    #[arg(long)]
    pub(crate) allow_destroy: bool,
    #[command(flatten)]
    pub(crate) preflight: PreflightArguments,
    #[command(flatten)]
    pub(crate) lock: LockArguments,
}

impl RunArguments {
    /// The timings of a run that begins now.
    pub(crate) fn timings(&self, arguments: TimingArguments) -> Timings {
        arguments.begin(if self.json { Form::Events } else { Form::Table })
    }

    /// How progress is shown.
    pub(crate) fn mode(&self) -> Mode {
        if self.json { Mode::Json } else { Mode::of_stderr() }
    }
}

/// Refuses deletes and replacements in an environment with `protect`, unless they are allowed.
pub(crate) fn check_protection(
    session: &Session,
    plan: &Plan,
    arguments: &RunArguments,
) -> Result<(), CommandError> {
    match against_protection(session, plan) {
        Some(message) if !arguments.allow_destroy => {
            Err(CommandError::with_hint(message, "if that is meant, add --allow-destroy"))
        }
        _ => Ok(()),
    }
}

/// Refuses a plan of which something would fail.
pub(crate) fn check_obstacles(preflight: Option<&Preflight>) -> Result<(), CommandError> {
    let obstacles = preflight.map(|preflight| preflight.obstacles.as_slice()).unwrap_or_default();
    let message = match obstacles {
        [] => return Ok(()),
        [one] => format!("this would fail: {}", one.message),
        [one, rest @ ..] => format!("{} of this would fail, the first: {}", 1 + rest.len(), one.message),
    };
    let advice = match obstacles {
        [Obstacle { hint: Some(hint), .. }] => hint.as_str(),
        _ => "put it right",
    };
    let hint = format!("{advice}. Nothing was touched; to try all the same: --preflight=false");
    Err(CommandError::with_hint(message, hint))
}

/// What a plan would delete in an environment with `protect`, in a sentence.
pub(crate) fn against_protection(session: &Session, plan: &Plan) -> Option<String> {
    let mut doomed = plan.changes.iter().filter(|change| change.deletes()).map(|change| &change.address);
    let first = doomed.next().filter(|_| session.configuration.environment.protect)?;
    Some(match doomed.count() {
        0 => format!("the environment is protected, and this would delete {first}"),
        more => format!("the environment is protected, and this would delete {first} and {more} more"),
    })
}

/// Asks a question, and says whether this was the answer. Where nobody can answer it is none.
pub(crate) async fn ask(question: &str, answer: &str) -> Result<bool, CommandError> {
    if !std::io::stdin().is_terminal() {
        return Err(CommandError::with_hint(
            "there is nobody to ask",
            "use --auto-approve where that is meant",
        ));
    }
    let mut prompt = anstream::stderr();
    write!(prompt, "{question} ")?;
    prompt.flush()?;
    // Elsewhere, so that Ctrl-C is heard meanwhile.
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = line.await.map_err(std::io::Error::other)??;
    Ok(line.trim() == answer)
}

/// Plans, shows the plan, asks whether it is meant, and carries it out. `question`: what to ask, and the one answer that
/// is a yes; it is given the account. `command`: what to run again if something is left to do.
pub(crate) async fn plan_and_carry_out(
    session: &Session,
    held: &mut Held,
    aim: Aim,
    arguments: &RunArguments,
    question: impl FnOnce(Option<&str>) -> (String, String),
    command: &str,
) -> Result<ExitCode, CommandError> {
    let progress = Progress::new(arguments.mode(), Style::of_stderr());
    // The look ahead asks for some of what the refresh has read. From then on, things change.
    let reading = session.reading();
    let planned = session.plan_in_account(&held.state, aim, true, &progress).await;
    progress.finish();
    let (account, planned) = planned?;
    // It goes with the program, as the session does.
    let planned = ManuallyDrop::new(planned);
    let preflight = session.preflight((&held.state, held.exists), &planned, &arguments.preflight).await;
    drop(reading);
    if !arguments.json {
        let inputs = session.inputs(&held.state, &planned.observation, &planned.aim);
        let document =
            PlanDocument { preflight: preflight.clone(), ..PlanDocument::new(&planned.plan, &inputs) };
        super::plan::show(&document, &held.state.outputs, false)?;
    }
    if !planned.is_worth_applying() {
        held.settle().await?;
        return Ok(ExitCode::SUCCESS);
    }
    check_protection(session, &planned.plan, arguments)?;
    check_obstacles(preflight.as_ref())?;
    if !planned.plan.is_empty() && !arguments.auto_approve {
        let _question = session.timings.phase(Phase::Question);
        let (question, answer) = question(account.as_deref());
        if !ask(&question, &answer).await? {
            return Err(CommandError::new("nothing was done"));
        }
    }
    carry_out(session, held, &planned, arguments, command).await
}

/// What to ask before an apply, and the one answer that is a yes.
pub(crate) fn yes() -> (String, String) {
    ("Apply this? Only `yes` is taken for a yes:".to_owned(), "yes".to_owned())
}

/// Carries out a plan that was agreed to.
pub(crate) async fn carry_out(
    session: &Session,
    held: &mut Held,
    planned: &Planned,
    arguments: &RunArguments,
    command: &str,
) -> Result<ExitCode, CommandError> {
    let style = Style::of_stderr();
    if let Some(message) = session.check_credentials(&planned.plan).await? {
        let hint =
            "where they end too early, what was done is kept: renew them and run the same command again";
        view::diagnostics::warning(&message, Some(hint), &mut anstream::stderr(), style)?;
    }
    let began = Instant::now();
    let progress = Progress::new(arguments.mode(), style);
    let interrupts = held.interrupts.clone();
    interrupts.apply_begins(progress.handle());
    let writing = session.timings.phase(Phase::WritingState);
    held.recorder.begin(&mut held.state).await?;
    drop(writing);
    let watch = session.timings.watch(&progress);
    let surroundings = Surroundings {
        events: &watch,
        clock: &TokioClock,
        interrupted: &interrupts.interrupted,
        token: &|| uuid::Uuid::new_v4().to_string(),
    };
    let options = Options { parallelism: arguments.parallelism, wait: !arguments.no_wait };
    let planning_state = held.state.clone();
    let inputs = session.inputs(&planning_state, &planned.observation, &planned.aim);
    let Held { state, recorder, .. } = held;
    let report = apply(&inputs, &planned.plan, state, recorder, &surroundings, &options).await;
    watch.end();
    progress.finish();
    let report = match report {
        Ok(report) => report,
        Err(error) => return Err(held.keep_errored(session, error)),
    };
    let writing = session.timings.phase(Phase::WritingState);
    held.finish(view::report::summary(&report)).await?;
    drop(writing);
    // Whatever was remembered is done with.
    let _ = std::fs::remove_file(session.project.own(LAST_PLAN)?);
    if !arguments.json {
        view::report::write(&report, began.elapsed(), command, &mut anstream::stderr(), style)?;
    }
    Ok(if report.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `provision plan`: shows what would change, and remembers it.

use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::plan::{Goal, PlanDocument};
use provision_engine::state::OutputValue;

use super::aim::{ChangeArguments, PartArguments, PreflightArguments};
use super::permissions;
use super::run::{self, LAST_PLAN};
use crate::error::CommandError;
use crate::project::Project;
use crate::saved_plan::SavedPlan;
use crate::session::Session;
use crate::timings::{Form, TimingArguments, Timings};
use crate::variables::VariableArguments;
use crate::view::progress::{Mode, Progress};
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file; the one last used if none is named
    environment: Option<PathBuf>,
    /// Write the plan to this file too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write a page for reviewers to this file, which holds everything and works offline
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
    /// Exit with 2 if there are changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// Read what is there; with `false` the state is believed
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set, value_name = "BOOL")]
    refresh: bool,
    /// Plan to delete everything
    #[arg(long, conflicts_with_all = ["replace", "adopt", "refresh_only"])]
    destroy: bool,
    /// Print the IAM policy that allows what the plan needs, and nothing else
    #[arg(long, conflicts_with_all = ["json", "out", "detailed_exitcode"])]
    permissions: bool,
    /// Ask IAM whether the credentials allow what the plan needs, in place of printing the policy
    #[arg(long, requires = "permissions")]
    check: bool,
    #[command(flatten)]
    part: PartArguments,
    #[command(flatten)]
    changes: ChangeArguments,
    #[command(flatten)]
    preflight: PreflightArguments,
    #[command(flatten)]
    timings: TimingArguments,
    #[command(flatten)]
    variables: VariableArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let timings = arguments.timings.begin(if arguments.json { Form::BesideDocument } else { Form::Table });
    let outcome = plan(arguments, &timings).await;
    timings.finish();
    outcome
}

async fn plan(arguments: Arguments, timings: &Timings) -> Result<ExitCode, CommandError> {
    let path = match arguments.environment {
        Some(path) => path,
        None => Project::here().remembered()?,
    };
    let session = Session::open_timed(&path, &arguments.variables, timings)?;
    if !arguments.destroy {
        session.check()?;
    }
    let (state, state_exists) = session.state().await?;
    let progress = Progress::new(Mode::of_stderr(), Style::of_stderr());
    let goal = if arguments.destroy { Goal::Destroy } else { Goal::Apply };
    let aim = arguments.changes.aim(&arguments.part, goal);
    // The look ahead asks for some of what the refresh has read.
    let _reading = session.reading();
    let planned = session.plan_in_account(&state, aim, arguments.refresh, &progress).await;
    progress.finish();
    let (account, planned) = planned?;
    // It goes with the program, as the session does.
    let planned = ManuallyDrop::new(planned);
    if arguments.permissions {
        return permissions::run(&session, (&state, state_exists), &planned, arguments.check).await;
    }
    let mut saved = ManuallyDrop::new(SavedPlan::new(&session, &state, state_exists, &planned));
    saved.account = account;
    saved.document.preflight =
        session.preflight((&state, state_exists), &planned, &arguments.preflight).await;
    let last_plan = session.project.own(LAST_PLAN)?;
    session.project.remember(&path)?;
    if let Some(out) = &arguments.out {
        saved.write(out)?;
    }
    if let Some(report) = &arguments.report {
        super::write_file(report, &saved.review())?;
    }
    // To write a large plan down takes as long as to show it.
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| saved.write(&last_plan));
        let shown = show(&saved.document, &saved.given, arguments.json);
        writing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        shown
    })?;
    if let Some(message) = run::against_protection(&session, &planned.plan) {
        let hint = Some("an apply of it needs --allow-destroy");
        view::diagnostics::warning(&message, hint, &mut anstream::stderr(), Style::of_stderr())?;
    }
    let code = if arguments.detailed_exitcode && !planned.plan.is_empty() { 2 } else { 0 };
    Ok(ExitCode::from(code))
}

/// Prints a plan, for people or for programs. `given`: what the environment gave when it was made.
pub(crate) fn show(
    document: &PlanDocument,
    given: &BTreeMap<String, OutputValue>,
    json: bool,
) -> Result<(), CommandError> {
    // A write for each line of a large plan would take longer than the plan.
    let mut out = std::io::BufWriter::new(anstream::stdout());
    if json {
        serde_json::to_writer_pretty(&mut out, document)
            .map_err(|error| CommandError::new(error.to_string()))?;
        std::io::Write::write_all(&mut out, b"\n")?;
    } else {
        view::plan::write(document, Some(given), &mut out, Style::of_stdout())?;
    }
    std::io::Write::flush(&mut out)?;
    Ok(())
}

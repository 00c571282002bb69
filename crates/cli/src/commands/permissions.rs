//! `provision plan --permissions`: what the credentials that a plan is carried out with have to be permitted.

use std::io::Write;
use std::process::ExitCode;

use provision_aws::permissions::{LIMIT, Simulated, document, size};
use provision_engine::state::State;

use crate::error::CommandError;
use crate::session::{Planned, Session};
use crate::view::{self, Style};

/// Prints the policy; with `check`, says instead which parts of it the credentials lack.
pub(crate) async fn run(
    session: &Session,
    (state, state_exists): (&State, bool),
    planned: &Planned,
    check: bool,
) -> Result<ExitCode, CommandError> {
    let (needed, caller) = session.permissions(state, state_exists, planned).await?;
    let mut out = anstream::stdout();
    if check {
        let outcome = session.lacking(&caller, &needed).await?;
        view::permissions::write(&outcome, needed.len(), &caller.arn, &mut out, Style::of_stdout())?;
        let is_denied = matches!(&outcome, Simulated::Denied(denied) if !denied.is_empty());
        return Ok(if is_denied { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    let policy = document(&needed);
    serde_json::to_writer_pretty(&mut out, &policy).map_err(|error| CommandError::new(error.to_string()))?;
    out.write_all(b"\n")?;
    let size = size(&policy);
    if size > LIMIT {
        let message = format!("this policy has {size} characters, and a managed policy has at most {LIMIT}");
        let hint = "make several of its statements, and attach them all";
        view::diagnostics::warning(&message, Some(hint), &mut anstream::stderr(), Style::of_stderr())?;
    }
    Ok(ExitCode::SUCCESS)
}

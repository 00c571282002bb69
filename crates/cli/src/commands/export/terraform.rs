//! Configurations of Terraform's.

use std::path::Path;

use provision_engine::plan::Aim;
use provision_engine::terraform::export;

use crate::error::CommandError;
use crate::session::Session;
use crate::variables::VariableArguments;
use crate::view::progress::{Mode, Progress};
use crate::view::{self, Style};

/// An environment as a configuration of Terraform's that is going to be in that file. What it does not say, and what it
/// has to be given, goes to whoever sits in front.
pub(super) async fn configuration(
    target: &Path,
    variables: &VariableArguments,
    out: Option<&Path>,
) -> Result<String, CommandError> {
    if target.is_dir() {
        return Err(CommandError::with_hint(
            format!("{} is no environment file", target.display()),
            "Terraform takes over an environment with all its modules: name its file",
        ));
    }
    let session = Session::open(target, variables)?;
    session.check()?;
    let (state, _) = session.state().await?;
    // What there is, the state says: data sources alone are read.
    let progress = Progress::new(Mode::of_stderr(), Style::of_stderr());
    let planned = session.plan(&state, Aim::default(), false, &progress).await;
    progress.finish();
    let planned = planned?;
    let inputs = session.inputs(&state, &planned.observation, &planned.aim);
    let directory = out.and_then(Path::parent).unwrap_or(Path::new(""));
    let export = export(&inputs, &planned.plan, directory)?;
    let mut stderr = anstream::stderr();
    view::export::write(&export.left_out, &export.secrets, &mut stderr, Style::of_stderr())?;
    Ok(export.text)
}

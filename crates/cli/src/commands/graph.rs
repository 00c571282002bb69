//! `provision graph`: what depends on what, as a picture.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use provision_engine::plan::{Aim, PlanDocument};

use crate::error::CommandError;
use crate::project::Project;
use crate::saved_plan::SavedPlan;
use crate::session::Session;
use crate::variables::VariableArguments;
use crate::view::Style;
use crate::view::graph::{Picture, dot, mermaid, page};
use crate::view::progress::{Mode, Progress};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// An environment file (the one last used if none is named), or a plan file
    #[arg(value_name = "ENV|PLANFILE")]
    target: Option<PathBuf>,
    /// Plan the environment, and colour the graph by what the plan does
    #[arg(long)]
    plan: bool,
    /// For Graphviz, for Mermaid, or a page for a browser; by default what the name of FILE says, or dot
    #[arg(long)]
    format: Option<Format>,
    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    variables: VariableArguments,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Dot,
    Mermaid,
    Html,
}

impl Format {
    /// The format that a file of that name has.
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "dot" | "gv" => Some(Self::Dot),
            "mmd" | "mermaid" => Some(Self::Mermaid),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let picture = picture(arguments).await?;
    let format = arguments.format.or_else(|| Format::of(arguments.out.as_ref()?)).unwrap_or(Format::Dot);
    let text = match format {
        Format::Dot => dot(&picture),
        Format::Mermaid => mermaid(&picture),
        Format::Html => page(&picture),
    };
    match &arguments.out {
        Some(path) => super::write_file(path, &text)?,
        None => anstream::stdout().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn picture(arguments: &Arguments) -> Result<Picture, CommandError> {
    let target = arguments.target.clone().map_or_else(|| Project::here().remembered(), Ok)?;
    if target.extension().is_none_or(|extension| extension != "toml") {
        return Ok(Picture::of_plan(&SavedPlan::read(&target)?.document));
    }
    let session = Session::open(&target, &arguments.variables)?;
    let document = session.plan_offline()?;
    if !arguments.plan {
        let document = document.ok_or_else(|| CommandError::new("the configuration cannot be planned"))?;
        return Ok(Picture::of_configuration(&document));
    }
    let (state, _) = session.state().await?;
    let progress = Progress::new(Mode::of_stderr(), Style::of_stderr());
    let planned = session.plan_in_account(&state, Aim::default(), true, &progress).await;
    progress.finish();
    let (_, planned) = planned?;
    let inputs = session.inputs(&state, &planned.observation, &planned.aim);
    Ok(Picture::of_plan(&PlanDocument::new(&planned.plan, &inputs)))
}

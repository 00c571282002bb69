//! `provision migrate`: takes over what a state of Terraform's has, with an environment file that configures it as it is.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use provision_aws::Aws;
use provision_engine::plan::{Aim, Goal, PlanDocument};
use provision_engine::terraform::{Header, Migration, TerraformState, environment};

use super::run::{self, RunArguments};
use crate::error::CommandError;
use crate::held::hold;
use crate::session::{Session, registry};
use crate::variables::VariableArguments;
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The state: a file such as terraform.tfstate, or what `terraform state pull` prints
    state: PathBuf,
    /// The environment file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// `env.project`
    #[arg(long)]
    project: String,
    /// `env.name`; the name of the file if none is given
    #[arg(long)]
    name: Option<String>,
    /// `env.region`; the one that most of the ARNs name if none is given
    #[arg(long)]
    region: Option<String>,
    #[command(flatten)]
    run: RunArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let text = std::fs::read_to_string(&arguments.state).map_err(|error| {
        CommandError::new(format!("{} cannot be read: {error}", arguments.state.display()))
    })?;
    let state = TerraformState::parse(&text).map_err(|error| {
        CommandError::with_hint(
            format!("{}: {error}", arguments.state.display()),
            "it is what `terraform state pull` prints, by Terraform 0.12 or later, or by OpenTofu",
        )
    })?;
    if arguments.out.exists() {
        return Err(CommandError::with_hint(
            format!("{} is there already", arguments.out.display()),
            "name a new file: nothing is written over",
        ));
    }
    let aws = Arc::new(Aws::new());
    let registry = registry(&aws);
    let migration = Migration::of(&state, &registry);
    let region = arguments.region.clone().or_else(|| migration.region().map(str::to_owned));
    let Some(region) = region else {
        return Err(CommandError::with_hint("no ARN names a region", "say which it is: --region"));
    };
    let stem = arguments.out.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = arguments.name.clone().or(stem).unwrap_or_default();
    aws.set_region(region.clone());
    writeln!(anstream::stderr(), "Reading {}…", view::counted(migration.resources.len(), "resource"))?;
    let found = migration.read(&registry, &region).await.map_err(|(address, error)| {
        CommandError::Message { message: format!("{address} cannot be read: {error}"), hint: error.hint }
    })?;
    let header = Header { project: arguments.project.clone(), name, region };
    let environment = environment(&header, &migration, &found, &state, &registry);
    write_new(&arguments.out, &environment.text)?;

    let mut session = Session::open(&arguments.out, &VariableArguments::default())?;
    session.variables.extend(environment.secrets.clone());
    session.check()?;
    session.project.remember(&arguments.out)?;
    let session = &session;
    let adopted = found.clone();
    let code = hold(session, "migrate", &arguments.run.lock, async |held| {
        if !held.state.resources.is_empty() {
            return Err(CommandError::with_hint(
                "the environment has a state already, with resources in it",
                "give another --project or --name",
            ));
        }
        session.account(&held.state).await?;
        let planned = session.plan_adoption(&held.state, adopted, Aim::from(Goal::Refresh))?;
        let command = format!("provision plan {}", arguments.out.display());
        run::carry_out(session, held, &planned, &arguments.run, &command).await
    })
    .await?;
    let mut out = anstream::stdout();
    view::migration::write(&migration, &found, &environment, &arguments.out, &mut out, Style::of_stdout())?;
    if code == ExitCode::SUCCESS {
        let (state, _) = session.state().await?;
        let planned = session.plan_adoption(&state, found, Aim::default())?;
        let inputs = session.inputs(&state, &planned.observation, &planned.aim);
        super::plan::show(&PlanDocument::new(&planned.plan, &inputs), &state.outputs, false)?;
    }
    Ok(code)
}

fn write_new(path: &PathBuf, text: &str) -> Result<(), CommandError> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| CommandError::new(format!("{} cannot be written: {error}", path.display())))
}

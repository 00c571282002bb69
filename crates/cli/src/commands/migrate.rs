//! `provision migrate`: takes over what a state of Terraform's has, with an environment file that configures it as it is.

use std::io::Write;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use provision_aws::Aws;
use provision_engine::function::Directory;
use provision_engine::plan::{Aim, Goal, PlanDocument};
use provision_engine::terraform::{Header, Migration, Root, TerraformState, environment};

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
    /// Where Terraform runs: the directory that paths in its state start at; that of the state if none is given
    #[arg(long, value_name = "DIRECTORY")]
    root: Option<PathBuf>,
    #[command(flatten)]
    run: RunArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let state = read(&arguments.state)?;
    if arguments.out.exists() {
        return Err(CommandError::with_hint(
            format!("{} is there already", arguments.out.display()),
            "name a new file: nothing is written over",
        ));
    }
    let aws = Arc::new(Aws::new());
    let registry = registry(&aws);
    let mut draft = Draft::new(&arguments.out)?;
    let root = arguments.root.as_deref().or(arguments.state.parent()).unwrap_or(Path::new(""));
    let path = from_to(draft.directory(), root)?;
    let files = Directory(draft.directory().to_owned());
    let migration = Migration::of(&state, &registry, &Root { path: &path, files: &files });
    let region = arguments.region.clone().or_else(|| migration.region().map(str::to_owned));
    let Some(region) = region else {
        return Err(CommandError::with_hint("no ARN names a region", "say which it is: --region"));
    };
    let stem = arguments.out.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = arguments.name.clone().or(stem).unwrap_or_default();
    aws.set_region(region.clone());
    writeln!(anstream::stderr(), "Reading {}…", view::counted(migration.resources.len(), "resource"))?;
    let mut found = migration.read(&registry, &region).await.map_err(|(address, error)| {
        CommandError::Message { message: format!("{address} cannot be read: {error}"), hint: error.hint }
    })?;
    let header = Header { project: arguments.project.clone(), name, region };
    let environment = environment(&header, &migration, &mut found, &state, &registry);
    draft.write(&environment.text)?;

    let mut session = Session::open(&arguments.out, &VariableArguments::default())?;
    session.variables.extend(environment.secrets.clone());
    session.check()?;
    let session = &session;
    let adopted = found.clone();
    let draft = &mut draft;
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
        // From here on the state may have what the file configures.
        draft.keep();
        run::carry_out(session, held, &planned, &arguments.run, &command).await
    })
    .await?;
    session.project.remember(&arguments.out)?;
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

fn read(path: &Path) -> Result<TerraformState, CommandError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CommandError::new(format!("{} cannot be read: {error}", path.display())))?;
    TerraformState::parse(&text).map_err(|error| {
        CommandError::with_hint(
            format!("{}: {error}", path.display()),
            "it is what `terraform state pull` prints, by Terraform 0.12 or later, or by OpenTofu",
        )
    })
}

/// The environment file, which goes again unless it is kept, as does the directory that was made for it.
struct Draft {
    path: PathBuf,
    directory: PathBuf,
    made: Option<PathBuf>,
    is_written: bool,
    is_kept: bool,
}

impl Draft {
    fn new(path: &Path) -> Result<Self, CommandError> {
        let directory = match path.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let made = directory.ancestors().take_while(|part| *part != Path::new("") && !part.exists()).last();
        let made = made.map(Path::to_owned);
        std::fs::create_dir_all(&directory)
            .map_err(|error| CommandError::new(format!("{} cannot be made: {error}", directory.display())))?;
        Ok(Self { path: path.to_owned(), directory, made, is_written: false, is_kept: false })
    }

    fn directory(&self) -> &Path {
        &self.directory
    }

    fn write(&mut self, text: &str) -> Result<(), CommandError> {
        let failed = |error| CommandError::new(format!("{} cannot be written: {error}", self.path.display()));
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&self.path);
        let mut file = file.map_err(failed)?;
        self.is_written = true;
        file.write_all(text.as_bytes()).map_err(failed)
    }

    fn keep(&mut self) {
        self.is_kept = true;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        // Nobody is left to hear that it stays.
        if self.is_written {
            let _ = std::fs::remove_file(&self.path);
        }
        if let Some(made) = &self.made {
            let made = self.directory.ancestors().take_while(|part| part.starts_with(made));
            for directory in made {
                let _ = std::fs::remove_dir(directory);
            }
        }
    }
}

/// The path from one directory to another, with `/` between its parts; empty if it is the same.
fn from_to(from: &Path, to: &Path) -> Result<String, CommandError> {
    let to = if to == Path::new("") { Path::new(".") } else { to };
    let absolute = |path: &Path| {
        path.canonicalize()
            .map_err(|error| CommandError::new(format!("{} cannot be read: {error}", path.display())))
    };
    let (from, to) = (absolute(from)?, absolute(to)?);
    let common = from.components().zip(to.components()).take_while(|(from, to)| from == to).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    let parts = up.chain(to.components().skip(common));
    Ok(parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"))
}

//! `provision import`: takes something that exists into the state, or writes the block that configures it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use provision_engine::address::Address;
use provision_engine::generate::{self, MetaArguments, Spelling};
use provision_engine::plan::{Aim, Goal};

use super::run::{self, RunArguments};
use crate::error::CommandError;
use crate::held::hold;
use crate::project::Project;
use crate::session::Session;
use crate::variables::VariableArguments;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file (the one last used if none is named), the address of the resource, and the id of what exists
    #[arg(value_name = "ENV] [ADDRESS] [ID", num_args = 2..=3, required = true)]
    words: Vec<String>,
    /// Print the block that configures it as it is, with an [[import]] of it, and record nothing
    #[arg(long)]
    generate: bool,
    /// With --generate: write it at the end of this file instead
    #[arg(long, value_name = "FILE", requires = "generate")]
    out: Option<PathBuf>,
    /// The region that it is in, if not the environment's
    #[arg(long, requires = "generate")]
    region: Option<String>,
    #[command(flatten)]
    run: RunArguments,
    #[command(flatten)]
    variables: VariableArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let (environment, address, id) = match arguments.words.as_slice() {
        [environment, address, id] => (PathBuf::from(environment), address, id),
        [address, id] => (Project::here().remembered()?, address, id),
        _ => return Err(CommandError::new("an address and an id are needed")),
    };
    let address = Address::from(address.as_str());
    if !address.names_resource() {
        return Err(CommandError::with_hint(
            format!("`{address}` is no address of a resource"),
            "such as aws_s3_bucket.logs, or module.cdn.aws_s3_bucket.logs[\"eu\"]",
        ));
    }
    let session = Session::open(&environment, &arguments.variables)?;
    if arguments.generate {
        return write(&session, &address, id, &arguments).await;
    }
    session.check()?;
    session.project.remember(&environment)?;
    hold(&session, "import", &arguments.run.lock, async |held| {
        if held.state.resources.contains_key(&address) {
            return Err(CommandError::with_hint(
                format!("the state has `{address}` already"),
                "to let it be another, forget it first: provision state rm",
            ));
        }
        let aim = Aim {
            targets: vec![address.clone()],
            imports: vec![(address.clone(), id.clone())],
            ..Aim::from(Goal::Refresh)
        };
        let question = |_: Option<&str>| run::yes();
        let arguments = RunArguments { auto_approve: true, ..arguments.run.clone() };
        let command = format!("provision plan {}", environment.display());
        run::plan_and_carry_out(&session, held, aim, &arguments, question, &command).await
    })
    .await
}

/// Writes the block that configures what exists as it is.
async fn write(
    session: &Session,
    address: &Address,
    id: &str,
    arguments: &Arguments,
) -> Result<ExitCode, CommandError> {
    let Some(kind) = session.registry.kind(address.kind()) else {
        return Err(CommandError::with_hint(
            format!("there is no kind of resource `{}`", address.kind()),
            "`provision schema` lists what there is",
        ));
    };
    session.check_account().await?;
    let region = arguments.region.as_deref();
    let attributes = generate::existing(kind, region, id).await?.ok_or_else(|| {
        CommandError::with_hint(
            format!("there is no {} with the id `{id}`", kind.name()),
            "docs/reference says what the id of each kind is",
        )
    })?;
    let block = generate::block(
        address,
        kind.schema(),
        &generate::arguments(kind, &attributes),
        &MetaArguments { region, ..MetaArguments::default() },
        &Spelling::PLAIN,
    );
    let import = generate::import(address, id);
    match &arguments.out {
        None => write!(anstream::stdout(), "{import}\n{block}")?,
        Some(path) => {
            let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path)?;
            write!(file, "\n{import}\n{block}")?;
            writeln!(anstream::stderr(), "{address} is written to {}", path.display())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

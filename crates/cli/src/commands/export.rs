//! `provision export`: an environment or a module for another tool, so that nobody is locked in.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::error::CommandError;
use crate::variables::VariableArguments;

mod cloudformation;
mod terraform;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// An environment file, or for CloudFormation the directory of a module
    #[arg(value_name = "ENV|MODULE")]
    target: PathBuf,
    /// What to write it for
    #[arg(long)]
    format: Format,
    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    variables: VariableArguments,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A template of AWS CloudFormation, in YAML
    Cloudformation,
    /// A configuration of Terraform's in JSON syntax (*.tf.json), which takes over what the environment has
    Terraform,
}

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let (target, variables) = (&arguments.target, &arguments.variables);
    let text = match arguments.format {
        Format::Cloudformation => cloudformation::template(target, variables)?,
        Format::Terraform => terraform::configuration(target, variables, arguments.out.as_deref()).await?,
    };
    match &arguments.out {
        Some(path) => super::write_file(path, &text)?,
        None => anstream::stdout().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

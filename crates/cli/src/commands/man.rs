//! `provision man`: the manual, a page for each command.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::error::CommandError;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The directory to write the pages into
    #[arg(long, value_name = "DIRECTORY")]
    out: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let directory = arguments.out.display();
    let unwritable =
        |error: std::io::Error| CommandError::new(format!("{directory} cannot be written: {error}"));
    std::fs::create_dir_all(&arguments.out).map_err(unwritable)?;
    clap_mangen::generate_to(crate::Arguments::command(), &arguments.out).map_err(unwritable)?;
    let page = arguments.out.join("provision.1");
    writeln!(anstream::stdout(), "The manual begins in {}: man {}", page.display(), page.display())?;
    Ok(ExitCode::SUCCESS)
}

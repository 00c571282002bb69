//! `provision console`: expressions by hand, on what an environment says and what its state knows.

use std::io::{BufRead, IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use provision_engine::source::{Place, SourceFile};
use provision_engine::state::State;

use crate::error::CommandError;
use crate::project::Project;
use crate::session::Session;
use crate::variables::VariableArguments;
use crate::view::prompt::Prompt;
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The environment file; the one last used if none is named
    environment: Option<PathBuf>,
    #[command(flatten)]
    variables: VariableArguments,
}

pub(crate) async fn run(arguments: Arguments) -> Result<ExitCode, CommandError> {
    let environment = arguments.environment.map_or_else(|| Project::here().remembered(), Ok)?;
    let session = Session::open(&environment, &arguments.variables)?;
    session.check()?;
    let (state, _) = session.state().await?;
    let mut console = Console { session, state, text: String::new() };
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        let mut prompt = Prompt::new("> ");
        while let Some(line) = prompt.read()? {
            if is_end(&line) {
                break;
            }
            console.answer(&line).await?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut is_good = true;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if is_end(&line) {
            break;
        }
        is_good &= console.answer(&line).await?;
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_end(line: &str) -> bool {
    matches!(line.trim(), "exit" | "quit")
}

struct Console {
    session: ManuallyDrop<Session>,
    state: State,
    /// All that was asked so far: what is wrong is found by its line there.
    text: String,
}

impl Console {
    /// Says what an expression is, or what is wrong with it; whether it has a value.
    async fn answer(&mut self, line: &str) -> Result<bool, CommandError> {
        let start = self.text.len() + line.len() - line.trim_start().len();
        self.text.push_str(line);
        let end = start + line.trim().len();
        self.text.push('\n');
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            return Ok(true);
        }
        let file = Arc::new(SourceFile { path: PathBuf::from("<console>"), text: self.text.clone() });
        match self.session.evaluate(&self.state, &Place { file, start, end }).await {
            Ok(value) => {
                view::value::write(&value, &mut anstream::stdout(), Style::of_stdout())?;
                Ok(true)
            }
            Err(error) => {
                std::io::stdout().flush()?;
                error.write(&mut anstream::stderr(), Style::of_stderr())?;
                Ok(false)
            }
        }
    }
}

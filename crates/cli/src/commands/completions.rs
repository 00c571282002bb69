//! `provision completions`: what a shell sources so that it completes the command.

use std::io::Write;
use std::process::ExitCode;

use clap_complete::env::Shells;

use crate::completion;
use crate::error::CommandError;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(clap::ValueEnum, Clone, Copy)]
enum Shell {
    /// source <(provision completions bash)
    Bash,
    /// source <(provision completions zsh), after compinit
    Zsh,
    /// provision completions fish | source
    Fish,
    /// provision completions powershell | Out-String | Invoke-Expression
    Powershell,
    /// eval (provision completions elvish | slurp)
    Elvish,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Elvish => "elvish",
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let name = arguments.shell.name();
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(name) else {
        return Err(CommandError::new(format!("there are no completions for {name}")));
    };
    let mut script = Vec::new();
    shell.write_registration(completion::VARIABLE, "provision", "provision", "provision", &mut script)?;
    std::io::stdout().write_all(script.trim_ascii())?;
    writeln!(std::io::stdout())?;
    Ok(ExitCode::SUCCESS)
}

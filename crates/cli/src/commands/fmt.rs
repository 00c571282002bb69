//! `provision fmt`: gives environment files and modules their form, and nothing else.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use provision_engine::format::format;
use provision_engine::source::{Diagnostics, SourceFile};

use crate::error::CommandError;
use crate::view::{self, Style};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Files, or directories to look for them in; `-` for standard input. Without any: envs and modules
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing, and end with 1 if there is something to do
    #[arg(long)]
    check: bool,
    /// Show what is changed
    #[arg(long)]
    diff: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, CommandError> {
    let files = if let [path] = arguments.paths.as_slice()
        && path.as_os_str() == "-"
    {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        vec![SourceFile { path: PathBuf::from("<stdin>"), text }]
    } else {
        read_all(&arguments.paths)?
    };
    let mut wrong = Diagnostics::default();
    let mut is_all_in_form = true;
    for file in files {
        let file = Arc::new(file);
        match format(&file) {
            Ok(formatted) => is_all_in_form &= arguments.finish(&file, &formatted)?,
            Err(diagnostics) => diagnostics.0.into_iter().for_each(|diagnostic| wrong.push(diagnostic)),
        }
    }
    wrong.into_result()?;
    Ok(if arguments.check && !is_all_in_form { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Arguments {
    /// Says and writes what has become of a file. Whether that was in form.
    fn finish(&self, file: &SourceFile, formatted: &str) -> Result<bool, CommandError> {
        let mut out = anstream::stdout();
        let is_in_form = file.text == formatted;
        let is_input = file.path.as_os_str() == "<stdin>";
        match (self.diff, is_input && !self.check) {
            (true, _) => view::diff::write(file, formatted, &mut out, Style::of_stdout())?,
            (false, true) => out.write_all(formatted.as_bytes())?,
            (false, false) if is_in_form => {}
            (false, false) => writeln!(out, "{}", file.path.display())?,
        }
        if !is_in_form && !is_input && !self.check {
            std::fs::write(&file.path, formatted).map_err(|error| {
                CommandError::new(format!("{} cannot be written: {error}", file.path.display()))
            })?;
        }
        Ok(is_in_form)
    }
}

/// The files that are named, and those in directories that are.
fn read_all(paths: &[PathBuf]) -> Result<Vec<SourceFile>, CommandError> {
    let mut found = Vec::new();
    if paths.is_empty() {
        let usual = ["envs", "modules"].map(Path::new).into_iter().filter(|directory| directory.is_dir());
        usual.clone().try_for_each(|directory| collect(directory, &mut found))?;
        if usual.count() == 0 {
            return Err(CommandError::with_hint(
                "there is neither `envs` nor `modules` here",
                "name files, or directories to look for them in",
            ));
        }
    }
    for path in paths {
        match path.is_dir() {
            true => collect(path, &mut found)?,
            false => found.push(path.clone()),
        }
    }
    let read = |path: PathBuf| match std::fs::read_to_string(&path) {
        Ok(text) => Ok(SourceFile { path, text }),
        Err(error) => Err(unreadable(&path, &error)),
    };
    found.into_iter().map(read).collect()
}

/// All TOML files in a directory and below, by name; nothing that is hidden.
fn collect(directory: &Path, found: &mut Vec<PathBuf>) -> Result<(), CommandError> {
    let entries = std::fs::read_dir(directory).map_err(|error| unreadable(directory, &error))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    for path in paths {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        match path.is_dir() {
            _ if is_hidden => {}
            true => collect(&path, found)?,
            false if path.extension().is_some_and(|extension| extension == "toml") => found.push(path),
            false => {}
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::new(format!("{} cannot be read: {error}", path.display()))
}

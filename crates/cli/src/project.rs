//! Where a project keeps its states (`state/`) and what the command remembers (`.provision/`).

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use provision_engine::config::Environment;
use provision_engine::state::Errored;

use crate::error::CommandError;

/// The variable that names a project's directory, where the rule of [`Project::around`] does not fit.
pub(crate) const DIRECTORY_VARIABLE: &str = "PROVISION_DIRECTORY";

/// A directory with `state/` and `.provision/` in it.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    directory: PathBuf,
}

impl Project {
    /// The project that a file is in: the nearest directory above it that has a `state` directory, so that it
    /// makes no difference where the command is run; else the working directory.
    pub(crate) fn around(file: &Path) -> Self {
        if let Some(directory) = std::env::var_os(DIRECTORY_VARIABLE) {
            return Self { directory: directory.into() };
        }
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let found = absolute.ancestors().skip(1).find(|directory| directory.join("state").is_dir());
        match (found, std::env::current_dir()) {
            (Some(found), Ok(working)) if found != working => Self { directory: found.to_owned() },
            _ => Self { directory: PathBuf::new() },
        }
    }

    /// The project that the working directory is in.
    pub(crate) fn here() -> Self {
        Self::around(Path::new("any"))
    }

    /// The file of a local state: that one, or the one that bears the name of the environment.
    pub(crate) fn state(&self, environment: &Environment, path: Option<&Path>) -> PathBuf {
        match path {
            Some(path) => self.directory.join(path),
            None => self.beside_states(environment, "json"),
        }
    }

    /// Keeps what a run knew whose state could not be written. What another has left is not written over.
    pub(crate) fn keep_errored(&self, environment: &Environment, errored: &Errored) -> io::Result<PathBuf> {
        let text = serde_json::to_string_pretty(errored)?;
        for attempt in 0.. {
            let extension = match attempt {
                0 => "errored.json".to_owned(),
                more => format!("errored.{more}.json"),
            };
            let path = self.beside_states(environment, &extension);
            if let Some(directory) = path.parent() {
                std::fs::create_dir_all(directory)?;
            }
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            match options.open(&path) {
                Ok(mut file) => {
                    file.write_all(text.as_bytes())?;
                    file.sync_all()?;
                    return Ok(path);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => {}
                Err(error) => return Err(error),
            }
        }
        Ok(PathBuf::new())
    }

    fn beside_states(&self, environment: &Environment, extension: &str) -> PathBuf {
        let name = format!("{}-{}.{extension}", environment.project, environment.name);
        self.directory.join("state").join(name)
    }

    /// A file or directory of the command's own, whose directory is made.
    pub(crate) fn own(&self, name: &str) -> Result<PathBuf, CommandError> {
        let directory = self.directory.join(".provision");
        std::fs::create_dir_all(&directory)
            .map_err(|error| CommandError::new(format!("{} cannot be made: {error}", directory.display())))?;
        Ok(directory.join(name))
    }

    /// Remembers which environment was last used.
    pub(crate) fn remember(&self, environment: &Path) -> Result<(), CommandError> {
        let absolute = std::path::absolute(environment)?;
        Ok(std::fs::write(self.own("environment")?, absolute.display().to_string())?)
    }

    /// The environment that was last used.
    pub(crate) fn remembered(&self) -> Result<PathBuf, CommandError> {
        let none = || CommandError::with_hint("no environment is named", "name one, such as envs/dev.toml");
        let remembered = self.directory.join(".provision").join("environment");
        let text = std::fs::read_to_string(remembered).map_err(|_| none())?;
        let path = PathBuf::from(text);
        let working = std::env::current_dir().unwrap_or_default();
        Ok(path.strip_prefix(working).map(Path::to_owned).unwrap_or(path))
    }
}

//! Files of this machine.

use std::path::{Path, PathBuf};

use super::Files;
use crate::value::{Map, Value};

/// A directory at which relative paths start. It has no templates and no environment.
#[derive(Debug, Clone)]
pub struct Directory(pub PathBuf);

impl Directory {
    /// The path from where the process runs.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.join(Path::new(path))
    }
}

impl Files for Directory {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.path(path);
        std::fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
    }

    fn exists(&self, path: &str) -> bool {
        self.path(path).is_file()
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, String> {
        let root = self.path(directory);
        let mut found = Vec::new();
        let mut directories = vec![root.clone()];
        while let Some(directory) = directories.pop() {
            let error = |error: std::io::Error| format!("{} cannot be read: {error}", directory.display());
            for entry in std::fs::read_dir(&directory).map_err(error)? {
                let entry = entry.map_err(error)?;
                let path = entry.path();
                if entry.file_type().map_err(error)?.is_dir() {
                    directories.push(path);
                } else if let Ok(relative) = path.strip_prefix(&root) {
                    found.push(relative.display().to_string());
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn template(&self, _source: &str, _variables: &Map) -> Result<Value, String> {
        Err("there are no templates here".to_owned())
    }

    fn environment_variable(&self, _name: &str) -> Option<String> {
        None
    }
}

//! Files and environment variables, as functions read them.

use std::path::{Path as FilePath, PathBuf};
use std::rc::Rc;

use super::{Evaluation, Instance};
use crate::expression::evaluate::{Names, render};
use crate::function::Files;
use crate::value::{Map, Value};

/// The files around a module: relative paths start at its directory.
pub(super) struct ModuleFiles<'e, 'a> {
    pub(super) evaluation: &'e Evaluation<'a>,
    pub(super) instance: &'e Rc<Instance>,
    pub(super) names: &'e dyn Names,
}

impl ModuleFiles<'_, '_> {
    fn path(&self, path: &str) -> PathBuf {
        self.evaluation.module_of(self.instance).directory.join(FilePath::new(path))
    }
}

impl Files for ModuleFiles<'_, '_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let path = self.path(path);
        let bytes =
            std::fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        self.evaluation.files.borrow_mut().insert(path, crate::digest::sha256(&bytes));
        Ok(bytes)
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

    fn template(&self, source: &str, variables: &Map) -> Result<Value, String> {
        render(source, variables, self.names)
    }

    fn environment_variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

//! Files and environment variables, as functions read them.

use std::rc::Rc;

use super::{Evaluation, Instance};
use crate::expression::evaluate::{Names, render};
use crate::function::{Directory, Files};
use crate::value::{Map, Value};

/// The files around a module: relative paths start at its directory.
pub(super) struct ModuleFiles<'e, 'a> {
    pub(super) evaluation: &'e Evaluation<'a>,
    pub(super) instance: &'e Rc<Instance>,
    pub(super) names: &'e dyn Names,
}

impl ModuleFiles<'_, '_> {
    fn directory(&self) -> Directory {
        Directory(self.evaluation.module_of(self.instance).directory.clone())
    }
}

impl Files for ModuleFiles<'_, '_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let directory = self.directory();
        let bytes = directory.read(path)?;
        let read = directory.path(path);
        self.evaluation.files.borrow_mut().insert(read, crate::digest::sha256(&bytes));
        Ok(bytes)
    }

    fn exists(&self, path: &str) -> bool {
        self.directory().exists(path)
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, String> {
        self.directory().list(directory)
    }

    fn template(&self, source: &str, variables: &Map) -> Result<Value, String> {
        render(source, variables, self.names)
    }

    fn environment_variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

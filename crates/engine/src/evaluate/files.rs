//! Files and environment variables, as functions read them.

use std::rc::Rc;

use super::{Evaluation, Instance};
use crate::cloudformation::export;
use crate::config::Configuration;
use crate::expression::evaluate::{Names, render};
use crate::function::{Directory, Files};
use crate::source::Diagnostics;
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

    fn export(&self, directory: &str, inputs: &Map) -> Result<String, String> {
        let directory = self.directory().path(directory);
        let mut diagnostics = Diagnostics::default();
        let registry = self.evaluation.registry;
        let configuration = Configuration::of_module(&directory, registry, &mut diagnostics);
        diagnostics.into_result().map_err(|diagnostics| diagnostics.to_string())?;
        let configuration = configuration.ok_or_else(|| format!("{} is no module", directory.display()))?;
        let inputs = inputs.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let exported =
            export(&configuration, registry, inputs, true).map_err(|diagnostics| diagnostics.to_string())?;
        let mut files = self.evaluation.files.borrow_mut();
        for file in &configuration.files {
            files.insert(file.path.clone(), crate::digest::sha256(file.text.as_bytes()));
        }
        files.extend(exported.files_read);
        Ok(exported.template)
    }

    fn environment_variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

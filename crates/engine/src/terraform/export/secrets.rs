//! Variables in place of secrets.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::symbols::Symbols;
use crate::address::Address;
use crate::terraform::free_name;
use crate::value::{Path, Value};

/// The variables that secrets have to be given by.
pub(super) struct Secrets {
    taken: RefCell<BTreeSet<String>>,
    declared: RefCell<BTreeMap<String, Declared>>,
}

/// A variable.
#[derive(Clone)]
pub(super) struct Declared {
    pub(super) r#type: &'static str,
    pub(super) description: String,
}

impl Secrets {
    /// None yet. `names`: those of the environment's own variables.
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n String>) -> Self {
        let taken = names.map(|name| format!("var.{name}")).collect();
        Self { taken: RefCell::new(taken), declared: RefCell::default() }
    }

    /// What stands for the secret at a path of a resource that Terraform calls `name`.
    pub(super) fn variable(
        &self,
        symbols: &Symbols,
        (name, address): (&str, &Address),
        path: &Path,
        value: &Value,
    ) -> Value {
        let owner = name.rsplit('.').next().unwrap_or(name);
        let path = path.to_string();
        let variable = free_name("var", [owner, &path].into_iter(), &mut self.taken.borrow_mut());
        let called = variable.strip_prefix("var.").unwrap_or(&variable);
        let r#type = match value {
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::List(_) | Value::Map(_) => "any",
            _ => "string",
        };
        self.declare(called, Declared { r#type, description: format!("`{path}` of {address}") });
        symbols.text(None, variable, None)
    }

    /// Declares a variable of the environment's.
    pub(super) fn declare(&self, name: &str, declared: Declared) {
        self.declared.borrow_mut().insert(name.to_owned(), declared);
    }

    /// All that are declared, by name.
    pub(super) fn declared(&self) -> BTreeMap<String, Declared> {
        self.declared.borrow().clone()
    }
}

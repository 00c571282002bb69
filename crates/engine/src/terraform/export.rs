//! An environment as a configuration of Terraform's, in its JSON syntax: the way back.
//!
//! It is one file without modules. Each resource is there under a name of its own, with the values that the configuration
//! gives it, and with references to the others where these give them. An `import` block takes over what the state has.
//! Secrets become variables: none is in the file.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path as FilePath, PathBuf};

use serde_json::{Map as JsonMap, Value as Json, json};

use crate::address::Address;
use crate::evaluate::{Evaluation, Guide};
use crate::plan::{Action, Change, Inputs, Plan};
use crate::schema::Type;
use crate::source::{Diagnostic, Diagnostics};
use crate::value::{Path, Value};

use names::Names;
use secrets::{Declared, Secrets};
use settle::{Evaluated, Settling};
use symbols::Symbols;

mod arguments;
mod blocks;
mod document;
mod names;
mod secrets;
mod settle;
mod shape;
mod stand_in;
mod symbols;
mod writing;

use document::Document;
pub use shape::{Exported, Part};

/// What an environment is in Terraform.
#[derive(Debug)]
pub struct Export {
    /// The file.
    pub text: String,
    /// What it does not have, by its address, and why.
    pub left_out: Vec<(String, String)>,
    /// The variables that secrets have to be given by.
    pub secrets: Vec<String>,
}

/// Writes an environment for Terraform. `plan`: the plan of all of it, made from the same. `directory`: where the file is
/// going to be, which relative paths in it start at.
///
/// Fails where a value is not known before an apply, and something is made of it that cannot be left to Terraform.
pub fn export(inputs: &Inputs<'_>, plan: &Plan, directory: &FilePath) -> Result<Export, Diagnostics> {
    let mut exporter = Exporter::new(inputs, plan, directory);
    exporter.blocks();
    exporter.outputs();
    exporter.diagnostics.into_result()?;
    for (name, variable) in &inputs.configuration.root.variables {
        if exporter.symbols.was_used(&format!("var.{name}")) {
            let description = variable.description.clone();
            exporter.secrets.declare(name, Declared { r#type: "string", description });
        }
    }
    for change in &plan.changes {
        if change.action == Action::Delete {
            exporter.left_out.push((change.address.to_string(), "it is configured no more".to_owned()));
        }
        if !change.deposed().is_empty() {
            let reason = "what it has replaced is still to be deleted: apply first".to_owned();
            exporter.left_out.push((change.address.to_string(), reason));
        }
    }
    let secrets = exporter.secrets.declared();
    let text = exporter.document.text(&inputs.configuration.environment, &secrets);
    Ok(Export { text, left_out: exporter.left_out, secrets: secrets.into_keys().collect() })
}

struct Exporter<'x, 'a> {
    inputs: &'x Inputs<'a>,
    changes: BTreeMap<&'x Address, &'x Change>,
    directory: PathBuf,
    /// With what is known.
    known: Evaluation<'a>,
    /// With symbols in place of what resources are.
    symbolic: Evaluation<'a>,
    /// With what symbols stand for.
    filled: Evaluation<'a>,
    symbols: Symbols,
    names: Names,
    secrets: Secrets,
    document: Document,
    /// The parts of resources that those wait for who name the whole.
    awaited: BTreeMap<Address, Vec<String>>,
    left_out: Vec<(String, String)>,
    diagnostics: Diagnostics,
}

impl<'x, 'a> Exporter<'x, 'a> {
    fn new(inputs: &'x Inputs<'a>, plan: &'x Plan, directory: &FilePath) -> Self {
        let symbols = Symbols::default();
        let declared = &inputs.configuration.root.variables;
        let mut symbolic = inputs.variables.clone();
        for (name, value) in &mut symbolic {
            let is_secret = declared
                .get(name)
                .is_some_and(|variable| variable.sensitive && matches!(variable.r#type.r#type, Type::String));
            if let Some(text) = value.as_str().filter(|_| is_secret) {
                *value = symbols.text(None, format!("var.{name}"), Some(text));
            }
        }
        let guide = Guide::default();
        let evaluation =
            |variables| Evaluation::new(inputs.configuration, inputs.registry, variables).guided_by(&guide);
        Self {
            inputs,
            changes: plan.changes.iter().map(|change| (&change.address, change)).collect(),
            directory: directory.to_owned(),
            known: evaluation(inputs.variables.clone()),
            symbolic: evaluation(symbolic).standing_in(),
            filled: evaluation(inputs.variables.clone()).standing_in(),
            symbols,
            names: Names::default(),
            secrets: Secrets::new(declared.keys()),
            document: Document::default(),
            awaited: BTreeMap::new(),
            left_out: Vec::new(),
            diagnostics: Diagnostics::default(),
        }
    }

    fn outputs(&mut self) {
        for (name, output) in &self.inputs.configuration.root.outputs {
            let known = self.known.output(name);
            let evaluated = Evaluated {
                symbolic: self.symbolic.output(name).value.clone(),
                filled: self.filled.output(name).value.clone(),
                known: known.value.clone(),
                sensitive: known.sensitive.clone(),
            };
            let is_secret = Cell::new(false);
            let variable = |_: &Path, _: &Value| {
                is_secret.set(true);
                Value::Null
            };
            let mut settling =
                Settling { symbols: &self.symbols, schema: None, variable: &variable, problems: Vec::new() };
            let value = settling.settle(&evaluated);
            for problem in settling.problems {
                let place = output.value.place_of(&problem.path, problem.at_key);
                self.diagnostics
                    .push(Diagnostic { hint: problem.hint, ..Diagnostic::at(place, problem.message) });
            }
            if is_secret.get() {
                let reason = "it is a secret that nothing in Terraform gives".to_owned();
                self.left_out.push((format!("output.{name}"), reason));
            } else if !value.is_null() {
                let mut json = JsonMap::new();
                if !output.description.is_empty() {
                    json.insert("description".to_owned(), symbols::literal(&output.description).into());
                }
                let value = self.symbols.written(&value);
                // Terraform refuses to show what is given as a secret, unless that is said.
                let is_given_secret = value.to_string().contains("${var.");
                json.insert("value".to_owned(), value);
                if output.sensitive || is_given_secret {
                    json.insert("sensitive".to_owned(), Json::Bool(true));
                }
                self.document.output(name, json);
            }
        }
    }
}

impl Symbols {
    /// A value in JSON syntax, with interpolations in place of symbols. What is not set is left out.
    fn written(&self, value: &Value) -> Json {
        match value {
            Value::String(text) => self.template(text).into(),
            Value::List(items) => match self.whole(items) {
                Some(whole) => whole.into(),
                None => items.iter().map(|item| self.written(item)).collect(),
            },
            Value::Map(map) => {
                let is_set = map.iter().filter(|(_, item)| !item.is_null());
                Json::Object(is_set.map(|(key, item)| (self.template(key), self.written(item))).collect())
            }
            other => other.to_json(),
        }
    }
}

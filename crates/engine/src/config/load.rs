//! Reading the files of a configuration.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::ahead::{Parsed, Shelf};
use super::block::{Block, BlockName, Module, ModuleCall, Output};
use super::checklist::Check;
use super::environment::Environment;
use super::fields::{Fields, unknown_key};
use super::transition::{self, Import, Moved, Removed};
use super::tree::{Content, Entry, Node, Table};
use super::variable::Variable;
use crate::hash::{HashSet, IndexMap};
use crate::source::{Diagnostic, Diagnostics, Place, SourceFile};
use crate::spelling::nearest;
use crate::value::is_identifier;

/// The file of a module in its directory.
pub(super) const MODULE_FILE: &str = "module.toml";

/// Reads files, each module once.
pub(super) struct Loader<'a> {
    diagnostics: &'a mut Diagnostics,
    files: Vec<Arc<SourceFile>>,
    modules: BTreeMap<PathBuf, Option<Arc<Module>>>,
    /// The modules that are being read, outermost first: one that comes again would never end.
    reading: Vec<PathBuf>,
    /// Where files come from.
    shelf: &'a Shelf,
}

impl<'a> Loader<'a> {
    pub(super) fn new(shelf: &'a Shelf, diagnostics: &'a mut Diagnostics) -> Self {
        Self { diagnostics, files: Vec::new(), modules: BTreeMap::new(), reading: Vec::new(), shelf }
    }

    pub(super) fn into_files(self) -> Vec<Arc<SourceFile>> {
        self.files
    }

    /// Reads an environment file. The environment itself is absent if what it says is wrong.
    pub(super) fn environment(
        &mut self,
        file: Arc<SourceFile>,
    ) -> Option<(Option<Environment>, Arc<Module>)> {
        const KNOWN: &[&str] = &[
            "env", "state", "variable", "locals", "module", "data", "resource", "output", "check", "moved",
            "removed", "import",
        ];
        let (file, tree) = self.parsed(Parsed::of(file));
        let node = tree?;
        let (env, state) = {
            let fields = Fields::of(&node, KNOWN, self.diagnostics)?;
            (fields.node("env"), fields.node("state"))
        };
        let whole = Place { end: file.text.find('\n').unwrap_or(file.text.len()), ..node.place.clone() };
        let environment = Environment::read(&file.path, env, state, &whole, self.diagnostics);
        let directory = file.path.parent().unwrap_or(Path::new("")).to_owned();
        let module = self.module(node, KNOWN, file, directory)?;
        Some((environment, Arc::new(module)))
    }

    /// Takes note of a file; gives its tree, if it has one.
    fn parsed(&mut self, Parsed { file, tree, diagnostics }: Parsed) -> (Arc<SourceFile>, Option<Node>) {
        self.files.push(file.clone());
        diagnostics.0.into_iter().for_each(|diagnostic| self.diagnostics.push(diagnostic));
        (file, tree)
    }

    /// `known`: the sections that there can be. One that is misspelled is read all the same: what is in it is not wrong
    /// for that.
    fn module(
        &mut self,
        node: Node,
        known: &[&str],
        file: Arc<SourceFile>,
        directory: PathBuf,
    ) -> Option<Module> {
        let Content::Table(table) = node.content else { return None };
        let mut table = respelled(table, known);
        let mut module = Module {
            directory,
            file,
            description: table
                .get("description")
                .and_then(|entry| entry.node.literal_str())
                .unwrap_or_default()
                .to_owned(),
            variables: IndexMap::default(),
            locals: IndexMap::default(),
            blocks: IndexMap::default(),
            modules: IndexMap::default(),
            outputs: IndexMap::default(),
            checks: IndexMap::default(),
            moved: Vec::new(),
            removed: Vec::new(),
            imports: Vec::new(),
            unreadable: HashSet::default(),
        };
        for (name, entry) in self.named(table.shift_remove("variable")) {
            match Variable::read(&entry, self.diagnostics) {
                Some(variable) => drop(module.variables.insert(name, variable)),
                None => drop(module.unreadable.insert(format!("var.{name}"))),
            }
        }
        module.locals = self.named(table.shift_remove("locals"));
        for (name, entry) in self.named(table.shift_remove("output")) {
            match Output::read(&entry, self.diagnostics) {
                Some(output) => drop(module.outputs.insert(name, output)),
                None => drop(module.unreadable.insert(format!("output.{name}"))),
            }
        }
        for (name, entry) in self.named(table.shift_remove("check")) {
            module.checks.extend(Check::read(&entry, self.diagnostics).map(|check| (name, check)));
        }
        for (data, section) in [(false, "resource"), (true, "data")] {
            for (kind, entry) in self.named(table.shift_remove(section)) {
                for (name, entry) in self.named(Some(entry)) {
                    let block_name = BlockName { data, kind: kind.clone(), name };
                    match Block::read(entry, data, self.diagnostics) {
                        Some(block) => drop(module.blocks.insert(block_name, block)),
                        None => drop(module.unreadable.insert(block_name.to_string())),
                    }
                }
            }
        }
        for node in transition::blocks(table.get("moved"), "moved", self.diagnostics) {
            module.moved.extend(Moved::read(node, self.diagnostics));
        }
        for node in transition::blocks(table.get("removed"), "removed", self.diagnostics) {
            module.removed.extend(Removed::read(node, self.diagnostics));
        }
        for node in transition::blocks(table.get("import"), "import", self.diagnostics) {
            module.imports.extend(Import::read(node, self.diagnostics));
        }
        for (name, entry) in self.named(table.shift_remove("module")) {
            let source = self.source(&entry, &module.directory);
            match source.and_then(|source| ModuleCall::read(entry, source, self.diagnostics)) {
                Some(call) => drop(module.modules.insert(name, call)),
                None => drop(module.unreadable.insert(format!("module.{name}"))),
            }
        }
        Some(module)
    }

    /// The entries of a section, whose names must be usable in expressions.
    fn named(&mut self, section: Option<Entry>) -> Table {
        let Some(Entry { node, .. }) = section else { return Table::default() };
        let type_name = node.type_name();
        let Content::Table(table) = node.content else {
            let message = format!("expected a table, found {type_name}");
            self.diagnostics.push(Diagnostic::at(&node.place, message));
            return Table::default();
        };
        for (name, entry) in &table {
            if !is_identifier(name) {
                self.diagnostics.push(
                    Diagnostic::at(&entry.key, format!("`{name}` is no name"))
                        .with_hint("a name begins with a letter, and has letters, digits, _ and -"),
                );
            }
        }
        table
    }

    /// The module that a call names.
    fn source(&mut self, call: &Entry, directory: &Path) -> Option<Arc<Module>> {
        let Some(table) = call.node.table() else {
            self.diagnostics.push(Diagnostic::at(&call.node.place, "a module is a table"));
            return None;
        };
        let Some((entry, source)) =
            table.get("source").and_then(|entry| Some((entry, entry.node.literal_str()?)))
        else {
            let misspelled = table.iter().find(|(name, _)| nearest(name, ["source"]).is_some());
            self.diagnostics.push(match misspelled {
                Some((name, entry)) if name != "source" => unknown_key(name, &entry.key, &["source"]),
                _ => Diagnostic::at(&call.key, "a module has a `source`")
                    .with_hint("add source = \"…\", the module's directory, relative to this file"),
            });
            return None;
        };
        let place = &entry.node.place;
        let directory = normal(&directory.join(source));
        if self.reading.contains(&directory) {
            self.diagnostics.push(Diagnostic::at(place, "this module uses itself, by itself or by others"));
            return None;
        }
        if let Some(module) = self.modules.get(&directory) {
            return module.clone();
        }
        self.reading.push(directory.clone());
        let module = self.module_at(&directory, Some(place));
        self.reading.pop();
        self.modules.insert(directory, module.clone());
        module
    }

    /// The module in a directory; `place` is where it is named.
    pub(super) fn module_at(&mut self, directory: &Path, place: Option<&Place>) -> Option<Arc<Module>> {
        const KNOWN: &[&str] = &[
            "description",
            "variable",
            "locals",
            "module",
            "data",
            "resource",
            "output",
            "check",
            "moved",
            "removed",
        ];
        let (file, tree) = match self.shelf.take(&directory.join(MODULE_FILE)) {
            Ok(parsed) => self.parsed(parsed),
            Err(diagnostic) => {
                self.diagnostics.push(match diagnostic.place {
                    Some(_) => diagnostic,
                    None => Diagnostic {
                        place: place.cloned(),
                        hint: Some(format!("a module is a directory with a {MODULE_FILE}")),
                        ..diagnostic
                    },
                });
                return None;
            }
        };
        let node = tree?;
        for (name, entry) in node.table()? {
            match name.as_str() {
                "import" => {
                    self.diagnostics
                        .push(Diagnostic::at(&entry.key, "a module has no `[[import]]`").with_hint(
                        "what exists is another thing in each environment: put it into the environment file",
                    ))
                }
                "env" | "state" => self.diagnostics.push(
                    Diagnostic::at(&entry.key, format!("a module has no `[{name}]`"))
                        .with_hint("that is for environment files; give the module a variable"),
                ),
                name if !KNOWN.contains(&name) => self.diagnostics.push(unknown_key(name, &entry.key, KNOWN)),
                _ => {}
            }
        }
        self.module(node, KNOWN, file, directory.to_owned()).map(Arc::new)
    }
}

/// The sections of a file, with what stands under a misspelled name under the one that is meant.
fn respelled(mut table: Table, known: &[&str]) -> Table {
    let unknown = table.keys().filter(|name| !known.contains(&name.as_str()));
    let misspelled: Vec<(String, &str)> =
        unknown.filter_map(|name| Some((name.clone(), nearest(name, known.iter().copied())?))).collect();
    for (name, meant) in misspelled {
        let Some(entry) = table.shift_remove(&name) else { continue };
        match table.get_mut(meant) {
            Some(there) => there.node.merge(&entry.node),
            None => drop(table.insert(meant.to_owned(), entry)),
        }
    }
    table
}

/// A path without `.` and, where that is plain, without `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

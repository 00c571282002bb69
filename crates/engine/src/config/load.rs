//! Reading the files of a configuration.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;

use super::block::{Block, BlockName, Module, ModuleCall, Output};
use super::checklist::Check;
use super::environment::Environment;
use super::fields::{Fields, unknown_key};
use super::transition::{self, Import, Moved, Removed};
use super::tree::{self, Entry, Node};
use super::variable::Variable;
use crate::source::{Diagnostic, Diagnostics, Place, SourceFile};
use crate::value::is_identifier;

/// The file of a module in its directory.
const MODULE_FILE: &str = "module.toml";

/// Reads files, each module once.
pub(super) struct Loader<'a> {
    diagnostics: &'a mut Diagnostics,
    files: Vec<Arc<SourceFile>>,
    modules: BTreeMap<PathBuf, Option<Arc<Module>>>,
    /// The modules that are being read, outermost first: one that comes again would never end.
    reading: Vec<PathBuf>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(diagnostics: &'a mut Diagnostics) -> Self {
        Self { diagnostics, files: Vec::new(), modules: BTreeMap::new(), reading: Vec::new() }
    }

    pub(super) fn into_files(self) -> Vec<Arc<SourceFile>> {
        self.files
    }

    /// Reads an environment file. The environment itself is absent if what it says is wrong.
    pub(super) fn environment(&mut self, path: &Path) -> Option<(Option<Environment>, Arc<Module>)> {
        const KNOWN: &[&str] = &[
            "env", "state", "variable", "locals", "module", "data", "resource", "output", "check", "moved",
            "removed", "import",
        ];
        let hint = "name an environment file, such as envs/dev.toml";
        let file =
            self.file(path).map_err(|diagnostic| self.diagnostics.push(diagnostic.with_hint(hint))).ok()?;
        let node = tree::parse(&file, self.diagnostics)?;
        let (env, state) = {
            let fields = Fields::of(&node, KNOWN, self.diagnostics)?;
            (fields.node("env"), fields.node("state"))
        };
        let whole = Place { end: file.text.find('\n').unwrap_or(file.text.len()), ..node.place.clone() };
        let environment = Environment::read(path, env, state, &whole, self.diagnostics);
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        let module = self.module(&node, file, directory)?;
        Some((environment, Arc::new(module)))
    }

    fn file(&mut self, path: &Path) -> Result<Arc<SourceFile>, Diagnostic> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Diagnostic::new(format!("{} cannot be read: {error}", path.display())))?;
        let file = Arc::new(SourceFile { path: path.to_owned(), text });
        self.files.push(file.clone());
        Ok(file)
    }

    fn module(&mut self, node: &Node, file: Arc<SourceFile>, directory: PathBuf) -> Option<Module> {
        let table = node.table()?;
        let mut module = Module {
            directory,
            file,
            description: table
                .get("description")
                .and_then(|entry| entry.node.literal_str())
                .unwrap_or_default()
                .to_owned(),
            variables: IndexMap::new(),
            locals: IndexMap::new(),
            blocks: IndexMap::new(),
            modules: IndexMap::new(),
            outputs: IndexMap::new(),
            checks: IndexMap::new(),
            moved: Vec::new(),
            removed: Vec::new(),
            imports: Vec::new(),
        };
        for (name, entry) in self.named(table.get("variable")) {
            module
                .variables
                .extend(Variable::read(&entry, self.diagnostics).map(|variable| (name, variable)));
        }
        module.locals = self.named(table.get("locals"));
        for (name, entry) in self.named(table.get("output")) {
            module.outputs.extend(Output::read(&entry, self.diagnostics).map(|output| (name, output)));
        }
        for (name, entry) in self.named(table.get("check")) {
            module.checks.extend(Check::read(&entry, self.diagnostics).map(|check| (name, check)));
        }
        for (data, section) in [(false, "resource"), (true, "data")] {
            for (kind, entry) in self.named(table.get(section)) {
                for (name, entry) in self.named(Some(&entry)) {
                    if let Some(block) = Block::read(&entry, data, self.diagnostics) {
                        module.blocks.insert(BlockName { data, kind: kind.clone(), name }, block);
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
        for (name, entry) in self.named(table.get("module")) {
            if let Some(source) = self.source(&entry, &module.directory)
                && let Some(call) = ModuleCall::read(&entry, source, self.diagnostics)
            {
                module.modules.insert(name, call);
            }
        }
        Some(module)
    }

    /// The entries of a section, whose names must be usable in expressions.
    fn named(&mut self, section: Option<&Entry>) -> IndexMap<String, Entry> {
        let Some(section) = section else { return IndexMap::new() };
        let Some(table) = section.node.table() else {
            let message = format!("expected a table, found {}", section.node.type_name());
            self.diagnostics.push(Diagnostic::at(&section.node.place, message));
            return IndexMap::new();
        };
        for (name, entry) in table {
            if !is_identifier(name) {
                self.diagnostics.push(
                    Diagnostic::at(&entry.key, format!("`{name}` is no name"))
                        .with_hint("a name begins with a letter, and has letters, digits, _ and -"),
                );
            }
        }
        table.clone()
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
            self.diagnostics.push(
                Diagnostic::at(&call.key, "a module has a `source`")
                    .with_hint("add source = \"…\", the module's directory, relative to this file"),
            );
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
        let file = match self.file(&directory.join(MODULE_FILE)) {
            Ok(file) => file,
            Err(diagnostic) => {
                self.diagnostics.push(Diagnostic {
                    place: place.cloned(),
                    hint: Some(format!("a module is a directory with a {MODULE_FILE}")),
                    ..diagnostic
                });
                return None;
            }
        };
        let node = tree::parse(&file, self.diagnostics)?;
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
        self.module(&node, file, directory.to_owned()).map(Arc::new)
    }
}

/// A path without `.` and, where that is plain, without `..`.
fn normal(path: &Path) -> PathBuf {
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

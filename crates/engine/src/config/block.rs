//! The blocks of a module: resources, data sources, calls of other modules, locals and outputs.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::checklist::Check;
use super::fields::{Fields, PLAIN_STRING};
use super::transition::{Import, Moved, Removed};
use super::tree::{Content, Entry, Node, Table};
use super::variable::{Validation, Variable};
use crate::expression::Reference;
use crate::hash::{HashSet, IndexMap};
use crate::schema::Problem;
use crate::source::{Diagnostic, Diagnostics, Place, SourceFile};
use crate::spelling::nearest;
use crate::value::Segment;

/// A module, or an environment file in its role as the outermost one.
#[derive(Debug)]
pub struct Module {
    /// The directory that its files and the modules that it names are relative to.
    pub directory: PathBuf,
    /// Its file.
    pub file: Arc<SourceFile>,
    /// What it is for, as its file says.
    pub description: String,
    /// Its inputs.
    pub variables: IndexMap<String, Variable>,
    /// Its named values.
    pub locals: IndexMap<String, Entry>,
    /// Its resources and data sources.
    pub blocks: IndexMap<BlockName, Block>,
    /// The modules that it uses.
    pub modules: IndexMap<String, ModuleCall>,
    /// What it gives.
    pub outputs: IndexMap<String, Output>,
    /// What must be true of it.
    pub checks: IndexMap<String, Check>,
    /// What is called otherwise than it was.
    pub moved: Vec<Moved>,
    /// What is configured no more.
    pub removed: Vec<Removed>,
    /// What exists already; in an environment file alone.
    pub imports: Vec<Import>,
    /// What is declared, and could not be read, as `var.name`, `output.name`, `module.name` or `kind.name`: that has been
    /// said, and it is not that there is no such thing.
    pub(crate) unreadable: HashSet<String>,
}

/// The name of a resource or data source within its module.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockName {
    /// Whether it is a data source.
    pub data: bool,
    /// Its kind.
    pub kind: String,
    /// Its own name.
    pub name: String,
}

impl fmt::Display for BlockName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}.{}", if self.data { "data." } else { "" }, self.kind, self.name)
    }
}

/// A resource or a data source.
#[derive(Debug)]
pub struct Block {
    /// Where its name stands.
    pub place: Place,
    /// Its arguments.
    pub arguments: Node,
    /// How often there is one.
    pub repetition: Repetition,
    /// The region that it is in, if not the environment's.
    pub region: Option<Box<Node>>,
    /// How it may change.
    pub lifecycle: Lifecycle,
}

/// How often there is a resource or a module, and what it waits for.
#[derive(Debug, Default)]
pub struct Repetition {
    /// One for each element of a map or a set.
    pub for_each: Option<Box<Node>>,
    /// Whether there is one at all.
    pub enabled: Option<Box<Node>>,
    /// What comes before it although it names nothing of it.
    pub depends_on: Vec<Reference>,
}

/// `lifecycle`: how a resource may change.
#[derive(Debug, Default)]
pub struct Lifecycle {
    /// Whether a plan that would destroy it is an error.
    pub prevent_destroy: Option<Box<Node>>,
    /// Whether a replacement is made before what it replaces is deleted.
    pub create_before_destroy: Option<Box<Node>>,
    /// The arguments whose differences are left alone: a list of their paths, or `all`.
    pub ignore_changes: Option<Box<Node>>,
    /// What it is replaced together with.
    pub replace_triggered_by: Vec<Reference>,
    /// What must hold before it is made or changed.
    pub preconditions: Vec<Validation>,
    /// What must hold of it then.
    pub postconditions: Vec<Validation>,
}

/// A use of a module.
#[derive(Debug)]
pub struct ModuleCall {
    /// Where its name stands.
    pub place: Place,
    /// The module.
    pub module: Arc<Module>,
    /// Its inputs.
    pub arguments: Table,
    /// How often it is used.
    pub repetition: Repetition,
}

/// What a module gives to its user, or an environment to the people and programs around it.
#[derive(Debug)]
pub struct Output {
    /// Where its name stands.
    pub place: Place,
    /// What it is.
    pub description: String,
    /// Its value.
    pub value: Node,
    /// Whether its value is a secret.
    pub sensitive: bool,
}

impl Repetition {
    /// What is to be evaluated to know how often there is one.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        [&self.for_each, &self.enabled].into_iter().flatten().map(|node| &**node)
    }
}

impl Block {
    /// What is to be evaluated beside the arguments.
    pub(super) fn settings(&self) -> impl Iterator<Item = &Node> {
        let lifecycle = &self.lifecycle;
        let conditions = lifecycle.preconditions.iter().flat_map(Validation::nodes);
        [
            &self.region,
            &lifecycle.prevent_destroy,
            &lifecycle.create_before_destroy,
            &lifecycle.ignore_changes,
        ]
        .into_iter()
        .flatten()
        .map(|node| &**node)
        .chain(conditions)
    }

    /// Reads a resource or data source, its meta-arguments apart from its arguments.
    pub(super) fn read(entry: Entry, data: bool, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Entry { key: place, node } = entry;
        let type_name = node.type_name();
        let Content::Table(mut table) = node.content else {
            let message = format!("expected a table, found {type_name}");
            diagnostics.push(Diagnostic::at(&node.place, message));
            return None;
        };
        if let Some(count) = table.get("count") {
            diagnostics.push(no_count(&count.key));
            table.shift_remove("count");
        }
        let for_each = own(&mut table, "for_each");
        let depends_on = own(&mut table, "depends_on");
        let mut repetition = Repetition {
            for_each: for_each.map(|entry| Box::new(entry.node)),
            depends_on: depends_on.map(|entry| addresses(&entry.node, diagnostics)).unwrap_or_default(),
            enabled: None,
        };
        let region = table.shift_remove("region").map(|entry| Box::new(entry.node));
        let mut lifecycle = Lifecycle::default();
        if let Some(entry) = own(&mut table, "lifecycle") {
            let known: &[&str] = if data {
                &["enabled", "precondition", "postcondition"]
            } else {
                &[
                    "enabled",
                    "prevent_destroy",
                    "create_before_destroy",
                    "ignore_changes",
                    "replace_triggered_by",
                    "precondition",
                    "postcondition",
                ]
            };
            if let Some(mut fields) = Fields::of(&entry.node, known, diagnostics) {
                repetition.enabled = boxed(fields.node("enabled"));
                if !data {
                    lifecycle = Lifecycle {
                        prevent_destroy: boxed(fields.node("prevent_destroy")),
                        create_before_destroy: boxed(fields.node("create_before_destroy")),
                        ignore_changes: ignored(&mut fields),
                        replace_triggered_by: fields
                            .node("replace_triggered_by")
                            .map(|node| addresses(node, fields.diagnostics))
                            .unwrap_or_default(),
                        ..lifecycle
                    };
                }
                lifecycle.preconditions = Validation::read_all(&mut fields, "precondition");
                lifecycle.postconditions = Validation::read_all(&mut fields, "postcondition");
            }
        }
        let arguments = Node { place: place.clone(), content: Content::Table(table) };
        Some(Self { place, arguments, repetition, region, lifecycle })
    }
}

impl ModuleCall {
    /// The variables that arguments are misspellings of, as it seems.
    pub(crate) fn misspelled_inputs(&self) -> impl Iterator<Item = &str> {
        let variables = &self.module.variables;
        let unknown = self.arguments.keys().filter(|name| !variables.contains_key(*name));
        unknown.filter_map(|name| nearest(name, variables.keys().map(String::as_str)))
    }

    /// Reads a use of a module that has been read already.
    pub(super) fn read(entry: Entry, module: Arc<Module>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Content::Table(mut arguments) = entry.node.content else { return None };
        arguments.shift_remove("source");
        let for_each = own(&mut arguments, "for_each");
        let depends_on = own(&mut arguments, "depends_on");
        let mut repetition = Repetition {
            for_each: for_each.map(|entry| Box::new(entry.node)),
            depends_on: depends_on.map(|entry| addresses(&entry.node, diagnostics)).unwrap_or_default(),
            enabled: None,
        };
        if let Some(entry) = own(&mut arguments, "lifecycle")
            && let Some(fields) = Fields::of(&entry.node, &["enabled"], diagnostics)
        {
            repetition.enabled = boxed(fields.node("enabled"));
        }
        Some(Self { place: entry.key, module, arguments, repetition })
    }
}

impl Output {
    pub(super) fn read(entry: &Entry, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(&entry.node, &["description", "value", "sensitive"], diagnostics)?;
        let description = fields.text("description").unwrap_or_default();
        let sensitive = fields.boolean("sensitive").unwrap_or_default();
        let Some(value) = fields.node("value").cloned() else {
            diagnostics.push(
                Diagnostic::at(&entry.key, "an output has a `value`").with_hint("add value = \"${…}\""),
            );
            return None;
        };
        Some(Self { place: entry.key.clone(), description, value, sensitive })
    }
}

/// What few blocks have takes little room in all others.
fn boxed(node: Option<&Node>) -> Option<Box<Node>> {
    node.cloned().map(Box::new)
}

/// Takes an argument of the language out of a block. One that is misspelled means the same, and stays among the arguments,
/// where it is not known. No argument of a kind is as near to one.
fn own(table: &mut Table, name: &'static str) -> Option<Entry> {
    let misspelled = |table: &Table| {
        let mut entries = table.iter();
        let found = entries.find(|(key, _)| nearest(key, [name]).is_some());
        found.map(|(_, entry)| entry.clone())
    };
    table.shift_remove(name).or_else(|| misspelled(table))
}

/// That Terraform's `count` is something else here.
pub(super) fn no_count(place: &Place) -> Diagnostic {
    Diagnostic::at(place, "there is no `count`")
        .with_hint("use for_each for several, or lifecycle = { enabled = … } for one or none")
}

/// What is wrong with the arguments of a block, where an unknown one may be one of those that the language has for
/// every block.
pub(crate) fn with_own_arguments(problem: Problem) -> Problem {
    const OWN: [&str; 4] = ["for_each", "depends_on", "lifecycle", "region"];
    match problem.path.0.as_slice() {
        [Segment::Key(name)] if problem.at_key && problem.message.starts_with("unknown key") => {
            match nearest(name, OWN) {
                Some(meant) => problem.with_hint(format!("did you mean `{meant}`?")),
                None => problem,
            }
        }
        _ => problem,
    }
}

/// A list of addresses, as `depends_on` has it: plain strings.
fn addresses(node: &Node, diagnostics: &mut Diagnostics) -> Vec<Reference> {
    let Some(nodes) = node.list() else {
        diagnostics.push(Diagnostic::at(
            &node.place,
            format!("expected a list of addresses, found {}", node.type_name()),
        ));
        return Vec::new();
    };
    let mut references = Vec::new();
    for node in nodes {
        match node.literal_str() {
            Some(text) => references.push(Reference {
                names: without_keys(text).split('.').map(str::to_owned).collect(),
                place: node.place.clone(),
            }),
            None => diagnostics.push(
                Diagnostic::at(&node.place, format!("expected an address, found {}", node.type_name()))
                    .with_hint("write it as a plain string: \"aws_s3_bucket.master\""),
            ),
        }
    }
    references
}

/// An address without the keys of instances, which can have dots and brackets in them.
fn without_keys(address: &str) -> String {
    let mut names = String::new();
    let (mut in_key, mut in_quotes, mut escaped) = (false, false, false);
    for character in address.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_quotes => escaped = true,
            '"' if in_key => in_quotes = !in_quotes,
            ']' if in_key && !in_quotes => in_key = false,
            '[' if !in_key => in_key = true,
            _ if !in_key => names.push(character),
            _ => {}
        }
    }
    names
}

/// The arguments whose differences are left alone: paths that are strings, or `all`. Expressions can give either.
fn ignored(fields: &mut Fields<'_, '_>) -> Option<Box<Node>> {
    let node = fields.node("ignore_changes")?;
    let is_text =
        |node: &Node| node.literal_str().is_some() || matches!(node.content, Content::Expression(_));
    match (&node.content, node.literal_str()) {
        (Content::Expression(_), _) | (_, Some("all")) => {}
        (Content::List(nodes), _) => {
            for node in nodes.iter().filter(|node| !is_text(node)) {
                fields.wrong(node, PLAIN_STRING);
            }
        }
        _ => fields.wrong(node, "a list of strings"),
    }
    boxed(Some(node))
}

//! Mistakes, made in the environments and modules of this repository: one in each.
//!
//! A mutation knows the lines that it changes, and the lines that it breaks where those are others. What would leave a
//! file right is no mutation: each sort says where it can be made.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use provision_engine::config::tree::{self, Content, Entry, Node, Table};
use provision_engine::kind::Registry;
use provision_engine::schema::{Attribute, Schema, Type};
use provision_engine::source::{Diagnostics, SourceFile};

use crate::project::{Project, Use};

mod addresses;
mod files;
mod keys;
mod references;
mod sections;
mod syntax;
mod values;

/// A file with a mistake in it.
pub(crate) struct Mutation {
    /// What sort of mistake.
    pub(crate) sort: &'static str,
    /// The file.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
    /// An environment that uses it.
    pub(crate) environment: String,
    /// The lines that are changed, and those that are broken by it.
    pub(crate) lines: BTreeSet<usize>,
    /// What is said, or given as advice, has this in it.
    pub(crate) says: String,
    replaced: Range<usize>,
    by: usize,
}

/// Makes mistakes of one sort, wherever that can be done in a file.
type Sort = fn(&Source<'_>) -> Vec<Mutation>;

/// All sorts.
const SORTS: &[Sort] = &[
    keys::misspelled_arguments,
    keys::misspelled_settings,
    keys::misspelled_own_arguments,
    keys::misspelled_inputs,
    keys::missing_arguments,
    keys::missing_settings,
    keys::missing_inputs,
    keys::repeated,
    sections::misspelled,
    sections::misspelled_kinds,
    sections::misspelled_blocks,
    sections::repeated,
    sections::unknown,
    sections::no_tables,
    references::misspelled_roots,
    references::misspelled_names,
    references::misspelled_attributes,
    references::misspelled_functions,
    references::circles,
    references::circles_of_locals,
    references::each_without_for_each,
    values::of_another_type,
    values::out_of_range,
    values::none_of_the_choices,
    values::null,
    values::computed,
    values::documents,
    values::environments,
    values::types_of_variables,
    addresses::depends_on,
    addresses::replace_triggered_by,
    addresses::transitions,
    addresses::counts,
    addresses::sources,
    syntax::unclosed_strings,
    syntax::unclosed_expressions,
    syntax::unclosed_brackets,
    syntax::unclosed_headers,
    syntax::operators,
    files::bytes,
    files::line_ends,
    files::byte_order_marks,
    files::long_lines,
    files::depths,
];

/// How many mistakes are made of each sort.
const OF_EACH_SORT: usize = 11;

/// The same mistakes each time, of all sorts and in all files.
pub(crate) fn mutations(project: &Project) -> Vec<Mutation> {
    let uses = project.uses();
    let sources: Vec<Source<'_>> =
        uses.iter().map(|(path, used)| Source::read(project, path, used)).collect();
    let mut mutations = Vec::new();
    for (seed, sort) in SORTS.iter().enumerate() {
        let mut made: Vec<Mutation> = sources.iter().flat_map(sort).collect();
        let mut random = Random(seed as u64);
        for _ in 0..OF_EACH_SORT.min(made.len()) {
            mutations.push(made.swap_remove(random.below(made.len())));
        }
    }
    mutations
}

/// A file that is right.
pub(crate) struct Source<'p> {
    path: &'p str,
    used: &'p Use,
    registry: &'p Registry,
    root_directory: &'p Path,
    file: Arc<SourceFile>,
    root: Node,
}

/// An argument of a resource or a data source, or of a block in one.
struct Argument<'s> {
    block: String,
    name: &'s str,
    entry: &'s Entry,
    attribute: &'s Attribute,
    schema: &'s Schema,
    /// Where what it stands in begins.
    header: usize,
}

impl<'p> Source<'p> {
    fn read(project: &'p Project, path: &'p str, used: &'p Use) -> Self {
        let file = Arc::new(SourceFile { path: path.into(), text: project.read(path) });
        let root = tree::parse(&file, &mut Diagnostics::default()).unwrap();
        Self { path, used, registry: &project.registry, root_directory: project.directory(), file, root }
    }

    fn text(&self) -> &str {
        &self.file.text
    }

    /// The directory that it is in, in the project.
    fn directory(&self) -> PathBuf {
        self.root_directory.join(self.path).parent().unwrap().to_owned()
    }

    fn is_environment(&self) -> bool {
        self.path.starts_with("envs/")
    }

    /// The entries of a section.
    fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Entry)> {
        self.root.table().unwrap().get(name).and_then(|entry| entry.node.table()).into_iter().flatten()
    }

    /// The blocks of resources (or data sources), each with its kind and name.
    fn blocks(&self, section: &str) -> Vec<(&String, &String, &Entry)> {
        let kinds = self.section(section);
        kinds
            .flat_map(|(kind, entry)| {
                entry.node.table().into_iter().flatten().map(move |(name, entry)| (kind, name, entry))
            })
            .collect()
    }

    /// All arguments that are written as `name = value`.
    fn arguments(&self) -> Vec<Argument<'_>> {
        let mut arguments = Vec::new();
        for (section, prefix) in [("resource", ""), ("data", "data.")] {
            for (kind, name, entry) in self.blocks(section) {
                let schema = match section {
                    "data" => self.registry.data(kind).unwrap().schema(),
                    _ => self.registry.kind(kind).unwrap().schema(),
                };
                let block = format!("{prefix}{kind}.{name}");
                self.descend(&block, entry.node.table().unwrap(), entry.key.start, schema, &mut arguments);
            }
        }
        arguments.retain(|argument| self.is_written(argument.entry));
        arguments
    }

    fn descend<'s>(
        &'s self,
        block: &str,
        table: &'s Table,
        header: usize,
        schema: &'s Schema,
        arguments: &mut Vec<Argument<'s>>,
    ) {
        for (name, entry) in table {
            let Some(attribute) = schema.attributes.get(name) else { continue };
            arguments.push(Argument { block: block.to_owned(), name, entry, attribute, schema, header });
            match (&attribute.r#type, &entry.node.content) {
                (Type::Object(inner), Content::Table(table)) => {
                    self.descend(block, table, self.beginning(entry, &entry.node), inner, arguments);
                }
                (Type::List(element) | Type::Set(element), Content::List(nodes)) => {
                    let Type::Object(inner) = &element.r#type else { continue };
                    for node in nodes {
                        if let Some(table) = node.table() {
                            self.descend(block, table, self.beginning(entry, node), inner, arguments);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Where a table begins: with its header, or with its brace.
    fn beginning(&self, entry: &Entry, node: &Node) -> usize {
        match self.is_written(entry) {
            true => node.place.start,
            false => node.place.start.max(entry.key.start.min(node.place.start)),
        }
    }

    /// Whether an entry is written as `name = value`, and not as the header of a table.
    fn is_written(&self, entry: &Entry) -> bool {
        self.text()[entry.key.end..].trim_start_matches([' ', '"']).starts_with('=')
    }

    /// The lines of an entry that has them to itself.
    fn own_lines(&self, entry: &Entry) -> Option<Range<usize>> {
        let start = self.text()[..entry.key.start].rfind('\n').map_or(0, |at| at + 1);
        let rest = &self.text()[entry.node.place.end..];
        let length = rest.find('\n')?;
        let is_own = self.is_written(entry)
            && self.text()[start..entry.key.start].trim().is_empty()
            && (rest[..length].trim().is_empty() || rest[..length].trim_start().starts_with('#'));
        is_own.then(|| start..entry.node.place.end + length + 1)
    }

    /// The end of the line of the header of a table.
    fn after_header(&self, entry: &Entry) -> Option<usize> {
        let line = entry.key.end + self.text()[entry.key.end..].find('\n')?;
        self.text()[entry.key.end..line].starts_with(']').then_some(line + 1)
    }

    /// The file with something else in that place.
    fn edit(&self, sort: &'static str, replaced: Range<usize>, by: &str) -> Mutation {
        let text = self.text();
        let new = format!("{}{by}{}", &text[..replaced.start], &text[replaced.end..]);
        let last = line(&new, replaced.start + by.trim_end_matches('\n').len());
        Mutation {
            sort,
            path: self.path.to_owned(),
            environment: self.used.environment.clone(),
            lines: (line(&new, replaced.start)..=last).collect(),
            says: String::new(),
            by: by.len(),
            bytes: new.into_bytes(),
            replaced,
        }
    }

    /// The file with something more at its end.
    fn append(&self, sort: &'static str, text: &str) -> Mutation {
        let end = self.text().len();
        let mut mutation = self.edit(sort, end..end, &format!("\n{text}"));
        mutation.lines.remove(&line(self.text(), end));
        mutation
    }
}

impl Mutation {
    /// The same mistake, of which this is said.
    fn saying(self, says: impl Into<String>) -> Self {
        Self { says: says.into(), ..self }
    }

    /// The same mistake, which breaks the line of that byte of the file as it was.
    fn breaking(mut self, byte: usize) -> Self {
        let at = match byte >= self.replaced.end {
            true => byte - self.replaced.len() + self.by,
            false => byte.min(self.replaced.start),
        };
        let text = String::from_utf8_lossy(&self.bytes);
        self.lines.insert(line(&text, at));
        self
    }

    /// The same mistake, which is not where something was taken away, but where that is missing.
    fn missing_at(mut self, byte: usize) -> Self {
        self.lines.clear();
        self.breaking(byte)
    }
}

/// The number of the line of a byte.
fn line(text: &str, byte: usize) -> usize {
    text[..byte.min(text.len())].matches('\n').count() + 1
}

/// A word with two letters exchanged, or one more.
fn misspelled(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let exchangeable = (1..letters.len().saturating_sub(1)).rev().find(|at| {
        letters[*at] != letters[at + 1] && letters[*at].is_alphabetic() && letters[at + 1].is_alphabetic()
    });
    match exchangeable {
        Some(at) => {
            let mut letters = letters;
            letters.swap(at, at + 1);
            letters.into_iter().collect()
        }
        None => format!("{word}x"),
    }
}

/// Numbers that follow from a seed: the same each time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((number ^ (number >> 31)) % end.max(1) as u64).unwrap()
    }
}

//! A TOML file as a tree of nodes that know where they stand, with the expressions in its strings parsed.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::expression::Expression;
use crate::hash::IndexMap;
use crate::source::{Diagnostic, Diagnostics, Place, SourceFile};
use crate::value::{Path, Segment, Value};

mod syntax;

/// A value in a file.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where it stands.
    pub place: Place,
    /// What it is.
    pub content: Content,
}

/// What a [`Node`] is.
#[derive(Debug, Clone)]
pub enum Content {
    /// A boolean, a number, or a string with nothing to evaluate in it.
    Literal(Value),
    /// A string with something to evaluate in it.
    Expression(Arc<Expression>),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Table),
}

/// The entries of a table, in the order of the file.
pub type Table = IndexMap<String, Entry>;

/// A key and its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Where the key stands.
    pub key: Place,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The entries, if this is a table.
    pub fn table(&self) -> Option<&Table> {
        match &self.content {
            Content::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The elements, if this is a list.
    pub fn list(&self) -> Option<&[Node]> {
        match &self.content {
            Content::List(nodes) => Some(nodes),
            _ => None,
        }
    }

    /// The text, if this is a plain string.
    pub fn literal_str(&self) -> Option<&str> {
        match &self.content {
            Content::Literal(value) => value.as_str(),
            _ => None,
        }
    }

    /// What this is, in the words of an error message.
    pub fn type_name(&self) -> &'static str {
        match &self.content {
            Content::Literal(value) => value.type_name(),
            Content::Expression(_) => "an expression",
            Content::List(_) => "a list",
            Content::Table(_) => "a table",
        }
    }

    /// The place of what a path leads to, or of the last part of the way that is written down. `at_key`: that
    /// of the key rather than the value.
    pub fn place_of(&self, path: &Path, at_key: bool) -> &Place {
        let mut node = self;
        for (position, segment) in path.0.iter().enumerate() {
            match (segment, &node.content) {
                (Segment::Key(key), Content::Table(table)) => match table.get(key) {
                    Some(entry) if at_key && position + 1 == path.0.len() => return &entry.key,
                    Some(entry) => node = &entry.node,
                    None => break,
                },
                (Segment::Index(index), Content::List(nodes)) => match nodes.get(*index) {
                    Some(element) => node = element,
                    None => break,
                },
                _ => break,
            }
        }
        &node.place
    }

    /// What is written here, where what is to be evaluated is unknown.
    pub(super) fn written(&self) -> Value {
        match &self.content {
            Content::Literal(value) => value.clone(),
            Content::Expression(_) => Value::Unknown,
            Content::List(nodes) => Value::List(nodes.iter().map(Self::written).collect()),
            Content::Table(table) => {
                Value::Map(table.iter().map(|(name, entry)| (name.clone(), entry.node.written())).collect())
            }
        }
    }

    /// Adds the entries of another table, where this is one and has none of that name.
    pub(super) fn merge(&mut self, other: &Self) {
        let (Content::Table(table), Content::Table(more)) = (&mut self.content, &other.content) else {
            return;
        };
        for (name, entry) in more {
            match table.get_mut(name) {
                Some(there) => there.node.merge(&entry.node),
                None => drop(table.insert(name.clone(), entry.clone())),
            }
        }
    }

    /// Every expression in this and below.
    pub fn for_each_expression<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        match &self.content {
            Content::Literal(_) => {}
            Content::Expression(expression) => visit(expression),
            Content::List(nodes) => nodes.iter().for_each(|node| node.for_each_expression(visit)),
            Content::Table(table) => table.values().for_each(|entry| entry.node.for_each_expression(visit)),
        }
    }
}

/// Parses a file; what is wrong with it is added to `diagnostics`.
pub fn parse(file: &Arc<SourceFile>, diagnostics: &mut Diagnostics) -> Option<Node> {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    syntax::report(file, &errors, diagnostics);
    if !errors.is_empty() {
        return None;
    }
    let whole = Place { file: file.clone(), start: 0, end: 0 };
    Some(Node { place: whole, content: Content::Table(convert_table(file, table.get_ref(), diagnostics)) })
}

fn convert_table(file: &Arc<SourceFile>, table: &DeTable<'_>, diagnostics: &mut Diagnostics) -> Table {
    // The parser keeps no order of keys; their places do.
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
        .into_iter()
        .map(|(key, value)| {
            let entry = Entry { key: place(file, key.span()), node: convert(file, value, diagnostics) };
            (key.get_ref().to_string(), entry)
        })
        .collect()
}

fn convert(file: &Arc<SourceFile>, value: &Spanned<DeValue<'_>>, diagnostics: &mut Diagnostics) -> Node {
    let place = place(file, value.span());
    let content = match value.get_ref() {
        DeValue::String(text) => match Expression::parse(text, &place) {
            Ok(None) => Content::Literal(Value::string(text.as_ref())),
            Ok(Some(expression)) => Content::Expression(Arc::new(expression)),
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                Content::Literal(Value::Unknown)
            }
        },
        DeValue::Integer(integer) => {
            match i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()) {
                Ok(number) => Content::Literal(number.into()),
                Err(_) => {
                    diagnostics.push(Diagnostic::at(&place, "this number is too large"));
                    Content::Literal(Value::Unknown)
                }
            }
        }
        DeValue::Float(float) => match float.as_str().replace('_', "").parse::<f64>() {
            Ok(number) if number.is_finite() => Content::Literal(number.into()),
            _ => {
                diagnostics.push(Diagnostic::at(&place, "this is no finite number"));
                Content::Literal(Value::Unknown)
            }
        },
        DeValue::Boolean(boolean) => Content::Literal((*boolean).into()),
        DeValue::Datetime(datetime) => Content::Literal(Value::String(datetime.to_string())),
        DeValue::Array(array) => {
            Content::List(array.iter().map(|element| convert(file, element, diagnostics)).collect())
        }
        DeValue::Table(table) => Content::Table(convert_table(file, table, diagnostics)),
    };
    Node { place, content }
}

fn place(file: &Arc<SourceFile>, span: std::ops::Range<usize>) -> Place {
    Place { file: file.clone(), start: span.start, end: span.end }
}

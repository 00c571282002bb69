//! The fields of a block of the language, read one by one; what is left over is unknown.

use crate::config::tree::{Content, Entry, Node, Table};
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::spelling::nearest;
use crate::value::Value;

/// What a name is written as.
pub(super) const PLAIN_STRING: &str = "a string";

/// A table whose keys the language defines.
pub(super) struct Fields<'a, 'd> {
    table: &'a Table,
    /// Each key that is misspelled, as it should be and as it is: that it is there is not in doubt.
    misspelled: Vec<(&'static str, &'a str)>,
    known: &'static [&'static str],
    pub(super) diagnostics: &'d mut Diagnostics,
}

impl<'a, 'd> Fields<'a, 'd> {
    /// Takes a node for such a table; says so if it is none, or if it has keys beyond `known`.
    pub(super) fn of(
        node: &'a Node,
        known: &'static [&'static str],
        diagnostics: &'d mut Diagnostics,
    ) -> Option<Self> {
        let Some(table) = node.table() else {
            let message = format!("expected a table, found {}", node.type_name());
            diagnostics.push(Diagnostic::at(&node.place, message).with_hint("write a table: { name = … }"));
            return None;
        };
        let mut misspelled = Vec::new();
        for (name, entry) in table {
            if !known.contains(&name.as_str()) {
                diagnostics.push(unknown_key(name, &entry.key, known));
                misspelled.extend(nearest(name, known.iter().copied()).map(|meant| (meant, name.as_str())));
            }
        }
        Some(Self { table, misspelled, known, diagnostics })
    }

    /// The entry of that name, or that of the nearest to it which is no name at all.
    pub(super) fn entry(&self, name: &str) -> Option<&'a Entry> {
        debug_assert!(self.known.contains(&name));
        let misspelled = || self.misspelled.iter().find(|(meant, _)| *meant == name).map(|(_, key)| *key);
        self.table.get(name).or_else(|| self.table.get(misspelled()?))
    }

    /// The node of that name.
    pub(super) fn node(&self, name: &str) -> Option<&'a Node> {
        self.entry(name).map(|entry| &entry.node)
    }

    /// A string without expressions.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let node = self.node(name)?;
        let text = node.literal_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(node, PLAIN_STRING);
        }
        text
    }

    /// A boolean that is not an expression.
    pub(super) fn boolean(&mut self, name: &str) -> Option<bool> {
        let node = self.node(name)?;
        if let Content::Literal(Value::Bool(boolean)) = node.content {
            return Some(boolean);
        }
        self.wrong(node, "true or false");
        None
    }

    /// A whole number that is not an expression.
    pub(super) fn integer(&mut self, name: &str) -> Option<i64> {
        let node = self.node(name)?;
        if let Content::Literal(value) = &node.content
            && let Some(integer) = value.to_json().as_i64()
        {
            return Some(integer);
        }
        self.wrong(node, "a whole number");
        None
    }

    /// Says that a node is not what it should be.
    pub(super) fn wrong(&mut self, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.type_name());
        let hint = match node.content {
            Content::Expression(_) => "this is needed before anything is evaluated: write it out".to_owned(),
            Content::Literal(_) if expected == PLAIN_STRING => {
                format!("put it in quotes: \"{}\"", node.place.text())
            }
            _ => format!("write {expected}"),
        };
        self.diagnostics.push(Diagnostic::at(&node.place, message).with_hint(hint));
    }
}

/// That a key is not known, with the nearest that is.
pub(super) fn unknown_key(name: &str, place: &Place, known: &[&str]) -> Diagnostic {
    let hint = match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("known are {}", known.join(", ")),
    };
    Diagnostic::at(place, format!("unknown key `{name}`")).with_hint(hint)
}

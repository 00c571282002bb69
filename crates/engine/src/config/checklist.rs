//! `[check.NAME]`: what must be true of an environment once it has been applied.

use super::fields::Fields;
use super::tree::{Entry, Node};
use super::variable::Validation;
use crate::checklist::{ProbeKind, Severity};
use crate::source::{Diagnostic, Diagnostics, Place};

/// Something to check.
#[derive(Debug)]
pub struct Check {
    /// Where its name stands.
    pub place: Place,
    /// Its line in the checklist.
    pub description: String,
    /// What it means that it does not hold.
    pub severity: Severity,
    /// Whether there is one at all.
    pub enabled: Option<Node>,
    /// Why it is not run; null where it is.
    pub skip: Option<Node>,
    /// Whether it is that an apply would change nothing in the whole environment.
    pub no_changes: bool,
    /// What must be true of what there is.
    pub asserts: Vec<Validation>,
    /// What is tried, in the order in which it is.
    pub probes: Vec<(ProbeKind, Node)>,
}

impl Check {
    pub(super) fn read(entry: &Entry, diagnostics: &mut Diagnostics) -> Option<Self> {
        const KNOWN: &[&str] = &[
            "description",
            "severity",
            "lifecycle",
            "skip",
            "no_changes",
            "assert",
            "s3",
            "media_convert_job",
            "http",
        ];
        let mut fields = Fields::of(&entry.node, KNOWN, diagnostics)?;
        let mut check = Self {
            place: entry.key.clone(),
            description: fields.text("description").unwrap_or_default(),
            severity: severity(&mut fields),
            enabled: None,
            skip: fields.node("skip").cloned(),
            no_changes: fields.boolean("no_changes").unwrap_or_default(),
            asserts: Vec::new(),
            probes: Vec::new(),
        };
        if fields.entry("description").is_none() {
            let diagnostic =
                Diagnostic::at(&check.place, "a check has a `description`: its line in the checklist");
            fields.diagnostics.push(diagnostic.with_hint("add description = \"…\""));
        }
        if let Some(node) = fields.node("lifecycle")
            && let Some(fields) = Fields::of(node, &["enabled"], fields.diagnostics)
        {
            check.enabled = fields.node("enabled").cloned();
        }
        check.asserts = Validation::read_all(&mut fields, "assert");
        for kind in ProbeKind::ALL {
            for node in fields.node(kind.name()).map(one_or_several).unwrap_or_default() {
                if node.table().is_some() {
                    check.probes.push((kind, node.clone()));
                } else {
                    fields.wrong(node, "a table");
                }
            }
        }
        let blocks = ["no_changes", "assert", "s3", "media_convert_job", "http"];
        if blocks.iter().all(|block| fields.entry(block).is_none()) {
            let diagnostic = Diagnostic::at(&check.place, "this check checks nothing");
            fields.diagnostics.push(diagnostic.with_hint(
                "add an assert with a condition and an error_message, or one of http, s3 and media_convert_job",
            ));
        }
        Some(check)
    }

    /// What is to be evaluated.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        let asserts = self.asserts.iter().flat_map(Validation::nodes);
        let probes = self.probes.iter().map(|(_, node)| node);
        [&self.enabled, &self.skip].into_iter().flatten().chain(asserts).chain(probes)
    }
}

/// A block that can come once or several times.
fn one_or_several(node: &Node) -> Vec<&Node> {
    node.list().map_or_else(|| vec![node], |nodes| nodes.iter().collect())
}

fn severity(fields: &mut Fields<'_, '_>) -> Severity {
    match fields.text("severity").as_deref() {
        None | Some("error") => Severity::Error,
        Some("warning") => Severity::Warning,
        Some(other) => {
            if let Some(node) = fields.node("severity") {
                let message = format!("`severity` is \"error\" or \"warning\", not \"{other}\"");
                fields.diagnostics.push(Diagnostic::at(&node.place, message));
            }
            Severity::Error
        }
    }
}

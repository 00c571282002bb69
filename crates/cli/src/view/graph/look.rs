//! How an action of a plan looks outside of a terminal.

use provision_engine::plan::ChangeDocument;

/// What a change does, in a word: what is called nothing may be a move, or what is left of an earlier replacement.
pub(crate) fn action_of(change: &ChangeDocument) -> &str {
    match change.action.as_str() {
        "no-op" if !change.deposed.is_empty() => "delete",
        "no-op" if change.moved_from.is_some() => "move",
        "no-op" if change.left_out => "left out",
        action => action,
    }
}

/// The look of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// The class that style sheets know it by.
    pub(crate) class: &'static str,
    /// Terraform's symbol.
    pub(crate) symbol: &'static str,
    /// What is said of it; nothing if the action is not known, and has to speak for itself.
    label: Option<&'static str>,
    /// Where it stands among others: the most drastic first.
    pub(crate) rank: u8,
    /// The colour that a box is filled with, on a light ground.
    pub(crate) fill: &'static str,
    /// The colour of its border.
    pub(crate) stroke: &'static str,
}

impl Look {
    /// Without any action.
    pub(crate) const PLAIN: Self = Self::new("plain", "", None, 9, "#ffffff", "#6e7781");

    const fn new(
        class: &'static str,
        symbol: &'static str,
        label: Option<&'static str>,
        rank: u8,
        fill: &'static str,
        stroke: &'static str,
    ) -> Self {
        Self { class, symbol, label, rank, fill, stroke }
    }

    /// The look of the action of that name, which may be one that is not known here.
    pub(crate) fn of(action: &str) -> Self {
        match action {
            "delete" => Self::new("delete", "-", Some("delete"), 0, "#ffebe9", "#cf222e"),
            "replace" => Self::new("replace", "-/+", Some("replace"), 1, "#fff1e5", "#bc4c00"),
            "update" => Self::new("update", "~", Some("update"), 3, "#fff8c5", "#9a6700"),
            "create" => Self::new("create", "+", Some("create"), 4, "#dafbe1", "#1a7f37"),
            "adopt" => Self::new("adopt", ">", Some("adopt"), 5, "#fbefff", "#8250df"),
            "read" => Self::new("read", "<=", Some("read"), 6, "#ddf4ff", "#0969da"),
            "forget" => Self::new("forget", ".", Some("forget"), 2, "#fbefff", "#6639ba"),
            "refresh" => Self::new("read", "~", Some("refresh"), 6, "#ddf4ff", "#0969da"),
            "move" => Self::new("other", "", Some("move"), 7, "#f6f8fa", "#57606a"),
            "left out" => Self::new("unchanged", "", Some("left out"), 8, "#f6f8fa", "#8c959f"),
            "no-op" => Self::new("unchanged", "", Some("unchanged"), 8, "#f6f8fa", "#8c959f"),
            _ => Self::new("other", "*", None, 2, "#f6f8fa", "#57606a"),
        }
    }

    /// What is said of an action.
    pub(crate) fn label<'a>(&self, action: &'a str) -> &'a str {
        self.label.unwrap_or(action)
    }
}

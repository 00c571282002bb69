//! What an environment file says of the environment itself: `[env]` and `[state]`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::backend::Backend;
use super::fields::{Fields, PLAIN_STRING};
use super::tree::{Content, Node};
use crate::source::{Diagnostic, Diagnostics, Place};
use crate::value::Value;

/// An environment.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The environment file.
    pub path: PathBuf,
    /// `env.name`, such as `dev`.
    pub name: String,
    /// `env.project`.
    pub project: String,
    /// `env.region`: where resources are, unless they say otherwise.
    pub region: String,
    /// The only AWS account that may be touched.
    pub account_id: Option<String>,
    /// Where the account stands in the file.
    pub account_place: Option<Place>,
    /// Whether a delete or a replacement needs `--allow-destroy`.
    pub protect: bool,
    /// The tags that each taggable resource gets.
    pub tags: BTreeMap<String, String>,
    /// Where the state is.
    pub backend: Backend,
}

impl Environment {
    /// An environment of which nothing is known.
    pub(super) fn unknown(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            name: String::new(),
            project: String::new(),
            region: String::new(),
            account_id: None,
            account_place: None,
            protect: false,
            tags: BTreeMap::new(),
            backend: Backend::Local { path: None },
        }
    }

    pub(super) fn read(
        path: &Path,
        env: Option<&Node>,
        state: Option<&Node>,
        whole: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        const KNOWN: &[&str] = &["name", "project", "region", "account_id", "protect", "tags"];
        let Some(node) = env else {
            diagnostics.push(
                Diagnostic::at(whole, "this is no environment file: it has no `[env]`").with_hint(
                    "begin it with [env], name = \"dev\", project = \"…\" and region = \"us-east-1\"",
                ),
            );
            return None;
        };
        let mut fields = Fields::of(node, KNOWN, diagnostics)?;
        let name = required(&mut fields, node, "name");
        let project = required(&mut fields, node, "project");
        let region = required(&mut fields, node, "region");
        let mut is_right = true;
        for (field, value) in [("name", &name), ("project", &project)] {
            if let Some(value) = value
                && !is_plain(value)
                && let Some(entry) = fields.entry(field)
            {
                is_right = false;
                fields.diagnostics.push(
                    Diagnostic::at(
                        &entry.node.place,
                        format!("`{field}` becomes part of names, and `{value}` cannot"),
                    )
                    .with_hint("use lower-case letters, digits and hyphens"),
                );
            }
        }
        if let Some(region) = &region
            && !is_region(region)
            && let Some(entry) = fields.entry("region")
        {
            is_right = false;
            fields.diagnostics.push(
                Diagnostic::at(&entry.node.place, format!("`{region}` is no AWS region"))
                    .with_hint("write it as in us-east-1"),
            );
        }
        let account_id = fields.text("account_id");
        let account_place = fields.node("account_id").map(|node| node.place.clone());
        if let (Some(account), Some(place)) = (&account_id, &account_place)
            && !(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
        {
            fields.diagnostics.push(Diagnostic::at(place, "an AWS account's id has 12 digits"));
        }
        let protect = fields.boolean("protect").unwrap_or_default();
        let tags = tags(&mut fields);
        let backend =
            state.map_or(Some(Backend::Local { path: None }), |state| Backend::read(state, diagnostics));
        // What is named after what cannot be is not judged.
        is_right.then_some(())?;
        Some(Self {
            path: path.to_owned(),
            name: name?,
            project: project?,
            region: region?,
            account_id,
            account_place,
            protect,
            tags,
            backend: backend?,
        })
    }

    /// `env` in expressions.
    pub fn value(&self) -> Value {
        let text = |text: &str| Value::from(text);
        Value::Map(
            [
                ("name", text(&self.name)),
                ("project", text(&self.project)),
                ("region", text(&self.region)),
                ("account_id", self.account_id.as_deref().map_or(Value::Null, Value::from)),
                (
                    "tags",
                    Value::Map(self.tags.iter().map(|(key, value)| (key.clone(), text(value))).collect()),
                ),
            ]
            .map(|(key, value)| (key.to_owned(), value))
            .into(),
        )
    }
}

fn required(fields: &mut Fields<'_, '_>, node: &Node, name: &str) -> Option<String> {
    if fields.entry(name).is_none() {
        fields.diagnostics.push(
            Diagnostic::at(&node.place, format!("`[env]` has no `{name}`"))
                .with_hint(format!("add {name} = \"…\"")),
        );
    }
    fields.text(name)
}

fn tags(fields: &mut Fields<'_, '_>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    let Some(node) = fields.node("tags") else { return tags };
    let Some(table) = node.table() else {
        fields.wrong(node, "a table of strings");
        return tags;
    };
    for (key, entry) in table {
        match &entry.node.content {
            Content::Literal(Value::String(value)) => {
                tags.insert(key.clone(), value.clone());
            }
            _ => fields.wrong(&entry.node, PLAIN_STRING),
        }
    }
    tags
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn is_region(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    parts.len() >= 3
        && parts[..parts.len() - 1]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase()))
        && parts[parts.len() - 1].bytes().all(|byte| byte.is_ascii_digit())
}

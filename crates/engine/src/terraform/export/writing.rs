//! A resource in the file: its block, its parts, and how Terraform takes them over.

use super::blocks::{Place, Settled};
use super::*;
use crate::kind::ResourceKind;
use crate::value::Map;

impl Exporter<'_, '_> {
    /// Writes a resource that Terraform calls `name`.
    pub(super) fn write(
        &mut self,
        kind: &dyn ResourceKind,
        place: &Place<'_>,
        name: &str,
        settled: &Settled,
        known: &Value,
    ) {
        let address = &place.address;
        let change = self.changes.get(address).copied();
        let prior = change.and_then(|change| change.prior.as_ref());
        let import = prior.and_then(|prior| kind.terraform_import_id(&prior.id, &prior.attributes));
        let (arguments, parts) = self.in_shape(kind, place, name, settled, known);
        let region = self.region(place, kind.not_in_terraform());
        let comment = match (prior, &import) {
            (Some(_), None) => format!("{address}: Terraform cannot import it, and makes it anew"),
            _ => address.to_string(),
        };
        let (mut block, named_by_itself) = self.json(&comment, region.as_deref(), &arguments);
        let mut named = named_by_itself.clone();
        let mut dependencies = settled.dependencies.clone();
        dependencies.extend(self.waits(place));
        let imported = import.map(|id| match prior.and_then(|prior| prior.region.as_deref()) {
            Some(region) if !kind.not_in_terraform().contains(&"region") => (id, format!("@{region}")),
            _ => (id, String::new()),
        });
        let ignored = change.map(|change| change.lifecycle.ignore_changes.as_slice()).unwrap_or_default();
        let own = name.split_once('.').map_or(name, |(_, own)| own);
        for part in &parts {
            let data = if part.data { "data." } else { "" };
            let called = format!("{data}{}.{}", part.kind, part.name.unwrap_or(own));
            let region = region.as_deref().filter(|_| part.kind.starts_with("aws_"));
            let (mut block, named_by_part) = self.json("", region, &part.arguments);
            let before = part.after.iter().filter(|kind| parts.iter().any(|part| part.kind == **kind));
            let before = before.map(|kind| format!("{kind}.{own}"));
            let awaited = self.awaited_by(place, named_by_part.iter());
            let depends_on: BTreeSet<String> = before.chain(awaited).collect();
            depend(&mut block, depends_on.iter().map(String::as_str));
            if part.is_ignored(ignored) {
                block.insert("lifecycle".to_owned(), json!({ "ignore_changes": "all" }));
            }
            self.document.block(&called, block);
            named.extend(named_by_part);
            if part.is_awaited {
                self.awaited.entry(address.clone()).or_default().push(called.clone());
            }
            // What is about to change may not be there yet.
            let is_there = change.is_some_and(|change| !part.is_ignored(&change.changed));
            if let Some((id, region)) = imported.as_ref().filter(|_| is_there && !part.data) {
                let suffix = part.id_suffix.as_deref().unwrap_or_default();
                self.document.import(&called, &format!("{id}{suffix}{region}"));
            }
        }
        let unnamed: Vec<&Address> = dependencies.difference(&named).collect();
        let awaited = self.awaited_by(place, unnamed.iter().copied().chain(&named_by_itself));
        let unnamed = unnamed.iter().filter_map(|address| self.names.given(address));
        let depends_on: BTreeSet<&str> = unnamed.chain(awaited.iter().map(String::as_str)).collect();
        depend(&mut block, depends_on.into_iter());
        self.lifecycle(kind, place, ignored, &mut block);
        self.document.block(name, block);
        if let Some((id, region)) = &imported {
            self.document.import(name, &format!("{id}{region}"));
        }
    }

    /// The arguments in the shape that Terraform has them in, and what it has beside them.
    fn in_shape(
        &mut self,
        kind: &dyn ResourceKind,
        place: &Place<'_>,
        name: &str,
        settled: &Settled,
        known: &Value,
    ) -> (Map, Vec<Part>) {
        let address = &place.address;
        let mut arguments = self.adapted(kind.schema(), &settled.written, place.directory);
        if kind.schema().is_taggable() {
            self.add_tags(&mut arguments);
        }
        let reference = |to: &str| match to.strip_prefix('.') {
            Some(attribute) => {
                self.symbols.text(Some(address), format!("{name}.{attribute}"), known.get(attribute).as_str())
            }
            None => {
                let own = name.split_once('.').map_or(name, |(_, own)| own);
                let [data, kind, rest] = [0, 1, 2].map(|at| to.splitn(3, '.').nth(at).unwrap_or_default());
                let (owner, attribute) = rest.split_once('.').unwrap_or((own, rest));
                self.symbols.text(None, format!("{data}.{kind}.{owner}.{attribute}"), None)
            }
        };
        let mut exported = Exported::new(arguments, known, &reference);
        kind.adapt_to_terraform(&mut exported);
        let (mut arguments, parts) = exported.into_arguments();
        for lacking in kind.not_in_terraform() {
            let lost = arguments.remove(*lacking).unwrap_or_default();
            if !lost.is_empty() && lost.as_bool() != Some(false) {
                let reason = format!("Terraform has no argument for `{lacking}`");
                self.left_out.push((address.to_string(), reason));
            }
        }
        (arguments, parts)
    }

    /// The parts of what a block names that have to be there before it, as they are here once the whole is.
    fn awaited_by<'n>(
        &self,
        place: &Place<'_>,
        named: impl Iterator<Item = &'n Address>,
    ) -> BTreeSet<String> {
        let others = named.filter(|address| **address != place.address);
        others.filter_map(|address| self.awaited.get(address)).flatten().cloned().collect()
    }

    /// A block, and what it names. What it depends on beside that, and its lifecycle, are still to come.
    pub(super) fn json(
        &self,
        comment: &str,
        region: Option<&str>,
        arguments: &Map,
    ) -> (JsonMap<String, Json>, BTreeSet<Address>) {
        let mut block = JsonMap::new();
        if !comment.is_empty() {
            block.insert("//".to_owned(), comment.into());
        }
        if let Some(region) = region {
            block.insert("region".to_owned(), region.into());
        }
        self.symbols.take_used();
        if let Json::Object(arguments) = self.symbols.written(&Value::Map(arguments.clone())) {
            block.extend(arguments);
        }
        (block, self.symbols.take_used())
    }

    fn lifecycle(
        &self,
        kind: &dyn ResourceKind,
        place: &Place<'_>,
        ignored: &[Path],
        block: &mut JsonMap<String, Json>,
    ) {
        let settings = &place.block.lifecycle;
        let mut lifecycle = JsonMap::new();
        let flags = [
            ("create_before_destroy", &settings.create_before_destroy),
            ("prevent_destroy", &settings.prevent_destroy),
        ];
        for (name, node) in flags {
            if self.flag(place, node.as_deref()) {
                lifecycle.insert(name.to_owned(), Json::Bool(true));
            }
        }
        if ignored.iter().any(|path| path.0.is_empty()) {
            lifecycle.insert("ignore_changes".to_owned(), "all".into());
        } else {
            let lacks = |path: &&Path| {
                kind.not_in_terraform().iter().any(|lacking| path.starts_with(&Path::from(*lacking)))
            };
            let kept = ignored.iter().filter(|path| !lacks(path));
            let paths: BTreeSet<String> =
                kept.filter_map(|path| arguments::ignored(kind.schema(), path)).collect();
            if !paths.is_empty() {
                lifecycle.insert("ignore_changes".to_owned(), json!(paths));
            }
        }
        let triggers = self.triggers(place);
        if !triggers.is_empty() {
            lifecycle.insert("replace_triggered_by".to_owned(), json!(triggers));
        }
        if !lifecycle.is_empty() {
            block.insert("lifecycle".to_owned(), Json::Object(lifecycle));
        }
    }

    /// What a resource is replaced together with: resources, or attributes of them.
    fn triggers(&self, place: &Place<'_>) -> BTreeSet<String> {
        let mut triggers = BTreeSet::new();
        for reference in &place.block.lifecycle.replace_triggered_by {
            let is_of_module = reference.names.first().is_some_and(|name| name == "module");
            let attribute = reference.names.get(2).filter(|_| !is_of_module);
            for address in self.known.addresses(&place.instance, &reference.names) {
                // Terraform takes no data sources here.
                let name = self.names.given(&address).filter(|_| !address.is_data());
                triggers.extend(name.map(|name| match attribute {
                    Some(attribute) => format!("{name}.{attribute}"),
                    None => name.to_owned(),
                }));
            }
        }
        triggers
    }
}

/// Says what a block depends on beside what it names, if that is anything.
pub(super) fn depend<'d>(block: &mut JsonMap<String, Json>, names: impl Iterator<Item = &'d str>) {
    let depends_on: Vec<Json> = names.map(Json::from).collect();
    if !depends_on.is_empty() {
        block.insert("depends_on".to_owned(), Json::Array(depends_on));
    }
}

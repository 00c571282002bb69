//! The permissions of all that a plan reads and does.

use std::collections::{BTreeMap, BTreeSet};

use super::{Act, Permission, Place, Undertaking};
use crate::address::Address;
use crate::kind::Registry;
use crate::plan::{Action, Change, Inputs, Plan};
use crate::value::{Path, Segment, Value};

/// Everything that a plan needs, from the reads that it is made from to the last of its changes.
pub fn permissions(plan: &Plan, inputs: &Inputs<'_>, place: &Place) -> BTreeSet<Permission> {
    let planned = plan.changes.iter().map(|change| (&change.address, change)).collect();
    let mut gathered = Gathered {
        registry: inputs.registry,
        place,
        planned,
        secrets: Vec::new(),
        permissions: BTreeSet::new(),
    };
    for (address, answer) in &inputs.observation.data {
        gathered.data(address.kind(), answer.region.as_deref(), &answer.configuration);
    }
    for intent in inputs.state.intents.values() {
        for act in [Act::Find, Act::Read] {
            gathered.act(
                &intent.kind,
                intent.region.as_deref(),
                Undertaking::of(act, None, &intent.attributes),
            );
        }
    }
    for change in &plan.changes {
        match change.action {
            Action::Read => gathered.data(&change.kind, change.region.as_deref(), &change.after),
            _ => gathered.change(change),
        }
    }
    gathered.permissions
}

struct Gathered<'a> {
    registry: &'a Registry,
    place: &'a Place,
    planned: BTreeMap<&'a Address, &'a Change>,
    /// What of the change in question nobody may be told.
    secrets: Vec<String>,
    permissions: BTreeSet<Permission>,
}

impl<'a> Gathered<'a> {
    fn data(&mut self, kind: &str, region: Option<&str>, configuration: &Value) {
        if let Some(kind) = self.registry.data(kind) {
            self.add(region, kind.permissions(configuration));
        }
    }

    fn change(&mut self, change: &Change) {
        self.secrets = secrets(change);
        let others = self.others(change);
        let kind = &change.kind;
        let of =
            |act, id, attributes| Undertaking { others: &others, ..Undertaking::of(act, id, attributes) };
        if let Some(prior) = &change.prior {
            let (id, region, before) = (Some(prior.id.as_str()), prior.region.as_deref(), &prior.attributes);
            self.act(kind, region, of(Act::Read, id, before));
            if change.action == Action::Update {
                let changed = changed(change);
                let of = of(Act::Update, id, &change.after);
                self.act(kind, region, Undertaking { prior: before, changed: &changed, ..of });
            }
            if change.deletes() {
                self.act(kind, region, of(Act::Delete, id, before));
            }
            for deposed in &prior.deposed {
                let (id, region) = (Some(deposed.id.as_str()), deposed.region.as_deref());
                self.act(kind, region, of(Act::Delete, id, &deposed.attributes));
            }
        }
        if change.creates() {
            for act in [Act::Create, Act::Read] {
                let of = Undertaking { unsaid: &change.unsaid, ..of(act, None, &change.after) };
                self.act(kind, change.region.as_deref(), of);
            }
        }
    }

    /// What a change refers to, as it is to be, or as it is.
    fn others(&self, change: &Change) -> Vec<(&'a str, &'a Value)> {
        let others = change.dependencies.iter().filter_map(|address| self.planned.get(address).copied());
        let others = others.filter(|other: &&'a Change| !other.address.is_data());
        others
            .map(|other| (other.kind.as_str(), if other.applies() { &other.after } else { other.before() }))
            .collect()
    }

    fn act(&mut self, kind: &str, region: Option<&str>, of: Undertaking<'_>) {
        if let Some(kind) = self.registry.kind(kind).filter(|kind| kind.is_remote()) {
            self.add(region, kind.permissions(of));
        }
    }

    fn add(&mut self, region: Option<&str>, permissions: Vec<Permission>) {
        let region = region.unwrap_or(&self.place.region).to_owned();
        let place = Place { region, ..self.place.clone() };
        for mut permission in permissions {
            for secret in &self.secrets {
                permission.resource = permission.resource.replace(secret.as_str(), "*");
            }
            self.permissions.insert(permission.at(&place));
        }
    }
}

/// The texts in a change that come from something sensitive. A name can be one.
fn secrets(change: &Change) -> Vec<String> {
    let before = change.was_sensitive.iter().map(|path| change.before().at(path));
    let after = change.sensitive.iter().map(|path| change.after.at(path));
    let texts = before.chain(after).filter_map(Value::as_str).filter(|text| !text.is_empty());
    texts.map(str::to_owned).collect()
}

/// The names of the arguments that an update changes.
fn changed(change: &Change) -> BTreeSet<String> {
    let first = |path: &Path| match path.0.first() {
        Some(Segment::Key(name)) => Some(name.clone()),
        _ => None,
    };
    change.changed.iter().filter_map(first).collect()
}

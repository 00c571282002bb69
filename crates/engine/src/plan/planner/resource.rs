//! A resource: what is to become of it.

use super::*;
use crate::diff;
use crate::kind::ResourceKind;
use crate::plan::Adoption;

impl<'p> Planner<'p, '_> {
    pub(super) fn resource(&mut self, block: &Block, address: Address, origin: Origin) {
        let Some(kind) = self.inputs.registry.kind(&origin.block.kind) else {
            self.evaluation.set(address, Value::Unknown);
            return;
        };
        if self.is_left_alone(&address) {
            self.left_alone(kind, address);
            return;
        }
        let (configuration, evaluated) = self.arguments(block, &origin, kind.schema());
        let settings = self.settings(block, &origin);
        let region = self.region(block, &origin);
        let dependencies = self.dependencies(block, &origin, evaluated.dependencies.iter().cloned());
        let prior = self.there(&address).map(|current| &current.resource.attributes);
        let (configuration, problems) = self.evaluation.with_files(&origin.instance, |files| {
            completed(self.inputs, kind, (&address, &origin), configuration, prior, files)
        });
        for problem in problems {
            self.problem(block, problem);
        }
        self.conditions(&origin, &block.lifecycle.preconditions, None);
        let current = self.current.get(&address);
        let mut change = Change {
            region: region.clone(),
            dependencies,
            lifecycle: settings,
            sensitive: evaluated.sensitive,
            was_sensitive: current.map(|current| current.sensitive.clone()).unwrap_or_default(),
            // Of one that is taken over, what the state has instead may be gone: it is there itself.
            gone: self.inputs.observation.resources.get(&address).is_some_and(Value::is_null)
                && current.is_none_or(|current| current.adopted.is_none()),
            moved_from: self.transition.old(&address).cloned(),
            prior: current.map(|current| Box::new(current.resource.clone())),
            unsaid: unsaid(kind.schema(), &configuration),
            ..Change::new(address.clone(), origin.block.kind.clone(), Action::Create)
        };
        match self.there(&address) {
            Some(current) => self.compare(kind, block, &origin, &configuration, current, &mut change),
            None if self.must_be_imported(&address, kind, &region, &configuration) => {
                self.evaluation.set(address, Value::Unknown);
                return;
            }
            None => change.after = diff::create(kind.schema(), &configuration),
        }
        let id = match change.action {
            Action::Create | Action::Replace => Value::Unknown,
            _ => change.prior.as_ref().map_or(Value::Unknown, |prior| Value::from(prior.id.as_str())),
        };
        self.evaluation.set(address.clone(), kind.schema().complete(&change.after, id));
        self.evaluation.set_sensitive(address.clone(), change.sensitive.clone());
        self.conditions(&origin, &block.lifecycle.postconditions, Some(&address));
        change.origin = Some(Box::new(origin));
        self.add(change);
    }

    /// What becomes of a resource that there is.
    fn compare(
        &mut self,
        kind: &dyn ResourceKind,
        block: &Block,
        origin: &Origin,
        configuration: &Value,
        current: &Current,
        change: &mut Change,
    ) {
        let address = change.address.clone();
        let before = &current.resource.attributes;
        let digest_key = self.inputs.state.digest_key();
        let compared = ignoring(&change.lifecycle.ignore_changes, configuration.clone(), before);
        let diff = diff::diff(kind.schema(), before, &compared, digest_key);
        change.adopted = current.adopted;
        if let Some(recorded) =
            self.inputs.state.resources.get(&address).filter(|_| current.adopted.is_none())
        {
            change.drift = diff::drift(kind.schema(), &recorded.attributes, before, &compared, digest_key);
        }
        if current.adopted == Some(Adoption::Imported) {
            // Nothing was recorded of it: what comes from something sensitive is a secret as it was read, too.
            change.was_sensitive.clone_from(&change.sensitive);
        }
        if self.inputs.aim.only_refreshes() {
            (change.action, change.after) = (Action::Adopt, before.clone());
            return;
        }
        change.changed = diff.changes.iter().map(|difference| difference.path.clone()).collect();
        change.replace_because = diff.replace_because().into_iter().map(Reason::Argument).collect();
        if change.region != current.resource.region {
            change.replace_because.push(Reason::Region);
        }
        change.replace_because.extend(self.triggers(block, origin));
        if current.resource.replacement_due
            && change.replace_because.is_empty()
            && !block.lifecycle.replace_triggered_by.is_empty()
        {
            change.replace_because.push(Reason::Due);
        }
        if let Some(needs) = self.lost.get(&address) {
            change.replace_because.push(Reason::SecretNeededBy(needs.clone()));
        }
        if change.replace_because.is_empty() && self.inputs.aim.replaces(&address) {
            change.replace_because.push(Reason::Requested);
        }
        if change.replace_because.is_empty() {
            change.action = match (diff.is_empty(), current.adopted) {
                (false, _) => Action::Update,
                (true, Some(_)) => Action::Adopt,
                (true, None) => Action::NoOp,
            };
            // What is kept as a digest is known again: others can refer to it.
            change.after = kind.schema().repeated(diff.after.revealed(configuration));
            return;
        }
        // A new object has no differences that could be left alone.
        change.action = Action::Replace;
        change.after = diff::create(kind.schema(), configuration);
        change.reason_places = self.reason_places(block, origin, change);
        if change.lifecycle.prevent_destroy {
            self.prevented(&address, "replace", Some(block));
        }
    }

    /// Where each reason for a replacement stands, if it stands anywhere.
    fn reason_places(&self, block: &Block, origin: &Origin, change: &Change) -> Vec<Option<Place>> {
        let place = |reason: &Reason| match reason {
            Reason::Argument(path) => {
                let place = block.arguments.place_of(path, false);
                // A default, or a tag of the environment, stands elsewhere.
                (*place != block.arguments.place).then(|| self.evaluation.source_of(&origin.instance, place))
            }
            Reason::Region => block.region.as_ref().map(|node| node.place.clone()),
            _ => None,
        };
        change.replace_because.iter().map(place).collect()
    }

    /// Whether this run has nothing to do with a resource.
    fn is_left_alone(&self, address: &Address) -> bool {
        let is_imported = self.current.get(address).is_some_and(|current| current.adopted.is_some());
        self.selection.is_some_and(|selection| !selection.contains(address))
            || (self.inputs.aim.only_refreshes() && !is_imported && !self.imports.contains_key(address))
    }

    /// A resource that this run has nothing to do with, for others to refer to as it is.
    fn left_alone(&mut self, kind: &dyn ResourceKind, address: Address) {
        let Some(current) = self.there(&address) else {
            self.evaluation.set(address, Value::Unknown);
            return;
        };
        let change = self.untouched(&address, current);
        let id = Value::from(current.resource.id.as_str());
        self.evaluation.set(address.clone(), kind.schema().complete(&current.resource.attributes, id));
        self.evaluation.set_sensitive(address, current.sensitive.clone());
        self.add(change);
    }

    /// The change of a resource to which nothing is done, but that the state may learn what was read.
    pub(super) fn untouched(&self, address: &Address, current: &Current) -> Change {
        let resource = &current.resource;
        let mut change = Change {
            region: resource.region.clone(),
            prior: Some(Box::new(resource.clone())),
            after: resource.attributes.clone(),
            lifecycle: Settings {
                create_before_destroy: resource.create_before_destroy,
                prevent_destroy: resource.prevent_destroy,
                ignore_changes: Vec::new(),
            },
            dependencies: resource.dependencies.iter().cloned().collect(),
            sensitive: current.sensitive.clone(),
            was_sensitive: current.sensitive.clone(),
            moved_from: self.transition.old(address).cloned(),
            left_out: self.selection.is_some_and(|selection| !selection.contains(address)),
            ..Change::new(address.clone(), resource.kind.clone(), Action::NoOp)
        };
        if let Some(recorded) = self.inputs.state.resources.get(address)
            && self.inputs.aim.only_refreshes()
            && !change.left_out
            && let Some(kind) = self.inputs.registry.kind(&resource.kind)
        {
            let (digest_key, read) = (self.inputs.state.digest_key(), &resource.attributes);
            change.drift = diff::drift(kind.schema(), &recorded.attributes, read, read, digest_key);
            if current.gone || !change.drift.is_empty() {
                change.action = Action::Refresh;
                change.recorded = Some(recorded.attributes.clone());
                change.changed.clone_from(&change.drift);
            }
            if current.gone {
                (change.gone, change.after) = (true, Value::Null);
            }
        }
        change
    }

    /// What is there at an address.
    fn there(&self, address: &Address) -> Option<&'p Current> {
        self.current.get(address).filter(|current| !current.gone)
    }
}

//! What a block says: its arguments, its settings, and what it waits for.

use super::*;
use crate::config::tree::Content;
use crate::config::with_own_arguments;

impl Planner<'_, '_> {
    pub(super) fn arguments(
        &mut self,
        block: &Block,
        origin: &Origin,
        schema: &crate::schema::Schema,
    ) -> (Value, Evaluated) {
        let mut evaluated = self.evaluation.node(&origin.instance, origin.each.as_ref(), &block.arguments);
        for path in &mut evaluated.sensitive {
            *path = schema.outside_of_sets(path);
        }
        evaluated.sensitive = schema.with_repeated(evaluated.sensitive);
        let (configuration, problems) = schema.check(&evaluated.value);
        for problem in problems {
            self.problem(block, with_own_arguments(problem));
        }
        (configuration, evaluated)
    }

    pub(super) fn settings(&mut self, block: &Block, origin: &Origin) -> Settings {
        let flag = |node: &Option<Box<_>>| {
            node.as_ref().is_some_and(|node| {
                self.evaluation.node(&origin.instance, origin.each.as_ref(), node).value.as_bool()
                    == Some(true)
            })
        };
        let create_before_destroy = flag(&block.lifecycle.create_before_destroy);
        let prevent_destroy = flag(&block.lifecycle.prevent_destroy);
        Settings { create_before_destroy, prevent_destroy, ignore_changes: self.ignored(block, origin) }
    }

    /// The arguments whose differences are left alone; the root for all.
    fn ignored(&mut self, block: &Block, origin: &Origin) -> Vec<Path> {
        let Some(node) = &block.lifecycle.ignore_changes else { return Vec::new() };
        let ignored = self.evaluation.node(&origin.instance, origin.each.as_ref(), node).value;
        let paths = match &ignored {
            Value::String(all) if all == "all" => return vec![Path::root()],
            Value::List(paths) => {
                paths.iter().map(|path| path.as_str().map(Path::from)).collect::<Option<Vec<_>>>()
            }
            Value::Null | Value::Unknown => return Vec::new(),
            _ => None,
        };
        paths.unwrap_or_else(|| {
            // What is wrong with one that is written out was said when it was read.
            if matches!(node.content, Content::Expression(_)) {
                let message = "`ignore_changes` is a list of arguments, or \"all\"";
                self.diagnostics.push(Diagnostic::at(&node.place, message));
            }
            Vec::new()
        })
    }

    pub(super) fn region(&mut self, block: &Block, origin: &Origin) -> Option<String> {
        let node = block.region.as_ref()?;
        match self.evaluation.node(&origin.instance, origin.each.as_ref(), node).value {
            Value::String(region) if region == self.inputs.configuration.environment.region => None,
            Value::String(region) => Some(region),
            Value::Null | Value::Unknown => None,
            other => {
                let message = format!("a region is a string, not {}", other.type_name());
                self.diagnostics.push(Diagnostic::at(&node.place, message));
                None
            }
        }
    }

    /// What a block waits for: what its arguments touched, and what `depends_on` names.
    pub(super) fn dependencies(
        &self,
        block: &Block,
        origin: &Origin,
        touched: impl Iterator<Item = Address>,
    ) -> BTreeSet<Address> {
        let mut found: BTreeSet<Address> = touched.collect();
        for reference in &block.repetition.depends_on {
            found.extend(self.evaluation.addresses(&origin.instance, &reference.names));
        }
        found.extend(self.evaluation.waits_of(&origin.instance).iter().cloned());
        let lifecycle = &block.lifecycle;
        let mut conditions = lifecycle.preconditions.iter().chain(&lifecycle.postconditions).peekable();
        if conditions.peek().is_some() {
            let (each, key) = (origin.each.as_ref(), origin.each.as_ref().map(|each| each.key.as_str()));
            let this = Address::new(&origin.instance, &origin.block, key);
            found.extend(self.evaluation.named_by_conditions(&origin.instance, each, &this, conditions));
        }
        let behind: Vec<Address> =
            found.iter().filter_map(|address| self.behind_data.get(address)).flatten().cloned().collect();
        found.extend(behind);
        found
    }

    pub(super) fn triggers(&self, block: &Block, origin: &Origin) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for reference in &block.lifecycle.replace_triggered_by {
            let attribute = reference.names.get(if reference.names[0] == "data" { 3 } else { 2 }..);
            let attribute = Path(attribute.into_iter().flatten().cloned().map(Segment::Key).collect());
            let addresses = self.evaluation.addresses(&origin.instance, &reference.names);
            let triggering = addresses
                .into_iter()
                .filter(|address| self.planned(address).is_some_and(|change| changes_at(change, &attribute)));
            reasons.extend(triggering.map(Reason::Triggered));
        }
        reasons
    }
}

/// Whether a change concerns what a path leads to, or for the root anything at all.
fn changes_at(change: &Change, path: &Path) -> bool {
    match change.action {
        Action::NoOp | Action::Adopt | Action::Delete | Action::Forget | Action::Refresh => false,
        Action::Create | Action::Replace | Action::Update | Action::Read => {
            let is_id = path.0.first() == Some(&Segment::Key("id".to_owned()));
            let (before, after) = (change.before().at(path), change.after.at(path));
            path.0.is_empty()
                || (is_id && change.creates())
                || (before != after && !(before.is_empty() && after.is_empty()))
        }
    }
}

//! A data source: what it says, or that it has to be asked first, or during the apply.

use super::*;
use crate::diff;

impl Planner<'_, '_> {
    pub(super) fn data(&mut self, block: &Block, address: Address, origin: Origin) {
        let Some(kind) = self.inputs.registry.data(&origin.block.kind) else {
            self.evaluation.set(address, Value::Unknown);
            return;
        };
        let (configuration, evaluated) = self.arguments(block, &origin, kind.schema());
        self.conditions(&origin, &block.lifecycle.preconditions, None);
        for problem in kind.validate(&configuration) {
            self.problem(block, problem);
        }
        let region = self.region(block, &origin);
        let waits = self.dependencies(block, &origin, std::iter::empty());
        let dependencies = self.dependencies(block, &origin, evaluated.dependencies.iter().cloned());
        self.behind_data.insert(address.clone(), dependencies.clone());
        if self.selection.is_some_and(|selection| !selection.contains(&address)) {
            self.evaluation.set(address, Value::Unknown);
            return;
        }
        // What it must come after is about to change: what it would say now may not be true then.
        let must_wait = waits
            .iter()
            .any(|waited| self.planned(waited).is_some_and(|change| change.action != Action::NoOp));
        let answer =
            self.inputs.observation.data.get(&address).filter(|answer| answer.configuration == configuration);
        let conditions = origin.clone();
        let value = match answer {
            Some(answer) if !must_wait => {
                kind.schema().complete(&answer.attributes, answer.attributes.get("id").clone())
            }
            _ if !configuration.is_wholly_known() || must_wait => {
                self.add(Change {
                    after: diff::create(kind.schema(), &configuration),
                    region,
                    dependencies,
                    sensitive: evaluated.sensitive.clone(),
                    origin: Some(Box::new(origin)),
                    ..Change::new(address.clone(), kind.name().to_owned(), Action::Read)
                });
                Value::Unknown
            }
            _ => {
                let place = block.place.clone();
                self.evaluation.make_provisional();
                self.requests.data.push(DataRequest {
                    address: address.clone(),
                    kind: origin.block.kind,
                    region,
                    configuration,
                    sensitive: !evaluated.sensitive.is_empty(),
                    place,
                });
                Value::Unknown
            }
        };
        self.evaluation.set(address.clone(), value);
        self.evaluation.set_sensitive(address.clone(), evaluated.sensitive);
        self.conditions(&conditions, &block.lifecycle.postconditions, Some(&address));
    }
}

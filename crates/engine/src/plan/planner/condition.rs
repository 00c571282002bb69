//! Conditions that a block states: what is known of them is said while planning, the rest while applying.

use super::*;
use crate::config::Validation;
use crate::evaluate::Verdict;

impl Planner<'_, '_> {
    /// Complains about those that do not hold. `this`: what `self` stands for.
    pub(super) fn conditions(&mut self, origin: &Origin, conditions: &[Validation], this: Option<&Address>) {
        for condition in conditions {
            let each = origin.each.as_ref();
            if let Verdict::Failed(message) =
                self.evaluation.condition(&origin.instance, each, this, condition)
            {
                self.diagnostics.push(Diagnostic::at(&condition.condition.place, message));
            }
        }
    }
}

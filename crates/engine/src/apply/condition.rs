//! Conditions that could not be looked at while planning: `precondition` before a step, `postcondition` after it.

use super::Walk;
use crate::config::Block;
use crate::evaluate::Verdict;
use crate::kind::KindError;
use crate::plan::Change;

/// When a condition has to hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// Before anything is done.
    Pre,
    /// Of what has come of it.
    Post,
}

impl Walk<'_, '_> {
    /// Fails with the first condition of the change's block that does not hold.
    pub(super) fn meets(&self, change: &Change, when: Condition) -> Result<(), KindError> {
        let Some((origin, block)) = change.origin.as_ref().zip(self.block(change)) else { return Ok(()) };
        let (conditions, this) = match when {
            Condition::Pre => (&block.lifecycle.preconditions, None),
            Condition::Post => (&block.lifecycle.postconditions, Some(&change.address)),
        };
        for condition in conditions {
            let each = origin.each.as_ref();
            if let Verdict::Failed(message) =
                self.evaluation.condition(&origin.instance, each, this, condition)
            {
                let place = condition.condition.place.file_and_line();
                let error = KindError::new(message).unsent();
                return Err(error.with_hint(format!("{} in {place}", when.name())));
            }
        }
        Ok(())
    }

    fn block(&self, change: &Change) -> Option<&Block> {
        let origin = change.origin.as_ref()?;
        self.inputs.configuration.modules[origin.module].module.blocks.get(&origin.block)
    }
}

impl Condition {
    fn name(self) -> &'static str {
        match self {
            Self::Pre => "a precondition",
            Self::Post => "a postcondition",
        }
    }
}

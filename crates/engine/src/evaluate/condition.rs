//! Conditions on a resource or a data source: `precondition` and `postcondition`.

use super::*;
use crate::config::Validation;

/// What is to be said of a condition.
pub(crate) enum Verdict {
    /// It holds, or is not known yet; or something is wrong with it, and was complained about.
    Passed,
    /// It does not hold, and says so.
    Failed(String),
}

impl Evaluation<'_> {
    /// What the conditions of a block's instance name beside itself.
    pub(crate) fn named_by_conditions<'c>(
        &self,
        instance: &str,
        each: Option<&Each>,
        this: &Address,
        conditions: impl Iterator<Item = &'c Validation>,
    ) -> BTreeSet<Address> {
        let Some(instance) = self.instances.borrow().get(instance).cloned() else { return BTreeSet::new() };
        let context =
            Context::new(self, instance.clone(), each.or(instance.each.as_ref()).cloned()).of(Some(this));
        for condition in conditions {
            self.evaluate_ahead(&instance, &condition.condition);
            self.tree(&context, &condition.condition, &Path::root(), &mut Vec::new());
        }
        let mut named = BTreeSet::clone(&context.into_dependencies());
        named.remove(this);
        named
    }

    /// Looks at a condition of a block's instance. `this`: what `self` stands for.
    pub(crate) fn condition(
        &self,
        instance: &str,
        each: Option<&Each>,
        this: Option<&Address>,
        condition: &Validation,
    ) -> Verdict {
        let Some(instance) = self.instances.borrow().get(instance).cloned() else { return Verdict::Passed };
        let evaluate = |node: &Node| {
            self.evaluate_ahead(&instance, node);
            let each = each.or(instance.each.as_ref()).cloned();
            let context = Context::new(self, instance.clone(), each).of(this);
            let mut sensitive = Vec::new();
            let value = self.tree(&context, node, &Path::root(), &mut sensitive);
            (value, !sensitive.is_empty())
        };
        match evaluate(&condition.condition).0 {
            Value::Bool(true) | Value::Unknown | Value::Withheld(_) => return Verdict::Passed,
            Value::Bool(false) => {}
            Value::String(text) if text == "true" => return Verdict::Passed,
            Value::String(text) if text == "false" => {}
            other => {
                let message = format!("`condition` is true or false, not {}", other.type_name());
                self.complain_at(&condition.condition.place, message, None);
                return Verdict::Passed;
            }
        }
        Verdict::Failed(match evaluate(&condition.error_message) {
            (Value::String(message), false) => message,
            (_, true) => "a condition does not hold, and its message has a secret in it".to_owned(),
            _ => "a condition does not hold, and its message is not known yet".to_owned(),
        })
    }
}

//! Checks, evaluated: which conditions hold, and what there is to try.

use super::{Check, Look, Probe, ProbeKind, sentences};
use crate::config::tree::Node;
use crate::config::{Check as Declared, Configuration, Validation};
use crate::evaluate::{Evaluated, Evaluation};
use crate::source::{Diagnostic, Diagnostics};
use crate::value::Value;

/// What can be said of checks before anything has been applied: that what they say has the right form. Expressions that
/// fail are complained about by the evaluation.
pub(crate) fn examine(
    evaluation: &Evaluation<'_>,
    configuration: &Configuration,
    diagnostics: &mut Diagnostics,
) {
    for (index, path) in configuration.modules.iter().enumerate() {
        for instance in evaluation.instances_of(index) {
            for check in path.module.checks.values() {
                let enabled = check.enabled.as_ref().map(|node| (node, flag(evaluation, &instance, node)));
                match enabled {
                    Some((_, Flag::Is(false))) => continue,
                    Some((node, Flag::Wrong(found))) => diagnostics.push(Diagnostic::at(
                        &node.place,
                        format!("`lifecycle.enabled` is true or false, not {found}"),
                    )),
                    _ => {}
                }
                if let Some(node) = &check.skip {
                    match evaluation.node(&instance, None, node).value {
                        Value::Null | Value::Unknown | Value::Withheld(_) => {}
                        Value::String(_) => continue,
                        other => {
                            let message = format!("`skip` is a reason, or null, not {}", other.type_name());
                            diagnostics.push(Diagnostic::at(&node.place, message));
                        }
                    }
                }
                for assert in &check.asserts {
                    if let Flag::Wrong(found) = flag(evaluation, &instance, &assert.condition) {
                        let message = format!("`condition` is true or false, not {found}");
                        diagnostics.push(Diagnostic::at(&assert.condition.place, message));
                    }
                    evaluation.node(&instance, None, &assert.error_message);
                }
                for (kind, node) in &check.probes {
                    let evaluated = evaluation.node(&instance, None, node);
                    for problem in kind.schema().check(&evaluated.value).1 {
                        let place = node.place_of(&problem.path, problem.at_key);
                        let diagnostic = Diagnostic::at(place, problem.message);
                        diagnostics.push(Diagnostic { hint: problem.hint, ..diagnostic });
                    }
                }
            }
        }
    }
}

/// What is either true or false.
enum Flag {
    Is(bool),
    /// It is not known, or was a secret.
    Undecided,
    /// It is something else.
    Wrong(&'static str),
}

fn flag(evaluation: &Evaluation<'_>, instance: &str, node: &Node) -> Flag {
    match evaluation.node(instance, None, node).value {
        Value::Bool(flag) => Flag::Is(flag),
        Value::String(text) if text == "true" || text == "false" => Flag::Is(text == "true"),
        Value::Unknown | Value::Withheld(_) => Flag::Undecided,
        other => Flag::Wrong(other.type_name()),
    }
}

impl Look<'_, '_> {
    pub(super) fn at_checks(&self) -> Vec<Check> {
        let mut checks = Vec::new();
        for (index, path) in self.inputs.configuration.modules.iter().enumerate() {
            for instance in self.evaluation.instances_of(index) {
                let declared = path.module.checks.iter();
                checks.extend(declared.filter_map(|(name, check)| self.at_check(&instance, name, check)));
            }
        }
        checks
    }

    /// A check, unless there is none.
    fn at_check(&self, instance: &str, name: &str, declared: &Declared) -> Option<Check> {
        let mut check = Check {
            address: format!("{instance}check.{name}"),
            description: declared.description.clone(),
            severity: declared.severity,
            place: declared.place.clone(),
            skip: None,
            passed: Vec::new(),
            failures: Vec::new(),
            probes: Vec::new(),
        };
        if let Some(node) = &declared.enabled {
            match flag(&self.evaluation, instance, node) {
                Flag::Is(true) => {}
                Flag::Is(false) => return None,
                Flag::Undecided | Flag::Wrong(_) => {
                    check.failures = self.undecided("whether there is this check", instance, node);
                    return Some(check);
                }
            }
        }
        if let Some(node) = &declared.skip {
            match self.evaluation.node(instance, None, node).value {
                Value::Null => {}
                Value::String(reason) => {
                    check.skip = Some(reason);
                    return Some(check);
                }
                _ => {
                    check.failures = self.undecided("whether to skip it", instance, node);
                    return Some(check);
                }
            }
        }
        match (declared.no_changes, self.changes.is_empty()) {
            (false, _) => {}
            (true, true) => check.passed.push("an apply would change nothing".to_owned()),
            (true, false) => check.failures.clone_from(&self.changes),
        }
        let mut holding = 0;
        for assert in &declared.asserts {
            match flag(&self.evaluation, instance, &assert.condition) {
                Flag::Is(true) => holding += 1,
                Flag::Is(false) => check.failures.push(self.message(instance, assert)),
                Flag::Undecided | Flag::Wrong(_) => {
                    check.failures.extend(self.undecided("its condition", instance, &assert.condition));
                }
            }
        }
        match holding {
            0 => {}
            1 => check.passed.push("its condition holds".to_owned()),
            several => check.passed.push(format!("{several} conditions hold")),
        }
        for (kind, node) in &declared.probes {
            match self.probe(instance, *kind, node) {
                Ok(probe) => check.probes.push(probe),
                Err(failures) => check.failures.extend(failures),
            }
        }
        self.evaluation.take_diagnostics();
        Some(check)
    }

    fn message(&self, instance: &str, assert: &Validation) -> String {
        let evaluated = self.evaluation.node(instance, None, &assert.error_message);
        match (evaluated.sensitive.is_empty(), evaluated.value) {
            (true, Value::String(message)) => message,
            (false, _) => "it does not hold; the message comes from something sensitive".to_owned(),
            _ => "it does not hold; the message cannot be evaluated".to_owned(),
        }
    }

    fn probe(&self, instance: &str, kind: ProbeKind, node: &Node) -> Result<Probe, Vec<String>> {
        let evaluated = self.evaluation.node(instance, None, node);
        let undecided = || Err(self.undecided(&format!("`{}`", kind.name()), instance, node));
        if !evaluated.value.is_wholly_known() || !evaluated.value.withheld().is_empty() {
            return undecided();
        }
        let (checked, problems) = kind.schema().check(&evaluated.value);
        let sensitive = !evaluated.sensitive.is_empty();
        if !problems.is_empty() {
            let sentence = |problem: &crate::schema::Problem| match problem.path.0.is_empty() || sensitive {
                true => format!("`{}`: {}", kind.name(), problem.message),
                false => format!("`{}.{}`: {}", kind.name(), problem.path, problem.message),
            };
            return Err(problems.iter().map(sentence).collect());
        }
        match kind.attempt(&checked) {
            Ok(attempt) => Ok(Probe { attempt, sensitive }),
            Err(error) => Err(vec![format!("`{}`: {error}", kind.name())]),
        }
    }

    /// Why something has no value.
    fn undecided(&self, what: &str, instance: &str, node: &Node) -> Vec<String> {
        let complaints = sentences(self.evaluation.take_diagnostics());
        if !complaints.is_empty() {
            return complaints.iter().map(|why| format!("{what} cannot be evaluated: {why}")).collect();
        }
        let Evaluated { value, dependencies, .. } = self.evaluation.node(instance, None, node);
        let absent: Vec<&str> =
            self.absent.intersection(&dependencies).map(|address| address.as_str()).collect();
        let why = match absent.as_slice() {
            [] if value.any(&|value| matches!(value, Value::Withheld(_))) => {
                "it depends on a secret, which is kept nowhere".to_owned()
            }
            [] if value.any(&Value::is_unknown) => "it depends on something that has no value".to_owned(),
            [] => format!("it is {}", value.type_name()),
            [one] => format!("{one} is not there: apply first"),
            several => format!("{} are not there: apply first", several.join(", ")),
        };
        vec![format!("{what} cannot be evaluated: {why}")]
    }
}

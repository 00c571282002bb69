//! The validations of variables, as rules of the template: it is not carried out where one does not hold.

use crate::config::{Validation, Variable};
use crate::source::{Diagnostic, Diagnostics};
use crate::value::Value;

use super::condition::Condition;
use super::constraint;
use super::parameter;
use super::render::Renderer;
use super::scene::Scene;
use super::symbol::Symbol;
use super::tree::Tree;
use super::world::explore;

/// What must hold of parameters, and what to say if it does not.
pub(super) struct Rule {
    pub(super) condition: Condition,
    pub(super) message: String,
}

/// The rules that follow from all validations. What they say is respected from here on.
pub(super) fn rules(scene: &Scene<'_>) -> Result<Vec<Rule>, Diagnostics> {
    let mut rules: Vec<Rule> = Vec::new();
    for (path, module) in scene.configuration.modules.iter().enumerate() {
        for (name, variable) in &module.module.variables {
            inherit(scene, path, name, variable)?;
            for validation in &variable.validations {
                let is_said = path == 0
                    && !scene.inputs.contains_key(name)
                    && parameter::form(&variable.r#type).is_some()
                    && constraint::is_said(&validation.condition);
                if is_said {
                    continue;
                }
                if let Some(rule) = rule(scene, path, validation)?
                    && !rules.iter().any(|known| known.condition == rule.condition)
                {
                    rules.push(rule);
                }
            }
        }
    }
    Ok(rules)
}

/// What an inner module says of an input holds for the parameter that is handed on to it.
fn inherit(scene: &Scene<'_>, path: usize, name: &str, variable: &Variable) -> Result<(), Diagnostics> {
    if path == 0 || variable.validations.is_empty() {
        return Ok(());
    }
    let values = explore(scene, &variable.place, &mut |evaluation| {
        let instances = evaluation.instances_of(path);
        Ok(instances.iter().map(|instance| evaluation.variable_at(instance, name)).collect::<Vec<_>>())
    })?;
    let (allowed, _) = constraint::of(variable);
    for value in values.leaves().into_iter().flatten() {
        if let Some(Symbol::Parameter(parameter)) = scene.of(value) {
            scene.restrict(&parameter, &allowed);
        }
    }
    Ok(())
}

fn rule(scene: &Scene<'_>, path: usize, validation: &Validation) -> Result<Option<Rule>, Diagnostics> {
    let node = &validation.condition;
    let tree = explore(scene, &node.place, &mut |evaluation| {
        let mut holds = true;
        for instance in evaluation.instances_of(path) {
            match evaluation.node(&instance, None, node).value {
                Value::Bool(value) => holds &= value,
                Value::String(text) => holds &= text == "true",
                _ => {}
            }
        }
        Ok(holds)
    });
    let Ok(tree) = tree else {
        // It looks into what only the template will know. Of a parameter, its description says so.
        if path > 0 && !constraint::is_said(node) {
            note(scene, validation);
        }
        return Ok(None);
    };
    match &tree {
        Tree::Leaf(true) => Ok(None),
        Tree::Leaf(false) => {
            let message = validation.error_message.literal_str().unwrap_or("a validation does not hold");
            Err(Diagnostic::at(&node.place, message).into())
        }
        _ if tree.leaves().into_iter().all(|holds| *holds) => Ok(None),
        tree => {
            let condition = tree.condition();
            if !Renderer::is_for_rules(&condition) {
                note(scene, validation);
                return Ok(None);
            }
            scene.lay_down(tree.clone());
            let message = validation.error_message.literal_str().unwrap_or("a validation does not hold");
            Ok(Some(Rule { condition, message: message.to_owned() }))
        }
    }
}

/// Says what the template does not look after.
fn note(scene: &Scene<'_>, validation: &Validation) {
    if let Some(message) = validation.error_message.literal_str() {
        scene.note(format!("Not checked by the template: {message}."));
    }
}

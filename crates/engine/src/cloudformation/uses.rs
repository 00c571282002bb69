//! Where a template makes use of its parameters.

use std::collections::BTreeMap;

use crate::value::Value;

use super::condition::{Condition, Test};
use super::render::Renderer;
use super::rules::Rule;
use super::scene::Scene;
use super::symbol::Symbol;

/// What a parameter is where nothing needs it, if it can be any text.
const NOT_NEEDED: &str = "not-needed";

/// The parameters that are named somewhere, each with what holds wherever that is.
#[derive(Debug, Default)]
pub(super) struct Uses(BTreeMap<String, Vec<Condition>>);

impl Uses {
    /// Notes that a parameter is named where all of these hold, or do not.
    pub(super) fn note(&mut self, parameter: &str, holds: &[(Condition, bool)]) {
        let mut all: Vec<Condition> = Vec::new();
        for (condition, holds) in holds {
            let condition = if *holds { condition.clone() } else { condition.clone().opposite() };
            if condition != Condition::Constant(true) && !all.contains(&condition) {
                all.push(condition);
            }
        }
        let there = all.into_iter().reduce(Condition::and).unwrap_or(Condition::Constant(true));
        let known = self.0.entry(parameter.to_owned()).or_default();
        if !known.contains(&there) {
            known.push(there);
        }
    }

    /// Whether a parameter is named anywhere.
    pub(super) fn contains(&self, parameter: &str) -> bool {
        self.0.contains_key(parameter)
    }

    /// Gives what a template asks for a default where not every stack needs it, and lays down a rule for those that do.
    pub(super) fn ask_only_where_needed(&self, scene: &Scene<'_>) {
        for (parameter, uses) in &self.0 {
            let Some(asked) = scene.asks_for(parameter) else { continue };
            let Some(needed) = uses.iter().cloned().reduce(Condition::or) else { continue };
            if needed.within(&[]) == Some(true) || !Renderer::is_for_rules(&needed) {
                continue;
            }
            let Value::String(symbol) = scene.stand_for(Symbol::Parameter(parameter.clone())) else {
                continue;
            };
            let spare = asked.spare.unwrap_or(NOT_NEEDED);
            let is_left_out = Condition::Test(Test::Equal(symbol, spare.to_owned()));
            scene.default_to(parameter, spare);
            scene.required.borrow_mut().push(Rule {
                condition: needed.opposite().or(is_left_out.opposite()),
                message: format!("{parameter} is needed: {}", asked.description),
            });
        }
    }
}

//! Expressions by hand, evaluated on the configuration, the variables and what the state knows. Nothing is changed.

use std::sync::Arc;

use crate::checklist::Look;
use crate::config::tree::{Content, Node};
use crate::expression::Expression;
use crate::plan::{Inputs, Transition, current};
use crate::refresh::Requests;
use crate::source::{Diagnostics, Place};
use crate::value::{Value, Withheld};

/// The outcome of evaluating an expression.
pub enum Answer {
    /// Its value. What is not known is unknown, and a secret withheld.
    Value(Value),
    /// Data sources have to be read first.
    Needs(Requests),
}

/// Evaluates what would stand within `${…}` in the environment file.
///
/// A resource is what the state says of it, and unknown where the state has none. Data sources are asked for only where
/// the value is not known without them.
pub fn evaluate(inputs: &Inputs<'_>, expression: &Place) -> Result<Answer, Diagnostics> {
    let parsed = Expression::bare(expression.text(), expression)?;
    inputs.configuration.check_expression(&parsed, inputs.registry)?;
    let node = Node { place: expression.clone(), content: Content::Expression(Arc::new(parsed)) };
    // What moves to another address is found there already.
    let transition = Transition::of(inputs)?;
    let inputs = transition.inputs(inputs);
    let current = current(&inputs);
    let mut look = Look::new(&inputs, &current);
    look.at_blocks();
    // What is wrong elsewhere was said when the environment was checked.
    look.evaluation.take_diagnostics();
    let evaluated = look.evaluation.node("", None, &node);
    look.evaluation.take_diagnostics().into_result()?;
    if !evaluated.value.is_wholly_known() && !look.requests.is_empty() {
        return Ok(Answer::Needs(look.requests));
    }
    let is_secret = !evaluated.sensitive.is_empty();
    Ok(Answer::Value(if is_secret { Withheld::default().into() } else { evaluated.value }))
}

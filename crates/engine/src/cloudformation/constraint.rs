//! What the validations of a variable say in the words of parameters: allowed values, a pattern, a range.

use hcl_edit::expr::{BinaryOperator, Expression as Syntax, FuncCall, TraversalOperator};
use hcl_edit::template::Element;

use crate::config::Variable;
use crate::config::tree::{Content, Node};
use crate::expression::Form;
use crate::value::Value;

use super::parameter::Allowed;

/// What a variable can be; and the messages of the validations that name it alone and that cannot be said that way.
pub(super) fn of(variable: &Variable) -> (Allowed, Vec<String>) {
    let mut allowed = Allowed::default();
    let mut unsaid = Vec::new();
    for validation in &variable.validations {
        let Some(condition) = syntax(&validation.condition) else { continue };
        let mut narrowed = allowed.clone();
        if narrow(&mut narrowed, condition) {
            allowed = narrowed;
        } else if let Some(message) = validation.error_message.literal_str()
            && !is_about_others(&validation.condition)
        {
            unsaid.push(message.to_owned());
        }
    }
    (allowed, unsaid)
}

/// Whether all of a validation is said by what the parameter can be.
pub(super) fn is_said(condition: &Node) -> bool {
    syntax(condition).is_some_and(|condition| narrow(&mut Allowed::default(), condition))
}

/// Whether a condition names more than one variable: that is a rule of the template, and not of a parameter.
pub(super) fn is_about_others(condition: &Node) -> bool {
    let mut named = std::collections::BTreeSet::new();
    condition.for_each_expression(&mut |expression| {
        named.extend(expression.references.iter().map(|reference| reference.names.clone()));
    });
    named.len() > 1
}

fn syntax(node: &Node) -> Option<&Syntax> {
    let Content::Expression(expression) = &node.content else { return None };
    // A reference alone constrains nothing.
    let Form::Template(template) = expression.form() else { return None };
    let elements: Vec<&Element> = template.iter().collect();
    match elements.as_slice() {
        [Element::Interpolation(single)] => Some(&single.expr),
        _ => None,
    }
}

/// Narrows what is allowed to what satisfies a condition on one variable. `false` if that cannot be said.
fn narrow(allowed: &mut Allowed, condition: &Syntax) -> bool {
    match condition {
        Syntax::Parenthesis(inner) => narrow(allowed, inner.inner()),
        // `var.x == null ? true : …`, and `var.x == null || …`: a parameter that can be empty allows that anyway.
        Syntax::Conditional(conditional) => {
            is_null_check(&conditional.cond_expr)
                && matches!(&conditional.true_expr, Syntax::Bool(boolean) if *boolean.value())
                && narrow(allowed, &conditional.false_expr)
        }
        Syntax::BinaryOp(operation) => {
            let (left, right) = (&operation.lhs_expr, &operation.rhs_expr);
            match operation.operator.value() {
                BinaryOperator::And => narrow(allowed, left) && narrow(allowed, right),
                BinaryOperator::Or => is_null_check(left) && narrow(allowed, right),
                BinaryOperator::GreaterEq if is_variable(left) => bound(&mut allowed.least, right),
                BinaryOperator::LessEq if is_variable(left) => bound(&mut allowed.greatest, right),
                BinaryOperator::GreaterEq if is_length(left) => length(&mut allowed.shortest, right),
                BinaryOperator::LessEq if is_length(left) => length(&mut allowed.longest, right),
                BinaryOperator::NotEq if is_variable(left) && is_empty_text(right) => {
                    allowed.shortest = Some(1);
                    true
                }
                _ => false,
            }
        }
        Syntax::FuncCall(call) => called(allowed, call),
        _ => false,
    }
}

fn called(allowed: &mut Allowed, call: &FuncCall) -> bool {
    let arguments: Vec<&Syntax> = call.args.iter().collect();
    match (call.name.name.as_str(), arguments.as_slice()) {
        ("contains", [Syntax::Array(choices), variable]) if is_variable(variable) => {
            let values: Option<Vec<String>> = choices.iter().map(literal).collect();
            values.is_some_and(|values| {
                allowed.values = values;
                true
            })
        }
        ("startswith", [variable, prefix]) if is_variable(variable) => {
            pattern(allowed, literal(prefix), "^", "")
        }
        ("endswith", [variable, suffix]) if is_variable(variable) => {
            pattern(allowed, literal(suffix), "", "$")
        }
        // CloudFormation's patterns are those of Java, which has all that ours have but a few names of classes.
        ("can", [Syntax::FuncCall(inner)]) if inner.name.name.as_str() == "regex" => {
            let arguments: Vec<&Syntax> = inner.args.iter().collect();
            match arguments.as_slice() {
                [regex, variable] if is_variable(variable) && allowed.pattern.is_none() => {
                    allowed.pattern = literal(regex).map(|regex| anchored(&regex));
                    allowed.pattern.is_some()
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// A pattern must match all of a parameter.
fn anchored(regex: &str) -> String {
    let before = if regex.starts_with('^') { "" } else { ".*" };
    let after = if regex.ends_with('$') { "" } else { ".*" };
    format!("{before}{regex}{after}")
}

fn pattern(allowed: &mut Allowed, text: Option<String>, before: &str, after: &str) -> bool {
    let Some(text) = text.filter(|_| allowed.pattern.is_none()) else { return false };
    allowed.pattern = Some(anchored(&format!("{before}{}{after}", regex::escape(&text))));
    true
}

fn bound(bound: &mut Option<f64>, limit: &Syntax) -> bool {
    *bound = literal(limit).and_then(|limit| limit.parse().ok());
    bound.is_some()
}

fn length(bound: &mut Option<usize>, limit: &Syntax) -> bool {
    *bound = literal(limit).and_then(|limit| limit.parse().ok());
    bound.is_some()
}

fn is_null_check(condition: &Syntax) -> bool {
    matches!(condition, Syntax::BinaryOp(operation)
        if *operation.operator.value() == BinaryOperator::Eq
            && is_variable(&operation.lhs_expr)
            && matches!(operation.rhs_expr, Syntax::Null(_)))
}

fn is_variable(syntax: &Syntax) -> bool {
    matches!(syntax, Syntax::Traversal(traversal)
        if matches!(&traversal.expr, Syntax::Variable(root) if root.as_str() == "var")
            && matches!(traversal.operators.as_slice(), [one] if matches!(one.value(), TraversalOperator::GetAttr(_))))
}

fn is_length(syntax: &Syntax) -> bool {
    matches!(syntax, Syntax::FuncCall(call)
        if call.name.name.as_str() == "length" && call.args.iter().all(is_variable))
}

fn is_empty_text(syntax: &Syntax) -> bool {
    literal(syntax).is_some_and(|text| text.is_empty())
}

fn literal(syntax: &Syntax) -> Option<String> {
    match syntax {
        Syntax::String(text) => Some(text.as_str().to_owned()),
        Syntax::Number(number) => Some(number.value().to_string()),
        Syntax::Bool(boolean) => super::parameter::text(&Value::Bool(*boolean.value())),
        _ => None,
    }
}

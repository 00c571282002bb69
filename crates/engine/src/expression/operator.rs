//! Operators on values.

use hcl_edit::expr::{BinaryOperator, UnaryOperator};

use crate::value::{Value, Withheld};

/// The value of an operation on two values.
pub(crate) fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, String> {
    use BinaryOperator::*;
    match (operator, left, right) {
        (And, Value::Bool(false), _) | (And, _, Value::Bool(false)) => return Ok(Value::Bool(false)),
        (Or, Value::Bool(true), _) | (Or, _, Value::Bool(true)) => return Ok(Value::Bool(true)),
        _ => {}
    }
    if matches!(operator, Eq | NotEq)
        && !left.is_unknown()
        && !right.is_unknown()
        && left.is_null() != right.is_null()
    {
        return Ok(Value::Bool(operator == NotEq));
    }
    if !left.is_wholly_known() || !right.is_wholly_known() {
        // Null is neither of what is not known yet, but for AWS's answers, and those are never compared with it.
        return Ok(Value::Unknown);
    }
    if let Some(withheld) = left.withheld().first().or(right.withheld().first()) {
        return Ok(derived(withheld));
    }
    match operator {
        Eq => Ok(Value::Bool(equal(left, right))),
        NotEq => Ok(Value::Bool(!equal(left, right))),
        And | Or => match (boolean(left)?, boolean(right)?) {
            (left, right) if operator == And => Ok(Value::Bool(left && right)),
            (left, right) => Ok(Value::Bool(left || right)),
        },
        LessEq | GreaterEq | Less | Greater => {
            let (left, right) = (number(left)?, number(right)?);
            Ok(Value::Bool(match operator {
                LessEq => left <= right,
                GreaterEq => left >= right,
                Less => left < right,
                _ => left > right,
            }))
        }
        Plus | Minus | Mul => {
            let whole = match operator {
                Plus => i64::checked_add,
                Minus => i64::checked_sub,
                _ => i64::checked_mul,
            };
            if let (Some(left), Some(right)) = (integer(left), integer(right))
                && let Some(result) = whole(left, right)
            {
                return Ok(result.into());
            }
            let (left, right) = (number(left)?, number(right)?);
            finite(match operator {
                Plus => left + right,
                Minus => left - right,
                _ => left * right,
            })
        }
        Div | Mod => {
            let (left, right) = (number(left)?, number(right)?);
            if right == 0.0 {
                return Err("division by zero".to_owned());
            }
            finite(if operator == Div { left / right } else { left % right })
        }
    }
}

/// The value of an operation on one value.
pub(super) fn unary(operator: UnaryOperator, value: &Value) -> Result<Value, String> {
    match (operator, value) {
        (_, Value::Unknown) => Ok(Value::Unknown),
        (_, Value::Withheld(withheld)) => Ok(derived(withheld)),
        (UnaryOperator::Not, value) => Ok(Value::Bool(!boolean(value)?)),
        (UnaryOperator::Neg, value) => match integer(value).and_then(i64::checked_neg) {
            Some(result) => Ok(result.into()),
            None => finite(-number(value)?),
        },
    }
}

/// What is computed from a withheld value: withheld too, and its digest not known.
pub(super) fn derived(withheld: &Withheld) -> Value {
    Withheld { digest: None, source: withheld.source.clone() }.into()
}

/// The boolean that a value is or, as in Terraform, that its text says.
pub(super) fn boolean(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(boolean) => Ok(*boolean),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        other => Err(format!("expected a boolean, found {}", other.type_name())),
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    }
}

fn number(value: &Value) -> Result<f64, String> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
    .ok_or_else(|| format!("expected a number, found {}", value.type_name()))
}

fn finite(result: f64) -> Result<Value, String> {
    if result.is_finite() {
        Ok(result.into())
    } else {
        Err("the result is too large for a number".to_owned())
    }
}

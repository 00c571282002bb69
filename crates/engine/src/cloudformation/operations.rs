//! Functions and operators on values that a template alone will know: what only copies or joins them is done here, what
//! compares parameters is a condition, and what would have to look into them cannot be said.

use hcl_edit::expr::BinaryOperator;

use crate::value::symbol::{Piece, has_symbol, pieces};
use crate::value::{Map, Value};

use super::condition::Test;
use super::scene::Scene;
use super::symbol::Symbol;

/// Functions that do not look into texts.
const COPYING: [&str; 18] = [
    "chunklist",
    "coalescelist",
    "concat",
    "element",
    "flatten",
    "keys",
    "lookup",
    "merge",
    "one",
    "reverse",
    "setproduct",
    "tolist",
    "tomap",
    "toset",
    "tostring",
    "transpose",
    "values",
    "zipmap",
];

/// Functions for which a list must be known element by element.
const COUNTING: [&str; 8] =
    ["chunklist", "element", "one", "reverse", "setproduct", "transpose", "zipmap", "toset"];

type Outcome = Option<Result<Value, String>>;

/// The result of a function; `None` if the function itself can do it.
pub(super) fn call(
    scene: &Scene<'_>,
    function: &str,
    arguments: &[Value],
    decide: &dyn Fn(Test) -> bool,
) -> Outcome {
    // How many elements such a list has nobody knows.
    let is_elements = |item: &Value| matches!(scene.of(item), Some(Symbol::Elements(_)));
    let has_elements = arguments.iter().any(|argument| argument.items().iter().any(is_elements));
    match (function, arguments) {
        ("toset" | "tolist", [list]) => Some(Ok(list.clone())),
        ("tonumber", [text]) if scene.of(text).is_some() => Some(Ok(text.clone())),
        ("length", [Value::List(items)]) if has_elements => {
            Some(Ok(scene.stand_for(Symbol::AtLeast(items.len()))))
        }
        ("length", [Value::List(_) | Value::Map(_)]) => None,
        ("contains", [Value::List(items), value]) if !has_elements => contains(scene, items, value, decide),
        ("join", [Value::String(separator), list]) => join(scene, separator, list),
        ("jsonencode", [value]) => Some(encode(scene, value)),
        ("coalesce", values) if !has_elements => Some(coalesce(scene, values, decide)),
        ("compact", [Value::List(items)]) if !has_elements => {
            let there = items.iter().filter(|item| !is_empty(scene, item, decide)).cloned();
            Some(Ok(Value::List(there.collect())))
        }
        ("fingerprint", [value]) => fingerprint(scene, value),
        ("jsondecode", [Value::String(_)]) | ("templatefile", _) => None,
        ("format", [Value::String(template), ..]) if only_texts(template) && !has_elements => None,
        ("startswith", [Value::String(text), Value::String(prefix)]) => starts_with(text, prefix),
        _ if COUNTING.contains(&function) && has_elements => {
            Some(Err(format!("a template cannot call `{function}` on a parameter that is a list")))
        }
        _ if COPYING.contains(&function) => None,
        _ => Some(Err(format!(
            "a template cannot call `{function}` on what is known only once it is carried out"
        ))),
    }
}

/// The result of an operator; `None` if the operator itself can do it.
pub(super) fn operate(
    scene: &Scene<'_>,
    operator: BinaryOperator,
    left: &Value,
    right: &Value,
    decide: &dyn Fn(Test) -> bool,
) -> Outcome {
    use BinaryOperator::*;
    match operator {
        Eq | NotEq if is_count(scene, left) || is_count(scene, right) => {
            let counted = counted(scene, Eq, left, right).and_then(|equal| equal.as_bool());
            Some(counted.map(|equal| Value::Bool(equal == (operator == Eq))).ok_or_else(|| cannot(operator)))
        }
        Eq | NotEq => match equal(scene, left, right, decide) {
            Ok(equal) => Some(Ok(Value::Bool(equal == (operator == Eq)))),
            Err(message) => Some(Err(message)),
        },
        Less | LessEq | Greater | GreaterEq | Plus => {
            let counted = counted(scene, operator, left, right);
            Some(counted.ok_or_else(|| cannot(operator)))
        }
        And | Or => None,
        _ => Some(Err(cannot(operator))),
    }
}

fn cannot(operator: BinaryOperator) -> String {
    format!("a template cannot calculate: the operands of `{}` must be known", operator.as_str())
}

fn is_count(scene: &Scene<'_>, value: &Value) -> bool {
    matches!(scene.of(value), Some(Symbol::AtLeast(_)))
}

fn elements_in(scene: &Scene<'_>, value: &Value) -> bool {
    value.any(&|part| matches!(scene.of(part), Some(Symbol::Elements(_))))
}

fn equal(
    scene: &Scene<'_>,
    left: &Value,
    right: &Value,
    decide: &dyn Fn(Test) -> bool,
) -> Result<bool, String> {
    if left == right {
        return Ok(true);
    }
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Ok(false),
        (Value::List(one), Value::List(other)) => {
            // A parameter that is a list and stands here has something in it.
            let more_than = |one: &[Value], other: &[Value]| {
                one.len() > other.len() && !elements_in(scene, &Value::List(other.to_vec()))
            };
            match more_than(one, other) || more_than(other, one) {
                true => Ok(false),
                false => Err("a template cannot compare lists that it does not know".to_owned()),
            }
        }
        (Value::Map(_), _) | (_, Value::Map(_)) | (Value::List(_), _) | (_, Value::List(_)) => {
            Err("a template cannot compare tables that it does not know".to_owned())
        }
        (left, right) => {
            let (left, right) = (as_text(left), as_text(right));
            if !scene.is_of_parameters(&left) || !scene.is_of_parameters(&right) {
                return Err("a template cannot compare attributes of resources".to_owned());
            }
            // What has the symbol stands on the left, so that one question has one form.
            let (left, right) = if has_symbol(&left) { (left, right) } else { (right, left) };
            Ok(decide(Test::Equal(left, right)))
        }
    }
}

fn as_text(value: &Value) -> String {
    super::parameter::text(value).unwrap_or_default()
}

/// Comparisons and sums of how many elements lists have.
fn counted(scene: &Scene<'_>, operator: BinaryOperator, left: &Value, right: &Value) -> Option<Value> {
    let count = |value: &Value| match scene.of(value) {
        Some(Symbol::AtLeast(least)) => Some((i64::try_from(least).ok()?, true)),
        Some(_) => None,
        None => Some((value.as_i64()?, false)),
    };
    let ((left, left_or_more), (right, right_or_more)) = (count(left)?, count(right)?);
    let answer = match operator {
        BinaryOperator::Plus => {
            return Some(scene.stand_for(Symbol::AtLeast(usize::try_from(left + right).ok()?)));
        }
        BinaryOperator::Eq if !right_or_more && left > right => false,
        BinaryOperator::Eq if !left_or_more && right > left => false,
        BinaryOperator::Greater if !right_or_more && left > right => true,
        BinaryOperator::GreaterEq if !right_or_more && left >= right => true,
        BinaryOperator::Less if !right_or_more && left >= right => false,
        BinaryOperator::LessEq if !right_or_more && left > right => false,
        BinaryOperator::Less if !left_or_more && left < right => true,
        BinaryOperator::LessEq if !left_or_more && left <= right => true,
        BinaryOperator::Greater if !left_or_more && left <= right => false,
        BinaryOperator::GreaterEq if !left_or_more && left < right => false,
        _ => return None,
    };
    Some(Value::Bool(answer))
}

fn contains(scene: &Scene<'_>, items: &[Value], value: &Value, decide: &dyn Fn(Test) -> bool) -> Outcome {
    for item in items {
        match equal(scene, item, value, decide) {
            Ok(true) => return Some(Ok(Value::Bool(true))),
            Ok(false) => {}
            Err(message) => return Some(Err(message)),
        }
    }
    Some(Ok(Value::Bool(false)))
}

fn join(scene: &Scene<'_>, separator: &str, list: &Value) -> Outcome {
    if has_symbol(separator) {
        return Some(Err("a template cannot join by what it does not know".to_owned()));
    }
    Some(Ok(Value::from(joined(scene, separator, list))))
}

/// The first value that is neither null nor the empty text.
fn coalesce(scene: &Scene<'_>, values: &[Value], decide: &dyn Fn(Test) -> bool) -> Result<Value, String> {
    let there = values.iter().find(|value| !is_empty(scene, value, decide));
    there.cloned().ok_or_else(|| "no argument is neither null nor the empty string".to_owned())
}

/// Whether a value is null or the empty text: of a parameter that can be empty, the template decides.
fn is_empty(scene: &Scene<'_>, value: &Value, decide: &dyn Fn(Test) -> bool) -> bool {
    match (value, scene.of(value)) {
        (Value::String(text), Some(Symbol::Parameter(name))) if scene.may_be_empty(&name) => {
            decide(Test::Equal(text.clone(), String::new()))
        }
        (value, _) => value.is_null() || value.as_str() == Some(""),
    }
}

/// The elements of a list in one text.
pub(super) fn joined(scene: &Scene<'_>, separator: &str, list: &Value) -> String {
    let join = |symbol| as_text(&scene.stand_for(Symbol::Joined(Box::new(symbol), separator.to_owned())));
    match scene.of(list) {
        Some(symbol) => join(symbol),
        None => {
            let texts = list.items().iter().map(|item| match scene.of(item) {
                Some(symbol @ Symbol::Elements(_)) => join(symbol),
                _ => as_text(item),
            });
            texts.collect::<Vec<_>>().join(separator)
        }
    }
}

/// JSON in which symbols stand where their values go: those of numbers without quotes, those of lists as their elements.
pub(super) fn encode(scene: &Scene<'_>, value: &Value) -> Result<Value, String> {
    let mut text = crate::function::json::encode(value)?;
    for part in symbols_in(value) {
        let quoted = Value::from(part.as_str()).to_json().to_string();
        match scene.of(&Value::from(part.as_str())) {
            Some(Symbol::Parameter(name)) if scene.is_number(&name) => text = text.replace(&quoted, &part),
            Some(symbol @ Symbol::Elements(_)) => {
                let separator = "\",\"".to_owned();
                let joined = as_text(&scene.stand_for(Symbol::Joined(Box::new(symbol), separator)));
                text = text.replace(&quoted, &format!("\"{joined}\""));
            }
            Some(Symbol::AtLeast(_)) => {
                return Err("a template cannot count the elements of a parameter".to_owned());
            }
            _ => {}
        }
    }
    Ok(Value::from(text))
}

/// The texts in a value that are a symbol and nothing else.
fn symbols_in(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if matches!(pieces(text).as_slice(), [Piece::Symbol(_)]) => vec![text.clone()],
        Value::List(items) => items.iter().flat_map(symbols_in).collect(),
        Value::Map(map) => Map::values(map).flat_map(symbols_in).collect(),
        _ => Vec::new(),
    }
}

/// Whether a format has nothing in it but texts to be put in.
fn only_texts(template: &str) -> bool {
    let mut parts = template.replace("%%", "");
    parts = parts.replace("%s", "").replace("%v", "");
    !parts.contains('%')
}

/// What tells one value from another: of a parameter, that is the parameter that it is.
fn fingerprint(scene: &Scene<'_>, value: &Value) -> Outcome {
    let Some(Symbol::Parameter(name)) = scene.of(value) else {
        return Some(Err("a template knows the `fingerprint` of a parameter alone".to_owned()));
    };
    scene.note(format!(
        "The name of what is made of {name} does not change with its value. Where CloudFormation has to replace that, \
         it must not have the name of what it replaces: deploy the new one under another name first."
    ));
    Some(Ok(Value::from(crate::function::fingerprint(&name))))
}

/// What is known of a text may be enough to tell how it starts.
fn starts_with(text: &str, prefix: &str) -> Outcome {
    let known = match pieces(text).first() {
        Some(Piece::Text(known)) => known.to_string(),
        _ => String::new(),
    };
    match (known.starts_with(prefix), prefix.starts_with(&known)) {
        (true, _) => Some(Ok(Value::Bool(true))),
        (false, false) => Some(Ok(Value::Bool(false))),
        (false, true) => {
            Some(Err("a template cannot look into what is known only once it is carried out".to_owned()))
        }
    }
}

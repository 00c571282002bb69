//! Values against a schema: types, constraints and defaults of what is configured, the plain form of what is
//! read, and whether two values mean the same.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::policy::policy_form;
use super::{Attribute, Comparison, Constraints, Problem, Schema, Type};
use crate::spelling::nearest;
use crate::value::symbol::has_symbol;
use crate::value::{Map, Path, Segment, Value};

impl Schema {
    /// A configuration with its types converted and its defaults filled in, and all that is wrong with it.
    pub fn check(&self, configuration: &Value) -> (Value, Vec<Problem>) {
        let mut problems = Vec::new();
        let checked = self.check_block(configuration, &Path::root(), &mut problems);
        (checked, problems)
    }

    fn check_block(&self, configuration: &Value, path: &Path, problems: &mut Vec<Problem>) -> Value {
        let Value::Map(map) = configuration else {
            return match configuration {
                Value::Unknown | Value::Null => configuration.clone(),
                other => {
                    let message = format!("expected a table, found {}", other.type_name());
                    problems.push(Problem::new(path.clone(), message).with_hint(TABLE));
                    Value::Unknown
                }
            };
        };
        // What an unknown key is a misspelling of is not missing.
        let mut misspelled: BTreeSet<&str> = BTreeSet::new();
        for name in map.keys() {
            match self.attributes.get(name) {
                None => {
                    let meant = nearest(name, self.settable());
                    misspelled.extend(meant);
                    problems.push(self.unknown_key(name, meant, path));
                }
                Some(attribute) if attribute.read_only => problems.push(Problem {
                    at_key: true,
                    ..Problem::new(path.key(name), format!("`{name}` is computed and cannot be set"))
                }),
                Some(_) => {}
            }
        }
        let mut checked = Map::new();
        for (name, attribute) in &self.attributes {
            match map.get(name) {
                None if misspelled.contains(name.as_str()) => {
                    checked.insert(name.clone(), Value::Unknown);
                }
                None | Some(Value::Null) => {
                    if attribute.required {
                        // What it should be nobody knows: whatever is made of it is not judged.
                        checked.insert(name.clone(), Value::Unknown);
                        problems.push(Problem {
                            at_key: map.contains_key(name),
                            ..Problem::new(path.key(name), format!("`{name}` is required"))
                                .with_hint(format!("add `{name}` ({})", attribute.r#type.describe()))
                        });
                    } else if let Some(default) = &attribute.default {
                        checked.insert(name.clone(), default.clone());
                    }
                }
                Some(_) if attribute.read_only => {}
                Some(value) => {
                    checked.insert(name.clone(), attribute.check(value, &path.key(name), problems));
                }
            }
        }
        Value::Map(checked)
    }

    /// The arguments that a configuration can set.
    fn settable(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().filter(|(_, attribute)| !attribute.read_only).map(|(name, _)| name.as_str())
    }

    /// `meant`: which argument it may be a misspelling of.
    fn unknown_key(&self, name: &str, meant: Option<&str>, path: &Path) -> Problem {
        let hint = match meant {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!("known are {}", self.settable().collect::<Vec<_>>().join(", ")),
        };
        Problem {
            at_key: true,
            ..Problem::new(path.key(name), format!("unknown key `{name}`")).with_hint(hint)
        }
    }

    /// The plain form of attributes that were read: sets in order, documents parsed, nothing that is empty; what
    /// cannot be read carried over from `prior`.
    pub fn from_read(&self, read: Value, prior: &Value) -> Value {
        self.plain_block(read, prior)
    }

    fn plain_block(&self, read: Value, prior: &Value) -> Value {
        let Value::Map(mut map) = read else { return read };
        let mut plain = Map::new();
        for (name, attribute) in &self.attributes {
            let before = prior.get(name);
            let value = map.remove(name).unwrap_or_default();
            // Whatever a read fills in for an argument that AWS does not know is its default.
            let is_carried = attribute.kept && !before.is_null();
            let value = if is_carried || ((attribute.kept || attribute.write_only) && value.is_null()) {
                before.clone()
            } else {
                attribute.plain(value, before)
            };
            if !value.is_empty() {
                plain.insert(name.clone(), value);
            }
        }
        Value::Map(plain)
    }
}

impl Attribute {
    /// A configured value, converted to the attribute's type; unknown where it is wrong, so that nothing is
    /// made of it.
    pub(crate) fn check(&self, value: &Value, path: &Path, problems: &mut Vec<Problem>) -> Value {
        if matches!(value, Value::Unknown | Value::Withheld(_) | Value::Null) {
            return value.clone();
        }
        // What is known only where a template is carried out is judged there. A document is read, symbols and all.
        let is_document = matches!(self.r#type, Type::Document | Type::Policy);
        if !is_document && value.as_str().is_some_and(has_symbol) {
            return value.clone();
        }
        let wrong = |problems: &mut Vec<Problem>| {
            let message = format!("expected {}, found {}", self.r#type.with_article(), value.type_name());
            problems.push(Problem::new(path.clone(), message).with_hint(self.r#type.how_to_write()));
            Value::Unknown
        };
        let elements = |element: &Self, items: &[Value], problems: &mut Vec<Problem>| -> Vec<Value> {
            items
                .iter()
                .enumerate()
                .map(|(index, item)| element.check(item, &path.index(index), problems))
                .collect()
        };
        let checked = match (&self.r#type, value) {
            (Type::Any, _) => value.clone(),
            (Type::String, Value::String(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::Number, Value::Number(_)) => value.clone(),
            (Type::String, Value::Number(number)) => Value::String(number.to_string()),
            (Type::String, Value::Bool(boolean)) => Value::String(boolean.to_string()),
            (Type::Integer, Value::Number(number)) if number.is_i64() || number.is_u64() => value.clone(),
            (Type::Bool, Value::String(text)) if text == "true" || text == "false" => {
                Value::Bool(text == "true")
            }
            (Type::Number | Type::Integer, Value::String(text)) => {
                match text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from)) {
                    Ok(Value::Number(number)) if number.is_i64() || matches!(self.r#type, Type::Number) => {
                        Value::Number(number)
                    }
                    _ => return wrong(problems),
                }
            }
            (Type::List(element), Value::List(items)) => Value::List(elements(element, items, problems)),
            (Type::Set(element), Value::List(items)) => sorted(elements(element, items, problems)),
            (Type::Map(element), Value::Map(map)) => Value::Map(
                map.iter()
                    .map(|(key, item)| (key.clone(), element.check(item, &path.key(key), problems)))
                    .collect(),
            ),
            (Type::Object(schema), Value::Map(_)) => schema.check_block(value, path, problems),
            (Type::Document | Type::Policy, Value::Map(_) | Value::List(_)) => value.clone(),
            (Type::Document | Type::Policy, Value::String(text)) => {
                match serde_json::from_str::<Json>(text) {
                    Ok(json) => Value::from_json(json),
                    Err(error) => {
                        problems.push(
                            Problem::new(path.clone(), format!("this is no JSON: {error}"))
                                .with_hint("write the document as a table, or use jsonencode"),
                        );
                        return Value::Unknown;
                    }
                }
            }
            _ => return wrong(problems),
        };
        let before = problems.len();
        self.constraints.check(&checked, path, problems);
        if problems.len() > before { Value::Unknown } else { checked }
    }

    fn plain(&self, value: Value, prior: &Value) -> Value {
        match (&self.r#type, value) {
            (Type::Object(schema), value @ Value::Map(_)) => schema.plain_block(value, prior),
            (Type::List(element), Value::List(items)) => Value::List(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| {
                        element.plain(item, prior.items().get(index).unwrap_or(&Value::Null))
                    })
                    .collect(),
            ),
            (Type::Set(element), Value::List(items)) => {
                sorted(items.into_iter().map(|item| element.plain(item, &Value::Null)).collect())
            }
            (Type::Document | Type::Policy, Value::String(text)) => {
                serde_json::from_str(&text).map_or(Value::String(text), Value::from_json)
            }
            (_, value) => value,
        }
    }

    /// Whether two known values mean the same to AWS.
    pub fn same(&self, left: &Value, right: &Value) -> bool {
        if left == right || (left.is_empty() && right.is_empty()) {
            return true;
        }
        match (&self.r#type, left, right) {
            (Type::String, Value::String(left), Value::String(right)) => match self.compare {
                Comparison::Exact => false,
                Comparison::CaseInsensitive => left.eq_ignore_ascii_case(right),
                Comparison::Trimmed => left.trim() == right.trim(),
                Comparison::DnsName => {
                    left.trim_end_matches('.').eq_ignore_ascii_case(right.trim_end_matches('.'))
                }
                Comparison::ArnOrId => is_arn_of(left, right) || is_arn_of(right, left),
            },
            (Type::List(element), Value::List(left), Value::List(right)) => {
                left.len() == right.len()
                    && left.iter().zip(right).all(|(left, right)| element.same(left, right))
            }
            (Type::Set(element), Value::List(left), Value::List(right)) => {
                let mut rest: Vec<&Value> = right.iter().collect();
                left.len() == right.len()
                    && left.iter().all(|item| {
                        rest.iter()
                            .position(|other| element.same(item, other))
                            .map(|found| rest.swap_remove(found))
                            .is_some()
                    })
            }
            (Type::Map(element), Value::Map(left), Value::Map(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .all(|(key, value)| right.get(key).is_some_and(|other| element.same(value, other)))
            }
            (Type::Object(schema), Value::Map(_), Value::Map(_)) => schema
                .attributes
                .iter()
                .all(|(name, attribute)| attribute.same(left.get(name), right.get(name))),
            (Type::Policy, left, right) => policy_form(left) == policy_form(right),
            (Type::Number | Type::Integer, Value::Number(left), Value::Number(right)) => {
                left.as_f64() == right.as_f64()
            }
            _ => false,
        }
    }
}

/// How a table is written.
const TABLE: &str = "write a table: { name = … }";

impl Type {
    /// How a value of this type is written.
    fn how_to_write(&self) -> &'static str {
        match self {
            Self::Any => "write a value",
            Self::String => "write it in quotes: \"…\"",
            Self::Number => "write a number, such as 60",
            Self::Integer => "write a whole number, such as 60",
            Self::Bool => "write true or false, without quotes",
            Self::List(_) | Self::Set(_) => "write it in brackets: [ … ]",
            Self::Map(_) | Self::Object(_) => TABLE,
            Self::Document | Self::Policy => "write a table, or JSON in a string",
        }
    }

    fn with_article(&self) -> String {
        match self {
            Self::Any => "a value".to_owned(),
            Self::Object(_) => "a table".to_owned(),
            Self::Integer => "a whole number".to_owned(),
            Self::Document => "a table or JSON text".to_owned(),
            Self::Policy => "a table or JSON text (an IAM policy)".to_owned(),
            Self::List(element) if matches!(element.r#type, Type::Object(_)) => {
                "a list of tables (`[[…]]`)".to_owned()
            }
            Self::Map(_) => "a table".to_owned(),
            other => format!("a {}", other.describe()),
        }
    }
}

impl Constraints {
    fn check(&self, value: &Value, path: &Path, problems: &mut Vec<Problem>) {
        let name = match path.0.last() {
            Some(Segment::Key(key)) => format!("`{key}`"),
            _ => "this".to_owned(),
        };
        if !self.one_of.is_empty() && !self.one_of.contains(value) {
            let choices: Vec<String> = self
                .one_of
                .iter()
                .map(|choice| choice.as_str().map_or_else(|| choice.to_json().to_string(), str::to_owned))
                .collect();
            let hint = value
                .as_str()
                .and_then(|text| nearest(text, choices.iter().map(String::as_str)))
                .map(|nearest| format!("did you mean \"{nearest}\"?"));
            problems.push(Problem {
                hint,
                ..Problem::new(path.clone(), format!("{name} is one of {}", choices.join(", ")))
            });
        }
        if let (Some(pattern), Some(text)) = (&self.pattern, value.as_str())
            && !pattern.is_match(text)
        {
            problems.push(Problem::new(path.clone(), format!("{name} does not match {}", pattern.source)));
        }
        if let Value::Number(number) = value
            && let Some(number) = number.as_f64()
        {
            if let Some(minimum) = self.minimum.filter(|minimum| number < *minimum) {
                problems.push(Problem::new(path.clone(), format!("{name} is at least {minimum}")));
            }
            if let Some(maximum) = self.maximum.filter(|maximum| number > *maximum) {
                problems.push(Problem::new(path.clone(), format!("{name} is at most {maximum}")));
            }
        }
        let (length, unit) = match value {
            Value::String(text) => (text.chars().count(), "characters"),
            Value::List(items) => (items.len(), "elements"),
            _ => return,
        };
        if let Some(minimum) = self.minimum_length.filter(|minimum| length < *minimum) {
            problems.push(Problem::new(
                path.clone(),
                format!("{name} has at least {minimum} {unit}, not {length}"),
            ));
        }
        if let Some(maximum) = self.maximum_length.filter(|maximum| length > *maximum) {
            problems.push(Problem::new(
                path.clone(),
                format!("{name} has at most {maximum} {unit}, not {length}"),
            ));
        }
    }
}

/// Whether `arn` is an ARN of what `id` names.
fn is_arn_of(arn: &str, id: &str) -> bool {
    arn.starts_with("arn:")
        && arn.strip_suffix(id).is_some_and(|resource| resource.ends_with('/') || resource.ends_with(':'))
}

/// A set: in order, and each element once.
pub(super) fn sorted(items: Vec<Value>) -> Value {
    let mut seen = BTreeSet::new();
    let mut keyed: Vec<(String, Value)> = items.into_iter().map(|item| (order_key(&item), item)).collect();
    keyed.sort_by(|(left, _), (right, _)| left.cmp(right));
    // Two unknown elements may turn out to be different ones.
    keyed.retain(|(key, item)| item.any(&|part| part.is_unknown()) || seen.insert(key.clone()));
    Value::List(keyed.into_iter().map(|(_, item)| item).collect())
}

fn order_key(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Unknown => "\u{10ffff}".to_owned(),
        Value::Withheld(withheld) => withheld.digest.clone().unwrap_or_default(),
        other => other.to_json().to_string(),
    }
}

#[cfg(test)]
mod tests;

//! What an expression can name and call, and where accesses lead.

use std::ops::Range;

use hcl_edit::expr::BinaryOperator;

use super::{BEFORE, operator};
use crate::value::{Map, Value};

pub(super) type Outcome = Result<Value, Failure>;

/// What an expression can name and call.
pub trait Names {
    /// The value that a root name and the accesses after it lead to, and how many of the accesses that took.
    fn resolve(&self, root: &str, accesses: &[Access]) -> Result<(Value, usize), Failure>;

    /// The result of a function.
    fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, String>;

    /// The result of an operator on two values.
    fn operate(&self, operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, String> {
        operator::binary(operator, left, right)
    }

    /// What an access leads to.
    fn follow(&self, value: &Value, access: &Access) -> Result<Value, Failure> {
        follow(value, access)
    }

    /// Fails if the elements of a collection cannot be told one by one.
    fn iterate(&self, _collection: &Value) -> Result<(), String> {
        Ok(())
    }

    /// Whether anything sensitive has been read.
    fn is_sensitive(&self) -> bool;

    /// Notes that something sensitive has been read, or (`nonsensitive`) that nothing has.
    fn mark_sensitive(&self, sensitive: bool);
}

/// One step of a traversal: `.name` or `[index]`.
#[derive(Debug, Clone, PartialEq)]
pub enum Access {
    /// `.name`
    Attribute(String),
    /// `[index]`
    Index(Value),
}

/// Why an expression has no value.
#[derive(Debug, Clone, Default)]
pub struct Failure {
    /// Why.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    pub(super) span: Option<Range<usize>>,
}

impl Failure {
    /// A failure.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// The same with advice.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn within(mut self, span: Option<Range<usize>>) -> Self {
        if self.span.is_none() {
            self.span = span;
        }
        self
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

/// What a plain reference leads to.
pub(super) fn reference(path: &[String], names: &dyn Names) -> Outcome {
    let Some((root, attributes)) = path.split_first() else { return Ok(Value::Unknown) };
    let accesses: Vec<Access> = attributes.iter().cloned().map(Access::Attribute).collect();
    // Where an attribute stands in the expression, with the dot before it; or all of them.
    let end = |count: usize| {
        BEFORE + root.len() + attributes[..count].iter().map(|name| name.len() + 1).sum::<usize>()
    };
    let whole = Some(BEFORE..end(attributes.len()));
    let (mut value, taken) =
        names.resolve(root, &accesses).map_err(|failure| failure.within(whole.clone()))?;
    for (position, access) in accesses.iter().enumerate().skip(taken) {
        let place = Some(end(position)..end(position + 1));
        value = names.follow(&value, access).map_err(|failure| failure.within(place))?;
    }
    Ok(value)
}

/// What an access leads to.
pub fn follow(value: &Value, access: &Access) -> Outcome {
    match (value, access) {
        (Value::Unknown, _) | (_, Access::Index(Value::Unknown)) => Ok(Value::Unknown),
        (Value::Withheld(secret), _) => Ok(operator::derived(secret)),
        (Value::Map(map), Access::Attribute(name)) => member(map, name),
        (Value::Map(map), Access::Index(index)) => member(map, &key_text(index)?),
        (Value::List(items), Access::Index(index)) => {
            let position = index.as_i64().or_else(|| index.as_str().and_then(|text| text.parse().ok()));
            position
                .and_then(|position| usize::try_from(position).ok())
                .and_then(|position| items.get(position))
                .cloned()
                .ok_or_else(|| Failure::new(format!("there is no such element in a list of {}", items.len())))
        }
        (Value::List(_), Access::Attribute(name)) => {
            Err(Failure::new(format!("a list has no attribute `{name}`"))
                .with_hint(format!("name an element (`[0].{name}`) or all of them (`[*].{name}`)")))
        }
        (other, Access::Attribute(name)) => {
            Err(Failure::new(format!("{} has no attribute `{name}`", other.type_name())))
        }
        (other, Access::Index(_)) => Err(Failure::new(format!("{} has no elements", other.type_name()))),
    }
}

fn member(map: &Map, name: &str) -> Outcome {
    map.get(name).cloned().ok_or_else(|| {
        let failure = Failure::new(format!("there is no `{name}` in this"));
        match crate::spelling::nearest(name, map.keys().map(String::as_str)) {
            Some(nearest) => failure.with_hint(format!("did you mean `{nearest}`?")),
            None => failure,
        }
    })
}

pub(super) fn key_text(key: &Value) -> Result<String, Failure> {
    match key {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(boolean) => Ok(boolean.to_string()),
        other => Err(Failure::new(format!("{} cannot be a key", other.type_name()))),
    }
}

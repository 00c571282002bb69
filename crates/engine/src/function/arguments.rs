//! The arguments of one call, taken as the types that a function wants.

use std::borrow::Cow;

use super::conversion::{as_number, as_text, parse_number};
use super::{Files, Function, withheld};
use crate::value::{Map, Number, Value};

/// The arguments of one call.
pub(super) struct Arguments<'a> {
    function: &'a Function,
    values: &'a [Value],
    /// What the call can read.
    pub(super) files: &'a dyn Files,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(function: &'a Function, values: &'a [Value], files: &'a dyn Files) -> Self {
        Self { function, values, files }
    }

    /// An error that names the parameter at fault.
    pub(super) fn invalid(&self, position: usize, message: impl std::fmt::Display) -> String {
        let name = self.function.names.get(position).or(self.function.names.last());
        format!("invalid value for `{}`: {message}", name.copied().unwrap_or_default())
    }

    /// The argument; null when it was left out.
    pub(super) fn value(&self, position: usize) -> &'a Value {
        static NULL: Value = Value::Null;
        self.values.get(position).unwrap_or(&NULL)
    }

    /// The argument, unless it was left out.
    pub(super) fn get(&self, position: usize) -> Option<&'a Value> {
        self.values.get(position)
    }

    /// The arguments from a position on.
    pub(super) fn rest(&self, position: usize) -> &'a [Value] {
        self.values.get(position..).unwrap_or_default()
    }

    /// For a lazy function: the result, if this argument is wholly unknown or withheld.
    pub(super) fn unavailable(&self, position: usize) -> Option<Value> {
        match self.value(position) {
            Value::Unknown => Some(Value::Unknown),
            secret @ Value::Withheld(_) => withheld(secret),
            _ => None,
        }
    }

    fn present(&self, position: usize) -> Result<&'a Value, String> {
        match self.value(position) {
            Value::Null => Err(self.invalid(position, "must not be null")),
            value => Ok(value),
        }
    }

    /// The argument as text.
    pub(super) fn text(&self, position: usize) -> Result<Cow<'a, str>, String> {
        as_text(self.present(position)?).map_err(|message| self.invalid(position, message))
    }

    /// The argument as a number.
    pub(super) fn number(&self, position: usize) -> Result<Number, String> {
        as_number(self.present(position)?).map_err(|message| self.invalid(position, message))
    }

    /// The argument as a floating-point number.
    pub(super) fn float(&self, position: usize) -> Result<f64, String> {
        // Without arbitrary precision, every number has one.
        Ok(self.number(position)?.as_f64().unwrap_or(f64::NAN))
    }

    /// The argument as a whole number.
    pub(super) fn integer(&self, position: usize) -> Result<i64, String> {
        let number = self.number(position)?;
        let whole = number.as_i64().or_else(|| parse_number(&number.to_string()).and_then(|it| it.as_i64()));
        whole.ok_or_else(|| self.invalid(position, "a whole number is required"))
    }

    /// The argument as a whole number that is not negative.
    pub(super) fn size(&self, position: usize) -> Result<usize, String> {
        usize::try_from(self.integer(position)?).map_err(|_| self.invalid(position, "must not be negative"))
    }

    /// The argument as a list.
    pub(super) fn list(&self, position: usize) -> Result<&'a [Value], String> {
        match self.present(position)? {
            Value::List(items) => Ok(items),
            other => Err(self.invalid(position, format!("expected a list, found {}", other.type_name()))),
        }
    }

    /// The argument as a map.
    pub(super) fn map(&self, position: usize) -> Result<&'a Map, String> {
        match self.present(position)? {
            Value::Map(map) => Ok(map),
            other => Err(self.invalid(position, format!("expected a map, found {}", other.type_name()))),
        }
    }

    /// The elements of a list, each converted.
    fn elements<T>(
        &self,
        position: usize,
        convert: impl Fn(&'a Value) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.list(position)?
            .iter()
            .enumerate()
            .map(|(index, item)| {
                convert(item).map_err(|message| self.invalid(position, format!("element {index}: {message}")))
            })
            .collect()
    }

    /// The argument as a list of texts.
    pub(super) fn texts(&self, position: usize) -> Result<Vec<Cow<'a, str>>, String> {
        self.elements(position, as_text)
    }

    /// The argument as a list of numbers.
    pub(super) fn numbers(&self, position: usize) -> Result<Vec<Number>, String> {
        self.elements(position, as_number)
    }
}

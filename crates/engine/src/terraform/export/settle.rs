//! What is written of a value: references, where they give what the configuration gives, or else what that is.
//!
//! Each expression has been evaluated three times: with symbols for what resources are, with what these stand for, and
//! with what is known. A symbol in the first is right if filling it in makes the second of it. Then nothing has looked
//! into the symbol on the way. Otherwise the value is written as it is known.

use crate::schema::{Problem, Schema};
use crate::value::{Map, Path, Segment, Value};

use super::symbols::Symbols;

/// A value, evaluated three times.
pub(super) struct Evaluated {
    /// With symbols.
    pub(super) symbolic: Value,
    /// With what symbols stand for.
    pub(super) filled: Value,
    /// With what is known.
    pub(super) known: Value,
    /// The paths that were filled from something sensitive.
    pub(super) sensitive: Vec<Path>,
}

/// What decides about values.
pub(super) struct Settling<'s> {
    pub(super) symbols: &'s Symbols,
    /// What says which arguments are secrets.
    pub(super) schema: Option<&'s Schema>,
    /// The variable that gives a secret: for its path, and what it is, if that is known.
    pub(super) variable: &'s dyn Fn(&Path, &Value) -> Value,
    pub(super) problems: Vec<Problem>,
}

impl Settling<'_> {
    /// What is written of a value.
    pub(super) fn settle(&mut self, value: &Evaluated) -> Value {
        let Evaluated { symbolic, filled, known, sensitive } = value;
        self.at(&Path::root(), [symbolic, filled, known], (known, sensitive))
    }

    fn at(&mut self, path: &Path, values: [&Value; 3], marks: (&Value, &[Path])) -> Value {
        let [symbolic, filled, known] = values;
        match values {
            [Value::Map(one), Value::Map(two), Value::Map(three)]
                if one.keys().eq(three.keys()) && two.keys().eq(three.keys()) =>
            {
                let member = |(name, one): (&String, &Value)| {
                    let values = [one, two.get(name).unwrap_or(one), three.get(name).unwrap_or(one)];
                    (name.clone(), self.at(&path.key(name), values, marks))
                };
                return Value::Map(one.iter().map(member).collect::<Map>());
            }
            [Value::List(one), Value::List(two), Value::List(three)]
                if one.len() == three.len() && two.len() == three.len() =>
            {
                let items = one.iter().zip(two).zip(three).enumerate();
                return Value::List(
                    items
                        .map(|(at, ((one, two), three))| self.at(&path.index(at), [one, two, three], marks))
                        .collect(),
                );
            }
            _ => {}
        }
        if known.is_null() {
            return Value::Null;
        }
        let is_right = symbolic.is_wholly_known() && self.symbols.filled_in(symbolic) == *filled;
        if self.is_secret(path, known, marks) {
            let is_reference = symbolic.as_str().is_some_and(|text| self.symbols.is_symbol(text));
            return if is_right && is_reference { symbolic.clone() } else { (self.variable)(path, known) };
        }
        if is_right {
            return symbolic.clone();
        }
        if known.is_wholly_known() {
            return known.clone();
        }
        self.problems.push(
            Problem::new(path.clone(), "Terraform cannot be told this before it is known")
                .with_hint("export the environment once it is applied"),
        );
        Value::Null
    }

    /// `marks`: the whole value that it is in, and where something sensitive went into that.
    fn is_secret(&self, path: &Path, known: &Value, (whole, sensitive): (&Value, &[Path])) -> bool {
        let is_marked =
            || sensitive.iter().any(|secret| secret.starts_with(path) || path.starts_with(secret));
        let is_secret = || {
            self.schema.is_some_and(|schema| {
                let is_open = match path.0.first() {
                    Some(Segment::Key(name)) => {
                        schema.attributes.get(name).is_some_and(|attribute| attribute.open)
                    }
                    _ => false,
                };
                !is_open && schema.is_secret(whole, &path.0)
            })
        };
        !known.withheld().is_empty() || is_marked() || is_secret()
    }
}

//! Where secrets are in the values of a schema.

use super::{Attribute, Schema, Type};
use crate::value::{Path, Segment, Value};

impl Schema {
    /// The path, or that of the set that it leads into: the elements of a set have no places.
    pub(crate) fn outside_of_sets(&self, path: &Path) -> Path {
        let mut schema = Some(self);
        let mut attribute: Option<&Attribute> = None;
        for (position, segment) in path.0.iter().enumerate() {
            attribute = match (schema, attribute.map(|attribute| &attribute.r#type), segment) {
                (Some(schema), _, Segment::Key(name)) => schema.attributes.get(name).map(AsRef::as_ref),
                (_, Some(Type::Set(_)), _) => return Path(path.0[..position].to_vec()),
                (_, Some(Type::List(element) | Type::Map(element)), _) => Some(element),
                _ => None,
            };
            schema = match attribute.map(|attribute| &attribute.r#type) {
                Some(Type::Object(schema)) => Some(schema),
                _ => None,
            };
        }
        path.clone()
    }

    /// These paths of secrets, and those of the attributes that repeat them or tell something of them.
    pub(crate) fn with_repeated(&self, mut secrets: Vec<Path>) -> Vec<Path> {
        for (name, attribute) in &self.attributes {
            let is_of_secret = attribute.repeats.iter().chain(&attribute.tells).any(|argument| {
                let argument = Path::root().key(argument);
                secrets.iter().any(|secret| secret.starts_with(&argument) || argument.starts_with(secret))
            });
            if is_of_secret {
                secrets.push(Path::root().key(name));
            }
        }
        secrets
    }

    /// Attributes in which what repeats an argument is known, where it is kept as a digest and the argument is known.
    pub(crate) fn repeated(&self, mut attributes: Value) -> Value {
        for (name, attribute) in &self.attributes {
            let Some(argument) = &attribute.repeats else { continue };
            let known = attributes.get(argument).clone();
            if let Value::Map(attributes) = &mut attributes
                && attributes.get(name).is_some_and(|repeated| !repeated.withheld().is_empty())
            {
                attributes.insert(name.clone(), known);
            }
        }
        attributes
    }

    /// Whether what a path leads to in a value is a secret, or has one in it.
    pub(crate) fn is_secret(&self, value: &Value, path: &[Segment]) -> bool {
        match path.split_first() {
            Some((Segment::Key(name), rest)) => self.attributes.get(name).is_some_and(|attribute| {
                attribute.is_secret_at(part(value, &Segment::Key(name.clone())), rest, true)
            }),
            Some((Segment::Index(_), _)) => false,
            None => self.attributes.iter().any(|(name, attribute)| {
                attribute.is_secret_at(part(value, &Segment::Key(name.clone())), &[], false)
            }),
        }
    }
}

impl Attribute {
    /// Whether its value must not be shown.
    pub fn is_secret(&self) -> bool {
        self.sensitive || self.write_only
    }

    /// `named`: it is asked for by its name. As part of a whole it is no secret while it is not set.
    fn is_secret_at(&self, value: &Value, path: &[Segment], named: bool) -> bool {
        if self.is_secret() {
            return named || !value.is_null();
        }
        match (&self.r#type, path.split_first()) {
            (Type::Object(schema), _) => schema.is_secret(value, path),
            (Type::List(element) | Type::Set(element) | Type::Map(element), Some((segment, rest))) => {
                element.is_secret_at(part(value, segment), rest, named)
            }
            (Type::List(element) | Type::Set(element) | Type::Map(element), None) => match value {
                Value::Unknown => element.is_secret_at(value, &[], false),
                Value::List(items) => items.iter().any(|item| element.is_secret_at(item, &[], false)),
                Value::Map(map) => map.values().any(|item| element.is_secret_at(item, &[], false)),
                _ => false,
            },
            _ => false,
        }
    }
}

/// A part of a value; that of what is unknown is unknown.
fn part<'v>(value: &'v Value, segment: &Segment) -> &'v Value {
    if value.is_unknown() { value } else { value.member(segment) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_of_a_secret_is_one() {
        let telling = Attribute { tells: vec!["content".to_owned()], ..Attribute::default() };
        let repeating = Attribute { repeats: Some("content".to_owned()), ..Attribute::default() };
        let attributes = [("digest", telling), ("output", repeating), ("key", Attribute::default())];
        let schema = Schema {
            attributes: attributes.map(|(name, attribute)| (name.to_owned(), Box::new(attribute))).into(),
            ..Schema::default()
        };
        let secrets = |path: &str| {
            let mut secrets: Vec<String> =
                schema.with_repeated(vec![Path::from(path)]).iter().map(ToString::to_string).collect();
            secrets.sort();
            secrets
        };
        assert_eq!(secrets("content"), ["content", "digest", "output"]);
        assert_eq!(secrets("key"), ["key"]);
    }
}

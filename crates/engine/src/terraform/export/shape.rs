//! A resource on its way to Terraform: its arguments, and what Terraform has beside it.

use crate::value::{Map, Path, Value};

/// The arguments of a resource, to be given the form that Terraform has them in. Texts in them may stand for what only
/// Terraform will know: they are handed on, and not looked into.
pub struct Exported<'e> {
    arguments: Map,
    known: &'e Value,
    reference: &'e dyn Fn(&str) -> Value,
    pub(super) parts: Vec<Part>,
}

/// Something that Terraform has as a resource or data source of its own. It bears the name of what it is a part of.
pub struct Part {
    /// Its type, such as `aws_s3_bucket_versioning`.
    pub(super) kind: &'static str,
    /// Whether it is a data source.
    pub(super) data: bool,
    /// Its name, if it is one for all.
    pub(super) name: Option<&'static str>,
    /// Its arguments.
    pub(super) arguments: Map,
    /// The arguments that it was made of.
    pub(super) made_of: &'static [&'static str],
    /// What comes after the id of the whole in the id that it is imported by.
    pub(super) id_suffix: Option<String>,
    /// The parts that come before it, if they are there.
    pub(super) after: &'static [&'static str],
    /// Whether what refers to the whole comes after it.
    pub(super) is_awaited: bool,
}

impl<'e> Exported<'e> {
    pub(super) fn new(arguments: Map, known: &'e Value, reference: &'e dyn Fn(&str) -> Value) -> Self {
        Self { arguments, known, reference, parts: Vec::new() }
    }

    pub(super) fn into_arguments(self) -> (Map, Vec<Part>) {
        (self.arguments, self.parts)
    }

    /// An argument, which goes; null if it is not set.
    pub fn take(&mut self, name: &str) -> Value {
        self.arguments.remove(name).unwrap_or_default()
    }

    /// An argument, which stays.
    pub fn get(&self, name: &str) -> &Value {
        static NULL: Value = Value::Null;
        self.arguments.get(name).unwrap_or(&NULL)
    }

    /// Sets an argument of Terraform's.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.arguments.insert(name.to_owned(), value.into());
    }

    /// What is known of the resource: its attributes, as far as they are.
    pub fn known(&self) -> &'e Value {
        self.known
    }

    /// A reference: to `.id` of the resource itself, or to `data.archive_file.output_path` of a part of it, or to
    /// `data.aws_canonical_user_id.current.id` of one that has a name of its own.
    pub fn reference(&self, to: &str) -> Value {
        (self.reference)(to)
    }

    /// Adds what Terraform has beside it.
    pub fn add(&mut self, part: Part) {
        self.parts.push(part);
    }
}

impl Part {
    /// A resource that has the same id as what it is a part of.
    pub fn resource(kind: &'static str, made_of: &'static [&'static str], arguments: Map) -> Self {
        Self {
            kind,
            data: false,
            name: None,
            arguments,
            made_of,
            id_suffix: None,
            after: &[],
            is_awaited: false,
        }
    }

    /// A data source.
    pub fn data(kind: &'static str, arguments: Map) -> Self {
        Self { data: true, ..Self::resource(kind, &[], arguments) }
    }

    /// The same, one for all, under a name of its own.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// The same, imported by an id that goes on after that of the whole.
    pub fn with_id_suffix(self, suffix: impl Into<String>) -> Self {
        Self { id_suffix: Some(suffix.into()), ..self }
    }

    /// The same, made after other parts.
    pub fn after(self, kinds: &'static [&'static str]) -> Self {
        Self { after: kinds, ..self }
    }

    /// The same, made before whatever refers to what it is a part of.
    pub fn awaited(self) -> Self {
        Self { is_awaited: true, ..self }
    }

    /// Whether what it was made of is to be left alone.
    pub(super) fn is_ignored(&self, ignored: &[Path]) -> bool {
        ignored.iter().any(|path| {
            path.0.is_empty() || self.made_of.iter().any(|name| path.starts_with(&Path::from(*name)))
        })
    }
}

//! Arguments in the form that Terraform has them in.

use std::path::{Component, Path as FilePath, PathBuf};

use super::*;
use crate::schema::{Attribute, Schema};
use crate::value::{Map, Segment};

impl Exporter<'_, '_> {
    /// Arguments as Terraform takes them: documents as text, paths from where the file is going to be, and nothing that is
    /// not set.
    pub(super) fn adapted(&self, schema: &Schema, settled: &Value, module: &FilePath) -> Map {
        match self.block(schema, settled, module) {
            Value::Map(map) => map,
            _ => Map::new(),
        }
    }

    fn block(&self, schema: &Schema, value: &Value, module: &FilePath) -> Value {
        let Some(map) = value.as_map() else { return value.clone() };
        let member = |(name, value): (&String, &Value)| {
            let value = match schema.attributes.get(name) {
                Some(attribute) => self.value(attribute, value, module),
                None => value.clone(),
            };
            (name.clone(), value)
        };
        let is_said = |value: &Value| match value {
            Value::Null => false,
            Value::List(items) => !items.is_empty(),
            _ => true,
        };
        Value::Map(map.iter().map(member).filter(|(_, value)| is_said(value)).collect::<Map>())
    }

    fn value(&self, attribute: &Attribute, value: &Value, module: &FilePath) -> Value {
        match (&attribute.r#type, value) {
            (_, Value::String(path)) if attribute.path => self.path(module, path),
            (Type::Document | Type::Policy, Value::Map(_) | Value::List(_)) => self.symbols.json(value),
            (Type::Object(schema), _) => self.block(schema, value, module),
            (Type::List(element) | Type::Set(element), Value::List(items)) => {
                Value::List(items.iter().map(|item| self.value(element, item, module)).collect())
            }
            // One block is as good as a list of one.
            (Type::List(element) | Type::Set(element), Value::Map(_)) => self.value(element, value, module),
            _ => value.clone(),
        }
    }

    /// A path of a module's, from where the file is going to be.
    fn path(&self, module: &FilePath, path: &str) -> Value {
        let target = normal(&module.join(path));
        let from = normal(&self.directory);
        let common =
            from.components().zip(target.components()).take_while(|(one, other)| one == other).count();
        let up = from.components().skip(common).map(|_| Component::ParentDir);
        let parts = up.chain(target.components().skip(common));
        let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        let here = self.symbols.text(None, "path.module".to_owned(), Some("."));
        Value::from(format!("{}/{}", here.as_str().unwrap_or_default(), parts.join("/")))
    }

    /// The environment's tags under a resource's own.
    pub(super) fn add_tags(&self, arguments: &mut Map) {
        let tags = &self.inputs.configuration.environment.tags;
        if !tags.is_empty() {
            let own = arguments.remove("tags").unwrap_or_default();
            let shared = tags.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
            let merged = shared.chain(own.as_map().cloned().unwrap_or_default()).collect();
            arguments.insert("tags".to_owned(), Value::Map(merged));
        }
    }
}

/// An absolute path without `..` in it.
fn normal(path: &FilePath) -> PathBuf {
    let path = if path == FilePath::new("") { FilePath::new(".") } else { path };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut normal = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => drop(normal.pop()),
            other => normal.push(other),
        }
    }
    normal
}

/// A path of `ignore_changes`, as far as it is the same in Terraform: an argument, or one entry of a map.
pub(super) fn ignored(schema: &Schema, path: &Path) -> Option<String> {
    let [Segment::Key(name), rest @ ..] = path.0.as_slice() else { return None };
    let is_map =
        schema.attributes.get(name).is_some_and(|attribute| matches!(attribute.r#type, Type::Map(_)));
    Some(match rest.first() {
        Some(Segment::Key(key)) if is_map => format!("{name}[{}]", Json::from(key.as_str())),
        _ => name.clone(),
    })
}

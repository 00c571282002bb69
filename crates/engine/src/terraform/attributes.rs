//! Attributes as Terraform's state has them, in the form of a kind's.

use std::collections::BTreeSet;

use super::Instance;
use crate::function::Files;
use crate::kind::ResourceKind;
use crate::schema::{Attribute, Schema, Type};
use crate::value::{Map, Value};

/// The directory of Terraform's root module, where the relative paths of its state begin.
pub struct Root<'r> {
    /// Its path from the directory of the environment file, such as `..`; empty if it is the same.
    pub path: &'r str,
    /// Files, by their paths from the directory of the environment file.
    pub files: &'r dyn Files,
}

impl Root<'_> {
    /// A path of Terraform's, from the directory of the environment file.
    fn path(&self, path: &str) -> String {
        let path = path.trim_start_matches("./");
        match (self.path, path.starts_with('/')) {
            ("", _) | (_, true) => path.to_owned(),
            (root, false) => format!("{root}/{path}"),
        }
    }
}

/// What is taken over of an instance.
pub(super) struct TakenOver {
    pub(super) attributes: Value,
    pub(super) files: Map,
    pub(super) content: Map,
    pub(super) derived: BTreeSet<String>,
}

/// The attributes of an instance, with what the files hold that it names. An error if one is not there.
pub(super) fn of_instance(
    kind: &dyn ResourceKind,
    instance: &Instance,
    root: &Root<'_>,
) -> Result<TakenOver, String> {
    let mut attributes = instance.attributes.clone();
    kind.adapt_from_terraform(&mut attributes);
    let Value::Map(mut attributes) = of(kind.schema(), &attributes) else {
        return Ok(TakenOver {
            attributes: Value::Map(Map::new()),
            files: Map::new(),
            content: Map::new(),
            derived: BTreeSet::new(),
        });
    };
    let mut files = Map::new();
    let mut held = Map::new();
    for (name, attribute) in &kind.schema().attributes {
        let Some(value) = attributes.get(name) else { continue };
        if let Some(path) = value.as_str().filter(|_| attribute.path) {
            let here = root.path(path);
            if !root.files.exists(&here) {
                return Err(format!("there is no {path}"));
            }
            files.insert(name.clone(), Value::from(here));
        } else if attribute.open {
            held.insert(name.clone(), value.clone());
        }
    }
    let mut content = Map::new();
    if !files.is_empty() || !held.is_empty() {
        let named = files.iter().chain(&held).map(|(name, value)| (name.clone(), value.clone()));
        let mut configuration = Value::Map(named.collect());
        let problems = kind.read_files(&mut configuration, root.files);
        if let Some(problem) = problems.first() {
            return Err(problem.message.clone());
        }
        content.extend(configuration.as_map().cloned().unwrap_or_default());
    }
    let is_derived = |name: &&String| !files.contains_key(*name) && !held.contains_key(*name);
    let derived = content.keys().filter(is_derived).cloned().collect();
    attributes.extend(content.clone());
    Ok(TakenOver { attributes: Value::Map(attributes), files, content, derived })
}

/// The attributes that a kind knows, in its form. Terraform has a list of one where a block can be there once.
fn of(schema: &Schema, attributes: &Value) -> Value {
    let known = schema
        .attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), of_attribute(attribute, attributes.get(name))));
    let known: Map = known.filter(|(_, value)| !value.is_null()).collect();
    // What has another form here is as AWS says.
    let (checked, problems) = schema.check(&Value::Map(known.clone()));
    let wrong = |name: &String| {
        problems
            .iter()
            .any(|problem| problem.path.to_string().split(['.', '[']).next() == Some(name.as_str()))
    };
    let Value::Map(mut checked) = checked else { return Value::Map(Map::new()) };
    for (name, value) in known {
        let is_read_only = schema.attributes.get(&name).is_some_and(|attribute| attribute.read_only);
        if is_read_only {
            checked.insert(name, value);
        } else if wrong(&name) {
            checked.remove(&name);
        }
    }
    Value::Map(checked)
}

fn of_attribute(attribute: &Attribute, value: &Value) -> Value {
    match (&attribute.r#type, value) {
        (Type::Object(schema), Value::List(items)) => {
            items.first().map_or(Value::Null, |item| of(schema, item))
        }
        (Type::Object(schema), Value::Map(_)) => of(schema, value),
        (Type::List(element) | Type::Set(element), Value::List(items)) => {
            Value::List(items.iter().map(|item| of_attribute(element, item)).collect())
        }
        (Type::Any, value) => of_any(value),
        // An argument that is not set is often an empty text there.
        (_, Value::String(text)) if text.is_empty() && !attribute.required => Value::Null,
        _ => value.clone(),
    }
}

/// A value of any type, which stands beside its type there.
fn of_any(value: &Value) -> Value {
    match value.as_map().map(|map| (map.len(), map.get("value"), map.get("type"))) {
        Some((2, Some(inner), Some(_))) => inner.clone(),
        _ => value.clone(),
    }
}

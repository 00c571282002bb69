//! Configuration written from what exists, so that a plan of it changes nothing.

use crate::address::Address;
use crate::kind::{KindError, ResourceKind};
use crate::schema::{Attribute, Schema, Type};
use crate::value::{Map, Segment, Value};

/// How wide a table may be that stands on one line.
const WIDTH: usize = 100;

/// The attributes of what has that id, if it is there, as far as they can be told from it.
pub async fn existing(
    kind: &dyn ResourceKind,
    region: Option<&str>,
    id: &str,
) -> Result<Option<Value>, KindError> {
    kind.read(region, id, &Value::Map(Map::new())).await
}

/// The arguments with which a plan leaves what has these attributes as it is: neither what AWS says of it, nor what
/// need not be said.
pub fn arguments(kind: &dyn ResourceKind, attributes: &Value) -> Value {
    let mut arguments = of_block(kind.schema(), attributes);
    // What excludes something else was chosen by AWS.
    for _ in 0..kind.schema().attributes.len() {
        let problems = kind.validate(&kind.schema().check(&arguments).0);
        let chosen = problems.iter().find_map(|problem| match problem.path.0.first() {
            Some(Segment::Key(name)) if kind.schema().attributes.get(name)?.computed => Some(name.clone()),
            _ => None,
        });
        let Some((name, Value::Map(map))) = chosen.zip(Some(&mut arguments)) else { break };
        if map.remove(&name).is_none() {
            break;
        }
    }
    arguments
}

/// How values are written.
pub struct Spelling<'s> {
    /// A text, as the language has it.
    pub text: &'s dyn Fn(&str) -> String,
    /// What stands for the secret that an argument is, as the language has it; none: it is left out, with a word.
    pub secret: &'s dyn Fn(&str) -> Option<String>,
}

impl Spelling<'_> {
    /// Texts as they are, and no secrets.
    pub const PLAIN: Self = Self { text: &|text| literal(text), secret: &|_| None };
}

/// The block of a resource with these arguments, as TOML.
pub fn block(
    address: &Address,
    schema: &Schema,
    arguments: &Value,
    region: Option<&str>,
    spelling: &Spelling<'_>,
) -> String {
    let name = address.block_name();
    let header = format!("resource.{}.{}", name.kind, name.name);
    let mut text = Text { lines: vec![format!("[{header}]")], spelling };
    if let Some(region) = region {
        text.lines.push(format!("region = {}", string(region)));
    }
    text.members(schema, arguments, &header);
    text.lines.join("\n") + "\n"
}

/// The `[[import]]` of what has that id, as TOML.
pub fn import(address: &Address, id: &str) -> String {
    format!("[[import]]\nto = {}\nid = {}\n", string(address.as_str()), string(id))
}

fn of_block(schema: &Schema, attributes: &Value) -> Value {
    let said = schema.attributes.iter().filter_map(|(name, attribute)| {
        let value = attributes.get(name);
        let goes_without_saying = value.is_empty()
            || attribute.read_only
            || attribute.write_only
            || attribute.default.as_ref().is_some_and(|default| attribute.same(default, value));
        (attribute.required || !goes_without_saying).then(|| (name.clone(), of_attribute(attribute, value)))
    });
    Value::Map(said.collect())
}

fn of_attribute(attribute: &Attribute, value: &Value) -> Value {
    match (&attribute.r#type, value) {
        (Type::Object(schema), Value::Map(_)) => of_block(schema, value),
        (Type::List(element) | Type::Set(element), Value::List(items)) => {
            Value::List(items.iter().map(|item| of_attribute(element, item)).collect())
        }
        (Type::Map(element), Value::Map(map)) => {
            Value::Map(map.iter().map(|(key, item)| (key.clone(), of_attribute(element, item))).collect())
        }
        _ => value.clone(),
    }
}

struct Text<'t> {
    lines: Vec<String>,
    spelling: &'t Spelling<'t>,
}

impl Text<'_> {
    /// The members of a table: those that stand on one line, and then those that are tables of their own.
    fn members(&mut self, schema: &Schema, arguments: &Value, header: &str) {
        let mut tables = Vec::new();
        for (name, value) in arguments.as_map().into_iter().flatten() {
            let attribute = schema.attributes.get(name);
            let is_secret = attribute.is_some_and(|attribute| attribute.sensitive || attribute.write_only);
            if is_secret || matches!(value, Value::Withheld(_)) {
                self.lines.push(match (self.spelling.secret)(name) {
                    Some(spelled) => format!("{} = {}", key(name), quoted(&spelled)),
                    None => format!("# {name} = …: a secret"),
                });
                continue;
            }
            if let Some(document) = attribute.and_then(|attribute| self.document(attribute, value)) {
                self.lines.push(format!("{} = {document}", key(name)));
                continue;
            }
            let line = format!("{} = {}", key(name), inline(value, self.spelling.text));
            let is_table = match value {
                Value::Map(_) => line.chars().count() > WIDTH,
                Value::List(items) => {
                    items.iter().any(|item| item.as_map().is_some()) && line.chars().count() > WIDTH
                }
                _ => false,
            };
            match is_table {
                true => tables.push((name, attribute, value)),
                false => self.lines.push(self.broken(line, name, value)),
            }
        }
        for (name, attribute, value) in tables {
            let header = format!("{header}.{}", key(name));
            self.table(attribute, value, &header);
        }
    }

    fn table(&mut self, attribute: Option<&Attribute>, value: &Value, header: &str) {
        let any = Schema::default();
        match (attribute.map(|attribute| &attribute.r#type), value) {
            (Some(Type::List(element) | Type::Set(element)), Value::List(items)) => {
                let schema = if let Type::Object(schema) = &element.r#type { schema } else { &any };
                for item in items {
                    self.lines.extend([String::new(), format!("[[{header}]]")]);
                    self.members(schema, item, header);
                }
            }
            (r#type, value) => {
                let schema = if let Some(Type::Object(schema)) = r#type { schema } else { &any };
                self.lines.extend([String::new(), format!("[{header}]")]);
                self.members(schema, value, header);
            }
        }
    }

    /// A list that is too long for one line, on several.
    fn broken(&self, line: String, name: &str, value: &Value) -> String {
        match value {
            Value::List(items) if line.chars().count() > WIDTH => {
                let item = |item| format!("    {},\n", inline(item, self.spelling.text));
                format!("{} = [\n{}]", key(name), items.iter().map(item).collect::<String>())
            }
            _ => line,
        }
    }

    /// A policy or another document, with a line for each of its members.
    fn document(&self, attribute: &Attribute, value: &Value) -> Option<String> {
        if !matches!(attribute.r#type, Type::Document | Type::Policy) {
            return None;
        }
        let parsed = match value.as_str() {
            Some(text) => serde_json::from_str::<serde_json::Value>(text).ok()?,
            None => value.to_json(),
        };
        let text = serde_json::to_string_pretty(&parsed).ok()?;
        (!text.contains("'''")).then(|| format!("'''\n{}\n'''", (self.spelling.text)(&text)))
    }
}

/// A value on one line. `spell`: a text, as the language has it.
pub(crate) fn inline(value: &Value, spell: &dyn Fn(&str) -> String) -> String {
    match value {
        Value::String(text) => quoted(&spell(text)),
        Value::List(items) => {
            format!("[{}]", items.iter().map(|item| inline(item, spell)).collect::<Vec<_>>().join(", "))
        }
        Value::Map(map) if map.is_empty() => "{}".to_owned(),
        Value::Map(map) => {
            let members = map.iter().map(|(name, value)| format!("{} = {}", key(name), inline(value, spell)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Withheld(_) => "\"(a secret)\"".to_owned(),
        other => other.to_json().to_string(),
    }
}

/// A name, in quotes where it needs them.
pub(crate) fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { name.to_owned() } else { toml::Value::String(name.to_owned()).to_string() }
}

/// A text in which nothing is evaluated, in quotes.
pub(crate) fn string(text: &str) -> String {
    quoted(&literal(text))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A text in which nothing is evaluated.
pub(crate) fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests;

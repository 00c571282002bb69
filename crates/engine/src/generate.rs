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
    let mut said = attributes.clone();
    kind.leave_unsaid(&mut said);
    let mut arguments = of_block(kind.schema(), &said);
    if let Value::Map(map) = &mut arguments {
        for (name, attribute) in &kind.schema().attributes {
            // A name that was made up of a prefix is what it is while the prefix stands.
            let is_made_up = || map.contains_key(&format!("{name}_prefix"));
            // What has nothing on AWS is remembered by the state alone.
            if attribute.computed && (!kind.is_remote() || is_made_up()) {
                map.remove(name);
            }
        }
    }
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
    /// A text, as the language has it, and before it the name of the argument that it is in.
    pub text: &'s dyn Fn(&str, &str) -> String,
    /// What stands for the secret that an argument is, as the language has it; none: it is left out, with a word.
    pub secret: &'s dyn Fn(&str) -> Option<String>,
}

impl Spelling<'_> {
    /// Texts as they are, and no secrets.
    pub const PLAIN: Self = Self { text: &|_, text| literal(text), secret: &|_| None };
}

/// What a block says beside its arguments.
#[derive(Debug, Default)]
pub struct MetaArguments<'m> {
    /// The region, if it is not the environment's.
    pub region: Option<&'m str>,
    /// Addresses of what it depends on and does not name.
    pub depends_on: Vec<String>,
    /// Whether its replacement is made before it is deleted.
    pub create_before_destroy: bool,
}

/// The block of a resource with these arguments, as TOML.
pub fn block(
    address: &Address,
    schema: &Schema,
    arguments: &Value,
    meta: &MetaArguments<'_>,
    spelling: &Spelling<'_>,
) -> String {
    let name = address.block_name();
    let header = format!("resource.{}.{}", name.kind, name.name);
    let mut text = Text { lines: vec![format!("[{header}]")], spelling };
    if let Some(region) = meta.region {
        text.lines.push(format!("region = {}", string(region)));
    }
    if !meta.depends_on.is_empty() {
        let addresses = Value::List(meta.depends_on.iter().map(|address| address.as_str().into()).collect());
        let line = format!("depends_on = {}", inline("depends_on", &addresses, &|_, text| literal(text)));
        let line = text.broken(line, "depends_on", &addresses);
        text.lines.push(line);
    }
    if meta.create_before_destroy {
        text.lines.push("lifecycle = { create_before_destroy = true }".to_owned());
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
            // A digest of another argument.
            || !attribute.tells.is_empty()
            || attribute.usual.as_ref() == Some(value)
            || attribute.default.as_ref().is_some_and(|default| attribute.same(default, value));
        if goes_without_saying && !attribute.required {
            return None;
        }
        let said = of_attribute(attribute, value);
        // A block in which nothing is said that AWS would not choose.
        let is_hollow = attribute.computed && said.as_map().is_some_and(Map::is_empty);
        (!is_hollow).then(|| (name.clone(), said))
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
            let attribute = schema.attributes.get(name).map(AsRef::as_ref);
            let is_secret =
                attribute.is_some_and(Attribute::is_secret) || matches!(value, Value::Withheld(_));
            if let Some(spelled) = (self.spelling.secret)(name).filter(|_| is_secret) {
                self.lines.push(format!("{} = {}", key(name), quoted(&spelled)));
                continue;
            }
            if is_secret && !attribute.is_some_and(|attribute| attribute.open) {
                self.lines.push(format!("# {name} = …: a secret"));
                continue;
            }
            if let Some(document) = attribute.and_then(|attribute| self.document(name, attribute, value)) {
                self.lines.push(format!("{} = {document}", key(name)));
                continue;
            }
            let line = format!("{} = {}", key(name), inline(name, value, self.spelling.text));
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
                let start = self.lines.len();
                self.lines.extend([String::new(), format!("[{header}]")]);
                self.members(schema, value, header);
                // A table of nothing but tables is there without being named.
                if self.lines.get(start + 2).is_some_and(String::is_empty) {
                    self.lines.drain(start..start + 2);
                }
            }
        }
    }

    /// A list that is too long for one line, on several.
    fn broken(&self, line: String, name: &str, value: &Value) -> String {
        match value {
            Value::List(items) if line.chars().count() > WIDTH => {
                let item = |item| format!("    {},\n", inline(name, item, self.spelling.text));
                format!("{} = [\n{}]", key(name), items.iter().map(item).collect::<String>())
            }
            _ => line,
        }
    }

    /// A policy or another document, with a line for each of its members.
    fn document(&self, name: &str, attribute: &Attribute, value: &Value) -> Option<String> {
        if !matches!(attribute.r#type, Type::Document | Type::Policy) {
            return None;
        }
        let parsed = match value.as_str() {
            Some(text) => serde_json::from_str::<serde_json::Value>(text).ok()?,
            None => value.to_json(),
        };
        let text = serde_json::to_string_pretty(&parsed).ok()?;
        (!text.contains("'''")).then(|| format!("'''\n{}\n'''", (self.spelling.text)(name, &text)))
    }
}

/// A value of an argument of that name on one line. `spell`: a text, as the language has it.
pub(crate) fn inline(name: &str, value: &Value, spell: &dyn Fn(&str, &str) -> String) -> String {
    match value {
        Value::String(text) => quoted(&spell(name, text)),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(name, item, spell)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(map) if map.is_empty() => "{}".to_owned(),
        Value::Map(map) => {
            let member =
                |(name, value): (&String, &Value)| format!("{} = {}", key(name), inline(name, value, spell));
            format!("{{ {} }}", map.iter().map(member).collect::<Vec<_>>().join(", "))
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

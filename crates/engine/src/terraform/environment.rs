//! The environment file that is written for what is taken over.

use std::collections::BTreeMap;

use super::{Migrated, Migration, TerraformState};
use crate::address::Address;
use crate::generate::{self, Spelling};
use crate::kind::Registry;
use crate::refresh::Found;
use crate::schema::Schema;
use crate::value::{Map, Value};

/// What the file says of its environment.
#[derive(Debug, Clone)]
pub struct Header {
    /// `env.project`
    pub project: String,
    /// `env.name`
    pub name: String,
    /// `env.region`
    pub region: String,
}

/// An environment file, and what is needed to plan it.
#[derive(Debug)]
pub struct Environment {
    /// Its text.
    pub text: String,
    /// The secrets that it has variables for, with the values that Terraform's state has.
    pub secrets: BTreeMap<String, Value>,
    /// The outputs that it does not have: they are secrets.
    pub left_out: Vec<String>,
}

/// Writes the environment of what was found. What depends on something else names it.
pub fn environment(
    header: &Header,
    migration: &Migration,
    found: &BTreeMap<Address, Option<Found>>,
    state: &TerraformState,
    registry: &Registry,
) -> Environment {
    let writer = Writer { registry, found, migration };
    let mut secrets = BTreeMap::new();
    let mut blocks = Vec::new();
    for resource in &migration.resources {
        blocks.extend(writer.block(resource, &mut secrets));
    }
    let mut text = format!(
        "[env]\nname = {}\nproject = {}\nregion = {}\n",
        generate::string(&header.name),
        generate::string(&header.project),
        generate::string(&header.region)
    );
    for name in secrets.keys() {
        text.push_str(&format!("\n[variable.{name}]\ntype = \"string\"\nsensitive = true\n"));
    }
    for block in blocks {
        text.push('\n');
        text.push_str(&block);
    }
    let mut left_out = Vec::new();
    for (name, output) in &state.outputs {
        if output.sensitive {
            left_out.push(name.clone());
            continue;
        }
        let names = writer.names(None);
        let value = generate::inline(&super::attributes::literal(&output.value), &|text| names.spell(text));
        text.push_str(&format!("\n[output.{}]\nvalue = {value}\n", generate::key(name)));
    }
    Environment { text, secrets, left_out }
}

struct Writer<'w> {
    registry: &'w Registry,
    found: &'w BTreeMap<Address, Option<Found>>,
    migration: &'w Migration,
}

impl Writer<'_> {
    fn block(&self, resource: &Migrated, secrets: &mut BTreeMap<String, Value>) -> Option<String> {
        let found = self.found.get(&resource.address)?.as_ref()?;
        let kind = self.registry.kind(resource.address.kind())?;
        let mut arguments = generate::arguments(kind, &found.attributes);
        let mut variables = BTreeMap::new();
        for (name, value) in secret_arguments(kind.schema(), &found.attributes) {
            let variable = format!("{}_{name}", resource.address.block_name().name);
            secrets.insert(variable.clone(), value.clone());
            variables.insert(name.clone(), variable);
            if let Value::Map(map) = &mut arguments {
                map.insert(name, value);
            }
        }
        let names = self.names(Some(resource));
        let spelling = Spelling {
            text: &|text| names.spell(text),
            secret: &|name| variables.get(name).map(|variable| format!("${{var.{variable}}}")),
        };
        let region = found.region.as_deref();
        let comment = format!("# {}\n", resource.terraform_address);
        Some(comment + &generate::block(&resource.address, kind.schema(), &arguments, region, &spelling))
    }

    /// What can be named: by a resource what it depends on, by an output everything.
    fn names(&self, from: Option<&Migrated>) -> Names {
        let mut names = Names::default();
        for resource in &self.migration.resources {
            let block = block_of(&resource.terraform_address);
            let is_named = from.is_none_or(|from| from.dependencies.contains(&block));
            let Some(Some(found)) = self.found.get(&resource.address).filter(|_| is_named) else { continue };
            let Some(kind) = self.registry.kind(resource.address.kind()) else { continue };
            let name = |attribute: &str| format!("${{{}.{attribute}}}", resource.address);
            if let Some(arn) = found.attributes.get("arn").as_str() {
                names.beginnings.push((arn.to_owned(), name("arn")));
            }
            for (attribute, schema) in &kind.schema().attributes {
                if let Some(text) = found.attributes.get(attribute).as_str()
                    && schema.read_only
                    && text.len() >= Names::SHORTEST
                {
                    names.whole.entry(text.to_owned()).or_insert_with(|| name(attribute));
                }
            }
            names.whole.insert(found.id.clone(), name("id"));
        }
        // The longest first: an ARN can be the beginning of another.
        names.beginnings.sort_by_key(|(arn, _)| std::cmp::Reverse(arn.len()));
        names
    }
}

/// Values that have a name.
#[derive(Default)]
struct Names {
    /// Texts that are one.
    whole: BTreeMap<String, String>,
    /// ARNs, which can stand within a text.
    beginnings: Vec<(String, String)>,
}

impl Names {
    /// What is shorter is likely to be the same by accident.
    const SHORTEST: usize = 8;

    /// A text as an expression.
    fn spell(&self, text: &str) -> String {
        if let Some(name) = self.whole.get(text) {
            return name.clone();
        }
        let mut spelled = String::new();
        let mut rest = text;
        'text: while let Some(at) = rest.find("arn:") {
            spelled.push_str(&generate::literal(&rest[..at]));
            rest = &rest[at..];
            for (arn, name) in &self.beginnings {
                let after = rest.strip_prefix(arn.as_str());
                let goes_on = |next: char| next.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&next);
                if let Some(after) = after.filter(|after| !after.starts_with(goes_on)) {
                    spelled.push_str(name);
                    rest = after;
                    continue 'text;
                }
            }
            spelled.push_str("arn:");
            rest = &rest["arn:".len()..];
        }
        spelled + &generate::literal(rest)
    }
}

/// The arguments that are secrets, with their values.
fn secret_arguments(schema: &Schema, attributes: &Value) -> Map {
    let arguments = schema
        .attributes
        .iter()
        .filter(|(_, attribute)| !attribute.read_only && (attribute.write_only || attribute.sensitive));
    let values = arguments.map(|(name, _)| (name.clone(), attributes.get(name).clone()));
    values.filter(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty())).collect()
}

/// An address of Terraform's without the keys of instances.
fn block_of(address: &str) -> String {
    let mut block = String::new();
    let (mut in_key, mut in_quotes) = (false, false);
    for character in address.chars() {
        match character {
            '"' if in_key => in_quotes = !in_quotes,
            ']' if in_key && !in_quotes => in_key = false,
            '[' if !in_key => in_key = true,
            _ if !in_key => block.push(character),
            _ => {}
        }
    }
    block
}

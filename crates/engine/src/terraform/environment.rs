//! The environment file that is written for what is taken over.

use std::collections::BTreeMap;

use super::names::Names;
use super::order::depends_on;
use super::{Migrated, Migration, TerraformState};
use crate::address::Address;
use crate::generate::{self, MetaArguments, Spelling};
use crate::kind::{Registry, ResourceKind};
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
    /// What it does not have, since no block would be of it as it is: its address in Terraform, and why.
    pub unwritable: Vec<(String, String)>,
}

/// Writes the environment of what was found. What depends on something else names it. What cannot be written is taken out
/// of what was found.
pub fn environment(
    header: &Header,
    migration: &Migration,
    found: &mut BTreeMap<Address, Option<Found>>,
    state: &TerraformState,
    registry: &Registry,
) -> Environment {
    let mut unwritable = Vec::new();
    let mut described = Vec::new();
    for resource in &migration.resources {
        let Some(kind) = registry.kind(resource.address.kind()) else { continue };
        let Some(Some(there)) = found.get(&resource.address) else { continue };
        let block = Block::of(resource, kind, there, migration);
        match block.problem() {
            None => described.push(block),
            Some(problem) => {
                unwritable.push((resource.terraform_address.clone(), problem));
                found.remove(&resource.address);
            }
        }
    }
    let mut text = format!(
        "[env]\nname = {}\nproject = {}\nregion = {}\n",
        generate::string(&header.name),
        generate::string(&header.project),
        generate::string(&header.region)
    );
    let mut secrets = BTreeMap::new();
    for block in &mut described {
        for (name, value) in &block.secrets {
            let (resource, mut variable) = (block.resource, block.name_of_variable(name));
            if secrets.contains_key(&variable) {
                variable = format!("{}_{variable}", resource.address.kind());
            }
            let description = format!("`{name}` of {}", resource.terraform_address);
            text.push_str(&format!(
                "\n[variable.{variable}]\ndescription = {}\ntype = \"string\"\nsensitive = true\n",
                generate::string(&description)
            ));
            secrets.insert(variable.clone(), value.clone());
            block.variables.insert(name.clone(), variable);
        }
    }
    for block in &described {
        text.push('\n');
        text.push_str(&block.text(migration, found, registry));
    }
    let mut left_out = Vec::new();
    let names = Names::of(None, migration, found, registry);
    for (name, output) in &state.outputs {
        if output.sensitive {
            left_out.push(name.clone());
        } else if !output.value.is_null() {
            let value = names.inline(name, &Value::from_json(output.value.clone()));
            text.push_str(&format!("\n[output.{}]\nvalue = {value}\n", generate::key(name)));
        }
    }
    Environment { text, secrets, left_out, unwritable }
}

/// A resource as it is to be written.
struct Block<'b> {
    resource: &'b Migrated,
    kind: &'b dyn ResourceKind,
    region: Option<String>,
    arguments: Map,
    /// The arguments that are secrets, with their values.
    secrets: Map,
    /// The variables that give them.
    variables: BTreeMap<String, String>,
}

impl<'b> Block<'b> {
    fn of(resource: &'b Migrated, kind: &'b dyn ResourceKind, found: &Found, migration: &Migration) -> Self {
        let schema = kind.schema();
        let mut arguments = match generate::arguments(kind, &found.attributes) {
            Value::Map(arguments) => arguments,
            _ => Map::new(),
        };
        for (name, attribute) in &schema.attributes {
            let says_it = |other: &Migrated| {
                Some(other.address.kind()) == attribute.apart.as_deref()
                    && (other.depends_on(resource) || resource.depends_on(other))
            };
            if migration.resources.iter().any(says_it) {
                arguments.remove(name);
            }
        }
        arguments.retain(|name, _| !resource.derived.contains(name));
        arguments.extend(resource.files.clone());
        let mut secrets = secret_arguments(schema, &found.attributes);
        secrets.retain(|name, _| !resource.derived.contains(name));
        let is_open = |name: &String| {
            schema.attributes.get(name).is_some_and(|attribute| attribute.open)
                && !resource.sensitive.contains(name)
        };
        let (open, secrets) = secrets.into_iter().partition(|(name, _)| is_open(name));
        arguments.extend::<Map>(open);
        Self { resource, kind, region: found.region.clone(), arguments, secrets, variables: BTreeMap::new() }
    }

    /// The arguments, with the values of those that are secrets.
    fn with_secrets(&self) -> Map {
        let mut arguments = self.arguments.clone();
        arguments.extend(self.secrets.clone());
        arguments
    }

    /// What is wrong with it, if anything is.
    fn problem(&self) -> Option<String> {
        let mut arguments = self.with_secrets();
        // As it will be when the files are read.
        arguments.retain(|name, _| !self.resource.files.contains_key(name));
        arguments.extend(self.resource.content.clone());
        let (checked, problems) = self.kind.schema().check(&Value::Map(arguments));
        let problems = problems.into_iter().chain(self.kind.validate(&checked));
        problems.map(|problem| problem.message).next()
    }

    /// What the variable is called that gives a secret, unless another is.
    fn name_of_variable(&self, argument: &str) -> String {
        format!("{}_{argument}", self.resource.address.block_name().name)
    }

    fn text(
        &self,
        migration: &Migration,
        found: &BTreeMap<Address, Option<Found>>,
        registry: &Registry,
    ) -> String {
        let names = Names::of(Some(self.resource), migration, found, registry);
        let spelling = Spelling {
            text: &|argument, text| names.spell(argument, text),
            secret: &|name| self.variables.get(name).map(|variable| format!("${{var.{variable}}}")),
        };
        let (address, schema) = (&self.resource.address, self.kind.schema());
        let arguments = Value::Map(self.with_secrets());
        let mut meta = MetaArguments {
            region: self.region.as_deref(),
            create_before_destroy: self.resource.create_before_destroy,
            ..MetaArguments::default()
        };
        // What it names shows as it is written.
        generate::block(address, schema, &arguments, &meta, &spelling);
        let named = names.used();
        meta.depends_on = depends_on(self.resource, &named, migration, found);
        let comment = format!("# {}\n", self.resource.terraform_address);
        comment + &generate::block(address, schema, &arguments, &meta, &spelling)
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

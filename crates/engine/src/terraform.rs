//! A state of Terraform's, read: what of it there is a kind for becomes a configuration and a state of ours, and is left
//! as it is on AWS.
//!
//! What a resource is, AWS says. From Terraform's state come its id, what only the state knows of it
//! ([`crate::schema::Attribute::kept`]), and secrets, of which digests are kept.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;

use crate::address::Address;
use crate::kind::{KindError, Registry, ResourceKind};
use crate::refresh::{Found, READS_AT_A_TIME};
use crate::value::{Map, Value};

use regions::Regions;

mod attributes;
mod environment;
mod export;
mod file;
mod names;
mod order;
mod regions;
#[cfg(test)]
mod tests;

pub use attributes::Root;
pub use environment::{Environment, Header, environment};
pub use export::{Export, Exported, Part, export};
pub use file::{Instance, Output, StateError, TerraformState};

/// What becomes of a state of Terraform's.
#[derive(Debug, Default)]
pub struct Migration {
    /// What there is a kind for.
    pub resources: Vec<Migrated>,
    /// What is an argument of another resource here: its address, and the kind of that resource.
    pub parts: Vec<(String, String)>,
    /// What there is no kind for: Terraform keeps it.
    pub unknown: Vec<String>,
    /// What cannot be found again by what Terraform's state says of it.
    pub unidentified: Vec<String>,
    /// What is made of files that are not there, and what is wrong with these.
    pub without_files: Vec<(String, String)>,
}

/// A resource that is taken over.
#[derive(Debug, Clone)]
pub struct Migrated {
    /// What Terraform calls it.
    pub terraform_address: String,
    /// What it is called here. All are in one file, whatever module they come from.
    pub address: Address,
    /// What its kind finds it by.
    pub id: String,
    /// The region that it is in, where its ARN says so.
    pub region: Option<String>,
    /// What Terraform's state says of it, with what the files hold that it names.
    pub attributes: Value,
    /// The arguments that name files, as the environment file has to say them.
    pub files: Map,
    /// What the files hold, and what is known by that, as arguments.
    pub content: Map,
    /// The arguments that follow from what others hold.
    pub derived: BTreeSet<String>,
    /// Names of attributes that Terraform takes for secrets.
    pub sensitive: BTreeSet<String>,
    /// What it depends on, in Terraform's words.
    pub dependencies: BTreeSet<String>,
    /// Whether its replacement is made before it is deleted.
    pub create_before_destroy: bool,
}

impl Migration {
    /// What becomes of a state, as far as can be told without looking.
    pub fn of(state: &TerraformState, registry: &Registry, root: &Root<'_>) -> Self {
        let mut migration = Self::default();
        let parts: BTreeMap<&str, &str> =
            registry.kinds().flat_map(|kind| kind.parts().iter().map(|part| (*part, kind.name()))).collect();
        let regions = Regions::of(state);
        let mut instances: BTreeMap<String, usize> = BTreeMap::new();
        for instance in &state.resources {
            *instances.entry(block_of(&instance.address())).or_default() += 1;
        }
        let mut taken = BTreeSet::new();
        for instance in &state.resources {
            let address = instance.address();
            let Some(kind) = registry.kind(&instance.kind) else {
                match parts.get(instance.kind.as_str()) {
                    Some(whole) => migration.parts.push((address, (*whole).to_owned())),
                    None => migration.unknown.push(address),
                }
                continue;
            };
            let Some(id) = kind.id_in_terraform(&instance.attributes) else {
                migration.unidentified.push(address);
                continue;
            };
            let taken_over = match attributes::of_instance(kind, instance, root) {
                Ok(taken_over) => taken_over,
                Err(message) => {
                    migration.without_files.push((address, message));
                    continue;
                }
            };
            migration.resources.push(Migrated {
                address: name(instance, instances.get(&block_of(&address)) == Some(&1), &mut taken),
                terraform_address: address,
                id,
                region: regions.of_instance(instance).filter(|_| kind.is_remote()),
                attributes: taken_over.attributes,
                files: taken_over.files,
                content: taken_over.content,
                derived: taken_over.derived,
                sensitive: instance.sensitive.clone(),
                dependencies: instance.dependencies.clone(),
                create_before_destroy: instance.create_before_destroy,
            });
        }
        migration.depend_as_parts_do(state, &parts);
        migration
    }

    /// Lets what a part of a resource depends on be what the resource depends on, unless that comes after it: two buckets
    /// can have parts of which each is about the other.
    fn depend_as_parts_do(&mut self, state: &TerraformState, parts: &BTreeMap<&str, &str>) {
        for part in &state.resources {
            let Some(whole) = parts.get(part.kind.as_str()) else { continue };
            let names = |id: &str| {
                part.attributes.as_map().into_iter().flatten().any(|(_, value)| value.as_str() == Some(id))
            };
            let is_whole = |resource: &Migrated| {
                resource.address.kind() == *whole
                    && part.dependencies.contains(&block_of(&resource.terraform_address))
                    && names(&resource.id)
            };
            let Some(position) = self.resources.iter().position(is_whole) else { continue };
            let own = block_of(&self.resources[position].terraform_address);
            let comes_after = |block: &String| {
                *block == own
                    || self.resources.iter().any(|other| {
                        block_of(&other.terraform_address) == *block && other.dependencies.contains(&own)
                    })
            };
            let before: Vec<String> =
                part.dependencies.iter().filter(|block| !comes_after(block)).cloned().collect();
            self.resources[position].dependencies.extend(before);
        }
    }

    /// The region that most of it is in.
    pub fn region(&self) -> Option<&str> {
        regions::most(self.resources.iter().filter_map(|resource| resource.region.as_deref()))
    }

    /// Reads all of it, where most is in that region. What is not there any more is null.
    pub async fn read(
        &self,
        registry: &Registry,
        region: &str,
    ) -> Result<BTreeMap<Address, Option<Found>>, (Address, KindError)> {
        let reads = futures::stream::iter(&self.resources).map(|resource| async move {
            let region = resource.region.as_deref().filter(|own| *own != region);
            let read = match registry.kind(resource.address.kind()) {
                Some(kind) => read(kind, region, resource).await,
                None => Ok(None),
            };
            (resource.address.clone(), read)
        });
        let mut found = BTreeMap::new();
        let mut reads = reads.buffer_unordered(READS_AT_A_TIME);
        while let Some((address, read)) = reads.next().await {
            match read {
                Ok(read) => drop(found.insert(address, read)),
                Err(error) => return Err((address, error)),
            }
        }
        Ok(found)
    }
}

async fn read(
    kind: &dyn ResourceKind,
    region: Option<&str>,
    resource: &Migrated,
) -> Result<Option<Found>, KindError> {
    let attributes = match kind.is_remote() {
        true => kind.read(region, &resource.id, &resource.attributes).await?,
        false => Some(resource.attributes.clone()),
    };
    let found = |attributes| Found { id: resource.id.clone(), region: region.map(str::to_owned), attributes };
    Ok(attributes.map(found))
}

impl Migrated {
    /// Whether Terraform makes it after the other.
    fn depends_on(&self, other: &Self) -> bool {
        self.dependencies.contains(&block_of(&other.terraform_address))
    }
}

/// A name of its own for a resource: that of its block, after those of its modules, and before its key. What tells nothing
/// is left out: the name of the one resource of a module, and the number of the one instance of a block.
fn name(instance: &Instance, is_only: bool, taken: &mut BTreeSet<String>) -> Address {
    let modules = instance.module.split('.').filter(|part| *part != "module" && !part.is_empty());
    let own = Some(instance.name.as_str()).filter(|name| *name != "this" || instance.module.is_empty());
    let key = instance.key.as_deref().filter(|key| *key != "0" || !is_only);
    Address::from(free_name(&instance.kind, modules.chain(own).chain(key), taken))
}

/// A name of these parts, after that of its kind: one that nothing else has.
fn free_name<'p>(kind: &str, parts: impl Iterator<Item = &'p str>, taken: &mut BTreeSet<String>) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    let name: String = parts.collect::<Vec<_>>().join("_").chars().map(plain).collect();
    let name = name.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    let name = if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name };
    let names = (1..).map(|count| match count {
        1 => format!("{kind}.{name}"),
        more => format!("{kind}.{name}_{more}"),
    });
    names.into_iter().find(|name| taken.insert(name.clone())).unwrap_or_default()
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

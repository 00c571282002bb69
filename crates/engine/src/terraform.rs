//! A state of Terraform's, read: what of it there is a kind for becomes a configuration and a state of ours, and is left
//! as it is on AWS.
//!
//! What a resource is, AWS says. From Terraform's state come its id, what only the state knows of it
//! ([`crate::schema::Attribute::kept`]), and secrets, of which digests are kept.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;

use crate::address::Address;
use crate::kind::{KindError, Registry, ResourceKind};
use crate::refresh::Found;
use crate::value::Value;

mod attributes;
mod environment;
mod file;
#[cfg(test)]
mod tests;

pub use environment::{Environment, Header, environment};
pub use file::{Instance, Output, StateError, TerraformState};

/// How many reads run at a time.
const READS_AT_A_TIME: usize = 64;

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
    /// What Terraform's state says of it.
    pub attributes: Value,
    /// What it depends on, in Terraform's words.
    pub dependencies: BTreeSet<String>,
}

impl Migration {
    /// What becomes of a state, as far as can be told without looking.
    pub fn of(state: &TerraformState, registry: &Registry) -> Self {
        let mut migration = Self::default();
        let parts: BTreeMap<&str, &str> =
            registry.kinds().flat_map(|kind| kind.parts().iter().map(|part| (*part, kind.name()))).collect();
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
            migration.resources.push(Migrated {
                address: name(instance, &mut taken),
                terraform_address: address,
                id,
                region: region(&instance.attributes),
                attributes: attributes::of(kind.schema(), &instance.attributes),
                dependencies: instance.dependencies.clone(),
            });
        }
        migration
    }

    /// The region that most of it is in.
    pub fn region(&self) -> Option<&str> {
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for region in self.resources.iter().filter_map(|resource| resource.region.as_deref()) {
            *count.entry(region).or_default() += 1;
        }
        count.into_iter().max_by_key(|(_, count)| *count).map(|(region, _)| region)
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

/// A name of its own for a resource: that of its block, after those of its modules, and before its key.
fn name(instance: &Instance, taken: &mut BTreeSet<String>) -> Address {
    let modules = instance.module.split('.').filter(|part| *part != "module" && !part.is_empty());
    let parts = modules.chain([instance.name.as_str()]).chain(instance.key.as_deref());
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
    let name: String = parts.collect::<Vec<_>>().join("_").chars().map(plain).collect();
    let name = name.split('_').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_");
    let name = if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name };
    let address = (1..).map(|count| match count {
        1 => format!("{}.{name}", instance.kind),
        more => format!("{}.{name}_{more}", instance.kind),
    });
    let free = address.into_iter().find(|address| taken.insert(address.clone()));
    Address::from(free.unwrap_or_default())
}

/// The region that an ARN names.
fn region(attributes: &Value) -> Option<String> {
    let own = attributes.get("region").as_str();
    let of_arn = || {
        let arn = attributes.get("arn").as_str().or(attributes.get("id").as_str())?;
        arn.strip_prefix("arn:")?.split(':').nth(2)
    };
    own.or_else(of_arn).filter(|region| !region.is_empty()).map(str::to_owned)
}

//! Which region a resource of Terraform's is in. Until version 6 of its provider, the state does not say so: ARNs do, and
//! all that one configuration of the provider has made is in one region.

use std::collections::BTreeMap;

use super::{Instance, TerraformState};
use crate::value::Value;

/// The regions that providers make things in.
pub(super) struct Regions<'s>(BTreeMap<&'s str, String>);

impl<'s> Regions<'s> {
    pub(super) fn of(state: &'s TerraformState) -> Self {
        let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for instance in &state.resources {
            named.entry(&instance.provider).or_default().extend(named_region(&instance.attributes).flatten());
        }
        let regions = named.into_iter().filter_map(|(provider, regions)| {
            Some((provider, most(regions.iter().map(String::as_str))?.to_owned()))
        });
        Self(regions.collect())
    }

    /// The region of a resource; none if it is in none, as what is there for all regions, or if nothing tells.
    pub(super) fn of_instance(&self, instance: &Instance) -> Option<String> {
        match named_region(&instance.attributes) {
            Some(region) => region,
            None => self.0.get(instance.provider.as_str()).cloned(),
        }
    }
}

/// The one that is there most often.
pub(super) fn most<'r>(regions: impl Iterator<Item = &'r str>) -> Option<&'r str> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for region in regions {
        *count.entry(region).or_default() += 1;
    }
    count.into_iter().max_by_key(|(_, count)| *count).map(|(region, _)| region)
}

/// What a resource itself says: that it is in a region, or in none; nothing if it does not say.
fn named_region(attributes: &Value) -> Option<Option<String>> {
    let named = |region: &str| (!region.is_empty()).then(|| region.to_owned());
    if let Some(region) = attributes.get("region").as_str().and_then(named) {
        return Some(Some(region));
    }
    let arn = ["arn", "id"].into_iter().find_map(|name| {
        attributes.get(name).as_str().filter(|text| text.starts_with("arn:"))?.split(':').nth(3)
    });
    arn.map(named)
}

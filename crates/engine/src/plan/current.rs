//! What there is when a plan is made: the state, with what was read, and with what came of intents.

use std::collections::BTreeMap;

use super::{Adoption, Inputs};
use crate::address::Address;
use crate::state::Resource;
use crate::value::{Path, Value};

/// What there is: the state, with what was read, and with what came of intents.
pub(crate) fn current(inputs: &Inputs<'_>) -> BTreeMap<Address, Current> {
    let mut current: BTreeMap<Address, Current> = BTreeMap::new();
    for (address, recorded) in &inputs.state.resources {
        let read = inputs.observation.resources.get(address);
        let mut resource = recorded.clone();
        let mut gone = false;
        match read {
            Some(Value::Null) => gone = true,
            Some(attributes) => resource.attributes = attributes.clone(),
            None => {}
        }
        if !gone || !resource.deposed.is_empty() {
            let sensitive = recorded.attributes.withheld_paths();
            current.insert(address.clone(), Current { resource, sensitive, adopted: None, gone });
        }
    }
    for (address, found) in &inputs.observation.intents {
        let (Some(intent), Some(found)) = (inputs.state.intents.get(address), found) else { continue };
        let mut resource = Resource {
            kind: intent.kind.clone(),
            id: found.id.clone(),
            region: intent.region.clone(),
            attributes: found.attributes.clone(),
            dependencies: intent.dependencies.clone(),
            create_before_destroy: intent.create_before_destroy,
            prevent_destroy: intent.prevent_destroy,
            replacement_due: false,
            deposed: Vec::new(),
        };
        // A replacement that was made first: what it replaces is still there.
        if let Some(replaced) = current.remove(address) {
            resource.deposed = replaced.resource.deposed.clone();
            if !replaced.gone {
                resource.deposed.push(replaced.resource.into_deposed());
            }
        }
        let sensitive = intent.attributes.withheld_paths();
        let adopted = Some(Adoption::Interrupted);
        current.insert(address.clone(), Current { resource, sensitive, adopted, gone: false });
    }
    for (address, found) in &inputs.observation.imports {
        let is_known = current.get(address).is_some_and(|current| !current.gone);
        let Some(found) = found.as_ref().filter(|_| !is_known) else { continue };
        let deposed = current.remove(address).map(|gone| gone.resource.deposed).unwrap_or_default();
        let resource = Resource {
            kind: address.kind().to_owned(),
            id: found.id.clone(),
            region: found.region.clone(),
            attributes: found.attributes.clone(),
            dependencies: Vec::new(),
            create_before_destroy: false,
            prevent_destroy: false,
            replacement_due: false,
            deposed,
        };
        let adopted = Some(Adoption::Imported);
        current.insert(address.clone(), Current { resource, sensitive: Vec::new(), adopted, gone: false });
    }
    current
}

/// A resource that there is.
pub(crate) struct Current {
    pub(crate) resource: Resource,
    /// What in the resource is kept as a digest, although reading it gives the value.
    pub(crate) sensitive: Vec<Path>,
    pub(crate) adopted: Option<Adoption>,
    /// Only what it has replaced is left.
    pub(crate) gone: bool,
}

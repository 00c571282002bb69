//! The indexes of a table.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex, GlobalSecondaryIndexDescription, KeyType,
    LocalSecondaryIndex, LocalSecondaryIndexDescription, Projection, ProjectionType,
    UpdateGlobalSecondaryIndexAction,
};
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::settings::OnDemandThroughput;
use super::{key_of, keys, throughput};
use crate::call::malformed;

/// An index with keys of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct GlobalIndex {
    /// Name, unique in the table.
    #[schemars(length(min = 3, max = 255), regex(pattern = r"^[a-zA-Z0-9_.-]+$"))]
    pub(super) name: String,
    /// Attribute by which its items are spread over partitions.
    #[schemars(length(min = 1, max = 255))]
    pub(super) hash_key: String,
    /// Attribute by which the items of one `hash_key` are sorted.
    #[schemars(length(min = 1, max = 255))]
    pub(super) range_key: Option<String>,
    /// Whether the index has all attributes of an item, its keys, or those and some more.
    #[schemars(extend("enum" = ["ALL", "KEYS_ONLY", "INCLUDE"]))]
    pub(super) projection_type: String,
    /// Which more, if it includes some.
    #[schemars(length(max = 100))]
    #[serde(default)]
    pub(super) non_key_attributes: BTreeSet<String>,
    /// Read units a second that are provisioned.
    #[schemars(range(min = 1))]
    pub(super) read_capacity: Option<i64>,
    /// Write units a second that are provisioned.
    #[schemars(range(min = 1))]
    pub(super) write_capacity: Option<i64>,
    /// The most units a second that are paid as they come; absent: no limit.
    pub(super) on_demand_throughput: Option<OnDemandThroughput>,
}

/// An index that sorts the items of one `hash_key` by another attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct LocalIndex {
    /// Name, unique in the table.
    #[schemars(length(min = 3, max = 255), regex(pattern = r"^[a-zA-Z0-9_.-]+$"))]
    pub(super) name: String,
    /// Attribute by which it sorts.
    #[schemars(length(min = 1, max = 255))]
    pub(super) range_key: String,
    /// Whether the index has all attributes of an item, its keys, or those and some more.
    #[schemars(extend("enum" = ["ALL", "KEYS_ONLY", "INCLUDE"]))]
    pub(super) projection_type: String,
    /// Which more, if it includes some.
    #[schemars(length(max = 100))]
    #[serde(default)]
    pub(super) non_key_attributes: BTreeSet<String>,
}

impl GlobalIndex {
    pub(super) fn sdk(&self) -> Result<GlobalSecondaryIndex, KindError> {
        GlobalSecondaryIndex::builder()
            .index_name(&self.name)
            .set_key_schema(Some(keys(&self.hash_key, self.range_key.as_deref())?))
            .projection(projection(&self.projection_type, &self.non_key_attributes))
            .set_provisioned_throughput(throughput(self.read_capacity, self.write_capacity)?)
            .set_on_demand_throughput(self.on_demand_throughput.as_ref().map(OnDemandThroughput::sdk))
            .build()
            .map_err(malformed)
    }

    /// What adds it to a table that is there.
    pub(super) fn creation(&self) -> Result<CreateGlobalSecondaryIndexAction, KindError> {
        CreateGlobalSecondaryIndexAction::builder()
            .index_name(&self.name)
            .set_key_schema(Some(keys(&self.hash_key, self.range_key.as_deref())?))
            .projection(projection(&self.projection_type, &self.non_key_attributes))
            .set_provisioned_throughput(throughput(self.read_capacity, self.write_capacity)?)
            .set_on_demand_throughput(self.on_demand_throughput.as_ref().map(OnDemandThroughput::sdk))
            .build()
            .map_err(malformed)
    }

    /// What gives the index that is there, as `current`, the throughput of this one; none if it has it.
    pub(super) fn change(
        &self,
        current: &Self,
    ) -> Result<Option<UpdateGlobalSecondaryIndexAction>, KindError> {
        let is_sized_anew =
            (self.read_capacity, self.write_capacity) != (current.read_capacity, current.write_capacity);
        let capacity = throughput(self.read_capacity, self.write_capacity)?.filter(|_| is_sized_anew);
        let limit = (self.read_capacity.is_none()
            && self.on_demand_throughput != current.on_demand_throughput)
            .then(|| self.on_demand_throughput.clone().unwrap_or_default().sdk());
        if capacity.is_none() && limit.is_none() {
            return Ok(None);
        }
        let change = UpdateGlobalSecondaryIndexAction::builder().index_name(&self.name);
        let change = change.set_provisioned_throughput(capacity).set_on_demand_throughput(limit);
        change.build().map(Some).map_err(malformed)
    }

    pub(super) fn read(index: &GlobalSecondaryIndexDescription, is_provisioned: bool) -> Self {
        let capacity = index.provisioned_throughput().filter(|_| is_provisioned);
        Self {
            name: index.index_name.clone().unwrap_or_default(),
            hash_key: key_of(index.key_schema(), &KeyType::Hash).unwrap_or_default(),
            range_key: key_of(index.key_schema(), &KeyType::Range),
            projection_type: projection_type(index.projection()),
            non_key_attributes: non_key_attributes(index.projection()),
            read_capacity: capacity.and_then(|capacity| capacity.read_capacity_units),
            write_capacity: capacity.and_then(|capacity| capacity.write_capacity_units),
            on_demand_throughput: OnDemandThroughput::read(index.on_demand_throughput()),
        }
    }

    /// Whether it has the same keys and attributes, which cannot be changed.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        let shape = |index: &Self| {
            let Self { hash_key, range_key, projection_type, non_key_attributes, .. } = index.clone();
            (hash_key, range_key, projection_type, non_key_attributes)
        };
        shape(self) == shape(other)
    }
}

impl LocalIndex {
    pub(super) fn sdk(&self, hash_key: &str) -> Result<LocalSecondaryIndex, KindError> {
        LocalSecondaryIndex::builder()
            .index_name(&self.name)
            .set_key_schema(Some(keys(hash_key, Some(&self.range_key))?))
            .projection(projection(&self.projection_type, &self.non_key_attributes))
            .build()
            .map_err(malformed)
    }

    pub(super) fn read(index: &LocalSecondaryIndexDescription) -> Self {
        Self {
            name: index.index_name.clone().unwrap_or_default(),
            range_key: key_of(index.key_schema(), &KeyType::Range).unwrap_or_default(),
            projection_type: projection_type(index.projection()),
            non_key_attributes: non_key_attributes(index.projection()),
        }
    }
}

fn projection(kind: &str, attributes: &BTreeSet<String>) -> Projection {
    Projection::builder()
        .projection_type(ProjectionType::from(kind))
        .set_non_key_attributes((!attributes.is_empty()).then(|| attributes.iter().cloned().collect()))
        .build()
}

fn projection_type(projection: Option<&Projection>) -> String {
    let kind = projection.and_then(Projection::projection_type).unwrap_or(&ProjectionType::All);
    kind.as_str().to_owned()
}

fn non_key_attributes(projection: Option<&Projection>) -> BTreeSet<String> {
    projection.map(Projection::non_key_attributes).unwrap_or_default().iter().cloned().collect()
}

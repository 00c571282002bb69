//! A table as `AWS::DynamoDB::Table`.

use provision_engine::cloudformation::{Block, Counterpart, Returned, table};
use provision_engine::value::Value;

pub(super) const COUNTERPART: Counterpart =
    Counterpart::resource("AWS::DynamoDB::Table", properties).with(&[
        ("id", Returned::Ref),
        ("name", Returned::Ref),
        ("arn", Returned::GetAtt("Arn")),
        ("stream_arn", Returned::GetAtt("StreamArn")),
    ]);

fn properties(table: &mut Block<'_>) {
    table.rename("name", "TableName");
    table.blocks("attribute", "AttributeDefinitions", |attribute| {
        attribute.rename("name", "AttributeName");
        attribute.rename("type", "AttributeType");
    });
    local_indexes(table);
    keys(table);
    table.blocks("global_secondary_index", "GlobalSecondaryIndexes", |index| {
        index.rename("name", "IndexName");
        keys(index);
        projection(index);
        throughput(index);
    });
    table.unless("billing_mode", "BillingMode", "PROVISIONED");
    throughput(table);
    if is_enabled(table, "ttl") {
        table.block("ttl", "TimeToLiveSpecification", |ttl| ttl.same(&["attribute_name", "enabled"]));
    }
    if is_enabled(table, "point_in_time_recovery") {
        table.block("point_in_time_recovery", "PointInTimeRecoverySpecification", |recovery| {
            recovery.rename("enabled", "PointInTimeRecoveryEnabled");
            recovery.same(&["recovery_period_in_days"]);
        });
    }
    if is_enabled(table, "server_side_encryption") {
        table.block("server_side_encryption", "SSESpecification", |encryption| {
            encryption.rename("enabled", "SSEEnabled");
            encryption.put("SSEType", "KMS");
            encryption.rename("kms_key_arn", "KMSMasterKeyId");
        });
    }
    let view = table.take("stream_view_type");
    if table.take("stream_enabled").as_bool() == Some(true) {
        table.put("StreamSpecification.StreamViewType", view);
    }
    table.unless("table_class", "TableClass", "STANDARD");
    table.unless("deletion_protection_enabled", "DeletionProtectionEnabled", false);
    table.tags();
}

/// Whether a block turns something on. One that does not goes: a new table has nothing of it.
fn is_enabled(table: &mut Block<'_>, name: &str) -> bool {
    let is_enabled = table.get(name).get("enabled").as_bool() == Some(true);
    if !is_enabled {
        table.take(name);
    }
    is_enabled
}

/// Indexes that have the table's `hash_key`, which has to be there still.
fn local_indexes(table: &mut Block<'_>) {
    let hash_key = table.get("hash_key").clone();
    let indexes = table.take_blocks("local_secondary_index", |index| {
        index.rename("name", "IndexName");
        projection(index);
        let range = index.take("range_key");
        index.put("KeySchema", Value::List(vec![key(range, "RANGE")]));
    });
    let indexes = indexes.into_iter().map(|mut index| {
        if let Value::Map(properties) = &mut index
            && let Some(Value::List(keys)) = properties.get_mut("KeySchema")
        {
            keys.insert(0, key(hash_key.clone(), "HASH"));
        }
        index
    });
    let indexes = indexes.collect();
    table.put("LocalSecondaryIndexes", Value::List(indexes));
}

fn keys(block: &mut Block<'_>) {
    let (hash, range) = (block.take("hash_key"), block.take("range_key"));
    let keys = [(hash, "HASH"), (range, "RANGE")].into_iter().filter(|(name, _)| !name.is_null());
    let keys = keys.map(|(name, kind)| key(name, kind)).collect();
    block.put("KeySchema", Value::List(keys));
}

fn key(name: Value, kind: &str) -> Value {
    table([("AttributeName", name), ("KeyType", kind.into())])
}

fn projection(index: &mut Block<'_>) {
    index.rename("projection_type", "Projection.ProjectionType");
    index.rename("non_key_attributes", "Projection.NonKeyAttributes");
}

fn throughput(block: &mut Block<'_>) {
    block.rename("read_capacity", "ProvisionedThroughput.ReadCapacityUnits");
    block.rename("write_capacity", "ProvisionedThroughput.WriteCapacityUnits");
    block.block("on_demand_throughput", "OnDemandThroughput", |throughput| {
        throughput.same(&["max_read_request_units", "max_write_request_units"]);
    });
}

//! `aws_dynamodb_table`.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types as sdk;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::Lab;

const KIND: &str = "aws_dynamodb_table";

fn attribute(name: &str) -> Json {
    json!({ "name": name, "type": "S" })
}

/// A table that is paid for as it is used.
fn files(more: Json) -> Json {
    let mut table = json!({
        "name": "files",
        "hash_key": "id",
        "attribute": [attribute("id")],
        "billing_mode": "PAY_PER_REQUEST",
    });
    table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    table
}

fn index(name: &str, hash_key: &str) -> Json {
    json!({ "name": name, "hash_key": hash_key, "projection_type": "ALL" })
}

async fn described(lab: &Lab) -> sdk::TableDescription {
    Client::new(&lab.sdk).describe_table().table_name("files").send().await.unwrap().table.unwrap()
}

/// How often this account has changed a table, each time of which DynamoDB takes one thing.
async fn changes(lab: &Lab) -> usize {
    let calls = lab.control().calls().await.unwrap();
    calls.iter().filter(|call| call.operation == "UpdateTable" && call.status == Some(200)).count()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = Client::new(&lab.sdk);
    let mut table = lab.resource(KIND);
    let created = table
        .create(files(json!({
            "ttl": { "enabled": true, "attribute_name": "expires" },
            "point_in_time_recovery": { "enabled": true, "recovery_period_in_days": 7 },
            "server_side_encryption": { "enabled": true },
            "stream_enabled": true,
            "stream_view_type": "NEW_IMAGE",
            "table_class": "STANDARD_INFREQUENT_ACCESS",
            "on_demand_throughput": { "max_read_request_units": 100 },
            "tags": { "team": "video" },
        })))
        .await;
    let arn = created.get("arn").as_str().unwrap().to_owned();
    assert!(arn.ends_with(":table/files"), "{arn}");
    let stream = created.get("stream_arn").as_str().unwrap().to_owned();
    assert!(stream.starts_with(&format!("{arn}/stream/")), "{stream}");
    assert!(stream.ends_with(created.get("stream_label").as_str().unwrap()));
    let read = described(&lab).await;
    assert_eq!(read.table_status(), Some(&sdk::TableStatus::Active), "it is waited for");
    assert_eq!(read.key_schema()[0].attribute_name(), "id");
    assert_eq!(read.stream_specification().unwrap().stream_view_type(), Some(&sdk::StreamViewType::NewImage));
    assert_eq!(read.sse_description().unwrap().status(), Some(&sdk::SseStatus::Enabled));
    let class = read.table_class_summary().unwrap();
    assert_eq!(class.table_class(), Some(&sdk::TableClass::StandardInfrequentAccess));
    assert_eq!(read.on_demand_throughput().unwrap().max_read_request_units(), Some(100));
    let expiry = client.describe_time_to_live().table_name("files").send().await.unwrap();
    assert_eq!(expiry.time_to_live_description().unwrap().attribute_name(), Some("expires"));
    let backups = client.describe_continuous_backups().table_name("files").send().await.unwrap();
    let backups = backups.continuous_backups_description.unwrap();
    assert_eq!(backups.point_in_time_recovery_description().unwrap().recovery_period_in_days(), Some(7));

    table
        .update(files(json!({
            "ttl": { "enabled": true, "attribute_name": "gone" },
            "point_in_time_recovery": { "enabled": true, "recovery_period_in_days": 14 },
            "stream_enabled": true,
            "stream_view_type": "KEYS_ONLY",
            "deletion_protection_enabled": true,
            "on_demand_throughput": { "max_write_request_units": 50 },
            "tags": { "team": "audio", "cost": "1" },
        })))
        .await;
    assert_ne!(table.attributes.get("stream_arn").as_str(), Some(stream.as_str()), "it is another stream");
    let read = described(&lab).await;
    assert_eq!((read.deletion_protection_enabled(), read.sse_description().is_some()), (Some(true), false));
    let limit = read.on_demand_throughput().unwrap();
    assert_eq!((limit.max_read_request_units(), limit.max_write_request_units()), (Some(-1), Some(50)));
    let refused = table.delete_fails().await;
    assert!(refused.starts_with("ValidationException: "), "{refused}");
    table
        .update(files(json!({
            "ttl": { "enabled": false, "attribute_name": "gone" },
            "point_in_time_recovery": { "enabled": false },
            "server_side_encryption": { "enabled": false },
        })))
        .await;
    assert!(table.attributes.get("stream_arn").is_null());
    let current = files(json!({}));
    table.update(current.clone()).await;
    assert_eq!(described(&lab).await.table_arn(), Some(arn.as_str()), "it is the same table");

    table.replaces(files(json!({ "name": "others" })), &["name"]);
    table.replaces(files(json!({ "hash_key": "key", "attribute": [attribute("key")] })), &["hash_key"]);
    let sorted = json!({ "range_key": "at", "attribute": [attribute("id"), attribute("at")] });
    table.replaces(files(sorted), &["range_key"]);

    client.update_table().table_name("files").deletion_protection_enabled(true).send().await.unwrap();
    let expiry =
        sdk::TimeToLiveSpecification::builder().enabled(true).attribute_name("gone").build().unwrap();
    client.update_time_to_live().table_name("files").time_to_live_specification(expiry).send().await.unwrap();
    let tag = sdk::Tag::builder().key("owner").value("me").build().unwrap();
    client.tag_resource().resource_arn(&arn).tags(tag).send().await.unwrap();
    table.repair_drift(current, &["deletion_protection_enabled", "tags", "ttl"]).await;
    table.delete().await;
    assert!(lab.control().resources().await.unwrap().is_empty());
}

#[tokio::test]
async fn has_indexes_that_come_and_go_one_by_one() {
    let lab = Lab::new().await;
    let mut table = lab.resource(KIND);
    let local = json!({
        "name": "by-size", "range_key": "size", "projection_type": "INCLUDE", "non_key_attributes": ["kind"],
    });
    let with = |attributes: &[&str], indexes: Json| {
        let all =
            ["id", "at", "size"].iter().chain(attributes).map(|name| attribute(name)).collect::<Vec<_>>();
        files(json!({
            "attribute": all,
            "range_key": "at",
            "local_secondary_index": [local],
            "global_secondary_index": indexes,
        }))
    };
    let ranged = json!({
        "name": "by-owner", "hash_key": "owner", "range_key": "at", "projection_type": "KEYS_ONLY",
        "on_demand_throughput": { "max_read_request_units": 7 },
    });
    table.create(with(&["owner"], json!([ranged]))).await;
    let read = described(&lab).await;
    assert_eq!(read.local_secondary_indexes()[0].projection().unwrap().non_key_attributes(), ["kind"]);
    assert_eq!(read.global_secondary_indexes()[0].key_schema().len(), 2);
    // Their order means nothing.
    let mut turned = with(&["owner"], json!([ranged]));
    turned["attribute"].as_array_mut().unwrap().reverse();
    table.unchanged(turned);

    // One goes, one is made anew with other keys, two are new.
    let indexes = json!([index("by-owner", "kind"), index("by-kind", "kind"), index("by-state", "state")]);
    let before = changes(&lab).await;
    table.update(with(&["kind", "state"], indexes.clone())).await;
    assert_eq!(changes(&lab).await - before, 4, "one deleted, three made");
    let read = described(&lab).await;
    let mut names: Vec<_> =
        read.global_secondary_indexes().iter().filter_map(|index| index.index_name()).collect();
    names.sort_unstable();
    assert_eq!(names, ["by-kind", "by-owner", "by-state"]);
    assert!(
        read.global_secondary_indexes()
            .iter()
            .all(|index| index.index_status() == Some(&sdk::IndexStatus::Active))
    );

    let mut limited = indexes.clone();
    limited[1]["on_demand_throughput"] = json!({ "max_write_request_units": 3 });
    let before = changes(&lab).await;
    table.update(with(&["kind", "state"], limited)).await;
    assert_eq!(changes(&lab).await - before, 1, "a limit can be changed in place");
    let current = with(&["kind"], json!([index("by-kind", "kind")]));
    table.update(current.clone()).await;
    let mut other = current.clone();
    other["local_secondary_index"][0]["projection_type"] = json!("ALL");
    other["local_secondary_index"][0]["non_key_attributes"] = json!([]);
    table.replaces(other, &["local_secondary_index"]);

    let delete = sdk::DeleteGlobalSecondaryIndexAction::builder().index_name("by-kind").build().unwrap();
    let delete = sdk::GlobalSecondaryIndexUpdate::builder().delete(delete).build();
    let client = Client::new(&lab.sdk);
    client.update_table().table_name("files").global_secondary_index_updates(delete).send().await.unwrap();
    table.repair_drift(current, &["attribute", "global_secondary_index"]).await;
    table.delete().await;
}

#[tokio::test]
async fn is_paid_for_by_the_hour_or_by_the_request() {
    let lab = Lab::new().await;
    let mut table = lab.resource(KIND);
    let sized = |units: u32, indexes: Json| {
        files(json!({
            "attribute": [attribute("id"), attribute("owner")],
            "billing_mode": "PROVISIONED",
            "read_capacity": units,
            "write_capacity": units,
            "global_secondary_index": indexes,
        }))
    };
    let sized_index = |units: u32| {
        let mut index = index("by-owner", "owner");
        index["read_capacity"] = json!(units);
        index["write_capacity"] = json!(units);
        json!([index])
    };
    table.create(sized(1, sized_index(2))).await;
    table.update(sized(3, sized_index(2))).await;
    table.update(sized(3, sized_index(4))).await;
    let read = described(&lab).await;
    assert_eq!(read.provisioned_throughput().unwrap().read_capacity_units(), Some(3));
    let of_index = read.global_secondary_indexes()[0].provisioned_throughput().unwrap();
    assert_eq!(of_index.write_capacity_units(), Some(4));
    table
        .update(files(json!({
            "attribute": [attribute("id"), attribute("owner")],
            "global_secondary_index": [index("by-owner", "owner")],
        })))
        .await;
    let mode = described(&lab).await.billing_mode_summary.unwrap().billing_mode;
    assert_eq!(mode, Some(sdk::BillingMode::PayPerRequest));
    table.update(sized(5, sized_index(6))).await;
    table.delete().await;
}

#[tokio::test]
async fn is_encrypted_with_a_key_of_the_account() {
    let lab = Lab::new().await;
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    let mut table = lab.resource(KIND);
    table.create(files(json!({}))).await;
    let encrypted =
        |key: &str| files(json!({ "server_side_encryption": { "enabled": true, "kms_key_arn": key } }));
    table.update(encrypted(&key)).await;
    assert_eq!(described(&lab).await.sse_description.unwrap().kms_master_key_arn, Some(key));
    let other = kms.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    table.update(encrypted(&other)).await;
    table.update(files(json!({}))).await;
    assert!(described(&lab).await.sse_description.is_none());
}

#[tokio::test]
async fn waits_for_one_that_is_on_its_way_out() {
    let lab = Lab::new().await;
    let mut table = lab.resource(KIND);
    table.create(files(json!({}))).await;
    let client = Client::new(&lab.sdk);
    client.delete_table().table_name("files").send().await.unwrap();
    assert!(table.reread().await.unwrap().is_none(), "what is on its way out is gone");
    let mut again = lab.resource(KIND);
    again.create(files(json!({}))).await;

    // Nor does a delete hurry one that is being changed.
    client.update_table().table_name("files").deletion_protection_enabled(false).send().await.unwrap();
    again.delete().await;
    let taken = lab.resource(KIND);
    let of_others = files(json!({}));
    lab.resource(KIND).create(of_others.clone()).await;
    let refused = taken.create_fails(of_others).await;
    assert!(refused.contains("has one of this name already: files"), "{refused}");
}

#[tokio::test]
async fn says_what_keeps_it_from_being_changed() {
    let lab = Lab::new().await;
    let mut table = lab.resource(KIND);
    table.create(files(json!({ "ttl": { "enabled": true, "attribute_name": "a" } }))).await;
    lab.inject(Fault {
        operation: Some("UpdateTimeToLive".to_owned()),
        skip: 1,
        times: Some(1),
        ..Fault::new(Effect::Error {
            status: 400,
            code: "ValidationException".to_owned(),
            message: "Time to live has been modified multiple times within a fixed interval".to_owned(),
        })
    });
    let other = files(json!({ "ttl": { "enabled": true, "attribute_name": "b" } }));
    let refused = table.update_fails(other.clone()).await;
    assert!(refused.hint.unwrap().contains("in an hour"));
    // An hour later.
    table.update(other).await;

    let numbered = files(json!({ "attribute": [{ "name": "id", "type": "N" }] }));
    let refused = table.update_fails(numbered).await;
    assert!(
        refused.message.contains("the attribute id is of the type S") && refused.is_refusal(),
        "{refused:?}"
    );

    // Somebody else is changing it.
    lab.inject(Fault {
        operation: Some("UpdateTable".to_owned()),
        times: Some(2),
        ..Fault::new(Effect::Error {
            status: 400,
            code: "LimitExceededException".to_owned(),
            message: "Subscriber limit exceeded".to_owned(),
        })
    });
    let begun = std::time::Instant::now();
    table.update(files(json!({ "table_class": "STANDARD_INFREQUENT_ACCESS" }))).await;
    assert!(begun.elapsed() > Duration::from_millis(200), "it was waited for twice");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let provisioned = |more: Json| {
        let mut table =
            files(json!({ "billing_mode": "PROVISIONED", "read_capacity": 1, "write_capacity": 1 }));
        table.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        table
    };
    let mut sized = index("by-id", "id");
    sized["read_capacity"] = json!(1);
    let mut included = index("by-id", "id");
    included["projection_type"] = json!("INCLUDE");
    let mut excluded = index("by-id", "id");
    excluded["non_key_attributes"] = json!(["a"]);
    let mut same_name = index("by-id", "id");
    same_name["projection_type"] = json!("KEYS_ONLY");
    let local = json!({ "name": "by-at", "range_key": "at", "projection_type": "ALL" });
    for (table, paths) in [
        (files(json!({ "name": "a b" })), vec!["name"]),
        (provisioned(json!({ "read_capacity": null })), vec!["read_capacity"]),
        (
            provisioned(json!({ "on_demand_throughput": { "max_read_request_units": 1 } })),
            vec!["on_demand_throughput"],
        ),
        (
            provisioned(json!({ "global_secondary_index": [sized] })),
            vec!["global_secondary_index[0].write_capacity"],
        ),
        (files(json!({ "write_capacity": 1 })), vec!["write_capacity"]),
        (
            files(json!({ "global_secondary_index": [sized] })),
            vec!["global_secondary_index[0].read_capacity"],
        ),
        (
            files(json!({ "global_secondary_index": [included] })),
            vec!["global_secondary_index[0].non_key_attributes"],
        ),
        (
            files(json!({ "global_secondary_index": [excluded] })),
            vec!["global_secondary_index[0].non_key_attributes"],
        ),
        (
            files(json!({ "global_secondary_index": [index("by-id", "id"), same_name] })),
            vec!["global_secondary_index[1].name"],
        ),
        (files(json!({ "attribute": [attribute("id"), attribute("size")] })), vec!["attribute[1].name"]),
        (
            files(json!({ "attribute": [attribute("id"), { "name": "id", "type": "N" }] })),
            vec!["attribute[1].name"],
        ),
        (files(json!({ "range_key": "at" })), vec!["range_key"]),
        (
            files(json!({ "global_secondary_index": [index("by-at", "at")] })),
            vec!["global_secondary_index[0].hash_key"],
        ),
        (
            files(
                json!({ "attribute": [attribute("id"), attribute("at")], "local_secondary_index": [local] }),
            ),
            vec!["local_secondary_index"],
        ),
        (files(json!({ "stream_enabled": true })), vec!["stream_view_type"]),
        (files(json!({ "ttl": { "enabled": true } })), vec!["ttl.attribute_name"]),
        (
            files(json!({ "server_side_encryption": {
                "enabled": false, "kms_key_arn": "arn:aws:kms:us-east-1:123456789012:key/a",
            } })),
            vec!["server_side_encryption.enabled"],
        ),
        (
            files(json!({ "point_in_time_recovery": { "enabled": true, "recovery_period_in_days": 36 } })),
            vec!["point_in_time_recovery.recovery_period_in_days"],
        ),
    ] {
        let problems = lab.problems(KIND, table.clone());
        let found: Vec<&str> = problems.iter().filter_map(|problem| problem.split(": ").next()).collect();
        assert_eq!(found, paths, "{table}: {problems:#?}");
    }
}

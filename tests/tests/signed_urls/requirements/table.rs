//! Modules, lines 82 to 90, and epic, story 5: the table.

use aws_sdk_dynamodb::types::{BillingMode, KeyType, ScalarAttributeType, TableStatus};
use serde_json::json;

use crate::cloud::{Cloud, Outputs};

pub(crate) async fn assert_met(cloud: &Cloud, name: &str, primary_key: &str, outputs: &Outputs) {
    let tables = cloud.dynamodb.list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), [name], "modules, line 86: the table's name");
    let table = cloud.dynamodb.describe_table().table_name(name).send().await.unwrap().table.unwrap();
    assert_eq!(outputs["dynamo_db_table_name"], json!(name), "modules, line 89, and epic, line 14");
    assert_eq!(
        outputs["dynamo_db_table_arn"],
        json!(table.table_arn()),
        "modules, line 90, and epic, line 14"
    );
    assert_eq!(table.table_status(), Some(&TableStatus::Active), "the apply has waited");
    let [key] = table.key_schema() else { panic!("modules, line 87: one key") };
    let cited = "modules, line 87, and epic, line 14: the primary key";
    assert_eq!((key.attribute_name(), key.key_type()), (primary_key, &KeyType::Hash), "{cited}");
    let attribute = &table.attribute_definitions()[0];
    assert_eq!(attribute.attribute_type(), &ScalarAttributeType::S);
    let mode = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    assert_eq!(mode, Some(&BillingMode::PayPerRequest), "modules, line 8: no capacity to plan");
}

pub(crate) async fn assert_absent(cloud: &Cloud, outputs: &Outputs) {
    let tables = cloud.dynamodb.list_tables().send().await.unwrap();
    assert_eq!(tables.table_names().len(), 0, "epic, line 14: it can be excluded");
    assert!(outputs["dynamo_db_table_name"].is_null() && outputs["dynamo_db_table_arn"].is_null());
}

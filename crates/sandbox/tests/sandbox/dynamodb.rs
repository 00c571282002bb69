//! DynamoDB's tables, as long as it takes to make, change and delete them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::aws::{Answer, Aws};

async fn call(aws: &Aws, operation: &str, body: Value) -> Answer {
    aws.json("dynamodb", &format!("DynamoDB_20120810.{operation}"), &body).await
}

async fn table(aws: &Aws) -> Value {
    call(aws, "DescribeTable", json!({ "TableName": "files" })).await.done().value()["Table"].clone()
}

async fn settled(aws: &Aws) {
    for _ in 0..100 {
        let table = table(aws).await;
        let indexes = table["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
        if table["TableStatus"] == "ACTIVE" && indexes.iter().all(|index| index["IndexStatus"] == "ACTIVE") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the table is never active");
}

fn files() -> Value {
    json!({
        "TableName": "files",
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "BillingMode": "PAY_PER_REQUEST",
    })
}

fn create_index(name: &str) -> Value {
    json!({ "Create": {
        "IndexName": name,
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "ALL" },
        "OnDemandThroughput": { "MaxReadRequestUnits": 5 },
    } })
}

#[tokio::test]
async fn a_table_can_be_used_after_a_while_and_is_gone_after_another() {
    let aws = Aws::new();
    let created = call(&aws, "CreateTable", files()).await.done().value();
    assert_eq!(created["TableDescription"]["TableStatus"], "CREATING");
    let of_table = json!({ "TableName": "files" });
    let item = json!({ "TableName": "files", "Item": { "id": { "S": "a" } } });
    call(&aws, "PutItem", item.clone()).await.refused(400, "ResourceNotFoundException");
    call(&aws, "DeleteTable", of_table.clone()).await.refused(400, "ResourceInUseException");
    let backups = json!({
        "TableName": "files",
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 7 },
    });
    let unavailable = "ContinuousBackupsUnavailableException";
    call(&aws, "UpdateContinuousBackups", backups.clone()).await.refused(400, unavailable);
    settled(&aws).await;
    call(&aws, "PutItem", item).await.done();
    call(&aws, "UpdateContinuousBackups", backups).await.done();
    let described = call(&aws, "DescribeContinuousBackups", of_table.clone()).await.done().value();
    let recovery = &described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
    assert_eq!(recovery["RecoveryPeriodInDays"], 7);

    call(&aws, "DeleteTable", of_table.clone()).await.done();
    assert_eq!(table(&aws).await["TableStatus"], "DELETING");
    call(&aws, "CreateTable", files()).await.refused(400, "ResourceInUseException");
    assert_eq!(aws.existing().await, [""; 0], "what is on its way out does not count");
    while call(&aws, "DescribeTable", of_table.clone()).await.status == 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    call(&aws, "CreateTable", files()).await.done();
}

#[tokio::test]
async fn a_table_is_changed_one_thing_at_a_time() {
    let aws = Aws::new();
    call(&aws, "CreateTable", files()).await.done();
    settled(&aws).await;
    let update = async |change: Value| {
        let mut body = json!({
            "TableName": "files",
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        call(&aws, "UpdateTable", body).await
    };
    let indexes = |updates: &[Value]| json!({ "GlobalSecondaryIndexUpdates": updates });
    update(indexes(&[create_index("one"), create_index("two")])).await.refused(400, "LimitExceededException");
    update(indexes(&[create_index("one")])).await.done();
    let making = table(&aws).await;
    assert_eq!(
        (&making["TableStatus"], &making["GlobalSecondaryIndexes"][0]["IndexStatus"]),
        (&json!("UPDATING"), &json!("CREATING"))
    );
    update(indexes(&[create_index("two")])).await.refused(400, "LimitExceededException");
    settled(&aws).await;
    let limits = &table(&aws).await["GlobalSecondaryIndexes"][0]["OnDemandThroughput"];
    assert_eq!(*limits, json!({ "MaxReadRequestUnits": 5, "MaxWriteRequestUnits": -1 }));

    let capacity = json!({ "ReadCapacityUnits": 1, "WriteCapacityUnits": 1 });
    let provisioned = json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": capacity });
    update(provisioned).await.refused(400, "ValidationException");
    let stream = json!({ "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" } });
    update(stream.clone()).await.done();
    update(stream.clone()).await.refused(400, "ResourceInUseException");
    settled(&aws).await;
    update(stream).await.refused(400, "ValidationException");
    update(json!({ "SSESpecification": { "Enabled": false } })).await.refused(400, "ValidationException");

    let expires = async |attribute: &str, enabled: bool| {
        let wanted = json!({ "AttributeName": attribute, "Enabled": enabled });
        call(&aws, "UpdateTimeToLive", json!({ "TableName": "files", "TimeToLiveSpecification": wanted }))
            .await
    };
    expires("expires", false).await.refused(400, "ValidationException");
    expires("expires", true).await.done();
    expires("expires", true).await.refused(400, "ValidationException");
    expires("other", true).await.refused(400, "ValidationException");
    expires("expires", false).await.done();
}

//! `aws_kms_alias`, the resource and the data source.

use serde_json::json;

use crate::lab::Lab;

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    let first = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    let second = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    let mut alias = lab.resource("aws_kms_alias");
    let created = alias.create(json!({ "name": "alias/masters", "target_key_id": first.key_id() })).await;
    assert!(created.get("arn").as_str().unwrap().ends_with(":alias/masters"));
    assert_eq!(created.get("target_key_arn").as_str(), first.arn());

    let current = json!({ "name": "alias/masters", "target_key_id": second.arn() });
    alias.update(current.clone()).await;
    assert_eq!(alias.attributes.get("target_key_arn").as_str(), second.arn());
    assert_eq!(alias.attributes.get("target_key_id").as_str(), second.arn());
    // By its id it is the same key.
    alias.replaces(json!({ "name": "alias/masters", "target_key_id": second.key_id() }), &[]);
    alias.unchanged(json!({ "name": "alias/masters", "target_key_id": second.key_id() }));
    alias.replaces(json!({ "name": "alias/other", "target_key_id": second.arn() }), &["name"]);
    alias.replaces(json!({ "name_prefix": "alias/m-", "target_key_id": second.arn() }), &["name_prefix"]);

    kms.update_alias().alias_name("alias/masters").target_key_id(first.key_id()).send().await.unwrap();
    alias.repair_drift(current, &["target_key_id"]).await;

    let data = lab.data("aws_kms_alias", json!({ "name": "alias/masters" })).await.unwrap();
    assert_eq!(data.get("target_key_arn").as_str(), second.arn());
    assert_eq!(data.get("target_key_id").as_str(), Some(second.key_id()));
    assert_eq!(data.get("arn"), alias.attributes.get("arn"));
    assert_eq!(data.get("id"), data.get("arn"));
    let none = lab.data("aws_kms_alias", json!({ "name": "alias/none" })).await.unwrap_err();
    assert_eq!(none, "there is no KMS alias alias/none");

    let taken = json!({ "name": "alias/masters", "target_key_id": first.key_id() });
    assert!(lab.resource("aws_kms_alias").create_fails(taken).await.contains("of this name already"));
    alias.delete().await;
}

#[tokio::test]
async fn has_a_made_up_name() {
    let lab = Lab::new().await;
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    for (configuration, beginning) in [
        (json!({ "name_prefix": "alias/m-", "target_key_id": key.key_id() }), "alias/m-"),
        (json!({ "target_key_id": key.key_id() }), "alias/"),
    ] {
        let mut alias = lab.resource("aws_kms_alias");
        alias.create(configuration).await;
        assert!(alias.id.starts_with(beginning), "{}", alias.id);
        alias.delete().await;
    }
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_kms_alias",
        json!({ "name": "masters", "name_prefix": "alias/aws/", "target_key_id": "alias/other" }),
    );
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

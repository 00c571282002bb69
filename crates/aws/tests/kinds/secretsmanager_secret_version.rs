//! `aws_secretsmanager_secret_version`.

use std::sync::Arc;

use aws_sdk_secretsmanager::Client;
use provision_aws::{Aws, registry};
use serde_json::json;

use crate::lab::Lab;

const KIND: &str = "aws_secretsmanager_secret_version";

async fn secret(lab: &Lab, name: &str) -> (Client, String) {
    let secrets = Client::new(&lab.sdk);
    let arn = secrets.create_secret().name(name).send().await.unwrap().arn.unwrap();
    (secrets, arn)
}

#[tokio::test]
async fn is_sent_and_not_kept() {
    let lab = Lab::new().await;
    let (secrets, arn) = secret(&lab, "key").await;
    let mut version = lab.resource(KIND);
    let configuration = json!({ "secret_id": arn, "secret_string": "hunter2" });
    let created = version.create(configuration.clone()).await;
    assert!(!created.to_json().to_string().contains("hunter2"), "only its digest is kept");
    let version_id = created.get("version_id").as_str().unwrap().to_owned();
    assert_eq!(version.id, format!("{arn}|{version_id}"));
    assert_eq!(version.attributes.get("version_stages").to_json(), json!(["AWSCURRENT"]));
    let value = secrets.get_secret_value().secret_id(&arn).send().await.unwrap();
    assert_eq!((value.secret_string(), value.version_id()), (Some("hunter2"), Some(version_id.as_str())));

    version.unchanged(configuration);
    version.replaces(json!({ "secret_id": arn, "secret_string": "hunter3" }), &["secret_string"]);
    version.replaces(
        json!({ "secret_id": arn, "secret_binary": "aHVudGVyMg==" }),
        &["secret_binary", "secret_string"],
    );
    version.replaces(json!({ "secret_id": "other", "secret_string": "hunter2" }), &["secret_id"]);
    secrets.delete_secret().secret_id(&arn).force_delete_without_recovery(true).send().await.unwrap();
    version.delete().await;
}

#[tokio::test]
async fn takes_the_current_label_over_and_back() {
    let lab = Lab::new().await;
    let (secrets, arn) = secret(&lab, "rotated").await;
    let mut version = lab.resource(KIND);
    let configuration =
        json!({ "secret_id": "rotated", "secret_string": "ours", "version_stages": ["AWSCURRENT", "BLUE"] });
    let current =
        json!({ "secret_id": "rotated", "secret_string": "ours", "version_stages": ["AWSCURRENT"] });
    version.create(current).await;
    version.update(configuration.clone()).await;
    let own = version.attributes.get("version_id").as_str().unwrap().to_owned();

    // Someone puts another value.
    let other = secrets.put_secret_value().secret_id(&arn).secret_string("theirs").send().await.unwrap();
    version.repair_drift(configuration, &["version_stages"]).await;
    let value = secrets.get_secret_value().secret_id(&arn).send().await.unwrap();
    assert_eq!(value.secret_string(), Some("ours"), "AWSCURRENT was moved back");

    version
        .update(json!({
            "secret_id": "rotated",
            "secret_string": "ours",
            "version_stages": ["AWSCURRENT", "GREEN"],
        }))
        .await;
    version
        .update(json!({ "secret_id": "rotated", "secret_string": "ours", "version_stages": ["GREEN"] }))
        .await;

    // It is not the current one any more when it is deleted: all its labels go.
    secrets
        .update_secret_version_stage()
        .secret_id(&arn)
        .version_stage("AWSCURRENT")
        .move_to_version_id(other.version_id().unwrap())
        .remove_from_version_id(&own)
        .send()
        .await
        .unwrap();
    let registry = registry(&Arc::new(Aws::with_config(lab.sdk.clone())));
    let kind = registry.kind(KIND).unwrap();
    kind.delete(None, &version.id, &version.attributes).await.unwrap();
    let described = secrets.describe_secret().secret_id(&arn).send().await.unwrap();
    assert!(!described.version_ids_to_stages().unwrap().contains_key(&own), "it is deprecated");
    kind.delete(None, &version.id, &version.attributes).await.unwrap();
}

#[tokio::test]
async fn leaves_the_current_label_where_it_is() {
    let lab = Lab::new().await;
    let (secrets, arn) = secret(&lab, "alone").await;
    let mut version = lab.resource(KIND);
    version.create(json!({ "secret_id": arn, "secret_binary": "AAEC/w==" })).await;
    let value = secrets.get_secret_value().secret_id(&arn).send().await.unwrap();
    assert_eq!(value.secret_binary().unwrap().as_ref(), [0, 1, 2, 255]);

    let registry = registry(&Arc::new(Aws::with_config(lab.sdk.clone())));
    let kind = registry.kind(KIND).unwrap();
    kind.delete(None, &version.id, &version.attributes).await.unwrap();
    let value = secrets.get_secret_value().secret_id(&arn).send().await.unwrap();
    assert_eq!(value.secret_binary().unwrap().as_ref(), [0, 1, 2, 255], "AWS never gives it up");

    // With the secret scheduled for deletion, its versions are gone.
    secrets.delete_secret().secret_id(&arn).send().await.unwrap();
    version.delete().await;
}

#[tokio::test]
async fn is_written_only_in_the_third_form_too() {
    let lab = Lab::new().await;
    let (_, arn) = secret(&lab, "third").await;
    let mut version = lab.resource(KIND);
    let created = version
        .create(json!({ "secret_id": arn, "secret_string_wo": "hush", "secret_string_wo_version": 1 }))
        .await;
    assert_eq!(created.get("has_secret_string_wo").as_bool(), Some(true));
    version.replaces(
        json!({ "secret_id": arn, "secret_string_wo": "hush", "secret_string_wo_version": 2 }),
        &["secret_string_wo_version"],
    );
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let both = json!({ "secret_id": "s", "secret_string": "a", "secret_string_wo": "b" });
    assert_eq!(
        lab.problems(KIND, both),
        ["secret_string_wo: `secret_string` and `secret_string_wo` exclude each other"]
    );
    let none = lab.problems(KIND, json!({ "secret_id": "s", "secret_string_wo_version": 1 }));
    assert_eq!(none.len(), 2, "{none:?}");
    let garbage = lab.problems(KIND, json!({ "secret_id": "s", "secret_binary": "%" }));
    assert_eq!(garbage, ["secret_binary: this is no base64"]);
}

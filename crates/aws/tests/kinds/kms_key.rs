//! `aws_kms_key`.

use aws_sdk_kms::types::{KeyState, Tag};
use provision_sandbox::{Control, Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::Lab;

async fn account(lab: &Lab) -> String {
    let identity = lab.data("aws_caller_identity", json!({})).await.unwrap();
    identity.get("account_id").as_str().unwrap().to_owned()
}

fn policy(account: &str, action: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
            "Action": action,
            "Resource": "*"
        }]
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let account = account(&lab).await;
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    let mut key = lab.resource("aws_kms_key");
    let created = key
        .create(json!({
            "description": "Masters",
            "policy": policy(&account, "kms:*"),
            "enable_key_rotation": true,
            "rotation_period_in_days": 180,
            "is_enabled": false,
            "deletion_window_in_days": 7,
            "tags": { "team": "video" },
        }))
        .await;
    assert!(created.get("arn").as_str().unwrap().contains(":key/"));
    let id = created.get("key_id").as_str().unwrap().to_owned();
    assert_eq!(id, key.id);
    let metadata = kms.describe_key().key_id(&id).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(metadata.key_state(), Some(&KeyState::Disabled));
    let tags = kms.list_resource_tags().key_id(&id).send().await.unwrap();
    assert_eq!(tags.tags().len(), 2, "the second is the token");

    key.update(json!({
        "description": "Archive",
        "policy": policy(&account, "kms:List*"),
        "bypass_policy_lockout_safety_check": true,
        "enable_key_rotation": true,
        "rotation_period_in_days": 90,
        "deletion_window_in_days": 8,
        "tags": { "team": "audio", "cost": "1" },
    }))
    .await;
    key.update(json!({ "is_enabled": false })).await;
    key.update(json!({ "enable_key_rotation": true })).await;
    assert_eq!(key.attributes.get("rotation_period_in_days").as_i64(), Some(365));
    let current = json!({ "deletion_window_in_days": 9, "tags": { "team": "audio" } });
    key.update(current.clone()).await;
    assert!(
        kms.list_resource_tags()
            .key_id(&id)
            .send()
            .await
            .unwrap()
            .tags()
            .iter()
            .any(|tag| { tag.tag_key() == "provision:token" })
    );

    let tags = json!({ "team": "audio" });
    for (argument, value) in [
        ("customer_master_key_spec", json!("RSA_2048")),
        ("multi_region", json!(true)),
        ("custom_key_store_id", json!("cks-1234567890abcdef0")),
    ] {
        let configuration = json!({ "deletion_window_in_days": 9, "tags": tags, argument: value });
        key.replaces(configuration, &[argument]);
    }
    key.replaces(
        json!({ "customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY", "tags": tags }),
        &["customer_master_key_spec", "key_usage"],
    );
    key.replaces(
        json!({ "custom_key_store_id": "cks-1234567890abcdef0", "xks_key_id": "outside", "tags": tags }),
        &["custom_key_store_id", "xks_key_id"],
    );

    kms.disable_key().key_id(&id).send().await.unwrap();
    kms.enable_key_rotation().key_id(&id).send().await.unwrap();
    kms.update_key_description().key_id(&id).description("Mine").send().await.unwrap();
    let tag = Tag::builder().tag_key("owner").tag_value("me").build().unwrap();
    kms.tag_resource().key_id(&id).tags(tag).send().await.unwrap();
    // The period that rotation brings along is AWS's own choice.
    key.repair_drift(current, &["description", "enable_key_rotation", "is_enabled", "tags"]).await;

    key.delete().await;
    let metadata = kms.describe_key().key_id(&id).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(metadata.key_state(), Some(&KeyState::PendingDeletion));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let days = (metadata.deletion_date().unwrap().secs() - i64::try_from(now).unwrap() + 3600) / 86400;
    assert_eq!(days, 9);
}

#[tokio::test]
async fn can_be_of_other_kinds() {
    let lab = Lab::new().await;
    for configuration in [
        json!({ "customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY" }),
        json!({ "customer_master_key_spec": "HMAC_256", "key_usage": "GENERATE_VERIFY_MAC" }),
        json!({ "multi_region": true, "enable_key_rotation": true }),
    ] {
        let mut key = lab.resource("aws_kms_key");
        key.create(configuration).await;
        key.delete().await;
    }
}

#[tokio::test]
async fn is_made_once_when_the_reply_is_lost() {
    let lab = Lab::new().await;
    let control = Control::new(lab.sdk.endpoint_url().unwrap());
    let fault = |effect: Effect, account: &str| Fault {
        account: Some(account.to_owned()),
        operation: Some("CreateKey".to_owned()),
        times: Some(1),
        ..Fault::new(effect)
    };
    let account = account(&lab).await;
    control.inject(&fault(Effect::LoseReply, &account)).await.unwrap();
    let mut key = lab.resource("aws_kms_key");
    key.create(json!({})).await;
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    assert_eq!(kms.list_keys().send().await.unwrap().keys().len(), 1);

    // Nothing was made when the principal of the policy was not there yet, or there were too many calls.
    for effect in [
        Effect::Throttle,
        Effect::Error {
            status: 400,
            code: "MalformedPolicyDocumentException".to_owned(),
            message: "Policy contains a statement with one or more invalid principals.".to_owned(),
        },
    ] {
        control.inject(&fault(effect, &account)).await.unwrap();
        lab.resource("aws_kms_key").create(json!({ "policy": policy(&account, "kms:*") })).await;
    }
    assert_eq!(kms.list_keys().send().await.unwrap().keys().len(), 3);
}

#[tokio::test]
async fn is_deleted_when_it_is_on_its_way_out_already() {
    let lab = Lab::new().await;
    let account = account(&lab).await;
    let control = Control::new(lab.sdk.endpoint_url().unwrap());
    let refusal = |code: &str| Fault {
        account: Some(account.clone()),
        operation: Some("ScheduleKeyDeletion".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::Error { status: 400, code: code.to_owned(), message: "no".to_owned() })
    };
    let mut key = lab.resource("aws_kms_key");
    key.create(json!({})).await;
    control.inject(&refusal("KMSInvalidStateException")).await.unwrap();
    assert_eq!(key.delete_fails().await, "KMSInvalidStateException: no", "it is not");
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    kms.schedule_key_deletion().key_id(&key.id).send().await.unwrap();
    control.inject(&refusal("KMSInvalidStateException")).await.unwrap();
    key.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    for (configuration, paths) in [
        (json!({ "key_usage": "SIGN_VERIFY" }), vec!["key_usage"]),
        (json!({ "customer_master_key_spec": "HMAC_256" }), vec!["key_usage"]),
        (json!({ "customer_master_key_spec": "AES_256" }), vec!["customer_master_key_spec"]),
        (json!({ "rotation_period_in_days": 90 }), vec!["rotation_period_in_days"]),
        (
            json!({ "enable_key_rotation": true, "rotation_period_in_days": 89 }),
            vec!["rotation_period_in_days"],
        ),
        (
            json!({ "customer_master_key_spec": "RSA_2048", "enable_key_rotation": true }),
            vec!["enable_key_rotation"],
        ),
        (json!({ "xks_key_id": "outside" }), vec!["xks_key_id"]),
        (json!({ "custom_key_store_id": "cks-1", "multi_region": true }), vec!["multi_region"]),
        (json!({ "deletion_window_in_days": 6 }), vec!["deletion_window_in_days"]),
        (json!({ "policy": { "Version": "2012-10-17" } }), vec!["policy"]),
    ] {
        let problems = lab.problems("aws_kms_key", configuration.clone());
        let found: Vec<&str> = problems.iter().filter_map(|problem| problem.split(':').next()).collect();
        assert_eq!(found, paths, "{configuration}: {problems:#?}");
    }
}

//! `aws_secretsmanager_secret`.

use aws_sdk_secretsmanager::Client;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::Lab;

const KIND: &str = "aws_secretsmanager_secret";

fn policy(action: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny",
            "Principal": { "AWS": "*" },
            "Action": action,
            "Resource": "*",
            "Condition": { "Bool": { "aws:SecureTransport": false } },
        }],
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let secrets = Client::new(&lab.sdk);
    let mut secret = lab.resource(KIND);
    let created = secret
        .create(json!({
            "name": "storytime/dev/cloudfront_private_key",
            "description": "signs cookies",
            "kms_key_id": "alias/storytime",
            "policy": policy("secretsmanager:GetSecretValue"),
            "recovery_window_in_days": 0,
            "tags": { "team": "video" },
        }))
        .await;
    let arn = created.get("arn").as_str().unwrap().to_owned();
    assert!(arn.contains(":secret:storytime/dev/cloudfront_private_key-"), "{arn}");
    assert_eq!(secret.id, arn);

    let name = "storytime/dev/cloudfront_private_key";
    secret
        .update(json!({
            "name": name,
            "description": "signs URLs",
            "kms_key_id": "1234abcd-12ab-34cd-56ef-1234567890ab",
            "policy": policy("secretsmanager:*"),
            "recovery_window_in_days": 0,
            "tags": { "team": "audio", "cost": "1" },
        }))
        .await;
    let described = secrets.describe_secret().secret_id(&arn).send().await.unwrap();
    assert_eq!(described.description(), Some("signs URLs"));

    // What is not said of the policy is left to others; that there is none is said.
    let bare = json!({ "name": name, "recovery_window_in_days": 0 });
    secret.update(bare.clone()).await;
    let policy_there = secrets.get_resource_policy().secret_id(&arn).send().await.unwrap();
    assert!(policy_there.resource_policy().is_some(), "the policy is left");
    let mut without = bare.clone();
    without["policy"] = json!({});
    secret.update(without).await;
    let policy_there = secrets.get_resource_policy().secret_id(&arn).send().await.unwrap();
    assert_eq!(policy_there.resource_policy(), None, "the policy was deleted");
    secret.update(json!({ "name": name, "recovery_window_in_days": 7 })).await;
    secret.update(bare.clone()).await;
    secret.unchanged(json!({ "name": name, "recovery_window_in_days": 0, "policy": {} }));
    secret.replaces(json!({ "name": "other", "recovery_window_in_days": 0 }), &["name"]);

    secrets.update_secret().secret_id(&arn).description("changed").send().await.unwrap();
    let stranger = aws_sdk_secretsmanager::types::Tag::builder().key("stranger").value("1").build();
    secrets.tag_resource().secret_id(&arn).tags(stranger).send().await.unwrap();
    secret.repair_drift(bare, &["description", "tags"]).await;
    secret.delete().await;
}

#[tokio::test]
async fn holds_its_name_until_the_recovery_window_is_over() {
    let lab = Lab::new().await;
    let secrets = Client::new(&lab.sdk);
    let mut secret = lab.resource(KIND);
    let configuration = json!({ "name": "database" });
    secret.create(configuration.clone()).await;
    let arn = secret.id.clone();
    secret.delete().await;
    let described = secrets.describe_secret().secret_id(&arn).send().await.unwrap();
    assert!(described.deleted_date().is_some(), "it can be restored for 30 days");

    let refused = lab.resource(KIND).create_fails(configuration).await;
    assert!(refused.contains("a secret named database is scheduled for deletion"), "{refused}");
}

#[tokio::test]
async fn has_a_made_up_name() {
    let lab = Lab::new().await;
    let mut secret = lab.resource(KIND);
    secret.create(json!({ "name_prefix": "storytime/", "recovery_window_in_days": 0 })).await;
    assert!(secret.id.contains(":secret:storytime/"), "{}", secret.id);
    secret.delete().await;
}

#[tokio::test]
async fn is_copied_to_other_regions() {
    let lab = Lab::new().await;
    let mut secret = lab.resource(KIND);
    secret
        .create(json!({
            "name": "copied",
            "recovery_window_in_days": 0,
            "replica": [{ "region": "eu-west-1" }],
            "force_overwrite_replica_secret": true,
        }))
        .await;
    secret
        .update(json!({
            "name": "copied",
            "recovery_window_in_days": 0,
            "replica": [{ "region": "eu-west-1" }, { "region": "eu-north-1", "kms_key_id": "alias/there" }],
        }))
        .await;
    // The local AWS cannot take copies away: RemoveRegionsFromReplication is unknown to it.
    let there = lab.sdk.to_builder().region(aws_config::Region::new("eu-north-1")).build();
    let copy = Client::new(&there).describe_secret().secret_id("copied").send().await.unwrap();
    assert_eq!(copy.kms_key_id(), Some("alias/there"));
}

#[tokio::test]
async fn is_made_once_though_the_reply_is_lost() {
    let lab = Lab::new().await;
    lab.inject(Fault {
        operation: Some("CreateSecret".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::LoseReply)
    });
    let mut secret = lab.resource(KIND);
    secret.create(json!({ "name": "once", "recovery_window_in_days": 0 })).await;
    secret.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        KIND,
        json!({ "name": "a b", "name_prefix": "c", "recovery_window_in_days": 5, "replica": [{}] }),
    );
    assert_eq!(
        problems,
        [
            "name: `name` does not match ^[A-Za-z0-9/_+=.@-]+$",
            "replica[0].region: `region` is required",
            "recovery_window_in_days: `recovery_window_in_days` is 0, or from 7 to 30",
        ]
    );
}

//! `aws_iam_policy`.

use serde_json::{Value as Json, json};

use crate::lab::Lab;

fn reading(bucket: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": format!("arn:aws:s3:::{bucket}/*") }]
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut policy = lab.resource("aws_iam_policy");
    let created = policy
        .create(json!({
            "name": "reading",
            "path": "/video/",
            "description": "Reads masters",
            "policy": reading("masters"),
            "tags": { "team": "video" },
        }))
        .await;
    assert!(created.get("arn").as_str().unwrap().ends_with(":policy/video/reading"));
    assert_eq!(created.get("attachment_count").as_i64(), Some(0));
    assert!(created.get("policy_id").as_str().is_some());

    let configured = |policy: Json| {
        json!({
            "name": "reading",
            "path": "/video/",
            "description": "Reads masters",
            "policy": policy,
            "tags": { "team": "audio", "cost": "1" },
        })
    };
    // Each is a version, and IAM keeps five.
    for bucket in ["a", "b", "c", "d"] {
        policy.update(configured(reading(bucket))).await;
    }
    let current = configured(reading("d"));
    policy.replaces(
        json!({ "name": "other", "path": "/video/", "description": "Reads masters", "policy": reading("d") }),
        &["name"],
    );
    policy.replaces(
        json!({ "name": "reading", "description": "Reads masters", "policy": reading("d") }),
        &["path"],
    );
    policy
        .replaces(json!({ "name": "reading", "path": "/video/", "policy": reading("d") }), &["description"]);

    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    let versions = iam.list_policy_versions().policy_arn(&policy.id).send().await.unwrap();
    assert_eq!(versions.versions().len(), 5);
    let spare = versions.versions().iter().find(|version| !version.is_default_version()).unwrap();
    let arn = policy.id.clone();
    iam.delete_policy_version()
        .policy_arn(&arn)
        .set_version_id(spare.version_id.clone())
        .send()
        .await
        .unwrap();
    let document = reading("mine").to_string();
    iam.create_policy_version()
        .policy_arn(&arn)
        .policy_document(document)
        .set_as_default(true)
        .send()
        .await
        .unwrap();
    iam.untag_policy().policy_arn(&policy.id).tag_keys("cost").send().await.unwrap();
    policy.repair_drift(current, &["policy", "tags"]).await;
    policy.delete().await;
}

#[tokio::test]
async fn has_a_made_up_name() {
    let lab = Lab::new().await;
    let mut policy = lab.resource("aws_iam_policy");
    policy.create(json!({ "name_prefix": "reading-", "policy": reading("masters") })).await;
    assert!(policy.id.contains(":policy/reading-"), "{}", policy.id);
    policy.delete().await;
}

#[tokio::test]
async fn is_not_deleted_while_it_is_attached() {
    let lab = Lab::new().await;
    let mut policy = lab.resource("aws_iam_policy");
    policy.create(json!({ "name": "reading", "policy": reading("masters") })).await;
    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.create_user().user_name("ada").send().await.unwrap();
    iam.attach_user_policy().user_name("ada").policy_arn(&policy.id).send().await.unwrap();
    assert!(policy.delete_fails().await.contains("DeleteConflict"));
    iam.detach_user_policy().user_name("ada").policy_arn(&policy.id).send().await.unwrap();
    policy.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_iam_policy",
        json!({
            "name": "a/b",
            "name_prefix": "c",
            "path": "video",
            "policy": { "Statement": [{ "Action": "a".repeat(6_144) }] },
        }),
    );
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

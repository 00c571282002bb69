//! `aws_iam_role_policy`.

use serde_json::{Value as Json, json};

use crate::lab::Lab;

fn reading(bucket: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": format!("arn:aws:s3:::{bucket}/*") }]
    })
}

async fn role(lab: &Lab, name: &str) -> aws_sdk_iam::Client {
    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.create_role().role_name(name).assume_role_policy_document("{}").send().await.unwrap();
    iam
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let iam = role(&lab, "reader").await;
    let mut policy = lab.resource("aws_iam_role_policy");
    policy.create(json!({ "name": "masters", "role": "reader", "policy": reading("masters + 50%") })).await;
    assert_eq!(policy.id, "reader:masters");
    let current = json!({ "name": "masters", "role": "reader", "policy": reading("archive") });
    policy.update(current.clone()).await;
    policy.replaces(json!({ "name": "other", "role": "reader", "policy": reading("archive") }), &["name"]);
    policy.replaces(json!({ "name": "masters", "role": "other", "policy": reading("archive") }), &["role"]);
    policy.replaces(
        json!({ "name_prefix": "m-", "role": "reader", "policy": reading("archive") }),
        &["name_prefix"],
    );

    iam.put_role_policy()
        .role_name("reader")
        .policy_name("masters")
        .policy_document(reading("*").to_string())
        .send()
        .await
        .unwrap();
    policy.repair_drift(current, &["policy"]).await;
    policy.delete().await;
}

#[tokio::test]
async fn has_a_made_up_name() {
    let lab = Lab::new().await;
    role(&lab, "reader").await;
    let mut policy = lab.resource("aws_iam_role_policy");
    policy.create(json!({ "name_prefix": "m-", "role": "reader", "policy": reading("masters") })).await;
    assert!(policy.id.starts_with("reader:m-"), "{}", policy.id);
    policy.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_iam_role_policy",
        json!({ "name": "a b", "name_prefix": "c", "role": "arn:aws:iam::1:role/r", "policy": ["Statement"] }),
    );
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

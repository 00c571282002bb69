//! `aws_secretsmanager_secret_policy`.

use aws_sdk_secretsmanager::Client;
use serde_json::{Value as Json, json};

use crate::lab::Lab;

const KIND: &str = "aws_secretsmanager_secret_policy";

fn policy(action: &str, principal: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": principal },
            "Action": action,
            "Resource": "*",
        }],
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let secrets = Client::new(&lab.sdk);
    let mut secret = lab.resource("aws_secretsmanager_secret");
    let bare = json!({ "name": "key", "recovery_window_in_days": 0 });
    secret.create(bare.clone()).await;
    let (arn, account) = (secret.id.clone(), lab.account().to_owned());
    let configuration = |action: &str, blocks: bool| json!({ "secret_arn": arn, "policy": policy(action, &account), "block_public_policy": blocks });
    let mut resource = lab.resource(KIND);
    resource.create(configuration("secretsmanager:GetSecretValue", false)).await;
    assert_eq!(resource.id, arn);
    // The account's number and its root user are the same.
    let spelt = policy("secretsmanager:GetSecretValue", &format!("arn:aws:iam::{account}:root"));
    resource.unchanged(json!({ "secret_arn": arn, "policy": spelt.to_string() }));
    resource.update(configuration("secretsmanager:DescribeSecret", true)).await;
    let text = secrets.get_resource_policy().secret_id(&arn).send().await.unwrap().resource_policy.unwrap();
    let read = serde_json::from_str::<Json>(&text).unwrap();
    assert_eq!(read, policy("secretsmanager:DescribeSecret", &account));
    resource.replaces(
        json!({ "secret_arn": "other", "policy": read, "block_public_policy": true }),
        &["secret_arn"],
    );
    // The secret leaves its policy to this.
    secret.minds_nothing(bare).await;

    let foreign = policy("secretsmanager:*", &account).to_string();
    secrets.put_resource_policy().secret_id(&arn).resource_policy(foreign).send().await.unwrap();
    resource.repair_drift(configuration("secretsmanager:DescribeSecret", true), &["policy"]).await;
    resource.delete().await;
    let left = secrets.get_resource_policy().secret_id(&arn).send().await.unwrap();
    assert_eq!(left.resource_policy(), None);
    secret.delete().await;
}

#[tokio::test]
async fn can_be_kept_from_letting_everyone_in() {
    let lab = Lab::new().await;
    let mut secret = lab.resource("aws_secretsmanager_secret");
    secret.create(json!({ "name": "key", "recovery_window_in_days": 0 })).await;
    let everyone = policy("secretsmanager:GetSecretValue", "*");
    let configuration =
        |blocks: bool| json!({ "secret_arn": secret.id, "policy": everyone, "block_public_policy": blocks });
    let resource = lab.resource(KIND);
    let refusal = resource.create_fails(configuration(true)).await;
    assert!(refusal.starts_with("PublicPolicyException"), "{refusal}");
    let mut resource = lab.resource(KIND);
    resource.create(configuration(false)).await;
    secret.delete().await;
    // Gone with its secret.
    resource.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(KIND, json!({ "secret_arn": "key", "policy": {} }));
    assert_eq!(problems, ["policy: the policy has no `Statement`"]);
}

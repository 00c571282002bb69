//! `aws_kms_key_policy`.

use serde_json::{Value as Json, json};

use crate::lab::Lab;

const KIND: &str = "aws_kms_key_policy";

fn policy(lab: &Lab, service: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Account",
                "Effect": "Allow",
                "Principal": { "AWS": format!("arn:aws:iam::{}:root", lab.account()) },
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "Use",
                "Effect": "Allow",
                "Principal": { "Service": service },
                "Action": ["kms:Decrypt"],
                "Resource": "*",
            },
        ],
    })
}

/// The policy of the key, in AWS's words.
async fn there(lab: &Lab, key: &str) -> Json {
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    let answer = kms.get_key_policy().key_id(key).policy_name("default").send().await.unwrap();
    serde_json::from_str(answer.policy().unwrap()).unwrap()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    let mut key = lab.resource("aws_kms_key");
    key.create(json!({ "description": "Books" })).await;
    let untouched = there(&lab, &key.id).await;

    let with = |service: &str| json!({ "key_id": key.id, "policy": policy(&lab, service) });
    let mut kept = lab.resource(KIND);
    kept.create(with("cloudfront.amazonaws.com")).await;
    assert_eq!(there(&lab, &key.id).await, policy(&lab, "cloudfront.amazonaws.com"));
    let current = with("logs.us-east-1.amazonaws.com");
    kept.update(current.clone()).await;
    // A key that has no policy of its own leaves it to this one.
    key.unchanged(json!({ "description": "Books" }));
    kept.unchanged(json!({
        "key_id": key.attributes.get("arn").as_str(),
        "policy": policy(&lab, "logs.us-east-1.amazonaws.com"),
    }));
    kept.replaces(json!({ "key_id": "another", "policy": policy(&lab, "a") }), &["key_id"]);

    let other = policy(&lab, "s3.amazonaws.com").to_string();
    kms.put_key_policy().key_id(&key.id).policy_name("default").policy(other).send().await.unwrap();
    kept.repair_drift(current, &["policy"]).await;
    let id = key.id.clone();
    kept.delete().await;
    let left = there(&lab, &id).await;
    assert_eq!(left["Statement"], untouched["Statement"], "AWS's own is back");
}

#[tokio::test]
async fn goes_with_its_key() {
    let lab = Lab::new().await;
    let mut key = lab.resource("aws_kms_key");
    key.create(json!({ "deletion_window_in_days": 7 })).await;
    let mut kept = lab.resource(KIND);
    kept.create(json!({ "key_id": key.id, "policy": policy(&lab, "cloudfront.amazonaws.com") })).await;
    let kms = aws_sdk_kms::Client::new(&lab.sdk);
    kms.schedule_key_deletion().key_id(&key.id).pending_window_in_days(7).send().await.unwrap();
    kept.delete().await;
}

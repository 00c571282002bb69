//! `aws_s3_bucket_policy`.

use aws_sdk_s3::Client;
use serde_json::{Value as Json, json};

use crate::lab::Lab;
use crate::s3_bucket::{client, refused};

fn policy(bucket: &str, action: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": { "Service": "cloudfront.amazonaws.com" },
            "Action": action,
            "Resource": format!("arn:aws:s3:::{bucket}/*"),
            "Condition": { "StringEquals": { "AWS:SourceAccount": "123456789012" } },
        }],
    })
}

async fn bucket(s3: &Client, name: &str) {
    s3.create_bucket().bucket(name).send().await.unwrap();
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    bucket(&s3, "policy-lab").await;
    let mut resource = lab.resource("aws_s3_bucket_policy");
    let configuration =
        |action: &str| json!({ "bucket": "policy-lab", "policy": policy("policy-lab", action) });
    resource.create(configuration("s3:GetObject")).await;
    assert_eq!(resource.id, "policy-lab");

    // As text, and of the same meaning: no difference.
    let mut spelt = policy("policy-lab", "s3:GetObject");
    spelt["Statement"] = spelt["Statement"][0].clone();
    spelt["Statement"]["Action"] = json!(["s3:GetObject"]);
    resource.unchanged(json!({ "bucket": "policy-lab", "policy": spelt.to_string() }));

    resource.update(configuration("s3:GetObjectVersion")).await;
    let text = s3.get_bucket_policy().bucket("policy-lab").send().await.unwrap().policy.unwrap();
    assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), policy("policy-lab", "s3:GetObjectVersion"));
    resource.replaces(
        json!({ "bucket": "other-lab", "policy": policy("policy-lab", "s3:GetObjectVersion") }),
        &["bucket"],
    );

    let foreign = policy("policy-lab", "s3:DeleteObject").to_string();
    s3.put_bucket_policy().bucket("policy-lab").policy(foreign).send().await.unwrap();
    resource.repair_drift(configuration("s3:GetObjectVersion"), &["policy"]).await;
    resource.delete().await;
    let gone = s3.get_bucket_policy().bucket("policy-lab").send().await.unwrap_err();
    assert_eq!(gone.into_service_error().meta().code(), Some("NoSuchBucketPolicy"));
}

#[tokio::test]
async fn a_principal_can_be_late() {
    let lab = Lab::new().await;
    bucket(&client(&lab), "policy-late").await;
    lab.inject(refused("PutBucketPolicy", 400, "MalformedPolicy", "Invalid principal in policy"));
    let mut resource = lab.resource("aws_s3_bucket_policy");
    resource
        .create(json!({ "bucket": "policy-late", "policy": policy("policy-late", "s3:GetObject") }))
        .await;
    resource.delete().await;
}

#[tokio::test]
async fn a_public_policy_needs_an_open_bucket() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    bucket(&s3, "policy-open").await;
    let block =
        aws_sdk_s3::types::PublicAccessBlockConfiguration::builder().block_public_policy(true).build();
    let put = s3.put_public_access_block().bucket("policy-open").public_access_block_configuration(block);
    put.send().await.unwrap();
    let mut public = policy("policy-open", "s3:GetObject");
    public["Statement"][0]["Principal"] = json!("*");
    public["Statement"][0].as_object_mut().unwrap().remove("Condition");
    let configuration = json!({ "bucket": "policy-open", "policy": public });
    let mut resource = lab.resource("aws_s3_bucket_policy");
    let refusal = resource.create_fails(configuration.clone()).await;
    assert!(refusal.contains("BlockPublicPolicy"), "{refusal}");
    s3.delete_public_access_block().bucket("policy-open").send().await.unwrap();
    let message = "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.";
    lab.inject(refused("PutBucketPolicy", 403, "AccessDenied", message));
    resource.create(configuration).await;
    resource.delete().await;
}

#[tokio::test]
async fn is_gone_with_its_bucket() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    bucket(&s3, "policy-gone").await;
    let mut resource = lab.resource("aws_s3_bucket_policy");
    resource
        .create(json!({ "bucket": "policy-gone", "policy": policy("policy-gone", "s3:GetObject") }))
        .await;
    s3.delete_bucket().bucket("policy-gone").send().await.unwrap();
    resource.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems =
        |policy: Json| lab.problems("aws_s3_bucket_policy", json!({ "bucket": "b-b", "policy": policy }));
    assert_eq!(
        problems(json!({ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] })),
        ["policy.Statement[0]: a statement of a bucket's policy says for whom it is"],
    );
    assert_eq!(
        problems(json!({ "Statement": { "Effect": "Deny", "Action": "s3:*", "Resource": "*" } })),
        ["policy.Statement: a statement of a bucket's policy says for whom it is"],
    );
    let large = "x".repeat(21_000);
    assert_eq!(problems(json!({ "Id": large })).len(), 1);
    assert_eq!(problems(policy("b-b", "s3:GetObject")), Vec::<String>::new());
}

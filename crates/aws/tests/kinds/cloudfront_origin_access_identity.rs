//! `aws_cloudfront_origin_access_identity`.

use aws_sdk_cloudfront::types::CloudFrontOriginAccessIdentityConfig;
use serde_json::{Value as Json, json};

use crate::cloudfront::{distribution, lose_reply};
use crate::lab::Lab;

const KIND: &str = "aws_cloudfront_origin_access_identity";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    // Another of the same comment, which is not ours.
    let config = CloudFrontOriginAccessIdentityConfig::builder().caller_reference("other").comment("Books");
    cloudfront
        .create_cloud_front_origin_access_identity()
        .cloud_front_origin_access_identity_config(config.build().unwrap())
        .send()
        .await
        .unwrap();

    let mut identity = lab.resource(KIND);
    lose_reply(&lab, "CreateCloudFrontOriginAccessIdentity");
    let created = identity.create(json!({ "comment": "Books" })).await.clone();
    let id = identity.id.clone();
    let attribute = |name: &str| created.get(name).as_str().unwrap().to_owned();
    assert_eq!(
        attribute("arn"),
        format!("arn:aws:cloudfront::{}:origin-access-identity/{id}", lab.account())
    );
    assert_eq!(
        attribute("cloudfront_access_identity_path"),
        format!("origin-access-identity/cloudfront/{id}")
    );
    assert_eq!(
        attribute("iam_arn"),
        format!("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {id}")
    );
    let there = cloudfront.get_cloud_front_origin_access_identity().id(&id).send().await.unwrap();
    let there = there.cloud_front_origin_access_identity().unwrap();
    assert_eq!(attribute("s3_canonical_user_id"), there.s3_canonical_user_id());
    let config = there.cloud_front_origin_access_identity_config().unwrap();
    assert_eq!(
        (config.comment(), config.caller_reference()),
        ("Books", attribute("caller_reference").as_str())
    );
    let listed = cloudfront.list_cloud_front_origin_access_identities().send().await.unwrap();
    assert_eq!(listed.cloud_front_origin_access_identity_list().unwrap().quantity(), 2);

    identity.update(json!({ "comment": "More books" })).await;
    let there = cloudfront.get_cloud_front_origin_access_identity_config().id(&id).send().await.unwrap();
    let mut config = there.cloud_front_origin_access_identity_config.unwrap();
    config.comment = "someone else's".to_owned();
    let update = cloudfront.update_cloud_front_origin_access_identity().id(&id).set_if_match(there.e_tag);
    update.cloud_front_origin_access_identity_config(config).send().await.unwrap();
    identity.repair_drift(json!({ "comment": "More books" }), &["comment"]).await;
    identity.update(json!({})).await;
    identity.delete().await;
}

#[tokio::test]
async fn reads_a_bucket_for_a_distribution_and_stays_while_it_does() {
    let lab = Lab::new().await;
    let mut identity = lab.resource(KIND);
    let created = identity.create(json!({ "comment": "Books" })).await.clone();
    let mut bucket = lab.resource("aws_s3_bucket");
    bucket.create(json!({ "bucket": format!("books-{}", lab.account()) })).await;
    let mut policy = lab.resource("aws_s3_bucket_policy");
    policy
        .create(json!({ "bucket": bucket.id, "policy": {
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "AWS": created.get("iam_arn").as_str() },
                "Action": "s3:GetObject",
                "Resource": format!("arn:aws:s3:::{}/*", bucket.id),
            }],
        } }))
        .await;
    let mut cdn = lab.resource("aws_cloudfront_distribution");
    let reading_as = |identity: Json| {
        distribution(json!({ "origin": [{
            "origin_id": "videos",
            "domain_name": "videos.s3.us-east-1.amazonaws.com",
            "s3_origin_config": identity,
        }] }))
    };
    let path = created.get("cloudfront_access_identity_path").as_str();
    cdn.create(reading_as(json!({ "origin_access_identity": path }))).await;

    // One that is in use cannot be deleted; one that stops being so in the meantime can.
    tokio::join!(identity.delete(), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        cdn.update(reading_as(Json::Null)).await;
    });
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(KIND, json!({ "comment": "x".repeat(129) }));
    assert_eq!(problems, ["comment: `comment` has at most 128 characters, not 129"]);
}

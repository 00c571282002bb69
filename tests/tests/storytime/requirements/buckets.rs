//! §0 and §3: the two buckets.

use std::collections::BTreeMap;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{
    BucketVersioningStatus, ExpirationStatus, ServerSideEncryption, TransitionStorageClass,
};
use serde_json::json;

use super::Expected;
use crate::cloud::Cloud;

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let (masters, outputs) = (expected.master_bucket(), expected.output_bucket());
    let list = cloud.s3.list_buckets().send().await.unwrap();
    let names: Vec<&str> = list.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    let mut named = [masters.as_str(), outputs.as_str()];
    named.sort_unstable();
    assert_eq!(names, named, "§0, lines 16 and 19: the names of the buckets");
    for bucket in [&masters, &outputs] {
        assert_private(cloud, bucket).await;
        assert_encrypted(cloud, bucket).await;
        assert_tagged(cloud, bucket, expected).await;
        let found = cloud.s3.get_bucket_location().bucket(bucket).send().await.unwrap();
        let found = found.location_constraint().map_or("us-east-1", |location| location.as_str());
        let found = if found.is_empty() { "us-east-1" } else { found };
        assert_eq!(found, expected.region, "§2, line 74: {bucket} is in the region");
    }

    let versioning = cloud.s3.get_bucket_versioning().bucket(&masters).send().await.unwrap();
    let enabled = Some(&BucketVersioningStatus::Enabled);
    assert_eq!(versioning.status(), enabled, "§3.1, line 93: versioning of {masters}");
    assert_archived(cloud, &masters, expected).await;
    assert_open_to_admins(cloud, &masters, expected).await;
    let cors = cloud.s3.get_bucket_cors().bucket(&outputs).send().await.unwrap_err();
    assert_eq!(cors.code(), Some("NoSuchCORSConfiguration"), "§3.2, line 108: no CORS on {outputs}");
    assert_open_to_the_distribution(cloud, &outputs, expected).await;
}

async fn assert_private(cloud: &Cloud, bucket: &str) {
    let answer = cloud.s3.get_public_access_block().bucket(bucket).send().await.unwrap();
    let block = answer.public_access_block_configuration().unwrap();
    let all = [
        block.block_public_acls(),
        block.block_public_policy(),
        block.ignore_public_acls(),
        block.restrict_public_buckets(),
    ];
    let cited = "§3.1, line 92, and §3.2, line 106: Block Public Access";
    assert_eq!(all, [Some(true); 4], "{cited} of {bucket}, all true");
}

async fn assert_encrypted(cloud: &Cloud, bucket: &str) {
    let answer = cloud.s3.get_bucket_encryption().bucket(bucket).send().await.unwrap();
    let rules = answer.server_side_encryption_configuration().unwrap().rules();
    let found: Vec<_> = rules
        .iter()
        .map(|rule| rule.apply_server_side_encryption_by_default().unwrap().sse_algorithm().clone())
        .collect();
    let cited = "§3.1, line 94, and §3.2, line 107: SSE-S3 or SSE-KMS";
    assert_eq!(found, [ServerSideEncryption::Aes256], "{cited} of {bucket}");
}

async fn assert_tagged(cloud: &Cloud, bucket: &str, expected: &Expected<'_>) {
    let answer = cloud.s3.get_bucket_tagging().bucket(bucket).send().await.unwrap();
    let tags: BTreeMap<&str, &str> = answer.tag_set().iter().map(|tag| (tag.key(), tag.value())).collect();
    let all = BTreeMap::from([("environment", expected.environment), ("project", "storytime")]);
    assert_eq!(tags, all, "§2, line 82: the tags of {bucket}");
}

async fn assert_archived(cloud: &Cloud, bucket: &str, expected: &Expected<'_>) {
    let answer = cloud.s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await.unwrap();
    let days: Vec<i32> = answer
        .rules()
        .iter()
        .filter(|rule| *rule.status() == ExpirationStatus::Enabled)
        .flat_map(|rule| rule.transitions())
        .filter(|transition| transition.storage_class() == Some(&TransitionStorageClass::Glacier))
        .filter_map(|transition| transition.days())
        .collect();
    assert_eq!(days, [expected.glacier_after_days], "§3.1, line 96: masters move to Glacier");
    assert!((30..=90).contains(&days[0]), "§3.1, line 96: after 30 to 90 days");
}

async fn assert_open_to_admins(cloud: &Cloud, bucket: &str, expected: &Expected<'_>) {
    let answer = cloud.s3.get_bucket_cors().bucket(bucket).send().await.unwrap();
    let [rule] = answer.cors_rules() else {
        panic!("§3.1, line 98: one rule, not {:?}", answer.cors_rules())
    };
    let mut methods = rule.allowed_methods().to_vec();
    methods.sort_unstable();
    assert_eq!(methods, ["GET", "HEAD", "POST", "PUT"], "§3.1, line 100: AllowedMethods");
    assert_eq!(rule.allowed_origins(), expected.admin_origins, "§3.1, line 101: AllowedOrigins");
    assert_eq!(rule.allowed_headers(), ["*"], "§3.1, line 102: AllowedHeaders");
    assert_eq!(rule.expose_headers(), ["ETag"], "§3.1, line 103: ExposeHeaders");
}

async fn assert_open_to_the_distribution(cloud: &Cloud, bucket: &str, expected: &Expected<'_>) {
    let policy = cloud.bucket_policy(bucket).await;
    let [statement] = policy["Statement"].as_array().unwrap().as_slice() else {
        panic!("§4.2, line 121: nobody but CloudFront is let in, not {policy}")
    };
    let (distribution, _) = cloud.distribution().await;
    assert_eq!(statement["Effect"], "Allow", "§4.2, line 121");
    let principal = json!({ "Service": "cloudfront.amazonaws.com" });
    assert_eq!(statement["Principal"], principal, "§4.2, line 122: Principal");
    let condition = json!({ "StringEquals": { "AWS:SourceArn": distribution.arn() } });
    assert_eq!(statement["Condition"], condition, "§4.2, line 123: the distribution's ARN");
    assert_eq!(statement["Action"], "s3:GetObject", "§4.2, line 124: Actions");
    assert_eq!(statement["Resource"], format!("arn:aws:s3:::{bucket}/*"), "§4.2, line 125: Resource");
    let masters = cloud.s3.get_bucket_policy().bucket(expected.master_bucket()).send().await.unwrap_err();
    assert_eq!(masters.code(), Some("NoSuchBucketPolicy"), "§0, line 16: the master bucket is private");
}

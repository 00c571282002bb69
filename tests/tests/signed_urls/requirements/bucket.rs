//! Modules, lines 53 to 61, and epic, story 2: the bucket.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{BucketLifecycleConfiguration, LifecycleRule, ServerSideEncryption};
use serde_json::json;

use crate::cloud::{Cloud, Outputs};

/// A bucket as it is meant to be.
pub(crate) struct Expected<'a> {
    /// Line 57: the name that was given, or the beginning of one that was made up.
    pub(crate) name: Result<&'a str, &'a str>,
    /// Line 58: days after which files expire.
    pub(crate) expires_after_days: Option<i32>,
}

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>, outputs: &Outputs) {
    let list = cloud.s3.list_buckets().send().await.unwrap();
    let [bucket] = list.buckets() else { panic!("modules, line 55: one bucket, not {:?}", list.buckets()) };
    let name = bucket.name().unwrap();
    match expected.name {
        Ok(given) => assert_eq!(name, given, "modules, line 57: the name that was given"),
        Err(beginning) => {
            assert!(name.starts_with(beginning), "modules, line 57: auto-generated, and not {name}")
        }
    }
    assert_eq!(outputs["s3_bucket_name"], json!(name), "modules, line 60");
    assert_eq!(outputs["s3_bucket_arn"], json!(format!("arn:aws:s3:::{name}")), "modules, line 61");

    let answer = cloud.s3.get_public_access_block().bucket(name).send().await.unwrap();
    let block = answer.public_access_block_configuration().unwrap();
    let all = [
        block.block_public_acls(),
        block.block_public_policy(),
        block.ignore_public_acls(),
        block.restrict_public_buckets(),
    ];
    assert_eq!(all, [Some(true); 4], "modules, line 55, and epic, line 11: private");
    let answer = cloud.s3.get_bucket_encryption().bucket(name).send().await.unwrap();
    let rule = &answer.server_side_encryption_configuration().unwrap().rules()[0];
    let algorithm = rule.apply_server_side_encryption_by_default().unwrap().sse_algorithm();
    assert_eq!(algorithm, &ServerSideEncryption::Aes256, "modules, line 10: security by design");

    let answer = cloud.s3.get_bucket_lifecycle_configuration().bucket(name).send().await.unwrap();
    let rules = BucketLifecycleConfiguration::builder().set_rules(answer.rules).build().unwrap().rules;
    let days = |rule: &LifecycleRule| rule.expiration().and_then(|expiration| expiration.days());
    let expiring: Vec<i32> = rules.iter().filter_map(days).collect();
    let wanted: Vec<i32> = expected.expires_after_days.into_iter().collect();
    assert_eq!(expiring, wanted, "modules, line 58, and epic, line 11: customizable lifecycle policies");
}

/// That nobody but the distribution is let in, who has what it needs.
pub(crate) async fn assert_open_to_the_distribution(cloud: &Cloud, bucket: &str, uploads_are_readable: bool) {
    let (distribution, _) = cloud.distribution().await;
    let answer = cloud.s3.get_bucket_policy().bucket(bucket).send().await.unwrap();
    let policy: serde_json::Value = serde_json::from_str(answer.policy().unwrap()).unwrap();
    let condition = json!({ "StringEquals": { "AWS:SourceArn": distribution.arn() } });
    let statement = |sid: &str, effect: &str, action: &str, keys: &str| {
        json!({
            "Sid": sid,
            "Effect": effect,
            "Principal": { "Service": "cloudfront.amazonaws.com" },
            "Action": action,
            "Resource": format!("arn:aws:s3:::{bucket}/{keys}"),
            "Condition": condition,
        })
    };
    // No s3:DeleteObject: what CloudFront passes on, S3 refuses.
    let mut statements = vec![
        statement("Read", "Allow", "s3:GetObject", "*"),
        statement("Upload", "Allow", "s3:PutObject", "uploads/*"),
    ];
    if !uploads_are_readable {
        statements.push(statement("KeepUploadsUnread", "Deny", "s3:GetObject", "uploads/*"));
    }
    assert_eq!(policy["Statement"], json!(statements), "epic, line 11: restricts access to the distribution");
}

/// That nobody at all is let in.
pub(crate) async fn assert_shut(cloud: &Cloud, bucket: &str) {
    let none = cloud.s3.get_bucket_policy().bucket(bucket).send().await.unwrap_err();
    assert_eq!(none.code(), Some("NoSuchBucketPolicy"), "epic, line 11: isolated");
}

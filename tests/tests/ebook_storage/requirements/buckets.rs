//! Lines 274 and 275: the buckets.

use aws_sdk_kms::types::KeyMetadata;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{BucketVersioningStatus, ExpirationStatus, ServerSideEncryption, StorageClass};
use serde_json::json;

use super::Expected;
use crate::cloud::{Cloud, statement};

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>, key: &KeyMetadata) {
    let (bucket, logs) = (expected.bucket(), expected.logging_bucket());
    let ours = |name: &String| name.starts_with(expected.project) && name.ends_with(expected.environment);
    let found: Vec<String> = cloud.buckets().await.into_iter().filter(ours).collect();
    let mut named = vec![bucket.clone()];
    named.extend(expected.logging.then(|| logs.clone()));
    named.sort();
    assert_eq!(found, named, "lines 274, 275 and 345: the buckets");

    assert_private(cloud, &bucket).await;
    assert_encrypted(cloud, &bucket, key).await;
    let versioning = cloud.s3.get_bucket_versioning().bucket(&bucket).send().await.unwrap();
    assert_eq!(versioning.status(), Some(&BucketVersioningStatus::Enabled), "lines 25 and 321: versioning");
    assert_old_versions_expire(cloud, &bucket, expected).await;
    let payment = cloud.s3.get_bucket_request_payment().bucket(&bucket).send().await.unwrap();
    assert_eq!(payment.payer().unwrap().as_str(), "BucketOwner", "line 354: readers pay for nothing");

    let logging = cloud.s3.get_bucket_logging().bucket(&bucket).send().await.unwrap();
    let target = logging.logging_enabled().map(|logging| (logging.target_bucket(), logging.target_prefix()));
    let prefix = format!("{bucket}/");
    let wanted = expected.logging.then_some((logs.as_str(), prefix.as_str()));
    assert_eq!(target, wanted, "lines 29, 264 and 315: requests are logged if that is enabled");
    if expected.logging {
        assert_private(cloud, &logs).await;
        assert_takes_logs(cloud, &logs, &bucket, expected).await;
    }
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
    assert_eq!(all, [Some(true); 4], "lines 311 and 398: all public access to {bucket} is blocked");
}

async fn assert_encrypted(cloud: &Cloud, bucket: &str, key: &KeyMetadata) {
    let answer = cloud.s3.get_bucket_encryption().bucket(bucket).send().await.unwrap();
    let [rule] = answer.server_side_encryption_configuration().unwrap().rules() else { panic!("one rule") };
    let default = rule.apply_server_side_encryption_by_default().unwrap();
    let found = (default.sse_algorithm(), default.kms_master_key_id());
    assert_eq!(found, (&ServerSideEncryption::AwsKms, key.arn()), "lines 22 and 304: KMS encryption");
    let put =
        cloud.s3.put_object().bucket(bucket).key("a.epub").body(b"a".to_vec().into()).send().await.unwrap();
    assert_eq!(put.ssekms_key_id(), key.arn(), "line 22: what is uploaded is encrypted with the key");
    let head = cloud.s3.head_object().bucket(bucket).key("a.epub").send().await.unwrap();
    let class = head.storage_class().unwrap_or(&StorageClass::Standard);
    assert_eq!(class, &StorageClass::Standard, "lines 35 and 352: S3 standard");
    let version = put.version_id().expect("line 25: what is uploaded is a version");
    cloud.s3.delete_object().bucket(bucket).key("a.epub").version_id(version).send().await.unwrap();
}

async fn assert_old_versions_expire(cloud: &Cloud, bucket: &str, expected: &Expected<'_>) {
    let answer = cloud.s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await.unwrap();
    let enabled: Vec<_> =
        answer.rules().iter().filter(|rule| *rule.status() == ExpirationStatus::Enabled).collect();
    let days: Vec<i32> =
        enabled.iter().filter_map(|rule| rule.noncurrent_version_expiration()?.noncurrent_days()).collect();
    assert_eq!(days, [expected.previous_versions_days], "line 354: lifecycle of old versions");
    let current = enabled.iter().filter_map(|rule| rule.expiration()?.days()).count();
    assert_eq!(current, 0, "line 35: what is current never expires");
}

async fn assert_takes_logs(cloud: &Cloud, logs: &str, bucket: &str, expected: &Expected<'_>) {
    let answer = cloud.s3.get_bucket_encryption().bucket(logs).send().await.unwrap();
    let rules = answer.server_side_encryption_configuration().unwrap().rules();
    let default = rules[0].apply_server_side_encryption_by_default().unwrap();
    let cited = "line 36: at rest, as S3 demands it of buckets for logs";
    assert_eq!(*default.sse_algorithm(), ServerSideEncryption::Aes256, "{cited}");
    let lifecycle = cloud.s3.get_bucket_lifecycle_configuration().bucket(logs).send().await.unwrap();
    let days: Vec<i32> = lifecycle.rules().iter().filter_map(|rule| rule.expiration()?.days()).collect();
    assert_eq!(days, [expected.access_log_days], "line 323: logs are kept for a while");
    let own = cloud.s3.get_bucket_logging().bucket(logs).send().await;
    let recursion = own.map(|logging| logging.logging_enabled().is_some());
    assert!(!recursion.unwrap_or_else(|error| panic!("{:?}", error.code())), "line 275: logs are not logged");

    let policy = cloud.bucket_policy(logs).await;
    let deliver = statement(&policy["Statement"], "DeliverLogs");
    assert_eq!(
        deliver["Principal"],
        json!({ "Service": "logging.s3.amazonaws.com" }),
        "line 29: S3 may write"
    );
    assert_eq!(deliver["Action"], "s3:PutObject", "line 309");
    assert_eq!(deliver["Resource"], format!("arn:aws:s3:::{logs}/{bucket}/*"), "line 309");
    let condition = json!({
        "ArnLike": { "aws:SourceArn": format!("arn:aws:s3:::{bucket}") },
        "StringEquals": { "aws:SourceAccount": expected.account },
    });
    assert_eq!(deliver["Condition"], condition, "line 309: for this bucket alone");
    assert_eq!(statement(&policy["Statement"], "TlsOnly")["Effect"], "Deny", "line 36: in transit");
}

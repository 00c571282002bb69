//! The bucket with the books, the one with the logs, and the key.

use aws_sdk_s3::types::{
    BucketVersioningStatus, ExpirationStatus, ObjectOwnership, ServerSideEncryption, TransitionStorageClass,
};
use serde_json::{Value as Json, json};

use super::{Access, Expected};
use crate::cloud::{Cloud, statements};

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let (books, logs) = (expected.bucket(), expected.log_bucket());
    let list = cloud.s3.list_buckets().send().await.unwrap();
    let names: Vec<&str> = list.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    assert_eq!(
        names,
        [&books, &logs],
        "Components, line 56: `ebooks-storage`; Functional Requirements, line 28"
    );
    for bucket in [&books, &logs] {
        assert_private(cloud, bucket).await;
    }
    assert_encrypted(cloud, expected).await;
    assert_old_versions_are_cheap(cloud, &books).await;
    assert_open_to_cloudfront_alone(cloud, expected).await;
    assert_logged(cloud, expected).await;
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
    let cited = "Components, line 61, and Acceptance, line 122: no public access";
    assert_eq!(all, [Some(true); 4], "{cited} to {bucket}");
    let [deny] = &of_effect(cloud.bucket_policy(bucket).await, "Deny")[..] else {
        panic!("Security, line 114: {bucket} refuses what is not encrypted on its way")
    };
    let insecure = json!({ "Bool": { "aws:SecureTransport": "false" } });
    assert_eq!((&deny["Principal"], &deny["Action"]), (&json!("*"), &json!("s3:*")), "Security, line 114");
    assert_eq!(deny["Condition"], insecure, "Security, line 114: HTTPS for all requests to {bucket}");
}

async fn assert_encrypted(cloud: &Cloud, expected: &Expected<'_>) {
    let answer = cloud.s3.get_bucket_encryption().bucket(expected.bucket()).send().await.unwrap();
    let [rule] = answer.server_side_encryption_configuration().unwrap().rules() else {
        panic!("Functional Requirements, line 22: one way of encryption")
    };
    let default = rule.apply_server_side_encryption_by_default().unwrap();
    let aliases = cloud.kms.list_aliases().send().await.unwrap();
    let own = format!("alias/{}", expected.name());
    let own = aliases.aliases().iter().find(|alias| alias.alias_name() == Some(&own));
    let Access::Control { given_key } = expected.access else {
        assert_eq!(default.sse_algorithm(), &ServerSideEncryption::Aes256, "encrypted by S3");
        assert!(own.is_none(), "no key that nothing needs");
        return;
    };
    let kms = &ServerSideEncryption::AwsKms;
    assert_eq!(
        default.sse_algorithm(),
        kms,
        "Functional Requirements, line 22, and Acceptance, line 123: KMS"
    );
    assert_eq!(rule.bucket_key_enabled(), Some(true), "Non-Functional Requirements, line 34: cost");
    let used = default.kms_master_key_id().unwrap();
    if let Some(given) = given_key {
        assert_eq!(used, given, "Prompt, line 139: the key that was provided");
        assert!(own.is_none(), "Template Structure, line 83: none is made if one is provided");
        return;
    }
    let own = own.expect("Template Structure, line 83, and Prompt, line 139: a key is made").target_key_id();
    assert!(used.ends_with(own.unwrap()), "{used} is the key that was made");
    let rotation = cloud.kms.get_key_rotation_status().key_id(used).send().await.unwrap();
    assert!(rotation.key_rotation_enabled(), "Security, line 115: its material changes");

    let policy = cloud.kms.get_key_policy().key_id(used).policy_name("default").send().await.unwrap();
    let (distribution, _) = cloud.distribution().await;
    let statements = statements(policy.policy().unwrap());
    let for_cloudfront: Vec<&Json> =
        statements.iter().filter(|it| it["Principal"]["Service"] == "cloudfront.amazonaws.com").collect();
    let [statement] = for_cloudfront[..] else { panic!("High-level Flow, line 48: CloudFront decrypts") };
    assert_eq!(statement["Action"], "kms:Decrypt", "High-level Flow, line 48: and does no more");
    let that = json!({ "StringEquals": { "AWS:SourceArn": distribution.arn() } });
    assert_eq!(statement["Condition"], that, "Security, line 117: that distribution alone");
    assert_eq!(statements.len(), 2, "and else the account decides");
}

async fn assert_old_versions_are_cheap(cloud: &Cloud, bucket: &str) {
    let versioning = cloud.s3.get_bucket_versioning().bucket(bucket).send().await.unwrap();
    let enabled = Some(&BucketVersioningStatus::Enabled);
    assert_eq!(versioning.status(), enabled, "Implementation Notes, line 95: versioning");
    let answer = cloud.s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await.unwrap();
    let rules = || answer.rules().iter().filter(|rule| *rule.status() == ExpirationStatus::Enabled);
    let mut moves: Vec<(i32, String)> = rules()
        .flat_map(|rule| rule.noncurrent_version_transitions())
        .map(|it| (it.noncurrent_days().unwrap(), it.storage_class().unwrap().as_str().to_owned()))
        .collect();
    moves.sort();
    let wanted = [(30, TransitionStorageClass::StandardIa), (90, TransitionStorageClass::Glacier)];
    let wanted = wanted.map(|(days, class)| (days, class.as_str().to_owned()));
    assert_eq!(moves, wanted, "Cost Optimization, line 103: older versions move to IA and to Glacier");
    assert!(rules().all(|rule| rule.transitions().is_empty()), "the books that are read stay where they are");
}

async fn assert_open_to_cloudfront_alone(cloud: &Cloud, expected: &Expected<'_>) {
    let bucket = expected.bucket();
    let cited = "Functional Requirements, line 26, and Acceptance, line 122";
    let [statement] = &of_effect(cloud.bucket_policy(&bucket).await, "Allow")[..] else {
        panic!("{cited}: nobody but CloudFront is let in")
    };
    assert_eq!(statement["Action"], "s3:GetObject", "{cited}: it fetches objects");
    assert_eq!(statement["Resource"], format!("arn:aws:s3:::{bucket}/*"), "{cited}");
    let (distribution, config) = cloud.distribution().await;
    let [origin] = config.origins().unwrap().items() else { panic!("Components, line 57: one origin") };
    let identity = origin.s3_origin_config().map(|s3| s3.origin_access_identity()).unwrap_or_default();
    match expected.access {
        Access::Control { .. } => {
            assert_eq!(statement["Principal"], json!({ "Service": "cloudfront.amazonaws.com" }), "{cited}");
            let that = json!({ "StringEquals": { "AWS:SourceArn": distribution.arn() } });
            assert_eq!(statement["Condition"], that, "{cited}: for this distribution");
            assert_eq!(identity, "", "{cited}: a control, and no identity");
        }
        Access::Identity => {
            let id = identity.strip_prefix("origin-access-identity/cloudfront/");
            let id = id.expect("Template Structure, line 76: an origin access identity");
            let user = format!("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {id}");
            assert_eq!(statement["Principal"], json!({ "AWS": user }), "Template Structure, line 84");
            assert_eq!(origin.origin_access_control_id(), Some(""), "an identity, and no control");
        }
    }
}

async fn assert_logged(cloud: &Cloud, expected: &Expected<'_>) {
    let (books, logs) = (expected.bucket(), expected.log_bucket());
    let logging = cloud.s3.get_bucket_logging().bucket(&books).send().await.unwrap();
    let target = logging.logging_enabled().expect("Functional Requirements, line 28: logging for audit");
    assert_eq!((target.target_bucket(), target.target_prefix()), (logs.as_str(), "s3/"), "line 28");
    let [allow] = &of_effect(cloud.bucket_policy(&logs).await, "Allow")[..] else {
        panic!("Functional Requirements, line 28: S3 may write its log, and nobody else")
    };
    assert_eq!(allow["Principal"], json!({ "Service": "logging.s3.amazonaws.com" }), "line 28");
    let controls = cloud.s3.get_bucket_ownership_controls().bucket(&logs).send().await.unwrap();
    let ownership = controls.ownership_controls().unwrap().rules()[0].object_ownership().clone();
    let cited = "Monitoring & Alerts, line 110: CloudFront can deliver its log";
    assert_eq!(ownership, ObjectOwnership::BucketOwnerPreferred, "{cited}: there are ACLs");
    let acl = cloud.s3.get_bucket_acl().bucket(&logs).send().await.unwrap();
    assert_eq!(acl.grants().len(), 2, "{cited}: and one that lets it, which we leave alone");
    let answer = cloud.s3.get_bucket_encryption().bucket(&logs).send().await.unwrap();
    let rule = &answer.server_side_encryption_configuration().unwrap().rules()[0];
    let algorithm = rule.apply_server_side_encryption_by_default().unwrap().sse_algorithm();
    assert_eq!(algorithm, &ServerSideEncryption::Aes256, "{cited}: into a bucket without a KMS key");
    let answer = cloud.s3.get_bucket_lifecycle_configuration().bucket(&logs).send().await.unwrap();
    let expires = answer.rules().iter().any(|rule| rule.expiration().is_some_and(|it| it.days().is_some()));
    assert!(expires, "Non-Functional Requirements, line 34: logs are not kept for ever");
}

fn of_effect(statements: Vec<Json>, effect: &str) -> Vec<Json> {
    statements.into_iter().filter(|statement| statement["Effect"] == effect).collect()
}

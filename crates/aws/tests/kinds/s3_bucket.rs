//! `aws_s3_bucket`.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types;
use futures::StreamExt;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::cloudfront::distribution;
use crate::lab::Lab;

mod refusals;

/// S3 at an address of its own has no names for buckets in the DNS.
pub(crate) fn client(lab: &Lab) -> Client {
    Client::from_conf(Builder::from(&lab.sdk).force_path_style(true).build())
}

/// That the first two calls of an operation are refused.
pub(crate) fn refused(operation: &str, status: u16, code: &str, message: &str) -> Fault {
    Fault {
        operation: Some(operation.to_owned()),
        times: Some(2),
        ..Fault::new(Effect::Error { status, code: code.to_owned(), message: message.to_owned() })
    }
}

/// `base` with more arguments, or other ones.
fn with(base: &Json, more: Json) -> Json {
    let mut configuration = base.clone();
    for (name, value) in more.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    configuration
}

#[tokio::test]
async fn is_private_and_encrypted_unless_said_otherwise() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    let mut bucket = lab.resource("aws_s3_bucket");
    let plain = json!({ "bucket": "plain-lab" });
    let created = bucket.create(plain.clone()).await;
    for (name, value) in [
        ("arn", "arn:aws:s3:::plain-lab"),
        ("bucket_domain_name", "plain-lab.s3.amazonaws.com"),
        ("bucket_regional_domain_name", "plain-lab.s3.us-east-1.amazonaws.com"),
        ("bucket_region", "us-east-1"),
        ("hosted_zone_id", "Z3AQBSTGFYJSTF"),
        ("website_domain", "s3-website-us-east-1.amazonaws.com"),
        ("website_endpoint", "plain-lab.s3-website-us-east-1.amazonaws.com"),
    ] {
        assert_eq!(created.get(name).as_str(), Some(value), "{name}");
    }
    // To say what holds anyway is no change.
    bucket.unchanged(json!({
        "bucket": "plain-lab",
        "acl": "private",
        "acceleration_status": "Suspended",
        "request_payer": "BucketOwner",
        "versioning": { "enabled": false },
        "ownership_controls": { "rule": { "object_ownership": "BucketOwnerEnforced" } },
        "public_access_block": { "block_public_policy": true },
        "server_side_encryption_configuration": {
            "rule": { "apply_server_side_encryption_by_default": { "sse_algorithm": "AES256" } },
        },
    }));
    let block = s3.get_public_access_block().bucket("plain-lab").send().await.unwrap();
    let block = block.public_access_block_configuration.unwrap();
    assert_eq!(
        [
            block.block_public_acls,
            block.block_public_policy,
            block.ignore_public_acls,
            block.restrict_public_buckets
        ],
        [Some(true); 4],
    );
    bucket.replaces(json!({ "bucket": "other-lab" }), &["bucket"]);
    bucket.replaces(json!({ "bucket_prefix": "other-" }), &["bucket_prefix"]);
    bucket.replaces(
        json!({ "bucket": "plain-lab", "object_lock_enabled": true, "versioning": { "enabled": true } }),
        &["object_lock_enabled"],
    );

    // Opened from outside, it is closed again, though no argument says so.
    s3.delete_public_access_block().bucket("plain-lab").send().await.unwrap();
    let settings =
        ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];
    let drifted = settings.map(|setting| format!("public_access_block.{setting}"));
    bucket.repair_drift(plain, &drifted.each_ref().map(String::as_str)).await;
    bucket.delete().await;
}

#[tokio::test]
async fn has_a_made_up_name() {
    let lab = Lab::new().await;
    let mut bucket = lab.resource("aws_s3_bucket");
    bucket.create(json!({ "bucket_prefix": "storytime-" })).await;
    assert_eq!(bucket.id.len(), "storytime-".len() + 26, "{}", bucket.id);
    bucket.delete().await;
}

#[tokio::test]
async fn takes_no_bucket_that_is_there() {
    let lab = Lab::new().await;
    client(&lab).create_bucket().bucket("there-lab").send().await.unwrap();
    let bucket = lab.resource("aws_s3_bucket");
    let refusal = bucket.create_fails(json!({ "bucket": "there-lab" })).await;
    assert!(refusal.contains("BucketAlreadyOwnedByYou"), "{refusal}");

    let stranger = Lab::new().await;
    let bucket = stranger.resource("aws_s3_bucket");
    let refusal = bucket.create_fails(json!({ "bucket": "there-lab" })).await;
    assert!(refusal.contains("BucketAlreadyExists"), "{refusal}");
}

#[tokio::test]
async fn keeps_the_tags_of_aws() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    let mut bucket = lab.resource("aws_s3_bucket");
    bucket.create(json!({ "bucket": "tags-lab", "tags": { "team": "video" } })).await;
    let tag = |key: &str| types::Tag::builder().key(key).value("1").build().unwrap();
    let tagging = types::Tagging::builder()
        .tag_set(tag("aws:cloudformation:stack-name"))
        .tag_set(tag("cost"))
        .build()
        .unwrap();
    s3.put_bucket_tagging().bucket("tags-lab").tagging(tagging).send().await.unwrap();
    bucket.repair_drift(json!({ "bucket": "tags-lab", "tags": { "team": "video" } }), &["tags"]).await;
    bucket.update(json!({ "bucket": "tags-lab" })).await;
    let tags = s3.get_bucket_tagging().bucket("tags-lab").send().await.unwrap();
    assert_eq!(tags.tag_set(), [tag("aws:cloudformation:stack-name")]);
    bucket.delete().await;
}

#[tokio::test]
async fn is_in_a_region() {
    let mut other = Lab::new().await;
    other.move_to("eu-central-1");
    let mut bucket = other.resource("aws_s3_bucket");
    let created = bucket.create(json!({ "bucket": "region-lab" })).await;
    for (name, value) in [
        ("bucket_region", "eu-central-1"),
        ("bucket_regional_domain_name", "region-lab.s3.eu-central-1.amazonaws.com"),
        ("website_endpoint", "region-lab.s3-website.eu-central-1.amazonaws.com"),
    ] {
        assert_eq!(created.get(name).as_str(), Some(value), "{name}");
    }
    let location = client(&other).get_bucket_location().bucket("region-lab").send().await.unwrap();
    assert_eq!(location.location_constraint, Some(types::BucketLocationConstraint::EuCentral1));
    bucket.delete().await;
}

#[tokio::test]
async fn waits_for_its_turn() {
    let lab = Lab::new().await;
    let message = "A conflicting conditional operation is currently in progress against this resource.";
    for operation in ["CreateBucket", "PutPublicAccessBlock", "PutBucketTagging", "DeleteBucket"] {
        lab.inject(refused(operation, 409, "OperationAborted", message));
    }
    let mut bucket = lab.resource("aws_s3_bucket");
    bucket.create(json!({ "bucket": "turn-lab", "tags": { "team": "video" } })).await;
    bucket.delete().await;
}

#[tokio::test]
async fn a_lost_reply_makes_no_second_bucket() {
    let lab = Lab::new().await;
    let lost =
        Fault { operation: Some("CreateBucket".to_owned()), times: Some(1), ..Fault::new(Effect::LoseReply) };
    lab.inject(lost);
    let mut bucket = lab.resource("aws_s3_bucket");
    bucket.create(json!({ "bucket": "lost-lab" })).await;
    bucket.delete().await;
}

#[tokio::test]
async fn access_can_be_opened_and_closed() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    let mut bucket = lab.resource("aws_s3_bucket");
    let plain = json!({ "bucket": "access-lab" });
    let open = with(
        &plain,
        json!({
            "ownership_controls": { "rule": { "object_ownership": "BucketOwnerPreferred" } },
            "public_access_block": { "block_public_acls": false, "ignore_public_acls": false },
        }),
    );
    let read = with(&open, json!({ "acl": "public-read" }));
    bucket.create(read.clone()).await;
    bucket.update(with(&open, json!({ "acl": "log-delivery-write" }))).await;
    bucket.update(with(&open, json!({ "acl": "public-read-write" }))).await;
    bucket.update(with(&open, json!({ "acl": "authenticated-read" }))).await;
    let owner = s3.get_bucket_acl().bucket("access-lab").send().await.unwrap().owner.unwrap().id.unwrap();
    let grants = json!({ "grant": [
        { "type": "CanonicalUser", "id": owner, "permissions": ["FULL_CONTROL"] },
        { "type": "Group", "uri": "http://acs.amazonaws.com/groups/s3/LogDelivery", "permissions": ["READ_ACP", "WRITE"] },
    ] });
    bucket.update(with(&open, grants.clone())).await;
    let acl = s3.get_bucket_acl().bucket("access-lab").send().await.unwrap();
    assert_eq!(acl.grants().len(), 3);
    s3.put_bucket_acl().bucket("access-lab").acl(types::BucketCannedAcl::PublicRead).send().await.unwrap();
    bucket.repair_drift(with(&open, grants), &["grant"]).await;
    bucket.update(read.clone()).await;
    bucket
        .update(with(
            &open,
            json!({ "ownership_controls": { "rule": { "object_ownership": "ObjectWriter" } } }),
        ))
        .await;
    bucket.update(read).await;
    bucket.update(plain).await;
    let acl = s3.get_bucket_acl().bucket("access-lab").send().await.unwrap();
    assert_eq!(acl.grants().len(), 1);
    bucket.delete().await;
}

#[tokio::test]
async fn keeps_what_cloudfront_needs_to_log_to_it() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    let logs = |tags: Json| {
        json!({
            "bucket": "logs-lab",
            "ownership_controls": { "rule": { "object_ownership": "BucketOwnerPreferred" } },
            "tags": tags,
        })
    };
    let mut bucket = lab.resource("aws_s3_bucket");
    bucket.create(logs(json!({}))).await;
    let mut cdn = lab.resource("aws_cloudfront_distribution");
    let logging = json!({ "logging_config": { "bucket": "logs-lab.s3.amazonaws.com" } });
    cdn.create(distribution(logging)).await;
    // That CloudFront is in the ACL now is nothing to be repaired.
    bucket.update(logs(json!({ "a": "1" }))).await;
    let acl = s3.get_bucket_acl().bucket("logs-lab").send().await.unwrap();
    let grantees = acl.grants().iter().filter_map(|grant| grant.grantee()?.id());
    assert_eq!(grantees.count(), 2, "the owner, and CloudFront: {acl:?}");
}

#[tokio::test]
async fn settings_come_change_and_go() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    let logs = "settings-logs-lab";
    s3.create_bucket().bucket(logs).send().await.unwrap();
    let mut bucket = lab.resource("aws_s3_bucket");
    let plain = json!({ "bucket": "settings-lab" });
    let full = with(
        &plain,
        json!({
            "server_side_encryption_configuration": { "rule": {
                "bucket_key_enabled": true,
                "apply_server_side_encryption_by_default": {
                    "sse_algorithm": "aws:kms",
                    "kms_master_key_id": "alias/lab",
                },
            } },
            "versioning": { "enabled": true },
            "cors_rule": [
                {
                    "allowed_methods": ["PUT", "POST"],
                    "allowed_origins": ["https://admin.example.com", "https://*.example.com"],
                    "allowed_headers": ["*"],
                    "expose_headers": ["ETag"],
                    "max_age_seconds": 3000,
                },
                { "id": "all", "allowed_methods": ["GET"], "allowed_origins": ["*"] },
            ],
            "website": {
                "index_document": "index.html",
                "error_document": "error.html",
                "routing_rules": [
                    { "Condition": { "KeyPrefixEquals": "docs/" }, "Redirect": { "ReplaceKeyPrefixWith": "documents/" } },
                ],
            },
            "logging": {
                "target_bucket": logs,
                "target_prefix": "log/",
                "target_object_key_format": { "partitioned_prefix": { "partition_date_source": "EventTime" } },
            },
            "acceleration_status": "Enabled",
            "request_payer": "Requester",
            "tags": { "team": "video", "cost": "1" },
        }),
    );
    bucket.create(full.clone()).await;
    let versioning = s3.get_bucket_versioning().bucket("settings-lab").send().await.unwrap();
    assert_eq!(versioning.status, Some(types::BucketVersioningStatus::Enabled));
    let cors = s3.get_bucket_cors().bucket("settings-lab").send().await.unwrap();
    assert_eq!(cors.cors_rules()[0].max_age_seconds(), Some(3000));
    let website = s3.get_bucket_website().bucket("settings-lab").send().await.unwrap();
    assert_eq!(website.routing_rules()[0].redirect().unwrap().replace_key_prefix_with(), Some("documents/"));

    for change in [
        json!({ "server_side_encryption_configuration": { "rule": {
            "apply_server_side_encryption_by_default": { "sse_algorithm": "aws:kms" },
            "blocked_encryption_types": ["SSE-C"],
        } } }),
        json!({ "cors_rule": [{ "allowed_methods": ["GET", "HEAD"], "allowed_origins": ["*"] }] }),
        json!({ "website": { "redirect_all_requests_to": "https://example.com" } }),
        json!({ "website": { "redirect_all_requests_to": "example.com" } }),
        json!({ "logging": { "target_bucket": logs, "target_grant": [{
            "permission": "READ",
            "grantee": { "type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" },
        }] } }),
        json!({ "tags": { "team": "audio" } }),
        json!({ "versioning": { "enabled": false } }),
        json!({ "versioning": { "enabled": true, "mfa": "arn:aws:iam::123456789012:mfa/root 123456" } }),
        json!({ "acceleration_status": "Suspended" }),
        json!({ "request_payer": "BucketOwner" }),
        json!({ "force_destroy": true }),
        json!({ "public_access_block": { "restrict_public_buckets": false, "block_public_policy": false } }),
    ] {
        bucket.update(with(&full, change)).await;
        bucket.update(full.clone()).await;
    }

    s3.put_bucket_versioning()
        .bucket("settings-lab")
        .versioning_configuration(
            types::VersioningConfiguration::builder()
                .status(types::BucketVersioningStatus::Suspended)
                .build(),
        )
        .send()
        .await
        .unwrap();
    s3.delete_bucket_cors().bucket("settings-lab").send().await.unwrap();
    s3.delete_bucket_tagging().bucket("settings-lab").send().await.unwrap();
    bucket.repair_drift(full, &["cors_rule", "tags", "versioning.enabled"]).await;

    bucket.update(plain).await;
    let website = s3.get_bucket_website().bucket("settings-lab").send().await.unwrap_err();
    assert_eq!(website.into_service_error().meta().code(), Some("NoSuchWebsiteConfiguration"));
    let cors = s3.get_bucket_cors().bucket("settings-lab").send().await.unwrap_err();
    assert_eq!(cors.into_service_error().meta().code(), Some("NoSuchCORSConfiguration"));
    let logging = s3.get_bucket_logging().bucket("settings-lab").send().await.unwrap();
    assert_eq!(logging.logging_enabled, None);
    let tags = s3.get_bucket_tagging().bucket("settings-lab").send().await.unwrap_err();
    assert_eq!(tags.into_service_error().meta().code(), Some("NoSuchTagSet"));
    let encryption = s3.get_bucket_encryption().bucket("settings-lab").send().await.unwrap();
    let rule = &encryption.server_side_encryption_configuration.unwrap().rules[0];
    assert_eq!(
        rule.apply_server_side_encryption_by_default().unwrap().sse_algorithm(),
        &types::ServerSideEncryption::Aes256
    );
    bucket.delete().await;
}

#[tokio::test]
async fn objects_grow_old() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    let mut bucket = lab.resource("aws_s3_bucket");
    let plain = json!({ "bucket": "lifecycle-lab", "versioning": { "enabled": true } });
    let rules = |first: Json| {
        with(
            &plain,
            json!({ "lifecycle_rule": [
                first,
                { "id": "uploads", "enabled": true, "abort_incomplete_multipart_upload_days": 7 },
                { "id": "markers", "enabled": true, "prefix": "m/", "expiration": { "expired_object_delete_marker": true } },
            ] }),
        )
    };
    let first = json!({
        "id": "old",
        "enabled": true,
        "prefix": "old/",
        "tags": { "class": "archive", "kind": "video" },
        "object_size_greater_than": 131_072,
        "object_size_less_than": 1_000_000_000,
        "transition": [
            { "days": 90, "storage_class": "GLACIER" },
            { "days": 30, "storage_class": "STANDARD_IA" },
        ],
        "expiration": { "days": 365 },
        "noncurrent_version_transition": [
            { "days": 30, "newer_noncurrent_versions": 2, "storage_class": "STANDARD_IA" },
        ],
        "noncurrent_version_expiration": { "days": 90, "newer_noncurrent_versions": 3 },
    });
    let full = rules(first.clone());
    bucket.create(full.clone()).await;
    let read = s3.get_bucket_lifecycle_configuration().bucket("lifecycle-lab").send().await.unwrap();
    let and = read.rules()[0].filter().unwrap().and().unwrap().clone();
    assert_eq!((and.prefix(), and.tags().len()), (Some("old/"), 2));
    assert_eq!(
        (and.object_size_greater_than(), and.object_size_less_than()),
        (Some(131_072), Some(1_000_000_000))
    );

    for (name, value) in [
        ("id", json!("older")),
        ("enabled", json!(false)),
        ("prefix", json!("")),
        ("tags", json!({ "class": "archive" })),
        ("object_size_greater_than", json!(0)),
        ("object_size_less_than", json!(null)),
        ("transition", json!([{ "days": 60, "storage_class": "STANDARD_IA" }])),
        ("expiration", json!({ "days": 400 })),
        ("expiration", json!(null)),
        ("noncurrent_version_transition", json!([])),
        ("noncurrent_version_expiration", json!({ "days": 100 })),
    ] {
        bucket.update(rules(with(&first, json!({ name: value })))).await;
    }
    // Each condition alone, where S3 has another form than for several; and none.
    for condition in [
        json!({ "prefix": "one/" }),
        json!({ "tags": { "one": "1" } }),
        json!({ "object_size_greater_than": 1 }),
        json!({ "object_size_less_than": 1 }),
        json!({}),
        json!({ "id": "dated", "transition": [{ "date": "2029-01-31", "storage_class": "GLACIER" }] }),
    ] {
        let rule = json!({ "id": "one", "enabled": true, "expiration": { "date": "2030-01-31" } });
        bucket.update(with(&plain, json!({ "lifecycle_rule": [with(&rule, condition)] }))).await;
    }
    let sized = with(&full, json!({ "transition_default_minimum_object_size": "all_storage_classes_128K" }));
    bucket.update(sized.clone()).await;
    s3.delete_bucket_lifecycle().bucket("lifecycle-lab").send().await.unwrap();
    bucket.repair_drift(sized, &["lifecycle_rule"]).await;
    bucket.update(plain).await;
    let gone = s3.get_bucket_lifecycle_configuration().bucket("lifecycle-lab").send().await.unwrap_err();
    assert_eq!(gone.into_service_error().meta().code(), Some("NoSuchLifecycleConfiguration"));
    bucket.delete().await;
}

#[tokio::test]
async fn objects_are_copied() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    let versioned =
        types::VersioningConfiguration::builder().status(types::BucketVersioningStatus::Enabled).build();
    for name in ["copies-one-lab", "copies-two-lab"] {
        s3.create_bucket().bucket(name).send().await.unwrap();
        s3.put_bucket_versioning()
            .bucket(name)
            .versioning_configuration(versioned.clone())
            .send()
            .await
            .unwrap();
    }
    let mut bucket = lab.resource("aws_s3_bucket");
    let plain = json!({ "bucket": "copied-lab" });
    let replicated = |role: &str, rules: Json| {
        with(
            &plain,
            json!({
                "versioning": { "enabled": true },
                "replication_configuration": { "role": format!("arn:aws:iam::123456789012:role/{role}"), "rules": rules },
            }),
        )
    };
    let one = json!({ "bucket": "arn:aws:s3:::copies-one-lab" });
    let two = json!({ "bucket": "arn:aws:s3:::copies-two-lab", "storage_class": "STANDARD_IA" });
    let everything = json!({
        "id": "everything",
        "status": "Enabled",
        "priority": 2,
        "filter": {},
        "delete_marker_replication_status": "Enabled",
        "destination": {
            "bucket": "arn:aws:s3:::copies-one-lab",
            "storage_class": "STANDARD",
            "account_id": "210987654321",
            "access_control_translation": { "owner": "Destination" },
            "replica_kms_key_id": "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000",
            "metrics": {},
            "replication_time": {},
        },
        "source_selection_criteria": {
            "sse_kms_encrypted_objects": { "enabled": true },
            "replica_modifications": { "enabled": true },
        },
    });
    let tagged = json!({
        "id": "tagged",
        "status": "Disabled",
        "priority": 1,
        "filter": { "prefix": "a/", "tags": { "copy": "yes" } },
        "destination": two,
    });
    bucket.create(replicated("copier", json!([everything, tagged]))).await;
    for change in [
        json!({ "status": "Disabled" }),
        json!({ "priority": 3 }),
        json!({ "filter": { "prefix": "b/" } }),
        json!({ "filter": { "tags": { "one": "1" } }, "delete_marker_replication_status": null }),
        json!({ "id": "all" }),
        json!({ "destination": one, "source_selection_criteria": null }),
        json!({ "destination": with(&one, json!({ "metrics": { "status": "Disabled" } })), "source_selection_criteria": null }),
    ] {
        bucket.update(replicated("copier", json!([with(&everything, change), tagged]))).await;
    }
    bucket.update(replicated("other", json!([everything]))).await;
    // Of the first kind, with and without a prefix.
    bucket
        .update(replicated("other", json!([{ "status": "Enabled", "prefix": "c/", "destination": two }])))
        .await;
    let simple = replicated("other", json!([{ "status": "Enabled", "destination": one }]));
    bucket.update(simple.clone()).await;
    s3.delete_bucket_replication().bucket("copied-lab").send().await.unwrap();
    bucket.repair_drift(simple, &["replication_configuration"]).await;
    // Both go, in the right order.
    bucket.update(plain).await;
    let gone = s3.get_bucket_replication().bucket("copied-lab").send().await.unwrap_err();
    assert_eq!(gone.into_service_error().meta().code(), Some("ReplicationConfigurationNotFoundError"));
    bucket.delete().await;
}

#[tokio::test]
async fn versions_are_locked() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    let mut bucket = lab.resource("aws_s3_bucket");
    let locked = json!({
        "bucket": "locked-lab",
        "object_lock_enabled": true,
        "versioning": { "enabled": true },
        "force_destroy": true,
    });
    let retained = |retention: Json| {
        with(&locked, json!({ "object_lock_configuration": { "rule": { "default_retention": retention } } }))
    };
    bucket.create(retained(json!({ "mode": "GOVERNANCE", "days": 1 }))).await;
    bucket.update(retained(json!({ "mode": "GOVERNANCE", "years": 1 }))).await;
    bucket.update(retained(json!({ "mode": "COMPLIANCE", "days": 2 }))).await;
    bucket
        .update(with(&locked, json!({ "object_lock_configuration": { "object_lock_enabled": "Enabled" } })))
        .await;
    bucket.update(locked.clone()).await;
    bucket.update(retained(json!({ "mode": "GOVERNANCE", "days": 1 }))).await;
    let mut unlocked = locked.clone();
    unlocked["object_lock_enabled"] = json!(false);
    bucket.replaces(unlocked, &["object_lock_enabled"]);

    // Both locks give way to a forced destroy.
    let retained =
        s3.put_object().bucket("locked-lab").key("retained").body(ByteStream::from_static(b"1")).send();
    retained.await.unwrap();
    let held = s3
        .put_object()
        .bucket("locked-lab")
        .key("held")
        .object_lock_legal_hold_status(types::ObjectLockLegalHoldStatus::On)
        .body(ByteStream::from_static(b"1"))
        .send();
    held.await.unwrap();
    bucket.delete().await;
}

#[tokio::test]
async fn is_emptied_only_on_demand() {
    let lab = Lab::new().await;
    let s3 = client(&lab);
    let mut bucket = lab.resource("aws_s3_bucket");
    let full = json!({ "bucket": "full-lab", "versioning": { "enabled": true } });
    bucket.create(full.clone()).await;
    // More than a page and a batch have.
    futures::stream::iter(0..1005)
        .for_each_concurrent(16, |number| {
            let put = s3.put_object().bucket("full-lab").key(format!("{number:04}"));
            async move {
                put.body(ByteStream::from_static(b"1")).send().await.unwrap();
            }
        })
        .await;
    s3.delete_object().bucket("full-lab").key("0000").send().await.unwrap();
    for key in ["one", "two"] {
        s3.create_multipart_upload().bucket("full-lab").key(key).send().await.unwrap();
    }
    let refusal = bucket.delete_fails().await;
    assert!(refusal.contains("BucketNotEmpty"), "{refusal}");
    bucket.update(with(&full, json!({ "force_destroy": true }))).await;
    bucket.delete().await;
    s3.create_bucket().bucket("full-lab").send().await.unwrap();
    assert_eq!(s3.list_multipart_uploads().bucket("full-lab").send().await.unwrap().uploads().len(), 0);
}

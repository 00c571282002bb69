//! The place of states is made, found, and made right.

use std::collections::BTreeMap;

use aws_sdk_s3::types;
use provision_aws::state::{Outcome, StateLocation, bootstrap, open};
use provision_sandbox::{Effect, Fault};
use serde_json::{Value, json};

use crate::lab::Lab;

async fn run(lab: &Lab, location: &StateLocation) -> Vec<Outcome> {
    let tags = BTreeMap::from([("team".to_owned(), "video".to_owned())]);
    let prepared = bootstrap(&lab.aws, location, &tags).await.expect("bootstrap");
    prepared.into_iter().map(|one| one.outcome).collect()
}

fn changed(settings: &[&str]) -> Outcome {
    Outcome::Changed(settings.iter().map(|setting| (*setting).to_owned()).collect())
}

#[tokio::test]
async fn it_makes_a_bucket_and_finds_it_again() {
    let lab = Lab::new().await;
    let location = lab.location();
    assert_eq!(run(&lab, &location).await, [Outcome::Made]);
    assert_eq!(run(&lab, &location).await, [Outcome::Found]);

    let (s3, bucket) = (lab.s3(), location.bucket.as_str());
    let versioning = s3.get_bucket_versioning().bucket(bucket).send().await.unwrap();
    assert_eq!(versioning.status, Some(types::BucketVersioningStatus::Enabled));
    let block = s3.get_public_access_block().bucket(bucket).send().await.unwrap();
    let block = block.public_access_block_configuration.unwrap();
    for blocked in [
        block.block_public_acls,
        block.block_public_policy,
        block.ignore_public_acls,
        block.restrict_public_buckets,
    ] {
        assert_eq!(blocked, Some(true));
    }
    let ownership = s3.get_bucket_ownership_controls().bucket(bucket).send().await.unwrap();
    assert_eq!(
        ownership.ownership_controls.unwrap().rules[0].object_ownership,
        types::ObjectOwnership::BucketOwnerEnforced
    );
    assert_eq!(
        policy(&lab, bucket).await,
        json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }] })
    );
    let lifecycle = s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await.unwrap();
    let [rule] = lifecycle.rules() else { panic!("one rule") };
    let versions = rule.noncurrent_version_expiration.as_ref().unwrap();
    assert_eq!(versions.noncurrent_days, Some(90));
    assert_eq!(versions.newer_noncurrent_versions, Some(100));
    let uploads = rule.abort_incomplete_multipart_upload.as_ref().unwrap();
    assert_eq!(uploads.days_after_initiation, Some(1));
    let encryption = s3.get_bucket_encryption().bucket(bucket).send().await.unwrap();
    let [rule] = encryption.server_side_encryption_configuration().unwrap().rules() else {
        panic!("one rule")
    };
    let default = rule.apply_server_side_encryption_by_default().unwrap();
    assert_eq!(default.sse_algorithm(), &types::ServerSideEncryption::Aes256);
    let tags = s3.get_bucket_tagging().bucket(bucket).send().await.unwrap().tag_set;
    assert_eq!(tags.iter().map(|tag| (tag.key(), tag.value())).collect::<Vec<_>>(), [("team", "video")]);
}

#[tokio::test]
async fn it_repairs_what_someone_changed() {
    let lab = Lab::new().await;
    let location = lab.location();
    run(&lab, &location).await;
    let (s3, bucket) = (lab.s3(), location.bucket.as_str());
    let suspended =
        types::VersioningConfiguration::builder().status(types::BucketVersioningStatus::Suspended).build();
    s3.put_bucket_versioning().bucket(bucket).versioning_configuration(suspended).send().await.unwrap();
    s3.delete_public_access_block().bucket(bucket).send().await.unwrap();
    s3.delete_bucket_policy().bucket(bucket).send().await.unwrap();
    s3.delete_bucket_lifecycle().bucket(bucket).send().await.unwrap();
    s3.delete_bucket_tagging().bucket(bucket).send().await.unwrap();
    let outcomes = run(&lab, &location).await;
    let [Outcome::Changed(settings)] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    let mut settings = settings.clone();
    settings.sort();
    assert_eq!(settings, ["lifecycle_rule", "policy", "public_access_block", "tags", "versioning"]);
    assert_eq!(run(&lab, &location).await, [Outcome::Found]);
}

#[tokio::test]
async fn it_leaves_alone_what_states_do_not_depend_on() {
    let lab = Lab::new().await;
    let location = lab.location();
    let (s3, bucket) = (lab.s3(), location.bucket.as_str());
    s3.create_bucket().bucket(bucket).send().await.unwrap();
    let own = json!({ "Version": "2012-10-17", "Statement": {
        "Sid": "Own",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteBucket",
        "Resource": format!("arn:aws:s3:::{bucket}"),
    } });
    s3.put_bucket_policy().bucket(bucket).policy(own.to_string()).send().await.unwrap();
    let tag = types::Tag::builder().key("owner").value("finance").build().unwrap();
    let tagging = types::Tagging::builder().tag_set(tag).build().unwrap();
    s3.put_bucket_tagging().bucket(bucket).tagging(tagging).send().await.unwrap();
    let rule = types::LifecycleRule::builder()
        .id("own")
        .status(types::ExpirationStatus::Enabled)
        .filter(types::LifecycleRuleFilter::builder().prefix("logs/").build())
        .expiration(types::LifecycleExpiration::builder().days(7).build())
        .build()
        .unwrap();
    let rules = types::BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
    s3.put_bucket_lifecycle_configuration()
        .bucket(bucket)
        .lifecycle_configuration(rules)
        .send()
        .await
        .unwrap();

    assert!(matches!(run(&lab, &location).await[..], [Outcome::Changed(_)]));
    assert_eq!(run(&lab, &location).await, [Outcome::Found]);
    let policy = policy(&lab, bucket).await;
    let sids: Vec<_> = policy["Statement"].as_array().unwrap().iter().map(|one| &one["Sid"]).collect();
    assert_eq!(sids, ["Own", "TlsOnly"]);
    let lifecycle = s3.get_bucket_lifecycle_configuration().bucket(bucket).send().await.unwrap();
    let ids: Vec<_> = lifecycle.rules().iter().filter_map(types::LifecycleRule::id).collect();
    assert_eq!(ids, ["own", "provision-old-versions"]);
    let tags = s3.get_bucket_tagging().bucket(bucket).send().await.unwrap().tag_set;
    let mut names: Vec<_> = tags.iter().map(types::Tag::key).collect();
    names.sort_unstable();
    assert_eq!(names, ["owner", "team"]);
}

#[tokio::test]
async fn a_key_is_used_by_the_bucket_and_outlives_a_run_without_one() {
    let lab = Lab::new().await;
    let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let encrypted = StateLocation { kms_key_id: Some(key.to_owned()), ..lab.location() };
    run(&lab, &lab.location()).await;
    let changes = run(&lab, &encrypted).await;
    assert_eq!(changes, [changed(&["server_side_encryption_configuration"])]);
    assert_eq!(run(&lab, &encrypted).await, [Outcome::Found]);
    assert_eq!(run(&lab, &lab.location()).await, [Outcome::Found]);
    let encryption = lab.s3().get_bucket_encryption().bucket(&encrypted.bucket).send().await.unwrap();
    let [rule] = encryption.server_side_encryption_configuration().unwrap().rules() else {
        panic!("one rule")
    };
    assert_eq!(rule.bucket_key_enabled(), Some(true));
    assert_eq!(rule.apply_server_side_encryption_by_default().unwrap().kms_master_key_id(), Some(key));
}

#[tokio::test]
async fn other_regions_have_buckets_too() {
    let lab = Lab::new().await;
    let location = StateLocation { region: Some("eu-central-1".to_owned()), ..lab.location_with_table() };
    assert_eq!(run(&lab, &location).await, [Outcome::Made, Outcome::Made]);
    assert_eq!(run(&lab, &location).await, [Outcome::Found, Outcome::Found]);
    let there = aws_sdk_s3::config::Region::new("eu-central-1");
    let there = aws_sdk_s3::Client::from_conf(lab.s3_builder().region(there).build());
    let head = there.head_bucket().bucket(&location.bucket).send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("eu-central-1"));
    assert!(lab.dynamodb().describe_table().table_name("state-locks").send().await.is_err());
    let store = open(&lab.aws, &location, BTreeMap::new()).await.unwrap();
    assert_eq!(store.get("dev.json.lock").await.unwrap(), None);
}

#[tokio::test]
async fn it_makes_a_table_and_finds_it_again() {
    let lab = Lab::new().await;
    let location = lab.location_with_table();
    assert_eq!(run(&lab, &location).await, [Outcome::Made, Outcome::Made]);
    assert_eq!(run(&lab, &location).await, [Outcome::Found, Outcome::Found]);
    let client = lab.dynamodb();
    let table = client.describe_table().table_name("state-locks").send().await.unwrap().table.unwrap();
    assert_eq!(table.deletion_protection_enabled, Some(true));
    let mode = table.billing_mode_summary.and_then(|summary| summary.billing_mode);
    assert_eq!(mode, Some(aws_sdk_dynamodb::types::BillingMode::PayPerRequest));

    client.update_table().table_name("state-locks").deletion_protection_enabled(false).send().await.unwrap();
    let arn = table.table_arn.unwrap();
    client.untag_resource().resource_arn(arn).tag_keys("team").send().await.unwrap();
    let outcome = changed(&["deletion_protection_enabled", "tags"]);
    assert_eq!(run(&lab, &location).await, [Outcome::Found, outcome]);
    assert_eq!(run(&lab, &location).await, [Outcome::Found, Outcome::Found]);
}

#[tokio::test]
async fn a_table_of_something_else_is_refused() {
    use aws_sdk_dynamodb::types as table;
    let lab = Lab::new().await;
    let key = |name: &str, r#type| {
        table::KeySchemaElement::builder().attribute_name(name).key_type(r#type).build().unwrap()
    };
    let attribute = |name: &str| {
        let builder = table::AttributeDefinition::builder().attribute_name(name);
        builder.attribute_type(table::ScalarAttributeType::S).build().unwrap()
    };
    lab.dynamodb()
        .create_table()
        .table_name("state-locks")
        .attribute_definitions(attribute("LockID"))
        .attribute_definitions(attribute("Other"))
        .key_schema(key("LockID", table::KeyType::Hash))
        .key_schema(key("Other", table::KeyType::Range))
        .billing_mode(table::BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    let error = bootstrap(&lab.aws, &lab.location_with_table(), &BTreeMap::new()).await.unwrap_err();
    assert!(error.to_string().contains("not one of locks"), "{error}");
}

#[tokio::test]
async fn the_bucket_of_another_account_is_refused() {
    let lab = Lab::new().await;
    let location = lab.location();
    let neighbour = lab.neighbour().await;
    neighbour.s3().create_bucket().bucket(&location.bucket).send().await.unwrap();
    let error = bootstrap(&lab.aws, &location, &BTreeMap::new()).await.unwrap_err();
    assert!(error.to_string().contains("it may be of another account"), "{error}");
    assert!(error.hint.unwrap().contains("shared by all accounts"));

    // Nor if its owner has opened it to this account.
    let bucket = location.bucket.as_str();
    let open = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{}:root", lab.account) },
        "Action": "s3:*",
        "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")],
    } });
    neighbour.s3().put_bucket_policy().bucket(bucket).policy(open.to_string()).send().await.unwrap();
    let error = bootstrap(&lab.aws, &location, &BTreeMap::new()).await.unwrap_err();
    assert!(error.to_string().contains("is not of the account"), "{error}");
    assert!(lab.calls("PutBucketVersioning").is_empty(), "nothing was written");
}

#[tokio::test]
async fn a_bucket_in_another_region_is_refused() {
    let lab = Lab::new().await;
    let there = StateLocation { region: Some("eu-central-1".to_owned()), ..lab.location() };
    run(&lab, &there).await;
    let error = bootstrap(&lab.aws, &lab.location(), &BTreeMap::new()).await.unwrap_err();
    assert!(error.to_string().contains("eu-central-1"), "{error}");
    assert!(error.hint.unwrap().contains("set `region` in [state]"));
    let store = open(&lab.aws, &lab.location(), BTreeMap::new()).await.unwrap();
    let error = store.get("dev.json").await.unwrap_err();
    assert!(error.hint.unwrap().contains("set `region` in [state]"), "{}", error.message);
}

#[tokio::test]
async fn it_converges_whatever_fails() {
    let refused =
        Effect::Error { status: 403, code: "AccessDenied".to_owned(), message: "Access Denied".to_owned() };
    for (effect, survives) in [(Effect::LoseReply, true), (refused, false)] {
        for call in 0.. {
            let lab = Lab::new().await;
            let location = lab.location_with_table();
            let fault =
                Fault { mutating_only: true, skip: call, times: Some(1), ..Fault::new(effect.clone()) };
            lab.inject(fault);
            let tags = BTreeMap::from([("team".to_owned(), "video".to_owned())]);
            let outcome = bootstrap(&lab.aws, &location, &tags).await;
            let reached = lab.writes() > call;
            assert_eq!(outcome.is_ok(), survives || !reached, "{effect:?} at {call}: {outcome:?}");
            if outcome.is_err() {
                bootstrap(&lab.aws, &location, &tags).await.expect("the next run mends it");
            }
            assert_eq!(run(&lab, &location).await, [Outcome::Found, Outcome::Found], "{effect:?} at {call}");
            if !reached {
                assert!(call > 5, "there is more to write than {call} things");
                break;
            }
        }
    }
}

async fn policy(lab: &Lab, bucket: &str) -> Value {
    let policy = lab.s3().get_bucket_policy().bucket(bucket).send().await.unwrap().policy.unwrap();
    serde_json::from_str(&policy).unwrap()
}

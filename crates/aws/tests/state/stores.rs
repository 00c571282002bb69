//! The stores are stores, and say what they are told.

use std::collections::BTreeMap;
use std::sync::Arc;

use provision_aws::state::{DynamoDbStore, StateLocation, open};
use provision_engine::state::store::{Condition, Put, Store, StoreError, conformance, put};
use provision_sandbox::{Effect, Fault};

use crate::lab::{Lab, RealTime};

#[tokio::test]
async fn s3_is_a_store() {
    let lab = Lab::new().await;
    conformance::check(lab.store(&lab.location()).await, "storytime/", true).await;
}

#[tokio::test]
async fn s3_with_locks_in_dynamodb_is_a_store() {
    let lab = Lab::new().await;
    conformance::check(lab.store(&lab.location_with_table()).await, "storytime/", true).await;
}

#[tokio::test]
async fn dynamodb_is_a_store() {
    let lab = Lab::new().await;
    lab.store(&lab.location_with_table()).await;
    let builder = aws_sdk_dynamodb::config::Builder::from(&lab.sdk);
    let store = DynamoDbStore::new(builder, "state-locks".to_owned(), lab.location().bucket);
    conformance::check(Arc::new(store), "storytime/", false).await;
}

#[tokio::test]
async fn a_bucket_without_versions_is_a_store_that_keeps_nothing() {
    let lab = Lab::new().await;
    let location = lab.location();
    lab.s3().create_bucket().bucket(&location.bucket).send().await.unwrap();
    let store = open(&lab.aws, &location, BTreeMap::new()).await.unwrap();
    conformance::check(store.clone(), "storytime/", false).await;
    assert_eq!(done(&*store, "dev.json", "{}").await, None);
}

#[tokio::test]
async fn locks_are_in_the_table_under_the_key_of_terraform() {
    let lab = Lab::new().await;
    let location = lab.location_with_table();
    let store = lab.store(&location).await;
    assert_eq!(done(&*store, "storytime/dev.json.lock", "{\"ID\":\"1\"}").await, None);
    assert!(done(&*store, "storytime/dev.json", "{}").await.is_some());

    let items = lab.dynamodb().scan().table_name("state-locks").send().await.unwrap().items.unwrap();
    let texts: Vec<_> =
        items.iter().map(|item| (item["LockID"].as_s().unwrap(), item["Info"].as_s().unwrap())).collect();
    let id = format!("{}/storytime/dev.json.lock", location.bucket);
    assert_eq!(texts, [(&id, &"{\"ID\":\"1\"}".to_owned())]);
    let objects = lab.s3().list_objects_v2().bucket(&location.bucket).send().await.unwrap();
    let keys: Vec<_> = objects.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys, ["storytime/dev.json"]);
    assert_eq!(
        store.location("storytime/dev.json.lock"),
        format!("dynamodb://state-locks/{}/storytime/dev.json.lock", location.bucket)
    );
}

#[tokio::test]
async fn objects_are_json_checked_by_their_digest() {
    let lab = Lab::new().await;
    let location = lab.location();
    let store = lab.store(&location).await;
    done(&*store, "storytime/dev.json", "{}").await;
    let head = lab
        .s3()
        .head_object()
        .bucket(&location.bucket)
        .key("storytime/dev.json")
        .checksum_mode(aws_sdk_s3::types::ChecksumMode::Enabled)
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_type(), Some("application/json"));
    assert_eq!(head.checksum_sha256(), Some("RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="));
    assert_eq!(store.location("storytime/dev.json"), format!("s3://{}/storytime/dev.json", location.bucket));
}

#[tokio::test]
async fn a_put_whose_replies_are_lost_is_done_once() {
    let lab = Lab::new().await;
    for (location, service, operation) in
        [(lab.location(), "s3", "PutObject"), (lab.location_with_table(), "dynamodb", "PutItem")]
    {
        let store = lab.store(&location).await;
        let mut version = None;
        // One reply lost is repeated by the SDK, and the repetition refused; three are as often as it tries.
        for lost in [1, 3] {
            lab.inject(Fault {
                service: Some(service.to_owned()),
                operation: Some(operation.to_owned()),
                times: Some(lost),
                ..Fault::new(Effect::LoseReply)
            });
            let name = "storytime/dev.json.lock";
            let bytes = format!("{service} after {lost}");
            let condition = Condition::of(version.as_ref());
            let outcome = put(&*store, &RealTime, name, bytes.as_bytes(), &condition).await.unwrap();
            let Put::Done(now) = outcome else { panic!("{service}: {lost} lost replies: {outcome:?}") };
            let read = store.get(name).await.unwrap().unwrap();
            assert_eq!((read.bytes.as_slice(), &read.version), (bytes.as_bytes(), &now));
            version = Some(now);
        }
        if service == "s3" {
            let versions = lab.s3().list_object_versions().bucket(&location.bucket).send().await.unwrap();
            assert_eq!(versions.versions().len(), 2, "each put took effect once");
            store.delete_if("storytime/dev.json.lock", &version.unwrap()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_write_that_meets_another_is_repeated() {
    let lab = Lab::new().await;
    let store = lab.store(&lab.location()).await;
    let conflict = |operation: &str, times| Fault {
        operation: Some(operation.to_owned()),
        times: Some(times),
        ..Fault::new(Effect::Error {
            status: 409,
            code: "ConditionalRequestConflict".to_owned(),
            message: "The conditional request cannot succeed due to a conflicting operation.".to_owned(),
        })
    };
    lab.inject(conflict("PutObject", 2));
    let Put::Done(version) = store.put_if("dev.json", b"{}", &Condition::Absent).await.unwrap() else {
        panic!("it is put")
    };
    lab.inject(conflict("DeleteObject", 2));
    assert!(store.delete_if("dev.json", &version).await.unwrap());

    lab.inject(conflict("PutObject", 100));
    let error = store.put_if("dev.json", b"{}", &Condition::Absent).await.unwrap_err();
    assert!(error.is_passing, "{error}");
    assert_eq!(lab.calls("PutObject").len(), 3 + 6, "not forever");
}

#[tokio::test]
async fn what_was_suspended_is_not_kept() {
    let lab = Lab::new().await;
    let location = lab.location();
    let store = lab.store(&location).await;
    let suspended = aws_sdk_s3::types::VersioningConfiguration::builder()
        .status(aws_sdk_s3::types::BucketVersioningStatus::Suspended)
        .build();
    lab.s3()
        .put_bucket_versioning()
        .bucket(&location.bucket)
        .versioning_configuration(suspended)
        .send()
        .await
        .unwrap();
    assert_eq!(done(&*store, "dev.json", "{}").await, None);
}

#[tokio::test]
async fn what_never_was_has_no_revisions() {
    let lab = Lab::new().await;
    let store = lab.store(&lab.location()).await;
    let revision = done(&*store, "dev.json", "{}").await.unwrap();
    assert_eq!(store.revision("prod.json", &revision).await.unwrap(), None, "of another name");
    let read = store.get("dev.json").await.unwrap().unwrap();
    assert!(store.delete_if("dev.json", &read.version).await.unwrap());
    assert_eq!(store.revision("dev.json", &revision).await.unwrap(), Some(b"{}".to_vec()), "after a delete");
    let versions = lab.s3().list_object_versions().bucket(lab.location().bucket).send().await.unwrap();
    let mark = versions.delete_markers()[0].version_id().unwrap();
    assert_eq!(store.revision("dev.json", mark).await.unwrap(), None, "a delete has no content");
}

#[tokio::test]
async fn what_is_not_there_is_to_be_made() {
    let lab = Lab::new().await;
    let missing =
        StateLocation { bucket: format!("{}-missing", lab.location().bucket), ..lab.location_with_table() };
    let store = open(&lab.aws, &missing, BTreeMap::new()).await.unwrap();
    for name in ["dev.json", "dev.json.lock"] {
        for error in [
            store.get(name).await.unwrap_err(),
            store.put_if(name, b"{}", &Condition::Absent).await.unwrap_err(),
        ] {
            assert!(error.message.starts_with(&store.location(name)), "{error}");
            assert_eq!(error.hint.as_deref(), Some("make it: provision bootstrap ENV"), "{error}");
            assert!(!error.is_passing);
        }
    }
}

#[tokio::test]
async fn failures_say_whether_they_pass() {
    let lab = Lab::new().await;
    let store = lab.store(&lab.location_with_table()).await;
    let refusal =
        |status, code: &str| Effect::Error { status, code: code.to_owned(), message: "No.".to_owned() };
    for (effect, passes, hint) in [
        (refusal(500, "InternalError"), true, None),
        (Effect::LoseReply, true, Some("check the network")),
        (refusal(501, "NotImplemented"), false, None),
        (refusal(400, "ExpiredToken"), false, Some("aws sso login")),
        (refusal(403, "AccessDenied"), false, Some("docs/state.md")),
        (refusal(400, "KMS.DisabledException"), false, Some("kms_key_id")),
    ] {
        for (operation, name) in [("GetObject", "dev.json"), ("GetItem", "dev.json.lock")] {
            lab.inject(Fault {
                operation: Some(operation.to_owned()),
                times: Some(3),
                ..Fault::new(effect.clone())
            });
            let error = until_error(&*store, name).await;
            assert_eq!(error.is_passing, passes, "{effect:?}: {error}");
            let told = error.hint.unwrap_or_default();
            assert!(told.contains(hint.unwrap_or_default()), "{effect:?}: {told}");
            // What the SDK did not repeat is left over.
            while store.get(name).await.is_err() {}
        }
    }
}

/// The SDK alone gives up after three attempts, and does not know the code with which S3 says that KMS throttles.
#[tokio::test]
async fn throttling_is_waited_out() {
    let lab = Lab::new().await;
    let store = lab.store(&lab.location_with_table()).await;
    let kms = Effect::Error {
        status: 400,
        code: "KMS.ThrottlingException".to_owned(),
        message: "Slow.".to_owned(),
    };
    for effect in [Effect::Throttle, kms] {
        for (operation, name) in [("PutObject", "dev.json"), ("PutItem", "dev.json.lock")] {
            let fault =
                Fault { operation: Some(operation.to_owned()), times: Some(4), ..Fault::new(effect.clone()) };
            lab.inject(fault);
            let before = lab.calls(operation).len();
            let read = store.get(name).await.unwrap();
            let condition = Condition::of(read.as_ref().map(|read| &read.version));
            let put = store.put_if(name, b"{}", &condition).await.unwrap();
            assert!(matches!(put, Put::Done(_)), "{put:?}");
            assert_eq!(lab.calls(operation).len() - before, 5, "{operation}");
        }
    }
}

#[tokio::test]
async fn the_clock_is_that_of_the_store() {
    let lab = Lab::new().await;
    let store = lab.store(&lab.location_with_table()).await;
    store.get("dev.json.lock").await.unwrap();
    let local = std::time::SystemTime::now();
    let told = store.now();
    let apart = told.duration_since(local).unwrap_or_else(|error| error.duration());
    assert!(apart.as_secs() < 2, "{apart:?}");
}

async fn until_error(store: &dyn Store, name: &str) -> StoreError {
    store.get(name).await.expect_err("the call fails")
}

/// Puts what was not there, and gives its revision.
async fn done(store: &dyn Store, name: &str, content: &str) -> Option<String> {
    match store.put_if(name, content.as_bytes(), &Condition::Absent).await.unwrap() {
        Put::Done(version) => version.revision,
        Put::Refused => panic!("nothing was there"),
    }
}

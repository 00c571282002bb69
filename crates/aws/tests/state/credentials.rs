//! With whose credentials states are read and written, and how long those last.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use provision_aws::Aws;
use provision_aws::state::{StateLocation, credentials_expiry, open};
use provision_engine::state::store::{Condition, Put, conformance};
use serde_json::json;

use crate::lab::Lab;

#[tokio::test]
async fn a_role_of_the_buckets_account_is_assumed() {
    let lab = Lab::new().await;
    let owner = lab.neighbour().await;
    let location = owner.location_with_table();
    owner.store(&location).await;
    let trust = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{}:root", lab.account) },
        "Action": "sts:AssumeRole",
    } });
    let iam = aws_sdk_iam::Client::new(&owner.sdk);
    let role = iam.create_role().role_name("states").assume_role_policy_document(trust.to_string());
    let role = role.send().await.unwrap().role.unwrap();

    let alone = open(&lab.aws, &location, BTreeMap::new()).await.unwrap();
    let error = alone.get("dev.json").await.unwrap_err();
    assert!(error.message.contains("AccessDenied"), "{error}");

    let location = StateLocation { role_arn: Some(role.arn), ..location };
    let store = open(&lab.aws, &location, BTreeMap::new()).await.unwrap();
    for name in ["dev.json", "dev.json.lock"] {
        let put = store.put_if(name, b"{}", &Condition::Absent).await.unwrap();
        assert!(matches!(put, Put::Done(_)), "{put:?}");
    }
    conformance::check(store, "storytime/", true).await;
    assert_eq!(lab.calls("AssumeRole").len(), 1, "once for all calls");
    assert!(!owner.calls("PutItem").is_empty());
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_said() {
    let lab = Lab::new().await;
    let location = StateLocation { role_arn: Some("nobody".to_owned()), ..lab.location() };
    let store = open(&lab.aws, &location, BTreeMap::new()).await.unwrap();
    let error = store.get("dev.json").await.unwrap_err();
    assert!(!error.is_passing, "{error}");
    assert!(error.message.contains("credentials cannot be used"), "{error}");
}

#[tokio::test]
async fn credentials_say_when_they_end() {
    let lab = Lab::new().await;
    assert_eq!(credentials_expiry(&lab.aws).await, None);

    let end = SystemTime::now() + Duration::from_secs(900);
    let credentials = Credentials::new(&lab.account, "secret", Some("token".to_owned()), Some(end), "lab");
    let temporary =
        lab.sdk.to_builder().credentials_provider(SharedCredentialsProvider::new(credentials)).build();
    assert_eq!(credentials_expiry(&Aws::with_config(temporary)).await, Some(end));
}

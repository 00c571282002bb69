//! The policies that the documentation gives are enough, and nothing in them is too much: on a local AWS that enforces
//! them, a user with such a policy can do all that a store does, and one without any single action of it cannot.
//!
//! ministack asks for the action of each call by itself. What S3 asks for besides (`s3:ListBucket` to say that there is
//! no such object, `s3:GetObject` for a condition, KMS for encryption) is the sandbox's own rule, after AWS's
//! documentation; it looks at the actions and resources of a policy, and not at conditions, of which these have none.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use provision_aws::state::{StateLocation, open};
use provision_engine::state::store::{Condition, Put, Store, StoreError, Version, conformance};
use serde_json::{Value, json};

use crate::lab::Lab;

/// What an environment's objects begin with, in the documented policies.
const NAME: &str = "storytime/dev.json";

/// An account with all that the documented policies name, made by its root user.
struct Place {
    root: Lab,
    location: StateLocation,
    key: String,
}

impl Place {
    async fn new() -> Self {
        let root = Lab::strict().await;
        let location = root.location_with_table();
        let s3 = root.s3();
        // Not by `bootstrap`: through its policy nobody but the root user comes without TLS.
        s3.create_bucket().bucket(&location.bucket).send().await.unwrap();
        let versioning = aws_sdk_s3::types::VersioningConfiguration::builder()
            .status(aws_sdk_s3::types::BucketVersioningStatus::Enabled)
            .build();
        s3.put_bucket_versioning()
            .bucket(&location.bucket)
            .versioning_configuration(versioning)
            .send()
            .await
            .unwrap();
        let key = aws_sdk_kms::Client::new(&root.sdk).create_key().send().await.unwrap();
        let key = key.key_metadata.unwrap().arn.unwrap();
        let place = Self { root, location, key };
        place.make_table().await;
        place
    }

    async fn make_table(&self) {
        use aws_sdk_dynamodb::types::{
            AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
        };
        let attribute = AttributeDefinition::builder()
            .attribute_name("LockID")
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap();
        let key =
            KeySchemaElement::builder().attribute_name("LockID").key_type(KeyType::Hash).build().unwrap();
        let (client, name) = (self.root.dynamodb(), self.location.lock_table.as_deref().unwrap());
        client
            .create_table()
            .table_name(name)
            .attribute_definitions(attribute)
            .key_schema(key)
            .billing_mode(BillingMode::PayPerRequest)
            .send()
            .await
            .unwrap();
        let active = Some(aws_sdk_dynamodb::types::TableStatus::Active);
        while client.describe_table().table_name(name).send().await.unwrap().table.unwrap().table_status
            != active
        {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    /// The statements of documented policies, with the names of this place in those of the documentation's.
    fn statements(&self, policies: &[&str]) -> Vec<Value> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/state");
        let statements = policies.iter().flat_map(|policy| {
            let path = directory.join(format!("permissions-{policy}.json"));
            let text = std::fs::read_to_string(path)
                .unwrap()
                .replace("storytime-provision-state", &self.location.bucket)
                .replace("storytime-provision-locks", self.location.lock_table.as_deref().unwrap())
                .replace(
                    "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                    &self.key,
                )
                .replace("123456789012", &self.root.account);
            let policy: Value = serde_json::from_str(&text).unwrap();
            policy["Statement"].as_array().unwrap().clone()
        });
        statements.collect()
    }

    /// The store as a new user sees it who is allowed this, and no more.
    async fn store(&self, user: &str, statements: &[Value], location: &StateLocation) -> Arc<dyn Store> {
        let iam = aws_sdk_iam::Client::new(&self.root.sdk);
        iam.create_user().user_name(user).send().await.unwrap();
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        iam.put_user_policy()
            .user_name(user)
            .policy_name("states")
            .policy_document(policy.to_string())
            .send()
            .await
            .unwrap();
        let key = iam.create_access_key().user_name(user).send().await.unwrap().access_key.unwrap();
        let user = self.root.user(key.access_key_id(), key.secret_access_key()).await;
        open(&user.aws, location, BTreeMap::new()).await.unwrap()
    }

    /// Proves that documented policies are enough for a store at `location`, and needed to the last action.
    async fn prove(&self, policies: &[&str], location: &StateLocation) {
        let statements = self.statements(policies);
        let all = self.store("all", &statements, location).await;
        conformance::check(all.clone(), NAME, true).await;
        life(&*all, &format!("{NAME}-all")).await.expect("all of it is enough");
        refused(all.get("storytime/prod.json").await, "another environment's state");

        let mut proved = 0;
        for (index, action) in actions(&statements) {
            let less = without(&statements, index, &action);
            let user = action.replace(':', "-");
            let store = self.store(&user, &less, location).await;
            refused(life(&*store, &format!("{NAME}-{user}")).await, &format!("a store without {action}"));
            proved += 1;
        }
        assert!(proved >= 5, "every action was taken away once: {proved}");
    }
}

#[tokio::test]
async fn state_and_lock_in_s3() {
    let place = Place::new().await;
    let location = StateLocation { lock_table: None, ..place.location.clone() };
    place.prove(&["s3"], &location).await;
}

#[tokio::test]
async fn state_in_s3_and_lock_in_dynamodb() {
    let place = Place::new().await;
    place.prove(&["dynamodb"], &place.location).await;
}

#[tokio::test]
async fn state_in_s3_under_a_key() {
    let place = Place::new().await;
    let key = Some(place.key.clone());
    let location = StateLocation { lock_table: None, kms_key_id: key, ..place.location.clone() };
    place.prove(&["s3", "kms"], &location).await;
}

/// What the objects of an environment go through: looked for, made, changed, read, read as they were, deleted.
async fn life(store: &dyn Store, name: &str) -> Result<(), StoreError> {
    for name in [name.to_owned(), format!("{name}.lock")] {
        assert_eq!(store.get(&name).await?, None);
        let first = put(store, &name, b"1", Condition::Absent).await?;
        let second = put(store, &name, b"2", Condition::Unchanged(first.clone())).await?;
        assert_eq!(store.get(&name).await?.unwrap().bytes, b"2");
        if let Some(revision) = &first.revision {
            assert_eq!(store.revision(&name, revision).await?, Some(b"1".to_vec()));
        }
        assert!(store.delete_if(&name, &second).await?);
    }
    Ok(())
}

async fn put(
    store: &dyn Store,
    name: &str,
    bytes: &[u8],
    condition: Condition,
) -> Result<Version, StoreError> {
    match store.put_if(name, bytes, &condition).await? {
        Put::Done(version) => Ok(version),
        Put::Refused => panic!("{name} is nobody else's"),
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, StoreError>, what: &str) {
    let error = outcome.expect_err(what);
    assert!(error.message.contains("AccessDenied"), "{what}: {error}");
    assert!(!error.is_passing, "{what}: {error}");
    assert!(error.hint.is_some_and(|hint| hint.contains("docs/state.md")), "{what}");
}

/// Each action, with the place of its statement.
fn actions(statements: &[Value]) -> Vec<(usize, String)> {
    let mut actions = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        let listed = match &statement["Action"] {
            Value::Array(list) => list.clone(),
            single => vec![single.clone()],
        };
        actions.extend(listed.iter().map(|action| (index, action.as_str().unwrap().to_owned())));
    }
    actions
}

/// The statements without one action.
fn without(statements: &[Value], index: usize, action: &str) -> Vec<Value> {
    let mut less = statements.to_vec();
    let left: Vec<_> = actions(&less[index..=index]).into_iter().map(|(_, other)| other).collect();
    let left: Vec<_> = left.into_iter().filter(|other| other != action).collect();
    if left.is_empty() {
        less.remove(index);
    } else {
        less[index]["Action"] = json!(left);
    }
    less
}

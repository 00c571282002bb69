//! Encryption with a key of one's own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::base64;
use aws_smithy_types::config_bag::ConfigBag;
use provision_aws::state::{Encryption, S3Store, StateLocation, bootstrap, open};
use provision_engine::state::store::{Condition, Put, Store, conformance};

use crate::lab::Lab;

async fn key(lab: &Lab) -> String {
    let key = aws_sdk_kms::Client::new(&lab.sdk).create_key().send().await.unwrap();
    key.key_metadata.unwrap().arn.unwrap()
}

fn context() -> BTreeMap<String, String> {
    let pairs = [("provision:project", "storytime"), ("provision:environment", "dev")];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[tokio::test]
async fn objects_are_encrypted_with_the_key_that_is_named() {
    let lab = Lab::new().await;
    let key = key(&lab).await;
    let location = StateLocation { kms_key_id: Some(key.clone()), ..lab.location() };
    bootstrap(&lab.aws, &location, &BTreeMap::new()).await.unwrap();
    let store = open(&lab.aws, &location, context()).await.unwrap();
    conformance::check(store.clone(), "storytime/", true).await;

    for name in ["storytime/dev.json", "storytime/dev.json.lock"] {
        let put = store.put_if(name, b"{}", &Condition::Absent).await.unwrap();
        assert!(matches!(put, Put::Done(_)), "{put:?}");
        let head = lab.s3().head_object().bucket(&location.bucket).key(name).send().await.unwrap();
        assert_eq!(head.server_side_encryption().map(|how| how.as_str()), Some("aws:kms"));
        assert_eq!(head.ssekms_key_id(), Some(key.as_str()));
        assert_eq!(store.get(name).await.unwrap().unwrap().bytes, b"{}");
    }
}

#[tokio::test]
async fn the_key_is_told_of_project_and_environment() {
    let lab = Lab::new().await;
    let location = StateLocation { kms_key_id: Some(key(&lab).await), ..lab.location() };
    bootstrap(&lab.aws, &location, &BTreeMap::new()).await.unwrap();
    let seen = Seen::default();
    let encryption = Encryption { kms_key_id: location.kms_key_id.clone().unwrap(), context: context() };
    let builder = lab.s3_builder().interceptor(seen.clone());
    let store = S3Store::new(builder, location.bucket.clone(), Some(&encryption));
    store.put_if("storytime/dev.json", b"{}", &Condition::Absent).await.unwrap();
    // Reading needs no context: S3 keeps it with the object.
    store.get("storytime/dev.json").await.unwrap().unwrap();

    let seen = seen.headers.lock().unwrap();
    let [put, get] = seen.as_slice() else { panic!("two calls") };
    let header = |name: &str| put.get(&format!("x-amz-server-side-encryption-{name}")).cloned();
    let told = base64::decode(header("context").unwrap()).unwrap();
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&told).unwrap(),
        serde_json::json!({ "provision:project": "storytime", "provision:environment": "dev" })
    );
    assert_eq!(header("bucket-key-enabled").as_deref(), Some("false"), "or KMS would not see it");
    assert!(get.keys().all(|name| !name.contains("encryption")), "{get:?}");
}

#[tokio::test]
async fn without_a_key_s3_has_one() {
    let lab = Lab::new().await;
    let store = lab.store(&lab.location()).await;
    store.put_if("dev.json", b"{}", &Condition::Absent).await.unwrap();
    let head = lab.s3().head_object().bucket(lab.location().bucket).key("dev.json").send().await.unwrap();
    assert_eq!(head.server_side_encryption().map(|how| how.as_str()), Some("AES256"));
}

/// Writes down the headers of all calls.
#[derive(Debug, Clone, Default)]
struct Seen {
    headers: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
}

impl Intercept for Seen {
    fn name(&self) -> &'static str {
        "Seen"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request().headers().iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.headers.lock().unwrap().push(headers);
        Ok(())
    }
}

//! A store in an S3 bucket.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ServerSideEncryption};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::base64;
use aws_smithy_types::error::display::DisplayErrorContext;
use provision_engine::state::store::{Condition, Object, Put, Store, StoreError, Version};

use super::clock::ServiceClock;
use super::failure::failure;

/// Objects in a bucket: their names are keys. Each is written and deleted on condition of its ETag (`PutObject` and
/// `DeleteObject` with `If-Match`, `If-None-Match`), and checked on its way in both directions by its SHA-256. If the
/// bucket has versioning, what an object was before can be read too.
#[derive(Debug)]
pub struct S3Store {
    client: Client,
    bucket: String,
    key: Option<Key>,
    clock: ServiceClock,
}

/// How objects are encrypted at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// The KMS key, by id, ARN or alias.
    pub kms_key_id: String,
    /// What KMS is told of every object: its policy can depend on it, and CloudTrail shows it. No secret.
    pub context: BTreeMap<String, String>,
}

/// The same as S3 wants it.
#[derive(Debug)]
struct Key {
    id: String,
    context: Option<String>,
}

/// How often a write is sent anew because another was under way.
const CONFLICTS: u32 = 5;

/// How long to wait before the first of these; each waits twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

impl S3Store {
    /// A store in `bucket`, with a client that is made by `builder`.
    pub fn new(
        builder: aws_sdk_s3::config::Builder,
        bucket: String,
        encryption: Option<&Encryption>,
    ) -> Self {
        let clock = ServiceClock::default();
        let client = Client::from_conf(builder.interceptor(clock.clone()).build());
        let key = encryption.map(|encryption| Key {
            id: encryption.kms_key_id.clone(),
            context: (!encryption.context.is_empty())
                .then(|| base64::encode(serde_json::json!(encryption.context).to_string())),
        });
        Self { client, bucket, key, clock }
    }

    async fn read(&self, name: &str, revision: Option<&str>) -> Result<Option<Object>, StoreError> {
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(name)
            .set_version_id(revision.map(str::to_owned))
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            // The version may be the mark of a delete, which has no content.
            Err(error) if is(&error, &["NoSuchKey", "NoSuchVersion", "MethodNotAllowed"]) => return Ok(None),
            Err(error) => return Err(failure(&self.location(name), error)),
        };
        let version = version(answer.e_tag, answer.version_id);
        let bytes = answer.body.collect().await.map_err(|error| StoreError {
            is_passing: true,
            ..StoreError::new(format!("{}: {}", self.location(name), DisplayErrorContext(error)))
        })?;
        Ok(Some(Object { bytes: bytes.to_vec(), version: version.ok_or_else(|| self.no_etag(name))? }))
    }

    fn put(&self, name: &str, bytes: &[u8], condition: &Condition) -> PutObjectFluentBuilder {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(name)
            .content_type("application/json")
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .body(ByteStream::from(bytes.to_vec()));
        let put = match condition {
            Condition::Absent => put.if_none_match("*"),
            Condition::Unchanged(version) => put.if_match(&version.tag),
        };
        let Some(key) = &self.key else { return put };
        put.server_side_encryption(ServerSideEncryption::AwsKms)
            .ssekms_key_id(&key.id)
            .set_ssekms_encryption_context(key.context.clone())
            // With a key of the bucket's own in between, KMS would be told of the bucket alone.
            .set_bucket_key_enabled(key.context.as_ref().map(|_| false))
    }

    fn no_etag(&self, name: &str) -> StoreError {
        StoreError::new(format!("{}: the answer has no ETag", self.location(name)))
            .with_hint("check AWS_ENDPOINT_URL: what answers there is not S3")
    }
}

#[async_trait]
impl Store for S3Store {
    async fn get(&self, name: &str) -> Result<Option<Object>, StoreError> {
        self.read(name, None).await
    }

    async fn put_if(&self, name: &str, bytes: &[u8], condition: &Condition) -> Result<Put, StoreError> {
        match unless_conflicting(|| self.put(name, bytes, condition).send()).await {
            Ok(answer) => {
                version(answer.e_tag, answer.version_id).map(Put::Done).ok_or_else(|| self.no_etag(name))
            }
            Err(error) if is(&error, REFUSALS) => Ok(Put::Refused),
            Err(error) => Err(failure(&self.location(name), error)),
        }
    }

    async fn delete_if(&self, name: &str, version: &Version) -> Result<bool, StoreError> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(name).if_match(&version.tag);
        match unless_conflicting(|| delete.clone().send()).await {
            Ok(_) => Ok(true),
            Err(error) if is(&error, REFUSALS) => Ok(false),
            Err(error) => Err(failure(&self.location(name), error)),
        }
    }

    async fn revision(&self, name: &str, revision: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read(name, Some(revision)).await?.map(|object| object.bytes))
    }

    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn location(&self, name: &str) -> String {
        format!("s3://{}/{name}", self.bucket)
    }
}

/// Without versioning there is no version id; where it was suspended all objects have the same, and nothing is kept.
fn version(tag: Option<String>, id: Option<String>) -> Option<Version> {
    Some(Version { tag: tag?, revision: id.filter(|id| id != "null") })
}

/// How S3 says that a condition does not hold; one on what is not there is answered as if it were a read.
const REFUSALS: &[&str] = &["PreconditionFailed", "NoSuchKey"];

/// Sends a conditional write anew while S3 says that another was under way, and that it has not looked at the
/// condition.
async fn unless_conflicting<T, E, F>(mut send: impl FnMut() -> F) -> Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
{
    let mut pause = FIRST_PAUSE;
    let mut conflicts = 0;
    loop {
        let outcome = send().await;
        let conflicting =
            outcome.as_ref().err().is_some_and(|error| is(error, &["ConditionalRequestConflict"]));
        if !conflicting || conflicts == CONFLICTS {
            return outcome;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
        conflicts += 1;
    }
}

fn is<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, codes: &[&str]) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code).is_some_and(|code| codes.contains(&code))
}

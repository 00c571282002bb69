use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use provision_engine::state::store::{SplitStore, Store, StoreError};

use crate::clients::{self, Aws};
use crate::throttling::{Paces, paced};

mod bootstrap;
mod clock;
mod dynamodb;
mod failure;
mod permissions;
mod s3;

pub use bootstrap::{Outcome, Prepared, bootstrap};
pub use dynamodb::DynamoDbStore;
pub use permissions::permissions;
pub use s3::{Encryption, S3Store};

/// Where states are kept, as `[state]` says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateLocation {
    /// The bucket.
    pub bucket: String,
    /// The region of the bucket and of the lock table, if not that of the other clients.
    pub region: Option<String>,
    /// The KMS key that objects are encrypted with, by id, ARN or alias; absent: S3's own.
    pub kms_key_id: Option<String>,
    /// The role to assume first, by ARN.
    pub role_arn: Option<String>,
    /// The DynamoDB table with the locks; absent: they are objects in the bucket.
    pub lock_table: Option<String>,
}

impl StateLocation {
    /// The configuration of clients for it.
    async fn configuration(&self, aws: &Aws) -> Result<SdkConfig, StoreError> {
        let base = aws.base().await;
        let retries = base.retry_config().cloned().unwrap_or_else(RetryConfig::standard);
        let mut builder = base
            .to_builder()
            .retry_config(retries.with_initial_backoff(FIRST_PAUSE).with_max_backoff(LONGEST_PAUSE));
        if let Some(region) = &self.region {
            builder = builder.region(Region::new(region.clone()));
        }
        let configuration = builder.build();
        let Some(role) = &self.role_arn else { return Ok(configuration) };
        // The provider below cannot do without one.
        if configuration.time_source().is_none() {
            return Err(StoreError::new("a role cannot be assumed without a clock"));
        }
        let role =
            AssumeRoleProvider::builder(role).session_name(SESSION).configure(&configuration).build().await;
        let credentials = SharedCredentialsProvider::new(role);
        Ok(configuration.into_builder().credentials_provider(credentials).build())
    }
}

/// How long a call that failed is not repeated, at first and at most. It is less than for other calls: who holds a lock
/// has to renew it in time, and one object now and then overtaxes nobody.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long a call that is throttled is repeated. A write of the state is tried several times above that.
const PATIENCE: Duration = Duration::from_secs(60);

/// What CloudTrail calls the sessions in which states are read and written under an assumed role.
const SESSION: &str = "provision-state";

/// The store at `location`, with credentials from `aws`. `context` is what the KMS key is told of the objects that it
/// encrypts, so that its policy can tell one environment from another. Nothing is sent yet.
///
/// # Errors
///
/// If a role is to be assumed, and `aws` has no clock.
pub async fn open(
    aws: &Aws,
    location: &StateLocation,
    context: BTreeMap<String, String>,
) -> Result<Arc<dyn Store>, StoreError> {
    let configuration = location.configuration(aws).await?;
    let encryption = location.kms_key_id.as_ref().map(|key| Encryption { kms_key_id: key.clone(), context });
    // Who holds a lock has to renew it: those calls stand in no line behind those of kinds.
    let paces = Paces::with_patience(PATIENCE);
    let recorder = aws.recorder(&configuration);
    let mut builder = paced!(clients::s3(&configuration), paces.of("s3", &configuration), &configuration);
    if let Some(recorder) = recorder.clone() {
        builder.push_interceptor(recorder);
    }
    let objects = Arc::new(S3Store::new(builder, location.bucket.clone(), encryption.as_ref()));
    Ok(match &location.lock_table {
        None => objects,
        Some(table) => {
            let builder = aws_sdk_dynamodb::config::Builder::from(&configuration);
            let mut builder = paced!(builder, paces.of("dynamodb", &configuration), &configuration);
            if let Some(recorder) = recorder {
                builder.push_interceptor(recorder);
            }
            let locks = DynamoDbStore::new(builder, table.clone(), location.bucket.clone());
            Arc::new(SplitStore::new(objects, Arc::new(locks)))
        }
    })
}

/// When the credentials that all calls are signed with come to their end, if they do. Those that renew themselves
/// (a profile's role, an instance's) name the end of those they have now.
pub async fn credentials_expiry(aws: &Aws) -> Option<SystemTime> {
    let provider = aws.base().await.credentials_provider()?;
    provider.provide_credentials().await.ok()?.expiry()
}

//! A store in a DynamoDB table.

use std::time::SystemTime;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;
use provision_engine::state::store::{Condition, Object, Put, Store, StoreError, Version};

use super::clock::ServiceClock;
use super::failure::failure;

/// Items in a table, one for each name: small ones (DynamoDB's bound is 400 KB), of text, such as locks. Each is
/// written and deleted on condition of the version that it was given at random (`PutItem`, `DeleteItem`), and read
/// consistently (`GetItem`). What an item was before is not kept.
///
/// The key is Terraform's, so that a table of Terraform's locks can be used: `LockID`, here the bucket and the name
/// of what is locked.
#[derive(Debug)]
pub struct DynamoDbStore {
    client: Client,
    table: String,
    bucket: String,
    clock: ServiceClock,
}

/// The attribute that is the table's key: the name.
pub(super) const KEY: &str = "LockID";

/// The attribute that holds the bytes, under the name that Terraform has for what it writes about a lock.
const CONTENT: &str = "Info";

/// The attribute that tells one content from another.
const VERSION: &str = "Version";

impl DynamoDbStore {
    /// A store in `table`, with a client that is made by `builder`. What belongs to other buckets can be in the same
    /// table.
    pub fn new(builder: aws_sdk_dynamodb::config::Builder, table: String, bucket: String) -> Self {
        let clock = ServiceClock::default();
        let client = Client::from_conf(builder.interceptor(clock.clone()).build());
        Self { client, table, bucket, clock }
    }

    fn key(&self, name: &str) -> AttributeValue {
        AttributeValue::S(format!("{}/{name}", self.bucket))
    }
}

#[async_trait]
impl Store for DynamoDbStore {
    async fn get(&self, name: &str) -> Result<Option<Object>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(KEY, self.key(name))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failure(&self.location(name), error))?;
        let Some(mut item) = answer.item else { return Ok(None) };
        let mut text = |attribute| match item.remove(attribute) {
            Some(AttributeValue::S(text)) => Some(text),
            _ => None,
        };
        match (text(CONTENT), text(VERSION)) {
            (Some(content), Some(version)) => {
                Ok(Some(Object { bytes: content.into_bytes(), version: tagged(version) }))
            }
            _ => Err(StoreError::new(format!("{}: not an item of provision's", self.location(name)))
                .with_hint("another program has put it there; delete it if it is of no use")),
        }
    }

    async fn put_if(&self, name: &str, bytes: &[u8], condition: &Condition) -> Result<Put, StoreError> {
        let content = std::str::from_utf8(bytes)
            .map_err(|_| StoreError::new(format!("{}: only text can be put there", self.location(name))))?;
        let version = uuid::Uuid::new_v4().to_string();
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .item(KEY, self.key(name))
            .item(CONTENT, AttributeValue::S(content.to_owned()))
            .item(VERSION, AttributeValue::S(version.clone()));
        let put = match condition {
            Condition::Absent => {
                put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", KEY)
            }
            Condition::Unchanged(version) => put
                .condition_expression(IS_OF_VERSION)
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":version", AttributeValue::S(version.tag.clone())),
        };
        match put.send().await {
            Ok(_) => Ok(Put::Done(tagged(version))),
            Err(error) if is_refusal(&error) => Ok(Put::Refused),
            Err(error) => Err(failure(&self.location(name), error)),
        }
    }

    async fn delete_if(&self, name: &str, version: &Version) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key(KEY, self.key(name))
            .condition_expression(IS_OF_VERSION)
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":version", AttributeValue::S(version.tag.clone()));
        match delete.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_refusal(&error) => Ok(false),
            Err(error) => Err(failure(&self.location(name), error)),
        }
    }

    async fn revision(&self, _name: &str, _revision: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }

    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn location(&self, name: &str) -> String {
        format!("dynamodb://{}/{}/{name}", self.table, self.bucket)
    }
}

/// An item that is not there has no version, so that this does not hold for it either.
const IS_OF_VERSION: &str = "#version = :version";

fn tagged(version: String) -> Version {
    Version { tag: version, revision: None }
}

fn is_refusal<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("ConditionalCheckFailedException")
}

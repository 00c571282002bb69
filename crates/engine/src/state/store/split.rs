//! Locks in one store, and all else in another: S3 with its locks in DynamoDB.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;

use super::{Condition, Object, Put, Store, StoreError, Version};
use crate::state::LOCK_SUFFIX;

/// A store that has two behind it.
pub struct SplitStore {
    objects: Arc<dyn Store>,
    locks: Arc<dyn Store>,
}

impl SplitStore {
    /// Objects whose name ends as a lock's are in `locks`, all others in `objects`.
    pub fn new(objects: Arc<dyn Store>, locks: Arc<dyn Store>) -> Self {
        Self { objects, locks }
    }

    fn of(&self, name: &str) -> &dyn Store {
        if name.ends_with(LOCK_SUFFIX) { &*self.locks } else { &*self.objects }
    }
}

#[async_trait]
impl Store for SplitStore {
    async fn get(&self, name: &str) -> Result<Option<Object>, StoreError> {
        self.of(name).get(name).await
    }

    async fn put_if(&self, name: &str, bytes: &[u8], condition: &Condition) -> Result<Put, StoreError> {
        self.of(name).put_if(name, bytes, condition).await
    }

    async fn delete_if(&self, name: &str, version: &Version) -> Result<bool, StoreError> {
        self.of(name).delete_if(name, version).await
    }

    async fn revision(&self, name: &str, revision: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.of(name).revision(name, revision).await
    }

    /// The clock of the locks: it is their leases that are timed.
    fn now(&self) -> SystemTime {
        self.locks.now()
    }

    fn location(&self, name: &str) -> String {
        self.of(name).location(name)
    }
}

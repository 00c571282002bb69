//! A store in memory, for tests of what is built on stores.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;

use super::{Condition, Object, Put, Store, StoreError, Version};

/// Objects in memory, with all that they have ever been.
#[derive(Debug, Default)]
pub struct MemoryStore {
    contents: Mutex<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    objects: BTreeMap<String, usize>,
    /// Every content that was ever put; its place is its version.
    puts: Vec<(String, Vec<u8>)>,
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn version(&self, name: &str) -> Option<Version> {
        self.objects.get(name).map(|put| version_of(*put))
    }
}

fn version_of(put: usize) -> Version {
    Version { tag: put.to_string(), revision: Some(put.to_string()) }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, name: &str) -> Result<Option<Object>, StoreError> {
        let contents = self.contents();
        let put = contents.objects.get(name).copied();
        Ok(put.and_then(|put| {
            let (_, bytes) = contents.puts.get(put)?;
            Some(Object { bytes: bytes.clone(), version: version_of(put) })
        }))
    }

    async fn put_if(&self, name: &str, bytes: &[u8], condition: &Condition) -> Result<Put, StoreError> {
        let mut contents = self.contents();
        let holds = match condition {
            Condition::Absent => !contents.objects.contains_key(name),
            Condition::Unchanged(version) => contents.version(name).as_ref() == Some(version),
        };
        if !holds {
            return Ok(Put::Refused);
        }
        let put = contents.puts.len();
        contents.puts.push((name.to_owned(), bytes.to_owned()));
        contents.objects.insert(name.to_owned(), put);
        Ok(Put::Done(version_of(put)))
    }

    async fn delete_if(&self, name: &str, version: &Version) -> Result<bool, StoreError> {
        let mut contents = self.contents();
        let is_it = contents.version(name).as_ref() == Some(version);
        if is_it {
            contents.objects.remove(name);
        }
        Ok(is_it)
    }

    async fn revision(&self, name: &str, revision: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let contents = self.contents();
        let put = revision.parse::<usize>().ok().and_then(|put| contents.puts.get(put));
        Ok(put.filter(|(of, _)| of == name).map(|(_, bytes)| bytes.clone()))
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn location(&self, name: &str) -> String {
        format!("memory:{name}")
    }
}

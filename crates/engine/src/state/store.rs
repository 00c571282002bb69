//! Where states, their locks and their run logs are kept: named objects that are only ever written or deleted on
//! condition that nobody else has meanwhile. What is built on them (locks, serials, histories) is built once, above
//! this trait.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;

pub mod conformance;
pub(super) mod files;
mod memory;
mod split;

pub use files::FileStore;
pub use memory::MemoryStore;
pub use split::SplitStore;

/// A place for objects.
///
/// What it must do to be one is in [`conformance`].
#[async_trait]
pub trait Store: Send + Sync {
    /// The object of that name, or `None` if there is none. Whoever has put it sees it at once.
    async fn get(&self, name: &str) -> Result<Option<Object>, StoreError>;

    /// Puts an object, if `condition` holds. All of it is there after that, or nothing has changed. After an error
    /// either may be so: see [`put`].
    async fn put_if(&self, name: &str, bytes: &[u8], condition: &Condition) -> Result<Put, StoreError>;

    /// Deletes an object if it is of that version still; says whether it was. Which of two did it cannot be told
    /// after an error.
    async fn delete_if(&self, name: &str, version: &Version) -> Result<bool, StoreError>;

    /// What an object was at an earlier [`Version::revision`], if the store keeps that and still has it.
    async fn revision(&self, name: &str, revision: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// The time by the store's own clock, so that all who use it have the same; as of the last answer of the store,
    /// so good for what follows one.
    fn now(&self) -> SystemTime;

    /// Where an object is, for people: a path, or a URL.
    fn location(&self, name: &str) -> String;
}

/// An object that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Which one it is.
    pub version: Version,
}

/// Which of the contents that an object has had over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Differs between any two contents of an object: S3's ETag.
    pub tag: String,
    /// The name by which [`Store::revision`] finds this content later, if the store keeps what it replaces: S3's
    /// version id.
    pub revision: Option<String>,
}

/// What has to be true for a put to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// There is no such object: `If-None-Match: *`.
    Absent,
    /// It is of this version: `If-Match`.
    Unchanged(Version),
}

impl Condition {
    /// That an object is as it was read.
    pub fn of(version: Option<&Version>) -> Self {
        version.cloned().map_or(Self::Absent, Self::Unchanged)
    }

    /// Whether it holds for what was found.
    pub fn holds_for(&self, found: Option<&Object>) -> bool {
        match (self, found) {
            (Self::Absent, None) => true,
            (Self::Unchanged(version), Some(object)) => version.tag == object.version.tag,
            _ => false,
        }
    }
}

/// What has come of a put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// The object is as it was to be, and of this version.
    Done(Version),
    /// The condition did not hold, and nothing has changed.
    Refused,
}

/// Why a store did not answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct StoreError {
    /// What happened.
    pub message: String,
    /// What to do about it, where we know.
    pub hint: Option<String>,
    /// Whether to try the same again may help: there was no answer, or one that asks for patience.
    pub is_passing: bool,
}

impl StoreError {
    /// An error that trying again would not mend.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, is_passing: false }
    }

    /// The same with advice.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// How often a put whose outcome is unknown is looked after.
const ATTEMPTS: u32 = 5;

/// How long to wait before the first of these; each waits twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Puts an object whose bytes nobody else would put (they name their writer), and finds out what came of it where
/// the reply was lost: a repetition of a put that took effect is refused, and was done all the same.
pub async fn put(
    store: &dyn Store,
    clock: &dyn crate::event::Clock,
    name: &str,
    bytes: &[u8],
    condition: &Condition,
) -> Result<Put, StoreError> {
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let error = match store.put_if(name, bytes, condition).await {
            Ok(Put::Done(version)) => return Ok(Put::Done(version)),
            Ok(Put::Refused) => None,
            Err(error) => Some(error),
        };
        let error = match (store.get(name).await, error) {
            (Ok(Some(object)), _) if object.bytes == bytes => return Ok(Put::Done(object.version)),
            // Nothing has happened, and nobody else has been here: it can be tried again.
            (Ok(found), Some(error)) if condition.holds_for(found.as_ref()) => error,
            (Ok(_), _) => return Ok(Put::Refused),
            (Err(error), None) => error,
            (Err(_), Some(error)) => error,
        };
        if attempt == ATTEMPTS || !error.is_passing {
            return Err(error);
        }
        clock.sleep(pause).await;
        pause *= 2;
    }
    Ok(Put::Refused)
}

#[cfg(test)]
mod tests;

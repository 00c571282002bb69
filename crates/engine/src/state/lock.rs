//! Who holds a state.

use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What a lock says of its holder, with Terraform's fields and one more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LockInfo {
    /// A random name of this lock.
    #[serde(rename = "ID")]
    pub id: String,
    /// The command, such as `apply`.
    pub operation: String,
    /// More about it.
    pub info: String,
    /// User, machine and process.
    pub who: String,
    /// The version of `provision`.
    pub version: String,
    /// Since when, as RFC 3339.
    pub created: String,
    /// What is locked.
    pub path: String,
    /// Until when, if it is a lease, as RFC 3339 by the clock of the store. It is renewed while it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

impl LockInfo {
    /// When the lease ends. One that says nothing, or nothing that can be read, never does by itself.
    pub fn expires(&self) -> Option<SystemTime> {
        let expires = OffsetDateTime::parse(self.expires.as_deref()?, &Rfc3339).ok()?;
        Some(expires.into())
    }

    /// The same until that time.
    #[must_use]
    pub fn until(mut self, expires: SystemTime) -> Self {
        self.expires = OffsetDateTime::from(expires).format(&Rfc3339).ok();
        self
    }
}

impl fmt::Display for LockInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}, since {})", self.who, self.operation, self.created)
    }
}

//! Who holds a state.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a lock says of its holder, with Terraform's fields.
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
}

impl fmt::Display for LockInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({}, since {})", self.who, self.operation, self.created)
    }
}

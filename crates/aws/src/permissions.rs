//! Permissions in IAM's own form: as a policy, as ARNs, and held against what the credentials may do.

pub(crate) mod arn;
mod document;
mod simulation;

pub use document::{LIMIT, document, size};
pub use simulation::{Caller, Denied, Simulated, caller, simulate};

//! What the stories that are told through the binary stand on.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod local_aws;
mod plan;
mod screen;
mod signer;
mod state_bucket;
mod user;
mod world;

pub use plan::{actions, drift};
pub use signer::{Signature, Signer};
pub use user::User;
pub use world::{Output, Run, World};

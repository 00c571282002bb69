//! What the stories that are told through the binary stand on.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod browser;
mod local_aws;
mod plan;
mod screen;
mod signer;
mod state_bucket;
mod terminal;
#[cfg(unix)]
mod terraform;
mod user;
mod world;

pub use browser::Browser;
pub use plan::{actions, drift};
pub use signer::{Signature, Signer};
pub use terminal::Terminal;
#[cfg(unix)]
pub use terraform::Terraform;
pub use user::User;
pub use world::{Output, Run, World};

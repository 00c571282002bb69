//! What the stories that are told through the binary stand on.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod local_aws;
mod world;

pub use world::{Output, Run, World};

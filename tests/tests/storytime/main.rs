//! Storytime on the local AWS: what its specification asks for is there, changes and drift are dealt with one by one,
//! and nothing is left in the end.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod changes;
mod cloud;
mod dev;
mod drift;
mod prod;
mod refresh;
mod requirements;
mod rotation;

//! Where states are kept, against the local AWS: the stores, what makes their place, and what they have to be allowed.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bootstrap;
mod credentials;
mod encryption;
mod lab;
mod permissions;
mod simulation;
mod stores;

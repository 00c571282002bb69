//! The storage for e-books on the local AWS: what its specification asks for is there in each environment, its function
//! runs, and nothing is left in the end.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cloud;
mod conditions;
mod emulator;
mod environments;
mod monitoring;
mod requirements;

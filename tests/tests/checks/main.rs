//! Checks that environments declare, run by `provision verify`; and what `provision sign` signs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod asserts;
mod environment;
mod environments;
mod http;
mod s3;
mod server;
mod sign;
mod signed;

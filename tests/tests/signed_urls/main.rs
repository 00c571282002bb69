//! The modules for signed URLs on the local AWS: all of them as one portfolio, and each by itself. What their
//! specification asks for is there, and nothing is left in the end.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod catalog;
mod cloud;
mod documents;
mod modules;
mod portfolio;
mod requirements;

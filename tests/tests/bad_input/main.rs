//! What is wrong is refused where it stands, with what to do about it, before anything is called or written.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod broken;
mod mistakes;
mod mutation;
mod project;
mod written;

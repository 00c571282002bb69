//! What an apply shows while it goes on, graphs of what depends on what, and the page for those who review a plan.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod environment;
mod graph;
mod progress;
mod review;

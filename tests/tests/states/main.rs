//! States that others can reach: leases, fences, histories, and the commands for the state by hand.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod commands;
mod crowd;
mod leases;
mod many;
mod small;
mod unwritten;

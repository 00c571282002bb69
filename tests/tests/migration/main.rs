//! Coming from Terraform: what a state of its format 4 has, written by hand for every kind, is taken over without a change.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod blocks;
mod families;
mod kinds;
mod refusals;
mod remainders;
mod secrets;
mod storytime;
mod terraform;

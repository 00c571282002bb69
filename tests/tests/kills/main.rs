//! A run that ends at any instant, by whatever death, is finished by the same command: nothing is left behind,
//! nothing is made twice, nothing is repaired by hand, and no secret is in any file. Nor is a run misled by a network
//! and an AWS that fail it.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod calls;
mod interrupts;
mod killing;
mod locks;
mod lost_replies;
mod mishaps;
mod moments;
mod rotation;
mod secrets;
mod storytime;

//! The policies that `plan --permissions` prints are enough to carry out the plans, and nothing in them is too much.
//!
//! They are held against what the front of the local AWS saw each call need, after AWS's Service Authorization
//! Reference: nothing that was needed is missing, nothing that is allowed was not needed.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod catalog;
mod check;
mod policy;
mod state;
mod systems;

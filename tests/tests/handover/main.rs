//! Nobody is locked in: what an environment is can be handed over to other tools.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cloudformation;
mod terraform;

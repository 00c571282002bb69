//! Services that let so many calls a second pass, and not more.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attempts;
mod environment;
mod interrupts;
mod roles;

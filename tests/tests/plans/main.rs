//! Plans and what becomes of them, and what can be looked at, on environments that are small.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod functions;
mod look;
mod objects;
mod outputs;
mod saved;
mod small;
mod variables;

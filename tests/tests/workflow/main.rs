//! The daily work on an environment: changing one's mind about addresses, taking over what exists, planning a part.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod addresses;
mod conditions;
mod environment;
mod imports;
mod lifecycle;
mod part;
mod preflight;
mod quiet;
mod timings;

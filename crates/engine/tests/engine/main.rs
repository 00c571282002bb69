//! Stories of the whole engine on a cloud that is made up: configurations are loaded from files, planned, applied
//! and destroyed as the command line does it, and runs are killed at every moment at which that could matter.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod addresses;
mod changes;
mod checks;
mod conditions;
mod crash;
mod entries;
mod failures;
mod handover;
mod imports;
mod language;
mod leases;
mod mistakes;
mod part;
mod permissions;
mod preflight;
mod random;
mod rotation;
mod schedule;
mod secrets;
mod smoke;
mod world;

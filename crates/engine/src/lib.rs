//! The engine of `provision`.
pub mod diff;
pub mod digest;
pub mod kind;
pub mod schema;
pub mod spelling;
pub mod value;

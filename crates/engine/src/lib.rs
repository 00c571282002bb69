//! The engine of `provision`.
pub mod builtin;
pub mod diff;
pub mod digest;
pub mod function;
pub mod kind;
pub mod schema;
pub mod spelling;
pub mod value;

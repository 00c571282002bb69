//! The engine of `provision`.
pub mod config;
pub mod diff;
pub mod digest;
pub mod expression;
pub mod kind;
pub mod schema;
pub mod source;
pub mod spelling;
pub mod value;

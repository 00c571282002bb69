//! The engine of `provision`: what a Terraform core is. It knows no cloud, prints nothing, and has no clock and no
//! network of its own.

pub mod builtin;
pub mod config;
pub mod diff;
pub mod digest;
pub mod expression;
pub mod function;
pub mod kind;
pub mod schema;
pub mod source;
pub mod spelling;
pub mod value;

//! The engine of `provision`: what a Terraform core is. It knows no cloud, prints nothing, and has no clock and no
//! network of its own.
//!
//! The modules stand in the order in which things happen: a configuration is read, its expressions are evaluated,
//! kinds say what can be configured, differences become a plan, the plan a graph, and the graph a walk that keeps
//! the state true.

pub mod source;

pub mod config;
pub mod format;

pub mod expression;
pub mod function;

pub mod value;

pub mod evaluate;

pub mod kind;
pub mod schema;

pub mod builtin;

pub mod diff;
pub mod digest;

pub mod refresh;

pub mod plan;

pub mod permission;
pub mod preflight;

pub mod graph;
mod hash;

pub mod apply;
pub mod behalf;
pub mod event;

pub mod checklist;
pub mod console;

pub mod cloudformation;

pub mod generate;
pub mod terraform;

pub mod address;
pub mod state;

pub mod spelling;

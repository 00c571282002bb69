//! The commands, a file each.

pub(crate) mod aim;
pub(crate) mod apply;
pub(crate) mod bootstrap;
pub(crate) mod demo;
pub(crate) mod destroy;
pub(crate) mod import;
pub(crate) mod migrate;
pub(crate) mod output;
mod permissions;
pub(crate) mod plan;
pub(crate) mod refresh;
pub(crate) mod rotate;
mod run;
pub(crate) mod sandbox;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod sign;
pub(crate) mod state;
pub(crate) mod unlock;
pub(crate) mod validate;
pub(crate) mod verify;

//! The commands, a file each.

use std::path::Path;

use crate::error::CommandError;

pub(crate) mod aim;
pub(crate) mod apply;
pub(crate) mod bootstrap;
pub(crate) mod completions;
pub(crate) mod console;
pub(crate) mod demo;
pub(crate) mod destroy;
pub(crate) mod export;
pub(crate) mod fmt;
pub(crate) mod graph;
pub(crate) mod import;
pub(crate) mod man;
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

/// Writes what a command was asked to put into a file.
fn write_file(path: &Path, text: &str) -> Result<(), CommandError> {
    std::fs::write(path, text)
        .map_err(|error| CommandError::new(format!("{} cannot be written: {error}", path.display())))
}

//! Everything that is drawn: diagnostics, plans, progress, reports, outputs and states, for people. Each takes what
//! the engine gives and a [`Style`], and decides nothing.

pub(crate) mod checklist;
pub(crate) mod diagnostics;
pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod graph;
pub(crate) mod html;
pub(crate) mod interface;
pub(crate) mod json;
pub(crate) mod migration;
pub(crate) mod outputs;
pub(crate) mod permissions;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod prompt;
pub(crate) mod reference;
pub(crate) mod report;
pub(crate) mod state;
pub(crate) mod time;
pub(crate) mod timings;
pub(crate) mod value;

mod style;
mod text;

pub(crate) use style::{Style, drawn};
pub(crate) use text::counted;

//! Why a command failed, and how that is said.

use std::io::{self, Write};

use provision_engine::kind::KindError;
use provision_engine::source::Diagnostics;
use provision_engine::state::StateError;
use provision_engine::state::store::StoreError;
use provision_sandbox::SandboxError;

use crate::view::{self, Style};

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum CommandError {
    /// Files or plans are wrong in these places.
    Diagnostics(Diagnostics),
    /// Something else.
    Message {
        /// What happened.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
}

impl CommandError {
    /// An error.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Message { message: message.into(), hint: None }
    }

    /// An error with advice.
    pub(crate) fn with_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Message { message: message.into(), hint: Some(hint.into()) }
    }

    /// Says it.
    pub(crate) fn write(&self, out: &mut dyn Write, style: Style) -> io::Result<()> {
        match self {
            Self::Diagnostics(diagnostics) => view::diagnostics::write(diagnostics, out, style),
            Self::Message { message, hint } => view::diagnostics::error(message, hint.as_deref(), out, style),
        }
    }
}

impl std::fmt::Display for CommandError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Diagnostics(diagnostics) => diagnostics.fmt(formatter),
            Self::Message { message, .. } => formatter.write_str(message),
        }
    }
}

impl From<Diagnostics> for CommandError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Diagnostics(diagnostics)
    }
}

impl From<StateError> for CommandError {
    fn from(error: StateError) -> Self {
        Self::Message { message: error.to_string(), hint: error.hint() }
    }
}

impl From<KindError> for CommandError {
    fn from(error: KindError) -> Self {
        Self::Message { message: error.to_string(), hint: error.hint }
    }
}

impl From<SandboxError> for CommandError {
    fn from(error: SandboxError) -> Self {
        Self::new(format!("the local AWS: {error}"))
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::Message { message: error.to_string(), hint: error.hint }
    }
}

impl From<io::Error> for CommandError {
    fn from(error: io::Error) -> Self {
        Self::new(error.to_string())
    }
}

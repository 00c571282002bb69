//! What can go wrong with the sandbox itself.

use std::{error::Error, io, path::PathBuf, time::Duration};

use crate::proxy::Reply;

/// Why the sandbox could not do as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// A file or directory of the sandbox cannot be used.
    #[error("cannot use {}: {source}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A program that the sandbox needs failed or is missing.
    #[error(
        "the local AWS needs python3 (3.10 or newer, with venv) and this command failed: {command}\n{output}"
    )]
    Command {
        /// The program with its arguments.
        command: String,
        /// What it wrote, or why it did not start.
        output: String,
    },
    /// The port cannot be listened on.
    #[error("cannot listen on 127.0.0.1:{port}: {source}")]
    Port {
        /// The port asked for; 0 for any.
        port: u16,
        /// What the operating system says.
        source: io::Error,
    },
    /// The emulator ended while it was starting.
    #[error("the emulator did not start:\n{log}")]
    Start {
        /// The last lines that it wrote.
        log: String,
    },
    /// The emulator started, but does not answer.
    #[error("the emulator did not answer within {seconds} seconds:\n{log}")]
    Unhealthy {
        /// How long it was waited for.
        seconds: u64,
        /// The last lines that it wrote.
        log: String,
    },
    /// The emulator cannot be asked.
    #[error("the emulator does not answer: {0}")]
    Emulator(Box<dyn Error + Send + Sync>),
    /// The sandbox in another process cannot be asked.
    #[error("the sandbox does not answer: {0}")]
    Control(Box<dyn Error + Send + Sync>),
    /// The emulator or the sandbox answered with an error.
    #[error("{request} was answered with status {status}: {body}")]
    Refused {
        /// What was asked.
        request: String,
        /// The HTTP status.
        status: u16,
        /// The body of the answer.
        body: String,
    },
    /// No call was held in time.
    #[error("no call was held within {timeout:?}")]
    NotHeld {
        /// How long it was waited for.
        timeout: Duration,
    },
}

impl SandboxError {
    pub(crate) fn file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::File { path: path.into(), source }
    }

    pub(crate) fn emulator(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Emulator(error.into())
    }

    pub(crate) fn control(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Control(error.into())
    }

    pub(crate) fn refused(request: &str, reply: &Reply) -> Self {
        Self::Refused {
            request: request.to_owned(),
            status: reply.status().as_u16(),
            body: String::from_utf8_lossy(reply.body()).into_owned(),
        }
    }
}

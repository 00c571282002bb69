//! A state as a document.

use super::{FORMAT_VERSION, State, StateError};

impl State {
    /// Reads a document. `location`: where it is, for what is said if it is wrong.
    pub fn parse(location: &str, bytes: &[u8]) -> Result<Self, StateError> {
        #[derive(serde::Deserialize)]
        struct Versioned {
            version: u64,
        }
        let damaged = |error: serde_json::Error| StateError::damaged(location, error.to_string());
        let Versioned { version } = serde_json::from_slice(bytes).map_err(damaged)?;
        if version > FORMAT_VERSION {
            return Err(StateError::Newer { location: location.to_owned(), version });
        }
        serde_json::from_slice(bytes).map_err(damaged)
    }

    /// The document: JSON that can be read in a diff.
    pub fn to_document(&self) -> Result<Vec<u8>, StateError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| StateError::damaged("in memory", error.to_string()))?;
        text.push(b'\n');
        Ok(text)
    }

    /// Refuses the state of another environment.
    pub fn check_environment(
        &self,
        location: &str,
        project: &str,
        environment: &str,
    ) -> Result<(), StateError> {
        if self.project == project && self.environment == environment {
            return Ok(());
        }
        Err(StateError::OtherEnvironment {
            location: location.to_owned(),
            found: format!("{}/{}", self.project, self.environment),
            expected: format!("{project}/{environment}"),
        })
    }
}

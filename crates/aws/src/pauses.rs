//! Pauses between looks at something that changes in the background.

use std::time::Duration;

use provision_engine::kind::{self, KindError};

/// How long one change is waited for.
pub(crate) const PATIENCE: Duration = kind::PATIENCE;

/// Pauses that grow, until patience ends.
pub(crate) struct Pauses {
    next: Duration,
    waited: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { next: Duration::from_millis(100), waited: Duration::ZERO }
    }
}

impl Pauses {
    /// Waits a while, or fails with what the state still is.
    pub(crate) async fn wait(&mut self, state: &str) -> Result<(), KindError> {
        if self.waited >= PATIENCE {
            return Err(KindError::new(format!("{state} after {} minutes", PATIENCE.as_secs() / 60))
                .with_hint("it goes on without us: run the same command again in a while"));
        }
        tokio::time::sleep(self.next).await;
        self.waited += self.next;
        self.next = (self.next * 2).min(Duration::from_secs(5));
        Ok(())
    }
}

//! Pauses between looks at something that changes in the background.

use std::time::Duration;

use provision_engine::behalf;
use provision_engine::kind::{self, KindError};

/// How long one change is waited for.
pub(crate) const PATIENCE: Duration = kind::PATIENCE;

/// The lengths of pauses between looks, each half as long again as the one before. What is there soon is seen soon, and
/// what takes long is seen within half of the time that it took, at the cost of a few looks.
pub(crate) struct Growing {
    next: Duration,
    longest: Duration,
}

impl Growing {
    /// Pauses that begin with this length and end with that.
    pub(crate) fn between(first: Duration, longest: Duration) -> Self {
        Self { next: first, longest }
    }

    /// How long the next pause is.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 3 / 2).min(self.longest);
        pause
    }
}

/// How long something that is done in the background is not looked at, at first and at most.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// Pauses that grow, until patience ends.
pub(crate) struct Pauses {
    lengths: Growing,
    waited: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { lengths: Growing::between(FIRST, LONGEST), waited: Duration::ZERO }
    }
}

impl Pauses {
    /// Waits a while, or fails with what the state still is.
    pub(crate) async fn wait(&mut self, state: &str) -> Result<(), KindError> {
        if self.waited >= PATIENCE {
            return Err(KindError::new(format!("{state} after {} minutes", PATIENCE.as_secs() / 60))
                .with_hint("it goes on without us: run the same command again in a while"));
        }
        let pause = self.lengths.next();
        behalf::idle(tokio::time::sleep(pause)).await;
        self.waited += pause;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_is_seen_within_half_of_the_time_it_took() {
        let mut pauses = Growing::between(FIRST, LONGEST);
        let mut waited = Duration::ZERO;
        for _ in 0..8 {
            let pause = pauses.next();
            assert!(pause <= FIRST + waited / 2, "{pause:?} after {waited:?}");
            waited += pause;
        }
        let mut long = Growing::between(FIRST, LONGEST);
        let looks = (0..).take_while(|_| long.next() < LONGEST).count();
        assert!(looks < 15, "{looks} looks before the pauses are as long as they get");
    }
}

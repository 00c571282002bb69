//! Waiting, at the end of a run, for what takes a while to take effect everywhere.

use std::time::Duration;

use futures::StreamExt;

use super::Walk;
use crate::address::Address;
use crate::behalf;
use crate::event::Event;
use crate::kind::{KindError, PATIENCE};

impl Walk<'_, '_> {
    /// Waits for all that this run has changed. Failures are reported, and change nothing.
    pub(super) async fn settle(&mut self) {
        let walk = &*self;
        let failures: Vec<(Address, KindError)> = futures::stream::iter(&walk.changed)
            .map(|address| async move {
                let settled = behalf::of(address, walk.settle_one(address)).await;
                settled.err().map(|error| (address.clone(), error))
            })
            .buffer_unordered(self.options.parallelism.max(1))
            .filter_map(|failure| async move { failure })
            .collect()
            .await;
        self.report.failed.extend(failures);
    }

    async fn settle_one(&self, address: &Address) -> Result<(), KindError> {
        let Some(resource) = self.state.resources.get(address) else { return Ok(()) };
        let Some(kind) = self.inputs.registry.kind(&resource.kind).filter(|kind| kind.is_remote()) else {
            return Ok(());
        };
        let mut pause = Duration::from_millis(100);
        let mut waited = Duration::ZERO;
        while !kind.settled(resource.region.as_deref(), &resource.id, &resource.attributes).await? {
            if waited.is_zero() {
                self.surroundings.events.event(Event::Settling { address });
            }
            if waited > PATIENCE {
                return Err(KindError::new(format!(
                    "it has not settled after {} minutes",
                    PATIENCE.as_secs() / 60
                )));
            }
            if self.is_interrupted() {
                return Ok(());
            }
            self.surroundings.clock.sleep(pause).await;
            waited += pause;
            // What is there soon is seen soon, and what takes long within half of the time that it took.
            pause = (pause * 3 / 2).min(Duration::from_secs(10));
        }
        if !waited.is_zero() {
            self.surroundings.events.event(Event::Settled { address });
        }
        Ok(())
    }
}

//! A lock that ends by itself: whoever holds it has to renew it, and when a holder has died, or sleeps, the next may
//! take it over.
//!
//! It keeps two runs from working at a time where both behave. What keeps a state true where one does not (it was
//! paused, and wakes up after its lease has ended) is the fence: every write of a state is conditional on the version
//! that was last read or written.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::{BoxFuture, select};

use super::store::{Condition, Object, Put, Store, Version, put};
use super::{Holder, LOCK_SUFFIX, LockInfo, StateError};
use crate::event::Clock;

/// A lease that is, or was, held by this process.
pub struct Lease {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    name: String,
    length: Duration,
    held: futures::lock::Mutex<Held>,
    /// When it ends, if it is not renewed.
    until: Mutex<SystemTime>,
    lost: AtomicBool,
}

struct Held {
    info: LockInfo,
    version: Version,
}

/// Where a lease is, and how long it lasts.
pub struct Terms {
    /// Where the lock is kept.
    pub store: Arc<dyn Store>,
    /// Time to wait with.
    pub clock: Arc<dyn Clock>,
    /// The lock's name in the store.
    pub name: String,
    /// How long the lease lasts unless it is renewed.
    pub length: Duration,
}

impl Holder for Lease {
    /// Renews the lease if it may have ended.
    fn hold(&self) -> BoxFuture<'_, Result<(), StateError>> {
        async move {
            if !self.lost.load(Ordering::SeqCst) && self.store.now() < self.until() {
                return Ok(());
            }
            self.renew().await
        }
        .boxed()
    }
}

impl Lease {
    /// Takes the lease; waits up to `patience` while someone else has it, and tells `waiting` who that is. Gives the
    /// lease, and whose it was if it had ended without being given back.
    pub async fn acquire(
        terms: Terms,
        info: LockInfo,
        patience: Duration,
        waiting: &(dyn Fn(&LockInfo) + Sync),
    ) -> Result<(Self, Option<LockInfo>), StateError> {
        let Terms { store, clock, name, length } = terms;
        let mut waited = Duration::ZERO;
        loop {
            let found = store.get(&name).await?;
            let now = store.now();
            let holder = found.as_ref().map(|found| parse(&*store, &name, found)).transpose()?;
            let remaining = holder.as_ref().map_or(Duration::ZERO, |holder| remaining(holder, now));
            if remaining.is_zero() {
                let until = now + length;
                let info = info.clone().until(until);
                let condition = Condition::of(found.as_ref().map(|found| &found.version));
                if let Put::Done(version) = put(&*store, &*clock, &name, &bytes(&info), &condition).await? {
                    let held = futures::lock::Mutex::new(Held { info, version });
                    let (until, lost) = (Mutex::new(until), AtomicBool::new(false));
                    return Ok((Self { store, clock, name, length, held, until, lost }, holder));
                }
                // Someone else was faster: that is whom to wait for.
                continue;
            }
            let Some(holder) = holder else { continue };
            if waited >= patience {
                let location = state_location(&*store, &name);
                return Err(StateError::Locked { location, holder: Some(Box::new(holder)) });
            }
            waiting(&holder);
            let pause =
                remaining.min(Duration::from_secs(1)).min(patience - waited).max(Duration::from_millis(20));
            clock.sleep(pause).await;
            waited += pause;
        }
    }

    /// Renews the lease, unless someone else has taken it over.
    pub async fn renew(&self) -> Result<(), StateError> {
        match self.is_renewed().await? {
            true => Ok(()),
            false => Err(self.taken_over().await),
        }
    }

    /// Renews the lease, and says whether it could: not if it is lost, or was given back.
    async fn is_renewed(&self) -> Result<bool, StateError> {
        let mut held = self.held.lock().await;
        while !self.lost.load(Ordering::SeqCst) {
            let until = self.store.now() + self.length;
            let info = held.info.clone().until(until);
            let condition = Condition::Unchanged(held.version.clone());
            match put(&*self.store, &*self.clock, &self.name, &bytes(&info), &condition).await? {
                Put::Done(version) => {
                    *held = Held { info, version };
                    *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
                    return Ok(true);
                }
                // A renewal that was given up may have taken effect.
                Put::Refused => match self.own(&held.info).await? {
                    Some(version) if version != held.version => held.version = version,
                    _ => self.lost.store(true, Ordering::SeqCst),
                },
            }
        }
        Ok(false)
    }

    /// The version of the lock, if it is this run's still.
    async fn own(&self, info: &LockInfo) -> Result<Option<Version>, StateError> {
        let found = self.store.get(&self.name).await?;
        let is_own =
            |found: &Object| parse(&*self.store, &self.name, found).is_ok_and(|holder| holder.id == info.id);
        Ok(found.filter(is_own).map(|found| found.version))
    }

    /// Renews the lease again and again, until it is lost or given back.
    pub async fn keep(&self) {
        while !self.lost.load(Ordering::SeqCst) {
            self.clock.sleep(self.length / 3).await;
            // Without an answer nothing is known yet: it is tried again, before the lease ends, and checked before
            // each call.
            let _ = select(self.is_renewed().boxed(), self.clock.sleep(self.length / 3)).await;
        }
    }

    /// Gives the lease back. That someone else has it by now changes nothing for them.
    pub async fn release(&self) -> Result<(), StateError> {
        const ATTEMPTS: u32 = 5;
        let held = self.held.lock().await;
        // Not to be renewed once it is given back.
        if self.lost.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        let mut version = held.version.clone();
        for _ in 0..ATTEMPTS {
            if let Ok(true) = self.store.delete_if(&self.name, &version).await {
                return Ok(());
            }
            match self.own(&held.info).await? {
                None => return Ok(()),
                // A renewal that was given up has taken effect, or the delete has not.
                Some(own) => version = own,
            }
        }
        Ok(())
    }

    /// That someone else has the state now, and who.
    pub(super) async fn taken_over(&self) -> StateError {
        let found = self.store.get(&self.name).await.ok().flatten();
        let by = found.and_then(|found| parse(&*self.store, &self.name, &found).ok());
        StateError::TakenOver { location: state_location(&*self.store, &self.name), by: by.map(Box::new) }
    }

    fn until(&self) -> SystemTime {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a lock.
pub(super) fn parse(store: &dyn Store, name: &str, found: &Object) -> Result<LockInfo, StateError> {
    serde_json::from_slice(&found.bytes).map_err(|error| StateError::DamagedLock {
        location: store.location(name),
        message: error.to_string(),
    })
}

fn bytes(info: &LockInfo) -> Vec<u8> {
    serde_json::to_vec(info).unwrap_or_default()
}

/// How long the lease of another still lasts.
fn remaining(holder: &LockInfo, now: SystemTime) -> Duration {
    match holder.expires() {
        Some(expires) => expires.duration_since(now).unwrap_or_default(),
        None => Duration::MAX,
    }
}

/// Where the state is that a lock is of.
fn state_location(store: &dyn Store, lock: &str) -> String {
    store.location(lock.strip_suffix(LOCK_SUFFIX).unwrap_or(lock))
}

//! The calls that the sandbox has seen, found by account at the cost of that account's alone.

use std::{collections::HashMap, time::Instant};

use crate::call::{Call, Identity};

/// Calls in the order in which they arrived.
pub(crate) struct CallLog {
    /// What times are counted from.
    start: Instant,
    calls: Vec<Call>,
    /// Where the calls of each account are.
    of_account: HashMap<String, Vec<usize>>,
}

impl CallLog {
    /// A log that has no call yet, with times since `start`.
    pub(crate) fn since(start: Instant) -> Self {
        Self { start, calls: Vec::new(), of_account: HashMap::new() }
    }

    /// Forgets all calls. Times go on.
    pub(crate) fn clear(&mut self) {
        *self = Self::since(self.start);
    }

    /// Adds a call that begins now, and gives its number.
    pub(crate) fn add(&mut self, identity: &Identity, digest: u64, invocation_id: Option<&str>) -> u64 {
        let place = self.calls.len();
        let number = place as u64 + 1;
        self.of_account.entry(identity.account.clone()).or_default().push(place);
        self.calls.push(Call {
            number,
            account: identity.account.clone(),
            region: identity.region.clone(),
            service: identity.service.clone(),
            operation: identity.operation.clone(),
            mutating: identity.mutating,
            status: None,
            digest,
            began_ms: self.now(),
            ended_ms: None,
            invocation_id: invocation_id.map(str::to_owned),
        });
        number
    }

    /// Notes how a call was answered, unless the log was emptied since.
    pub(crate) fn answered(&mut self, number: u64, status: u16) {
        if let Some(call) = self.call(number) {
            call.status = Some(status);
        }
    }

    /// Notes that a call has ended, unless the log was emptied since.
    pub(crate) fn ended(&mut self, number: u64) {
        let now = self.now();
        if let Some(call) = self.call(number) {
            call.ended_ms = Some(now);
        }
    }

    fn call(&mut self, number: u64) -> Option<&mut Call> {
        self.calls.get_mut(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The calls of an account, or of all.
    pub(crate) fn calls(&self, account: Option<&str>) -> Vec<Call> {
        let Some(account) = account else { return self.calls.clone() };
        let places = self.of_account.get(account).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.calls.get(*place)).cloned().collect()
    }
}

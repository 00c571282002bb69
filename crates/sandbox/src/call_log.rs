//! The calls that the sandbox has seen, found by account at the cost of that account's alone.

use std::collections::HashMap;

use crate::call::{Call, Identity};

/// Calls in the order in which they arrived.
#[derive(Default)]
pub(crate) struct CallLog {
    calls: Vec<Call>,
    /// Where the calls of each account are.
    of_account: HashMap<String, Vec<usize>>,
}

impl CallLog {
    /// Adds a call, and gives its number.
    pub(crate) fn add(&mut self, identity: &Identity, digest: u64) -> u64 {
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
        });
        number
    }

    /// Notes how a call was answered, unless the log was emptied since.
    pub(crate) fn answered(&mut self, number: u64, status: u16) {
        let place = usize::try_from(number).unwrap_or_default().wrapping_sub(1);
        if let Some(call) = self.calls.get_mut(place) {
            call.status = Some(status);
        }
    }

    /// The calls of an account, or of all.
    pub(crate) fn calls(&self, account: Option<&str>) -> Vec<Call> {
        let Some(account) = account else { return self.calls.clone() };
        let places = self.of_account.get(account).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|place| self.calls.get(*place)).cloned().collect()
    }
}

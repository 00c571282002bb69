//! How many calls a service still lets pass.

use std::{collections::HashMap, time::Instant};

use crate::call::Identity;

/// The token buckets of a rate limit: one for each account, region and service.
#[derive(Default)]
pub(super) struct Buckets(HashMap<(String, String, String), Bucket>);

struct Bucket {
    tokens: f64,
    since: Instant,
}

impl Buckets {
    /// Takes a token for `call` from a bucket to which `rate` come each second, and which holds as many. False if there
    /// is none.
    pub(super) fn take(&mut self, call: &Identity, rate: u32, now: Instant) -> bool {
        let rate = f64::from(rate);
        let of = (call.account.clone(), call.region.clone(), call.service.clone());
        let bucket = self.0.entry(of).or_insert(Bucket { tokens: rate, since: now });
        let elapsed = now.saturating_duration_since(bucket.since).as_secs_f64();
        bucket.tokens = elapsed.mul_add(rate, bucket.tokens).min(rate);
        bucket.since = now;
        let passes = bucket.tokens >= 1.0;
        if passes {
            bucket.tokens -= 1.0;
        }
        passes
    }
}

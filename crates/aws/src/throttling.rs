//! Calls at the speed that a service takes them at.
//!
//! Nothing is held back until a service throttles. From then on its calls are sent at a pace, a rate that is cut where
//! the service refuses a call, and grows where it lets them pass ([`rate`]). Calls wait for their turn in the order in
//! which they were made ([`pace`]). One that was throttled has not taken effect, and takes its place in the line again,
//! before those that were made after it.
//!
//! All of that is below the calls of kinds, in what the SDK asks on its way:
//!
//! - Credentials are handed out when it is a call's turn ([`Turns`]). That is the last that happens before a request is
//!   signed, so that no signature grows old in the line, and it happens anew for each attempt.
//! - What came of an attempt is seen after it ([`Paced`]). Whether the SDK is to repeat it depends on its retry
//!   configuration, which is set anew for each throttled attempt: those are bounded by time ([`PATIENCE`]) and not by a
//!   number, unless somebody has said how many attempts there are to be, with `AWS_MAX_ATTEMPTS`.
//! - The quota that the SDK has for repetitions is for failures. A throttled attempt takes nothing of it.
//!
//! The SDK's own adaptive mode (`RetryConfig::adaptive`) takes three to seven times as long: each of the calls that were
//! under way when a service began to throttle cuts its rate, it has no line, and a repetition costs it ten times as much
//! as a first attempt.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, SharedIdentityCache, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::RetryConfig;
use tokio::sync::watch;

mod call;
mod pace;
mod rate;
mod refusal;

pub(crate) use pace::Interrupted;
pub(crate) use refusal::is_throttled;

use call::{Bounds, Call, Next};
use pace::Pace;

/// How long a call is repeated that is throttled again and again, unless its clients have less patience.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// How often it is tried at least, however long its turns have taken.
const ATTEMPTS: u32 = 6;

/// How long a throttled call stays out of the line, at most: chance keeps programs apart that were throttled together.
const JITTER: Duration = Duration::from_millis(250);

/// How long a call may take that fails, without what it waited for its turns.
const TIME_TO_FAIL: Duration = Duration::from_secs(300);

/// How long calls go on waiting for their turn after an interrupt.
const GRACE: Duration = Duration::from_secs(10);

/// Services that have one endpoint for all regions.
const GLOBAL: [&str; 3] = ["cloudfront", "iam", "route53"];

/// A service, and the region if it has endpoints in regions.
type Endpoint = (&'static str, Option<String>);

/// The paces of all services that a set of clients calls.
pub(crate) struct Paces {
    paces: Mutex<BTreeMap<Endpoint, Arc<Pace>>>,
    /// How many attempts a call has, if somebody has said so.
    attempts: Option<u32>,
    patience: Duration,
    /// When calls are to stop waiting.
    end: watch::Sender<Option<Instant>>,
}

impl Default for Paces {
    fn default() -> Self {
        let attempts = std::env::var("AWS_MAX_ATTEMPTS").ok().and_then(|attempts| attempts.parse().ok());
        Self { paces: Mutex::default(), attempts, patience: PATIENCE, end: watch::Sender::default() }
    }
}

impl Paces {
    /// Paces of clients that repeat a throttled call for so long.
    pub(crate) fn with_patience(patience: Duration) -> Self {
        Self { patience, ..Self::default() }
    }

    /// The pace of a service, by its name in [`crate::clients`], where clients of `config` speak to it.
    pub(crate) fn of(&self, service: &'static str, config: &SdkConfig) -> Paced {
        let region = config.region().filter(|_| !GLOBAL.contains(&service));
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = paces
            .entry((service, region.map(ToString::to_string)))
            .or_insert_with(|| Arc::new(Pace::new(service, self.end.subscribe())));
        let bounds = Bounds { attempts: self.attempts, patience: self.patience };
        Paced { service, pace: pace.clone(), bounds }
    }

    /// Calls that wait for their turn are given up, after a moment for those whose turn is near.
    pub(crate) fn interrupt(&self) {
        self.end.send_replace(Some(Instant::now() + GRACE));
    }
}

/// The quota that the SDK has for the repetitions of a service's calls.
fn partition(service: &'static str) -> RetryPartition {
    let quota = TokenBucket::builder().throttling_retry_cost(0).build();
    RetryPartition::custom(service).token_bucket(quota).build()
}

/// Makes the calls of a client keep the pace of its service.
#[derive(Clone, Debug)]
pub(crate) struct Paced {
    service: &'static str,
    pace: Arc<Pace>,
    bounds: Bounds,
}

/// Lets the clients that `$builder` makes keep a pace. Each service has builders of its own, which share no trait.
macro_rules! paced {
    ($builder:expr, $paced:expr, $config:expr) => {{
        let paced: $crate::throttling::Paced = $paced;
        $builder
            .identity_cache(paced.turns($config))
            .retry_partition(paced.partition())
            .retry_classifier(paced.clone())
            .interceptor(paced)
    }};
}

pub(crate) use paced;

impl Paced {
    /// What hands out credentials in turn, from where clients of `config` get them.
    pub(crate) fn turns(&self, config: &SdkConfig) -> Turns {
        let identities = config.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build());
        Turns { pace: self.pace.clone(), identities }
    }

    /// The quota for repetitions.
    pub(crate) fn partition(&self) -> RetryPartition {
        self.pace.partition.clone()
    }

    fn is_throttled(&self, reply: &HttpResponse) -> bool {
        // The answer to a HEAD has no body that could say so.
        let is_silent = reply.body().bytes().is_none_or(<[u8]>::is_empty);
        is_throttled(reply) || (self.service == "s3" && reply.status().as_u16() == 503 && is_silent)
    }
}

/// The call under way, in its configuration.
#[derive(Clone, Debug)]
struct CallUnderWay(Arc<Call>);

impl Storable for CallUnderWay {
    type Storer = StoreReplace<Self>;
}

/// Hands out credentials when it is a call's turn.
#[derive(Debug)]
pub(crate) struct Turns {
    pace: Arc<Pace>,
    identities: SharedIdentityCache,
}

impl ResolveCachedIdentity for Turns {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        components: &'a RuntimeComponents,
        configuration: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(async move {
            if let Some(CallUnderWay(call)) = configuration.load::<CallUnderWay>() {
                let began = Instant::now();
                let turn = self.pace.turn(call.number).await?;
                call.begins(turn, began.elapsed());
            }
            self.identities.resolve_cached_identity(resolver, components, configuration).await
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        configuration: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.identities.validate_base_client_config(components, configuration)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        configuration: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.identities.validate_final_config(components, configuration)
    }
}

impl Intercept for Paced {
    fn name(&self) -> &'static str {
        "Paced"
    }

    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let retries = configuration.load::<RetryConfig>().cloned().unwrap_or_else(RetryConfig::standard);
        configuration.interceptor_state().store_put(CallUnderWay(Arc::new(Call::new(retries))));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(CallUnderWay(call)) = configuration.load::<CallUnderWay>().cloned() else { return Ok(()) };
        let attempt = configuration.load::<RequestAttempts>().map_or(1, RequestAttempts::attempts);
        let reply = context.response();
        let next = if reply.is_some_and(|reply| self.is_throttled(reply)) {
            self.pace.refused(call.turn());
            call.throttled(attempt, self.bounds, self.pace.is_over())
        } else {
            if reply.is_some_and(|reply| !reply.status().is_server_error()) {
                self.pace.passed(call.turn());
            }
            call.ended(attempt, self.bounds)
        };
        let Next { attempts, retries } = next;
        let state = configuration.interceptor_state();
        state.store_put(RequestAttempts::new(attempts));
        state.store_put(retries);
        Ok(())
    }
}

impl ClassifyRetry for Paced {
    fn name(&self) -> &'static str {
        "Paced"
    }

    /// Last, as the SDK does not know all codes with which services throttle.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }

    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response() {
            Some(reply) if self.is_throttled(reply) => RetryAction::throttling_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_config::Region;

    use super::*;

    #[test]
    fn each_service_has_a_pace_in_each_region_if_it_is_in_regions() {
        let paces = Paces::default();
        let of = |service, region| {
            paces.of(service, &SdkConfig::builder().region(Region::new(region)).build()).pace
        };
        assert!(Arc::ptr_eq(&of("s3", "us-east-1"), &of("s3", "us-east-1")));
        assert!(!Arc::ptr_eq(&of("s3", "us-east-1"), &of("s3", "eu-west-1")));
        assert!(!Arc::ptr_eq(&of("s3", "us-east-1"), &of("sqs", "us-east-1")));
        for global in GLOBAL {
            assert!(Arc::ptr_eq(&of(global, "us-east-1"), &of(global, "eu-west-1")), "{global}");
        }
    }
}

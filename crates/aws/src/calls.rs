//! The calls that clients make, for whoever wants to know where the time of a run goes. Of a call it is told what it was
//! and how it went, and nothing of what was in it: neither of the request nor of the answer.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use aws_config::Region;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryReason};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::ErrorKind;
use provision_engine::address::Address;
use provision_engine::behalf;

use crate::reads::is_remembered;

/// The header that names the invocation which a request is an attempt of.
const INVOCATION_ID: &str = "amz-sdk-invocation-id";

/// One call of an operation, with all its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedCall {
    /// The service as its API model calls it (`serviceId`), such as `CloudWatch Logs`.
    pub service: String,
    /// The operation as the service's API calls it, such as `CreateBucket`.
    pub operation: String,
    /// The region that the client is for; of a global service that is the environment's too.
    pub region: Option<String>,
    /// What the SDK calls the call in the header `amz-sdk-invocation-id` of each of its attempts.
    pub invocation_id: String,
    /// The resource that the call was made for, if it was made for one alone.
    pub address: Option<Address>,
    /// When it began.
    pub began: Instant,
    /// When it had its answer, or was given up. The pauses between its attempts are within.
    pub ended: Instant,
    /// How often it was sent.
    pub attempts: u32,
    /// How many of these the service refused because there were too many.
    pub throttled: u32,
    /// How the last attempt went.
    pub outcome: CallOutcome,
}

/// How a call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    /// It was answered with this HTTP status, be it that of a failure.
    Answered(u16),
    /// It had no answer: the connection broke, or it took too long.
    Unanswered,
    /// Whoever made it did not wait for the answer.
    GivenUp,
}

/// Is told of each call when it has ended. It is called within the call, so it must be quick.
type Observe = dyn Fn(FinishedCall) + Send + Sync;

/// Whoever wants to know of calls.
#[derive(Clone)]
pub(crate) struct Observer(Arc<Observe>);

impl Observer {
    pub(crate) fn new(observe: impl Fn(FinishedCall) + Send + Sync + 'static) -> Self {
        Self(Arc::new(observe))
    }

    /// What a client needs for its calls to be told of.
    pub(crate) fn interceptor(&self, region: Option<&Region>) -> SharedInterceptor {
        SharedInterceptor::new(Recorder { observer: self.clone(), region: region.map(Region::to_string) })
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Observer")
    }
}

/// Follows the calls of one client.
#[derive(Debug)]
struct Recorder {
    observer: Observer,
    region: Option<String>,
}

/// A call that is under way. It is in the configuration of the call, and goes with it: however the call ends, it is told
/// of.
#[derive(Debug)]
struct UnderWay {
    observer: Observer,
    service: String,
    operation: String,
    region: Option<String>,
    address: Option<Address>,
    began: Instant,
    invocation_id: OnceLock<String>,
    attempts: AtomicU32,
    throttled: AtomicU32,
    /// The HTTP status of the last answer; 0 if the last attempt had none.
    status: AtomicU16,
    is_told: AtomicBool,
}

impl Storable for UnderWay {
    type Storer = StoreReplace<Self>;
}

impl UnderWay {
    /// Tells of the call, once. One that was never sent is none.
    fn tell(&self, is_given_up: bool) {
        let attempts = self.attempts.load(Ordering::Relaxed);
        let Some(invocation_id) = self.invocation_id.get().filter(|_| attempts > 0) else { return };
        if self.is_told.swap(true, Ordering::Relaxed) {
            return;
        }
        let outcome = match self.status.load(Ordering::Relaxed) {
            _ if is_given_up => CallOutcome::GivenUp,
            0 => CallOutcome::Unanswered,
            status => CallOutcome::Answered(status),
        };
        (self.observer.0)(FinishedCall {
            service: self.service.clone(),
            operation: self.operation.clone(),
            region: self.region.clone(),
            invocation_id: invocation_id.clone(),
            address: self.address.clone(),
            began: self.began,
            ended: Instant::now(),
            attempts,
            throttled: self.throttled.load(Ordering::Relaxed),
            outcome,
        });
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.tell(true);
    }
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    // Not `read_before_execution`: the operation is not named yet there.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let metadata = configuration.load::<Metadata>();
        let under_way = UnderWay {
            observer: self.observer.clone(),
            service: metadata.map(Metadata::service).unwrap_or_default().to_owned(),
            operation: metadata.map(Metadata::name).unwrap_or_default().to_owned(),
            region: self.region.clone(),
            address: behalf::current(),
            began: Instant::now(),
            invocation_id: OnceLock::new(),
            attempts: AtomicU32::new(0),
            throttled: AtomicU32::new(0),
            status: AtomicU16::new(0),
            is_told: AtomicBool::new(false),
        };
        configuration.interceptor_state().store_put(under_way);
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(under_way) = configuration.load::<UnderWay>() {
            let id = context.request().headers().get(INVOCATION_ID).unwrap_or_default();
            under_way.invocation_id.get_or_init(|| id.to_owned());
            under_way.attempts.fetch_add(1, Ordering::Relaxed);
            under_way.status.store(0, Ordering::Relaxed);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(under_way) = configuration.load::<UnderWay>() else { return Ok(()) };
        if context.response().is_some_and(is_remembered) {
            under_way.attempts.fetch_sub(1, Ordering::Relaxed);
        }
        let status = context.response().map(|reply| reply.status().as_u16()).unwrap_or_default();
        under_way.status.store(status, Ordering::Relaxed);
        if matches!(context.output_or_error(), Some(Err(_))) && is_throttled(context, components) {
            under_way.throttled.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(under_way) = configuration.load::<UnderWay>() {
            // What is signed for somebody else to send stops before that, and has come to nothing.
            match context.output_or_error() {
                Some(_) => under_way.tell(false),
                None => under_way.is_told.store(true, Ordering::Relaxed),
            }
        }
        Ok(())
    }
}

/// Whether the SDK takes an attempt's failure for a throttle, by which it decides when to repeat it.
fn is_throttled(context: &FinalizerInterceptorContextRef<'_>, components: &RuntimeComponents) -> bool {
    components.retry_classifiers().any(|classifier| {
        let verdict = classifier.classify_retry(context.inner());
        matches!(
            verdict,
            RetryAction::RetryIndicated(RetryReason::RetryableError { kind: ErrorKind::ThrottlingError, .. })
        )
    })
}

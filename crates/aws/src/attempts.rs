//! What the attempts of a call leave open. The SDK repeats a call that was not answered, and the answer to the
//! repetition alone does not tell what the first attempt has done.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    FinalizerInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use crate::throttling;

/// The header that a reply is marked with on its way to the caller.
const MARK: &str = "provision-left-open";

/// Marks the reply to a call of which an attempt, this one or one before it, may have taken effect without saying so:
/// it was not answered, or the service answered that it failed. One that was throttled has not taken effect.
#[derive(Debug)]
pub(crate) struct MarkOpen;

/// Whether an attempt of the call that ended with this reply may have taken effect, whatever the reply says.
pub(crate) fn left_open(reply: &HttpResponse) -> bool {
    reply.headers().get(MARK).is_some()
}

/// In the configuration of a call once an attempt of it has left open what it did.
#[derive(Debug)]
struct Open;

impl Storable for Open {
    type Storer = StoreReplace<Self>;
}

impl Intercept for MarkOpen {
    fn name(&self) -> &'static str {
        "MarkOpen"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let is_said = context
            .response()
            .is_some_and(|reply| reply.status().is_client_error() || throttling::is_throttled(reply));
        if matches!(context.output_or_error(), Some(Err(_))) && !is_said {
            configuration.interceptor_state().store_put(Open);
        }
        Ok(())
    }

    fn modify_before_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if configuration.load::<Open>().is_some()
            && let Some(reply) = context.response_mut()
        {
            reply.headers_mut().insert(MARK, "true");
        }
        Ok(())
    }
}

//! Bodies of requests and responses as they are, past the SDK's types.

use std::sync::{Arc, Mutex};

use aws_sdk_mediaconvert::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value as Json;

/// Replaces the body of a request before it is signed.
pub(super) fn with_body(json: &Json) -> impl Fn(&mut HttpRequest) + Send + Sync + 'static {
    let text = json.to_string();
    move |request| {
        request.headers_mut().insert("content-length", text.len().to_string());
        *request.body_mut() = SdkBody::from(text.as_str());
    }
}

/// Remembers the body of a response.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer(Arc<Mutex<Option<Json>>>);

impl Answer {
    /// The body, once the response is there.
    pub(super) fn json(&self) -> Option<Json> {
        self.0.lock().ok()?.take()
    }
}

impl Intercept for Answer {
    fn name(&self) -> &'static str {
        "Answer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let json = context.response().body().bytes().map(serde_json::from_slice).transpose()?;
        if let Ok(mut body) = self.0.lock() {
            *body = json;
        }
        Ok(())
    }
}

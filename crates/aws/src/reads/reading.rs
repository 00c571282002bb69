//! The same question is asked once, as long as nothing is changed.
//!
//! Several resources may need one answer: a role and each policy that is attached to it, a zone and its
//! records, all that a distribution may hold on to. No kind has to know of another for that: two requests
//! that say the same have one reply, and it is the reply that is remembered. How long is said by whoever
//! knows that nothing is changed meanwhile: as long as there is a [`Reading`]. At all other times each
//! question is asked, so that what follows a change sees it.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

/// The longest reply that is remembered, in bytes. Descriptions and lists are shorter; the content of an
/// object need not be.
const LONGEST: u64 = 1 << 20;

/// How many requests of a reading are under way at a time. Each has a connection of its own, which is an open
/// file, and a process may have no more than 256 of those on some systems.
const AT_ONCE: usize = 200;

/// The header that a reply is marked with which was remembered.
const REMEMBERED: &str = "provision-remembered";

/// Whether a reply was remembered, so that nothing was sent for it.
pub(crate) fn is_remembered(reply: &HttpResponse) -> bool {
    reply.headers().get(REMEMBERED).is_some()
}

/// A time in which nothing is changed, so that no question is asked twice: that of a refresh and of the plan
/// that comes of it. It ends when this is dropped; of several at the same time, with the last.
#[must_use = "it ends when it is dropped"]
pub struct Reading(Arc<Remembered>);

impl Drop for Reading {
    fn drop(&mut self) {
        let mut memory = self.0.lock();
        memory.readings -= 1;
        if memory.readings == 0 {
            memory.replies.clear();
        }
    }
}

tokio::task_local! {
    static ANEW: ();
}

/// Asks AWS whatever is remembered: what is repeated until the answer is another one.
pub(crate) async fn anew<F: Future>(asking: F) -> F::Output {
    ANEW.scope((), asking).await
}

/// The replies of a [`Reading`], by what was asked.
pub(crate) struct Remembered {
    memory: Mutex<Memory>,
    turns: Semaphore,
}

impl Default for Remembered {
    fn default() -> Self {
        Self { memory: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }
}

#[derive(Default)]
struct Memory {
    /// How many readings there are.
    readings: usize,
    replies: HashMap<Question, Arc<Pending>>,
}

/// A digest of all that tells one request from another.
type Question = [u8; 32];
/// The reply once it is there. Whoever asks holds the lock meanwhile, so that others who ask the same wait
/// for it.
type Pending = tokio::sync::Mutex<Option<Reply>>;

impl Remembered {
    /// Begins a time in which nothing is changed.
    pub(crate) fn begin(self: &Arc<Self>) -> Reading {
        self.lock().readings += 1;
        Reading(self.clone())
    }

    /// Where the reply to a request is, or will be; none if it is to be asked in any case.
    fn pending(&self, request: &HttpRequest) -> Option<Arc<Pending>> {
        if self.lock().readings == 0 || ANEW.try_with(|()| ()).is_ok() {
            return None;
        }
        let question = question(request)?;
        let mut memory = self.lock();
        // It may have ended meanwhile.
        (memory.readings > 0).then(|| memory.replies.entry(question).or_default().clone())
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Remembered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What AWS has said is nobody's business.
        formatter.write_str("Remembered")
    }
}

/// What a request asks, of which region, and as whom; none for one whose body is not at hand.
fn question(request: &HttpRequest) -> Option<Question> {
    /// What differs from one attempt to the next, and says nothing of what is asked.
    const PASSING: [&str; 7] = [
        "amz-sdk-invocation-id",
        "amz-sdk-request",
        "authorization",
        "user-agent",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-user-agent",
    ];
    let headers = request.headers();
    let mut said: Vec<(&str, &str)> = headers.iter().filter(|(name, _)| !PASSING.contains(name)).collect();
    said.sort_unstable();
    // The key, the day, the region and the service: `Credential=AKID/20260101/us-east-1/iam/aws4_request`.
    let scope = headers.get("authorization").and_then(|signed| signed.split(',').next());
    let mut digest = Sha256::new();
    let mut add = |part: &[u8]| {
        digest.update(part.len().to_le_bytes());
        digest.update(part);
    };
    add(request.method().as_bytes());
    add(request.uri().as_bytes());
    add(scope.unwrap_or_default().as_bytes());
    add(request.body().bytes()?);
    for (name, value) in said {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    Some(digest.finalize().into())
}

/// A reply that several get.
struct Reply {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    /// Whether a response may stay the same while nothing is changed, and is no longer than what is
    /// remembered.
    fn may_last(response: &HttpResponse) -> bool {
        let status = response.status();
        let length = response.headers().get("content-length").and_then(|length| length.parse().ok());
        (status.is_success() || [400, 404].contains(&status.as_u16()))
            && length.is_none_or(|length: u64| length <= LONGEST)
    }

    /// Whether it does: an answer, or that there is no such thing. Any other refusal may be that of a service
    /// which is asked too much.
    fn lasts(&self) -> bool {
        /// In the code of each service that speaks JSON, whatever is not there: its status is 400 like that
        /// of others.
        const ABSENT: [&str; 3] = ["NotFound", "NonExistent", "DoesNotExist"];
        self.status.as_u16() != 400 || {
            let said = serde_json::from_slice::<serde_json::Value>(&self.body).unwrap_or_default();
            let code = said["__type"].as_str().unwrap_or_default();
            ABSENT.iter().any(|absent| code.contains(absent))
        }
    }

    async fn of(mut response: HttpResponse) -> Result<Self, ConnectorError> {
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = ByteStream::new(response.take_body()).collect().await;
        // What broke off is asked again, as the SDK does with any connection that breaks.
        let body = body.map_err(|error| ConnectorError::io(error.into()))?.to_vec();
        Ok(Self { status: response.status(), headers, body })
    }

    fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::new(self.status, SdkBody::from(self.body.as_slice()));
        for (name, value) in &self.headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        response
    }
}

/// An HTTP client for clients that only read: what is remembered, it does not send.
#[derive(Debug)]
pub(crate) struct Remembering {
    client: SharedHttpClient,
    remembered: Arc<Remembered>,
}

impl Remembering {
    pub(crate) fn over(client: SharedHttpClient, remembered: Arc<Remembered>) -> SharedHttpClient {
        SharedHttpClient::new(Self { client, remembered })
    }
}

impl HttpClient for Remembering {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        SharedHttpConnector::new(RememberingConnector { connector, remembered: self.remembered.clone() })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        configuration: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.client.validate_base_client_config(components, configuration)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        configuration: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.client.validate_final_config(components, configuration)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.client.connector_metadata()
    }
}

#[derive(Debug)]
struct RememberingConnector {
    connector: SharedHttpConnector,
    remembered: Arc<Remembered>,
}

impl HttpConnector for RememberingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some(pending) = self.remembered.pending(&request) else { return self.connector.call(request) };
        let (connector, remembered) = (self.connector.clone(), self.remembered.clone());
        HttpConnectorFuture::new(async move {
            let mut reply = pending.lock().await;
            if let Some(reply) = &*reply {
                let mut response = reply.response();
                response.headers_mut().insert(REMEMBERED, "true");
                return Ok(response);
            }
            let _turn = remembered.turns.acquire().await;
            let response = connector.call(request).await?;
            // What fails, fails for whoever asked; those who wait ask for themselves.
            if !Reply::may_last(&response) {
                return Ok(response);
            }
            let answer = Reply::of(response).await?;
            let response = answer.response();
            *reply = Some(answer).filter(Reply::lasts);
            Ok(response)
        })
    }
}

#[cfg(test)]
mod tests;

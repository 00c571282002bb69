//! HTTP requests that are not the AWS SDK's, on threads that may block.

use std::io::Read;

use futures::FutureExt;
use futures::future::BoxFuture;
use provision_aws::checks::{Web, WebReply, WebRequest};
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

/// How much of a body is read, in bytes.
const MOST_READ: u64 = 1 << 20;

/// The network that this machine sees.
pub(crate) struct Network {
    agent: Agent,
}

impl Network {
    pub(crate) fn new() -> Self {
        let configuration = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("provision/", env!("CARGO_PKG_VERSION")));
        Self { agent: configuration.build().new_agent() }
    }
}

impl Web for Network {
    fn send(&self, request: WebRequest) -> BoxFuture<'_, Result<WebReply, String>> {
        let agent = self.agent.clone();
        async move {
            let sent = tokio::task::spawn_blocking(move || send(&agent, request)).await;
            sent.map_err(|error| error.to_string())?
        }
        .boxed()
    }
}

fn send(agent: &Agent, request: WebRequest) -> Result<WebReply, String> {
    let said = |error: ureq::Error| error.to_string();
    let mut builder = Request::builder().method(request.method.as_str()).uri(&request.url);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let reply = match request.body {
        Some(body) => {
            let request_with_body = builder.body(body).map_err(|error| error.to_string())?;
            let configured = agent.configure_request(request_with_body).timeout_global(Some(request.timeout));
            agent.run(configured.allow_non_standard_methods(true).build()).map_err(said)?
        }
        None => {
            let bare = builder.body(()).map_err(|error| error.to_string())?;
            let configured = agent.configure_request(bare).timeout_global(Some(request.timeout));
            agent.run(configured.build()).map_err(said)?
        }
    };
    read(reply)
}

fn read(reply: Response<Body>) -> Result<WebReply, String> {
    let status = reply.status().as_u16();
    let header = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = reply.headers().iter().map(header).collect();
    let mut body = Vec::new();
    let mut reader = reply.into_body().into_reader().take(MOST_READ);
    reader.read_to_end(&mut body).map_err(|error| format!("the answer broke off: {error}"))?;
    Ok(WebReply { status, headers, body })
}

//! The way to ministack: requests are passed on as they came, and the front asks questions of its own.

use std::{net::SocketAddr, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{
    HeaderMap, Method, Uri,
    body::Bytes,
    header::{CONNECTION, CONTENT_LENGTH, EXPECT, HeaderName, TE, TRAILER, TRANSFER_ENCODING, UPGRADE},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::SandboxError;

/// A request whose body has been read.
pub(crate) type Request = hyper::Request<Bytes>;
/// A response whose body has been read.
pub(crate) type Reply = hyper::Response<Bytes>;

/// ministack, over pooled connections.
#[derive(Clone)]
pub(crate) struct Upstream {
    client: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
}

impl Upstream {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client =
            Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(60)).build(connector);
        Self { client, address }
    }

    /// Passes `request` on, with its path, query, headers (`Host` among them) and body unchanged.
    pub(crate) async fn forward(&self, request: &Request) -> Result<Reply, SandboxError> {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let uri: Uri = format!("http://{}{path}", self.address).parse().map_err(SandboxError::emulator)?;
        let mut forwarded = hyper::Request::new(Full::new(request.body().clone()));
        *forwarded.method_mut() = request.method().clone();
        *forwarded.uri_mut() = uri;
        *forwarded.headers_mut() = end_to_end(request.headers());
        // ministack takes a POST without a length for one that was cut off.
        if request.headers().contains_key(CONTENT_LENGTH) || !request.body().is_empty() {
            forwarded.headers_mut().insert(CONTENT_LENGTH, request.body().len().into());
        }
        let response = self.client.request(forwarded).await.map_err(SandboxError::emulator)?;
        let (mut parts, body) = response.into_parts();
        let body = body.collect().await.map_err(SandboxError::emulator)?.to_bytes();
        let length = parts.headers.get(CONTENT_LENGTH).cloned();
        parts.headers = end_to_end(&parts.headers);
        // The answer to HEAD has the length of a body that it does not have.
        match length {
            Some(length) if request.method() == Method::HEAD => {
                parts.headers.insert(CONTENT_LENGTH, length);
            }
            _ => {
                parts.headers.remove(CONTENT_LENGTH);
            }
        }
        Ok(Reply::from_parts(parts, body))
    }

    /// Empties every account.
    pub(crate) async fn reset(&self) -> Result<(), SandboxError> {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_static("/_ministack/reset");
        let reply = self.forward(&request).await?;
        if reply.status().is_success() { Ok(()) } else { Err(SandboxError::refused("reset", &reply)) }
    }

    /// Returns once ministack answers.
    pub(crate) async fn healthy(&self) {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = Uri::from_static("/_ministack/health");
        loop {
            match self.forward(&request).await {
                Ok(reply) if reply.status().is_success() => return,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// The headers without those that concern a single connection.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
    let mut kept = headers.clone();
    for name in [CONNECTION, KEEP_ALIVE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, EXPECT] {
        kept.remove(name);
    }
    kept
}

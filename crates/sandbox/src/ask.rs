//! The front's own questions to ministack, put as the root user of an account.

use hyper::{Method, Uri, body::Bytes, header::HeaderValue};
use serde_json::Value;

use crate::{
    SandboxError,
    proxy::{Reply, Request, Upstream},
    query,
    xml::{self, Element},
};

/// One account in one region, asked through ministack's API. The calls are in no log, and no fault or rule
/// applies to them.
pub(crate) struct Ask<'a> {
    pub(crate) upstream: &'a Upstream,
    pub(crate) account: &'a str,
    pub(crate) region: &'a str,
}

impl Ask<'_> {
    /// The document at `path`, for the services that speak in methods and paths.
    pub(crate) async fn get(&self, service: &str, path: &str) -> Result<Element, SandboxError> {
        let reply = self.send(service, Method::GET, path, &[], Bytes::new()).await?;
        document(path, &reply)
    }

    /// The document at `path`, or none if ministack has no such thing.
    pub(crate) async fn find(&self, service: &str, path: &str) -> Result<Option<Element>, SandboxError> {
        let reply = self.send(service, Method::GET, path, &[], Bytes::new()).await?;
        if reply.status().as_u16() == 404 { Ok(None) } else { document(path, &reply).map(Some) }
    }

    /// The answer to an action, for the services that take forms.
    pub(crate) async fn act(
        &self,
        service: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Element, SandboxError> {
        let mut form = format!("Action={action}&Version={}", version(service));
        for (name, value) in parameters {
            form.push_str(&format!("&{name}={}", query::encode(value)));
        }
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let reply = self.send(service, Method::POST, "/", &headers, form.into()).await?;
        document(action, &reply)
    }

    /// The answer to `target`, such as `TrentService.ListKeys`, for the services that take JSON.
    pub(crate) async fn call(
        &self,
        service: &str,
        target: &str,
        body: &Value,
    ) -> Result<Value, SandboxError> {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let reply = self.send(service, Method::POST, "/", &headers, body.to_string().into()).await?;
        if !reply.status().is_success() {
            return Err(SandboxError::refused(target, &reply));
        }
        serde_json::from_slice(reply.body()).map_err(SandboxError::emulator)
    }

    /// The answer to any request, also one that refuses.
    pub(crate) async fn send(
        &self,
        service: &str,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Bytes,
    ) -> Result<Reply, SandboxError> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = path.parse::<Uri>().map_err(SandboxError::emulator)?;
        // An account's number is the access key of its root user, whose signature is never checked.
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/{}/{service}/aws4_request, SignedHeaders=host, Signature=0",
            self.account, self.region
        );
        for (name, value) in headers.iter().copied().chain([("authorization", authorization.as_str())]) {
            request.headers_mut().insert(name, HeaderValue::from_str(value).map_err(SandboxError::emulator)?);
        }
        self.upstream.forward(&request).await
    }
}

fn document(asked: &str, reply: &Reply) -> Result<Element, SandboxError> {
    if !reply.status().is_success() {
        return Err(SandboxError::refused(asked, reply));
    }
    xml::parse(reply.body()).ok_or_else(|| SandboxError::refused(asked, reply))
}

fn version(service: &str) -> &'static str {
    match service {
        "cloudformation" => "2010-05-15",
        "sns" => "2010-03-31",
        "sts" => "2011-06-15",
        _ => "2010-05-08",
    }
}

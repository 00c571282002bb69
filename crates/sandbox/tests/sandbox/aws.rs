//! A client for the tests: requests are signed in name only, since the sandbox does not check signatures.

use std::{
    path::PathBuf,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, body::Bytes};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use provision_sandbox::{Control, Options, Sandbox};
use serde_json::Value;
use tokio::runtime::Runtime;

/// The sandbox that the tests share. It lives on a runtime of its own, since each test has its own, too.
static SHARED: LazyLock<(Runtime, Sandbox)> = LazyLock::new(|| {
    let start = || {
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(Sandbox::start(Options::new(directory()))).unwrap();
        (runtime, sandbox)
    };
    // On a thread of its own: the test that comes first blocks on a runtime already.
    std::thread::spawn(start).join().unwrap()
});

/// Where the emulator is installed for all tests of the workspace.
pub(crate) fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../.provision/sandbox")
}

/// An account of a sandbox.
pub(crate) struct Aws {
    pub(crate) endpoint: String,
    pub(crate) account: String,
    pub(crate) region: &'static str,
    pub(crate) control: Control,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Aws {
    /// An account of the shared sandbox that no other test has.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(100_000_000_000);
        Self::at(SHARED.1.endpoint(), &NEXT.fetch_add(1, Ordering::Relaxed).to_string())
    }

    pub(crate) fn at(endpoint: String, account: &str) -> Self {
        let control = Control::new(endpoint.as_str()).of_account(account);
        Self { endpoint, account: account.to_owned(), region: "us-east-1", control }
    }

    /// A request; none if the connection was cut.
    pub(crate) async fn send(
        &self,
        service: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Option<Answer> {
        let scope = format!("{}/20260101/{}/{service}/aws4_request", self.account, self.region);
        let mut request =
            hyper::Request::builder().method(method).uri(format!("{}{path}", self.endpoint)).header(
                "authorization",
                format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
            );
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let response = Client::builder(TokioExecutor::new()).build_http().request(request).await.ok()?;
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Some(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    pub(crate) async fn rest(&self, service: &str, method: &str, path: &str, body: &str) -> Answer {
        self.send(service, method, path, &[], body).await.unwrap()
    }

    /// A request on the version of something that an answer showed.
    pub(crate) async fn on_version(&self, method: &str, path: &str, seen: &Answer, body: &str) -> Answer {
        let etag = seen.headers["etag"].to_str().unwrap();
        self.send("cloudfront", method, path, &[("if-match", etag)], body).await.unwrap()
    }

    pub(crate) async fn form(&self, service: &str, form: &str) -> Answer {
        let headers = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        self.send(service, "POST", "/", &headers, form).await.unwrap()
    }

    pub(crate) async fn json(&self, service: &str, target: &str, body: &Value) -> Answer {
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        self.send(service, "POST", "/", &headers, &body.to_string()).await.unwrap()
    }

    /// What exists, as `service kind id`.
    pub(crate) async fn existing(&self) -> Vec<String> {
        let resources = self.control.resources().await.unwrap();
        resources.into_iter().map(|found| format!("{} {} {}", found.service, found.kind, found.id)).collect()
    }
}

impl Answer {
    /// The code of the error that this is.
    pub(crate) fn code(&self) -> String {
        let json = self.value();
        let typed = json["__type"].as_str().map(str::to_owned);
        let header = self.headers.get("x-amzn-errortype").map(|code| code.to_str().unwrap().to_owned());
        typed.or(header).unwrap_or_else(|| self.text("Code"))
    }

    /// Fails the test unless this is that error.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.body);
    }

    /// Fails the test unless the request succeeded.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.body);
        self
    }

    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The text of the first XML element of that name.
    pub(crate) fn text(&self, name: &str) -> String {
        let start = self.body.find(&format!("<{name}>")).map(|at| at + name.len() + 2);
        let rest = start.map_or("", |start| &self.body[start..]);
        rest.split('<').next().unwrap_or_default().to_owned()
    }
}

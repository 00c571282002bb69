//! The sandbox by HTTP, for whoever knows only its port.

use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::{Method, body::Bytes};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use crate::{
    Fault, Need, Resource, SandboxError,
    call::{Call, Protocol},
    front::Front,
    inventory,
    proxy::{Reply, Request},
    query,
    reply::{self, Refusal},
    rules::sns::subscriptions,
};

/// A sandbox that runs in another process, or one account of it.
#[derive(Clone, Debug)]
pub struct Control {
    endpoint: String,
    /// Absent for all.
    account: Option<String>,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Control {
    /// The sandbox at `endpoint`, such as `http://127.0.0.1:4566`.
    pub fn new(endpoint: impl Into<String>) -> Self {
        let endpoint = endpoint.into().trim_end_matches('/').to_owned();
        Self { endpoint, account: None, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// The same sandbox, but only what concerns `account`: its resources and calls, the faults for it alone
    /// and the calls of it that they hold. Tests that share a sandbox keep out of each other's way by this.
    #[must_use]
    pub fn of_account(&self, account: impl Into<String>) -> Self {
        Self { account: Some(account.into()), ..self.clone() }
    }

    /// Everything that exists in this account, or the sandbox's own.
    ///
    /// # Errors
    ///
    /// When the sandbox cannot be reached or refuses.
    pub async fn resources(&self) -> Result<Vec<Resource>, SandboxError> {
        self.get("resources").await
    }

    /// Everything that exists in `account`.
    ///
    /// # Errors
    ///
    /// When the sandbox cannot be reached or refuses.
    pub async fn resources_of(&self, account: &str) -> Result<Vec<Resource>, SandboxError> {
        self.of_account(account).resources().await
    }

    /// Empties every account, ends all faults, and forgets the calls.
    ///
    /// # Errors
    ///
    /// When the sandbox cannot be reached or refuses.
    pub async fn reset(&self) -> Result<(), SandboxError> {
        self.ask(Method::POST, "reset", Bytes::new()).await.map(drop)
    }

    /// The calls that the sandbox has seen.
    ///
    /// # Errors
    ///
    /// When the sandbox cannot be reached or refuses.
    pub async fn calls(&self) -> Result<Vec<Call>, SandboxError> {
        self.get("calls").await
    }

    /// What the users and roles of this account, or of the sandbox's own, have needed so far to be allowed, where
    /// policies are enforced.
    ///
    /// # Errors
    ///
    /// When the sandbox cannot be reached or refuses.
    pub async fn needs(&self) -> Result<Vec<Need>, SandboxError> {
        self.get("needs").await
    }

    /// Adds a fault to those in force.
    ///
    /// # Errors
    ///
    /// When the sandbox cannot be reached or refuses.
    pub async fn inject(&self, fault: &Fault) -> Result<(), SandboxError> {
        let mut fault = fault.clone();
        fault.account = fault.account.or_else(|| self.account.clone());
        let body = serde_json::to_vec(&fault).map_err(SandboxError::control)?;
        self.ask(Method::POST, "faults", body.into()).await.map(drop)
    }

    /// Ends all faults and lets go of the calls that they hold.
    ///
    /// # Errors
    ///
    /// When the sandbox cannot be reached or refuses.
    pub async fn clear_faults(&self) -> Result<(), SandboxError> {
        self.ask(Method::DELETE, "faults", Bytes::new()).await.map(drop)
    }

    /// How many calls are held at present.
    ///
    /// # Errors
    ///
    /// When the sandbox cannot be reached or refuses.
    pub async fn held(&self) -> Result<usize, SandboxError> {
        let answer: serde_json::Value = self.get("held").await?;
        let held = answer["held"].as_u64().and_then(|held| usize::try_from(held).ok());
        held.ok_or_else(|| SandboxError::control("the answer has no number"))
    }

    /// Waits until a call is held.
    ///
    /// # Errors
    ///
    /// When that has not happened after `timeout`, or the sandbox cannot be reached.
    pub async fn wait_until_held(&self, timeout: Duration) -> Result<(), SandboxError> {
        let waiting = async {
            while self.held().await? == 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(())
        };
        tokio::time::timeout(timeout, waiting).await.unwrap_or(Err(SandboxError::NotHeld { timeout }))
    }

    /// Confirms the subscription that a mail address was asked to confirm, as whoever reads the mail would.
    ///
    /// # Errors
    ///
    /// When no such subscription waits, or the sandbox cannot be reached.
    pub async fn confirm_subscription(&self, arn: &str) -> Result<(), SandboxError> {
        self.ask(Method::POST, "subscriptions", arn.to_owned().into()).await.map(drop)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, SandboxError> {
        let body = self.ask(Method::GET, path, Bytes::new()).await?;
        serde_json::from_slice(&body).map_err(SandboxError::control)
    }

    async fn ask(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, SandboxError> {
        let account = self.account.as_deref();
        let restriction =
            account.map(|account| format!("?account={}", query::encode(account))).unwrap_or_default();
        let request = hyper::Request::builder()
            .method(method)
            .uri(format!("{}/_sandbox/{path}{restriction}", self.endpoint))
            .header("content-type", "application/json")
            .body(Full::new(body))
            .map_err(SandboxError::control)?;
        let response = self.client.request(request).await.map_err(SandboxError::control)?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(SandboxError::control)?.to_bytes();
        if parts.status.is_success() {
            Ok(body)
        } else {
            Err(SandboxError::refused(path, &Reply::from_parts(parts, body)))
        }
    }
}

/// Answers a request to `/_sandbox/{path}`.
pub(crate) async fn answer(front: &Front, path: &str, request: &Request) -> Reply {
    let account = query::value(request.uri().query().unwrap_or_default(), "account");
    let account = account.as_deref();
    match (request.method(), path) {
        (&Method::GET, "calls") => listed(&front.calls(account)),
        (&Method::GET, "resources") => {
            let account = account.map_or_else(|| front.accounts.of_key(None), str::to_owned);
            match inventory::resources(front, &account).await {
                Ok(resources) => listed(&resources),
                Err(error) => failed(&error),
            }
        }
        (&Method::GET, "needs") => {
            let account = account.map_or_else(|| front.accounts.of_key(None), str::to_owned);
            listed(&front.authorization.needs(&account))
        }
        (&Method::GET, "held") => reply::json(200, &json!({ "held": front.faults.held(account) })),
        (&Method::POST, "faults") => match serde_json::from_slice(request.body()) {
            Ok(fault) => {
                front.faults.inject(fault);
                done()
            }
            Err(error) => refused(400, "BadFault", error.to_string()),
        },
        (&Method::DELETE, "faults") => {
            front.faults.clear(account);
            done()
        }
        (&Method::POST, "subscriptions") => {
            let arn = String::from_utf8_lossy(request.body());
            let account = account.map_or_else(|| front.accounts.of_key(None), str::to_owned);
            match subscriptions::confirm(front, &account, &arn) {
                true => done(),
                false => refused(404, "NotPending", format!("{arn} does not wait to be confirmed")),
            }
        }
        (&Method::POST, "reset") => match front.reset().await {
            Ok(()) => done(),
            Err(error) => failed(&error),
        },
        (method, _) => refused(404, "NoSuchControl", format!("the sandbox has no {method} of {path}")),
    }
}

fn done() -> Reply {
    reply::json(200, &json!({}))
}

fn listed(items: &impl Serialize) -> Reply {
    match serde_json::to_value(items) {
        Ok(value) => reply::json(200, &value),
        Err(error) => failed(&SandboxError::control(error)),
    }
}

fn failed(error: &SandboxError) -> Reply {
    refused(500, "SandboxError", error.to_string())
}

fn refused(status: u16, code: &str, message: String) -> Reply {
    Refusal::new(status, code, message).reply(Protocol::RestJson, "sandbox")
}

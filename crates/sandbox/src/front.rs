//! The front: takes each request, decides what becomes of it, and writes down that it came.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Response,
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::{
    SandboxError,
    accounts::Accounts,
    answers,
    ask::Ask,
    authorization::{self, Authorization},
    call::{Call, Identity, Protocol, digest, header},
    call_log::CallLog,
    control,
    faults::{Effect, Faults},
    kept::Kept,
    proxy::{Reply, Request, Upstream},
    reply::Refusal,
    rules,
};

/// All that the requests share.
pub(crate) struct Front {
    pub(crate) address: SocketAddr,
    pub(crate) upstream: Upstream,
    pub(crate) accounts: Accounts,
    pub(crate) faults: Faults,
    pub(crate) kept: Kept,
    pub(crate) deploy_time: Duration,
    pub(crate) authenticate: bool,
    pub(crate) authorization: Authorization,
    /// Held while a value of a secret is put or read: ministack takes two steps to what AWS does in one.
    pub(crate) secret_values: tokio::sync::Mutex<()>,
    calls: Mutex<CallLog>,
}

/// Why a request gets no answer: a fault cut its connection.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut by a fault")]
struct Cut;

impl Front {
    pub(crate) fn new(
        address: SocketAddr,
        upstream: Upstream,
        account: &str,
        deploy_time: Duration,
        authenticate: bool,
    ) -> Self {
        Self {
            address,
            upstream,
            accounts: Accounts::new(account),
            faults: Faults::default(),
            kept: Kept::default(),
            deploy_time,
            authenticate,
            authorization: Authorization::default(),
            secret_values: tokio::sync::Mutex::default(),
            calls: Mutex::new(CallLog::since(Instant::now())),
        }
    }

    /// Serves every connection to `listener`, until the future is dropped.
    pub(crate) async fn serve(self: Arc<Self>, listener: TcpListener) {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    connections.spawn(self.clone().connection(stream));
                }
                // Out of file descriptors, most likely: it passes.
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            while connections.try_join_next().is_some() {}
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let service = service_fn(move |request| self.clone().answer(request));
        // A connection that a fault or the client cut short is no news.
        let _ =
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Cut> {
        let (parts, body) = request.into_parts();
        let Ok(body) = body.collect().await else { return Err(Cut) };
        let request = Request::from_parts(parts, body.to_bytes());
        // In a task of its own, so that a call takes effect whole even if its caller has gone.
        let handled = tokio::spawn(async move { self.handle(&request).await });
        match handled.await {
            Ok(Some(reply)) => Ok(reply.map(Full::new)),
            Ok(None) | Err(_) => Err(Cut),
        }
    }

    /// The answer to a request; none if the connection is to be cut.
    async fn handle(&self, request: &Request) -> Option<Reply> {
        if let Some(path) = request.uri().path().strip_prefix("/_sandbox/") {
            return Some(control::answer(self, path, request).await);
        }
        // Behind the front's back, ministack's own controls would change what the front relies on.
        if request.uri().path().starts_with("/_ministack/") {
            return Some(control::answer(self, request.uri().path(), request).await);
        }
        let identity = Identity::of(request, &self.accounts);
        let number = self.note(&identity, digest(request), header(request, "amz-sdk-invocation-id"));
        let reply = self.meet_its_fate(request, &identity, number).await;
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).ended(number);
        reply
    }

    /// The answer to a call, as the faults in force let it be.
    async fn meet_its_fate(&self, request: &Request, identity: &Identity, number: u64) -> Option<Reply> {
        let fate = self.faults.fate(identity, Instant::now());
        if !fate.delay.is_zero() {
            tokio::time::sleep(fate.delay).await;
        }
        if let Some(refusal) = fate.refusal(&identity.service) {
            let reply = refusal.reply(identity.protocol, &identity.service);
            self.note_status(number, &reply);
            return Some(reply);
        }
        match fate.effect {
            Some(Effect::Cut) => return None,
            Some(Effect::HoldBefore) => {
                self.faults.hold(&identity.account, &fate).await;
                return None;
            }
            _ => {}
        }
        let reply = self.perform(request, identity).await;
        self.note_status(number, &reply);
        if let Some(refusal) = fate.late_refusal() {
            return Some(refusal.reply(identity.protocol, &identity.service));
        }
        match fate.effect {
            Some(Effect::LoseReply) => None,
            Some(Effect::Hold) => {
                self.faults.hold(&identity.account, &fate).await;
                Some(reply)
            }
            _ => Some(reply),
        }
    }

    /// Lets a call take effect: refused by a rule, answered by the front, or by ministack and corrected.
    async fn perform(&self, request: &Request, identity: &Identity) -> Reply {
        if let Some(reply) = answers::answer(self, request, identity).await {
            return reply;
        }
        if let Err(refusal) = authorization::check(self, request, identity).await {
            return refusal.reply(identity.protocol, &identity.service);
        }
        if let Err(refusal) = rules::before(self, request, identity).await {
            return refusal.reply(identity.protocol, &identity.service);
        }
        let _turn = rules::secretsmanager::turn(self, identity).await;
        let translated = rules::translated(request, identity);
        let reply = authorization::forward(self, request, translated, identity).await;
        self.accounts.learn(identity, &reply, self.authenticate);
        rules::after(self, request, identity, reply).await
    }

    /// Asks ministack. That it does not answer is an answer, too.
    pub(crate) async fn forward(&self, request: &Request) -> Reply {
        self.upstream.forward(request).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the emulator did not answer");
            let refusal = Refusal::new(502, "BadGateway", error.to_string());
            refusal.reply(Protocol::RestJson, "sandbox")
        })
    }

    /// Asks ministack as the root user of `account`.
    pub(crate) fn ask<'a>(&'a self, account: &'a str, region: &'a str) -> Ask<'a> {
        Ask { upstream: &self.upstream, account, region }
    }

    /// The calls of `account`, or of all, so far.
    pub(crate) fn calls(&self, account: Option<&str>) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).calls(account)
    }

    /// Empties all accounts, and forgets faults and calls.
    pub(crate) async fn reset(&self) -> Result<(), SandboxError> {
        self.faults.clear(None);
        self.upstream.reset().await?;
        self.kept.clear();
        self.authorization.clear();
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    fn note(&self, identity: &Identity, digest: u64, invocation_id: Option<&str>) -> u64 {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).add(identity, digest, invocation_id)
    }

    fn note_status(&self, number: u64, reply: &Reply) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.answered(number, reply.status().as_u16());
    }
}

//! Whether whoever calls may: what the Service Authorization Reference of AWS says that a call needs, held against the
//! policies of its caller.
//!
//! ministack decides this too, and not always by AWS's resources and actions: what the front lets pass and ministack
//! would not is repeated as the root user of the account. So signatures are checked by ministack, and policies here.
//!
//! It is the identity-based policies of the user or role that count. Those of buckets, keys, topics and secrets are
//! taken to leave it to them, as the ones that AWS makes do; boundaries and session policies are not looked at.

mod needs;
mod policy;
mod principal;
pub(crate) mod simulation;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use hyper::header::{AUTHORIZATION, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::{
    call::{self, Identity},
    front::Front,
    proxy::{Reply, Request},
    reply::Refusal,
};

pub(crate) use policy::Policy;

/// What a call needs to be allowed, and whether it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Need {
    /// The action as policies name it, such as `s3:GetObject`.
    pub action: String,
    /// The ARN of what it is done to; `*` for an action that has no resource type.
    pub resource: String,
    /// What conditions can ask about the call, by key.
    pub context: BTreeMap<String, String>,
    /// Whether the policies of the caller allow it.
    pub allowed: bool,
}

impl Need {
    fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), context: BTreeMap::new(), allowed: false }
    }

    fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.context.insert(key.to_owned(), value.into());
        self
    }
}

/// What is known of callers: their policies, and what they needed.
#[derive(Default)]
pub(crate) struct Authorization {
    policies: Mutex<HashMap<String, Arc<Vec<Policy>>>>,
    /// By account.
    needs: Mutex<HashMap<String, Vec<Need>>>,
}

impl Authorization {
    /// What the users and roles of `account` have needed so far.
    pub(crate) fn needs(&self, account: &str) -> Vec<Need> {
        let needs = self.needs.lock().unwrap_or_else(PoisonError::into_inner);
        needs.get(account).cloned().unwrap_or_default()
    }

    /// Forgets all policies: some may have changed.
    fn forget(&self) {
        self.policies.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets what was needed.
    pub(crate) fn clear(&self) {
        self.forget();
        self.needs.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn note(&self, account: &str, need: Need) {
        let mut needs = self.needs.lock().unwrap_or_else(PoisonError::into_inner);
        needs.entry(account.to_owned()).or_default().push(need);
    }
}

/// Someone whose policies are looked at: not the root user of an account, who may do anything.
pub(crate) struct Caller<'a> {
    front: &'a Front,
    identity: &'a Identity,
    /// The ARN of the user or role.
    arn: String,
}

impl<'a> Caller<'a> {
    pub(crate) fn of(front: &'a Front, request: &Request, identity: &'a Identity) -> Option<Self> {
        let key = call::access_key(request);
        let arn = front.accounts.principal(key.as_deref()).filter(|_| front.authenticate)?;
        Some(Self { front, identity, arn })
    }

    /// Refuses what the caller's policies do not allow.
    async fn needs(&self, mut need: Need) -> Result<(), Refusal> {
        let policies = policies(self.front, &self.identity.account, &self.arn).await?;
        need.allowed = policy::allows(&policies, &need);
        self.front.authorization.note(&self.identity.account, need.clone());
        if need.allowed {
            return Ok(());
        }
        let Need { action, resource, .. } = need;
        let code = match self.identity.service.as_str() {
            "sns" => "AuthorizationError",
            "s3" | "iam" | "cloudfront" | "route53" | "monitoring" => "AccessDenied",
            _ => "AccessDeniedException",
        };
        let message = format!(
            "User: {} is not authorized to perform: {action} on resource: \"{resource}\" because no \
             identity-based policy allows the {action} action",
            self.arn
        );
        Err(Refusal::new(403, code, message))
    }

    /// Refuses what the caller's policies do not allow, which turns out to be needed only now.
    pub(crate) async fn needs_too(&self, action: &str, resource: &str) -> Result<(), Refusal> {
        self.needs(Need::new(action, resource)).await
    }
}

/// Refuses a call that its caller is not allowed to make.
pub(crate) async fn check(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let Some(caller) = Caller::of(front, request, identity) else { return Ok(()) };
    for need in needs::of(front, request, identity).await {
        caller.needs(need).await?;
    }
    Ok(())
}

/// The policies of a user or role.
pub(crate) async fn policies(
    front: &Front,
    account: &str,
    principal: &str,
) -> Result<Arc<Vec<Policy>>, Refusal> {
    let known = |policies: &Mutex<HashMap<String, Arc<Vec<Policy>>>>| {
        policies.lock().unwrap_or_else(PoisonError::into_inner).get(principal).cloned()
    };
    if let Some(policies) = known(&front.authorization.policies) {
        return Ok(policies);
    }
    let found = Arc::new(principal::policies(&front.ask(account, crate::REGION), principal).await?);
    let mut policies = front.authorization.policies.lock().unwrap_or_else(PoisonError::into_inner);
    policies.insert(principal.to_owned(), found.clone());
    Ok(found)
}

/// Asks ministack what has been found to be allowed; `translated`: what it is to be asked instead, whose signature
/// cannot be right. Where it refuses for want of permission, it is asked once more, as the root user of the account.
pub(crate) async fn forward(
    front: &Front,
    request: &Request,
    translated: Option<Request>,
    identity: &Identity,
) -> Reply {
    if identity.service == "iam" && identity.mutating {
        front.authorization.forget();
    }
    let is_root = Caller::of(front, request, identity).is_none();
    let reply = match translated {
        Some(translated) if is_root => return front.forward(&translated).await,
        Some(translated) => return front.forward(&as_root(&translated, identity)).await,
        None => front.forward(request).await,
    };
    let is_refused = reply.status().is_client_error()
        && String::from_utf8_lossy(reply.body()).contains("is not authorized to perform");
    // The answer to HEAD has no words.
    let is_silent = reply.status().as_u16() == 403 && reply.body().is_empty();
    match is_root || !(is_refused || is_silent) {
        true => reply,
        false => front.forward(&as_root(request, identity)).await,
    }
}

/// The same request, made by the root user of the account, whose signature is never checked.
fn as_root(request: &Request, identity: &Identity) -> Request {
    let mut request = request.clone();
    let scope =
        format!("{}/20260101/{}/{}/aws4_request", identity.account, identity.region, identity.service);
    let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    if let Ok(authorization) = HeaderValue::from_str(&authorization) {
        request.headers_mut().insert(AUTHORIZATION, authorization);
    }
    request.headers_mut().remove("x-amz-security-token");
    request
}

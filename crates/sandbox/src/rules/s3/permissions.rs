//! What a request to S3 has to be allowed besides its own action: ministack asks for that alone.
//!
//! It is the policies of the user or role that count here. Those of buckets and keys are taken to leave it to them, as
//! the ones that AWS makes do.

use crate::{
    call::{self, Identity, header},
    front::Front,
    proxy::{Reply, Request},
    query,
    reply::Refusal,
};

/// The header that names the KMS key of an object.
const KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";

/// Refuses a write whose condition or encryption asks for more than the write.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let Some(caller) = Caller::of(front, request, identity) else { return Ok(()) };
    let is_write = ["PutObject", "DeleteObject"].contains(&identity.operation.as_str());
    // Whether an ETag is that of an object tells about its content.
    if is_write && header(request, "if-match").is_some_and(|etag| etag != "*") {
        caller.needs("s3:GetObject", &object(request)).await?;
    }
    if identity.operation == "PutObject"
        && let Some(key) = header(request, KEY)
    {
        caller.needs("kms:GenerateDataKey", &caller.key(key).await?).await?;
    }
    Ok(())
}

/// Keeps from the caller what it may not know: what is encrypted, and what is not there.
pub(super) async fn after(
    front: &Front,
    request: &Request,
    identity: &Identity,
    reply: Reply,
) -> Result<Reply, Refusal> {
    let Some(caller) = Caller::of(front, request, identity) else { return Ok(reply) };
    if !["GetObject", "HeadObject"].contains(&identity.operation.as_str()) {
        return Ok(reply);
    }
    if reply.status().as_u16() == 404 && !String::from_utf8_lossy(reply.body()).contains("NoSuchBucket") {
        let bucket = format!("arn:aws:s3:::{}", super::bucket(request));
        caller.needs("s3:ListBucket", &bucket).await?;
    }
    if let Some(key) = reply.headers().get(KEY).and_then(|key| key.to_str().ok())
        && reply.status().is_success()
    {
        caller.needs("kms:Decrypt", &caller.key(key).await?).await?;
    }
    Ok(reply)
}

/// Someone whose policies are looked at: not the root user of an account, who may do anything.
struct Caller<'a> {
    front: &'a Front,
    identity: &'a Identity,
    arn: String,
}

impl<'a> Caller<'a> {
    fn of(front: &'a Front, request: &Request, identity: &'a Identity) -> Option<Self> {
        let key = call::access_key(request);
        let arn = front.accounts.principal(key.as_deref()).filter(|_| front.authenticate)?;
        Some(Self { front, identity, arn })
    }

    /// Refuses what the caller's policies do not allow.
    async fn needs(&self, action: &str, resource: &str) -> Result<(), Refusal> {
        let ask = self.front.ask(&self.identity.account, &self.identity.region);
        let parameters = [
            ("PolicySourceArn", self.arn.as_str()),
            ("ActionNames.member.1", action),
            ("ResourceArns.member.1", resource),
        ];
        let answer = ask.act("iam", "SimulatePrincipalPolicy", &parameters).await?;
        if answer.descendant("EvalDecision").is_some_and(|decision| decision.text == "allowed") {
            return Ok(());
        }
        let message = format!(
            "User: {} is not authorized to perform: {action} on resource: \"{resource}\" because no \
             identity-based policy allows the {action} action",
            self.arn
        );
        Err(Refusal::new(403, "AccessDenied", message))
    }

    /// The ARN of a key that is named by it, by its id or by an alias.
    async fn key(&self, name: &str) -> Result<String, Refusal> {
        let ask = self.front.ask(&self.identity.account, &self.identity.region);
        let answer = ask.call("kms", "TrentService.DescribeKey", &serde_json::json!({ "KeyId": name })).await;
        let metadata = answer.map_err(|_| {
            let message = format!("Invalid keyId '{name}'");
            Refusal::new(400, "KMS.NotFoundException", message)
        })?;
        Ok(metadata["KeyMetadata"]["Arn"].as_str().unwrap_or(name).to_owned())
    }
}

/// The ARN of the object in the path of a request.
fn object(request: &Request) -> String {
    format!("arn:aws:s3:::{}", query::percent_decode(request.uri().path().trim_start_matches('/')))
}

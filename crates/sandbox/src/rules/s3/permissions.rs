//! What a request to S3 has to be allowed besides its own action, where its headers or its outcome tell.

use crate::{
    authorization::Caller,
    call::{Identity, header},
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
        caller.needs_too("s3:GetObject", &object(request)).await?;
    }
    if identity.operation == "PutObject"
        && let Some(key_name) = header(request, KEY)
    {
        caller.needs_too("kms:GenerateDataKey", &key(front, identity, key_name).await?).await?;
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
        caller.needs_too("s3:ListBucket", &bucket).await?;
    }
    if let Some(key_name) = reply.headers().get(KEY).and_then(|key| key.to_str().ok())
        && reply.status().is_success()
    {
        caller.needs_too("kms:Decrypt", &key(front, identity, key_name).await?).await?;
    }
    Ok(reply)
}

/// The ARN of a key that is named by it, by its id or by an alias.
async fn key(front: &Front, identity: &Identity, name: &str) -> Result<String, Refusal> {
    let ask = front.ask(&identity.account, &identity.region);
    let answer = ask.call("kms", "TrentService.DescribeKey", &serde_json::json!({ "KeyId": name })).await;
    let metadata = answer.map_err(|_| {
        let message = format!("Invalid keyId '{name}'");
        Refusal::new(400, "KMS.NotFoundException", message)
    })?;
    Ok(metadata["KeyMetadata"]["Arn"].as_str().unwrap_or(name).to_owned())
}

/// The ARN of the object in the path of a request.
fn object(request: &Request) -> String {
    format!("arn:aws:s3:::{}", query::percent_decode(request.uri().path().trim_start_matches('/')))
}

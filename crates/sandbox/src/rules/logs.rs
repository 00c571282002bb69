//! CloudWatch Logs encrypts only with a key whose policy lets it.

use serde_json::{Map, Value};

use crate::{call::Identity, front::Front, proxy::Request, reply::Refusal, rules::kms};

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    if !["CreateLogGroup", "AssociateKmsKey"].contains(&identity.operation.as_str()) {
        return Ok(());
    }
    let body = serde_json::from_slice::<Map<String, Value>>(request.body()).unwrap_or_default();
    let Some(key) = body.get("kmsKeyId").and_then(Value::as_str) else { return Ok(()) };
    let ask = front.ask(&identity.account, &identity.region);
    if kms::serves(&ask, key, &format!("logs.{}.amazonaws.com", identity.region)).await {
        return Ok(());
    }
    let group = body.get("logGroupName").and_then(Value::as_str).unwrap_or_default();
    let message = format!(
        "The specified KMS key does not exist or is not allowed to be used with Arn \
         'arn:aws:logs:{}:{}:log-group:{group}'",
        identity.region, identity.account
    );
    Err(Refusal::new(400, "AccessDeniedException", message))
}

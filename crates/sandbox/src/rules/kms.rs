//! KMS lets nothing be done with a key that is waiting to be deleted, but to save it.

use serde_json::{Map, Value, json};

use crate::{ask::Ask, call::Identity, front::Front, proxy::Request, reply::Refusal};

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let body = serde_json::from_slice::<Map<String, Value>>(request.body()).unwrap_or_default();
    let field = match identity.operation.as_str() {
        "ScheduleKeyDeletion"
        | "EnableKey"
        | "DisableKey"
        | "EnableKeyRotation"
        | "DisableKeyRotation"
        | "PutKeyPolicy"
        | "UpdateKeyDescription"
        | "TagResource"
        | "UntagResource"
        | "CreateGrant" => "KeyId",
        "CreateAlias" | "UpdateAlias" => "TargetKeyId",
        _ => return Ok(()),
    };
    let id = body.get(field).and_then(Value::as_str).unwrap_or_default();
    let ask = front.ask(&identity.account, &identity.region);
    match describe(&ask, id).await {
        Some(key) if key["KeyState"] == "PendingDeletion" => {
            let message = format!("{} is pending deletion.", key["Arn"].as_str().unwrap_or(id));
            Err(Refusal::new(400, "KMSInvalidStateException", message))
        }
        // A key that is not there is ministack's to report.
        _ => Ok(()),
    }
}

/// What KMS says of a key.
async fn describe(ask: &Ask<'_>, id: &str) -> Option<Value> {
    let mut answer = ask.call("kms", "TrentService.DescribeKey", &json!({ "KeyId": id })).await.ok()?;
    Some(answer["KeyMetadata"].take())
}

/// Whether `service`, such as `logs.us-east-1.amazonaws.com`, may use a key: it is enabled, and a statement
/// of its policy names the service.
pub(super) async fn serves(ask: &Ask<'_>, id: &str, service: &str) -> bool {
    let enabled = describe(ask, id).await.is_some_and(|key| key["KeyState"] == "Enabled");
    let question = json!({ "KeyId": id, "PolicyName": "default" });
    let Ok(answer) = ask.call("kms", "TrentService.GetKeyPolicy", &question).await else { return false };
    let policy =
        serde_json::from_str::<Value>(answer["Policy"].as_str().unwrap_or_default()).unwrap_or_default();
    enabled
        && policy["Statement"].as_array().into_iter().flatten().any(|statement| {
            let services = &statement["Principal"]["Service"];
            let named = services == service
                || services.as_array().is_some_and(|services| services.iter().any(|named| named == service));
            statement["Effect"] == "Allow" && (named || statement["Principal"] == "*")
        })
}

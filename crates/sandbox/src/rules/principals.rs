//! A policy can name a role, a user or an origin access identity only once it exists.

use serde_json::{Map, Value};

use crate::{ask::Ask, call::Identity, front::Front, proxy::Request, query, reply::Refusal};

/// How the policies of AWS name an origin access identity.
const IDENTITY_PREFIX: &str = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ";

/// Refuses a policy that names a principal of this account that is not there.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let form = |name: &str| query::value(&String::from_utf8_lossy(request.body()), name);
    let json = |name: &str| {
        let body = serde_json::from_slice::<Map<String, Value>>(request.body()).ok()?;
        body.get(name)?.as_str().map(str::to_owned)
    };
    let (policy, code) = match (identity.service.as_str(), identity.operation.as_str()) {
        ("s3", "PutBucketPolicy") => {
            (Some(String::from_utf8_lossy(request.body()).into_owned()), "MalformedPolicy")
        }
        ("kms", "CreateKey" | "PutKeyPolicy") => (json("Policy"), "MalformedPolicyDocumentException"),
        ("secretsmanager", "PutResourcePolicy") => {
            (json("ResourcePolicy"), "MalformedPolicyDocumentException")
        }
        ("sns", "SetTopicAttributes") if form("AttributeName").as_deref() == Some("Policy") => {
            (form("AttributeValue"), "InvalidParameter")
        }
        ("sqs", "CreateQueue" | "SetQueueAttributes") => (queue_policy(request), "InvalidAttributeValue"),
        ("iam", "CreateRole") => (form("AssumeRolePolicyDocument"), "MalformedPolicyDocument"),
        ("iam", "UpdateAssumeRolePolicy") => (form("PolicyDocument"), "MalformedPolicyDocument"),
        _ => return Ok(()),
    };
    // What is no policy at all is ministack's to refuse.
    let Some(policy) = policy.and_then(|policy| serde_json::from_str::<Value>(&policy).ok()) else {
        return Ok(());
    };
    let ask = front.ask(&identity.account, &identity.region);
    for principal in principals(&policy) {
        if !exists(front, &ask, principal).await {
            let message = match identity.service.as_str() {
                "sns" => "Invalid parameter: Policy Error: PrincipalNotFound".to_owned(),
                "sqs" => "Invalid value for the parameter Policy.".to_owned(),
                _ => format!("Invalid principal in policy: \"AWS\":\"{principal}\""),
            };
            return Err(Refusal::new(400, code, message));
        }
    }
    Ok(())
}

/// The policy among the attributes of a queue.
fn queue_policy(request: &Request) -> Option<String> {
    let body = serde_json::from_slice::<Map<String, Value>>(request.body()).ok()?;
    body.get("Attributes")?.get("Policy")?.as_str().map(str::to_owned)
}

/// The principals that the statements of a policy name as AWS's own.
fn principals(policy: &Value) -> Vec<&str> {
    listed(&policy["Statement"])
        .flat_map(|statement| [&statement["Principal"], &statement["NotPrincipal"]])
        .flat_map(|principal| listed(&principal["AWS"]))
        .filter_map(Value::as_str)
        .collect()
}

/// The items of a list, or the one thing that stands where a list could.
fn listed(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Null => Box::new(std::iter::empty()),
        single => Box::new(std::iter::once(single)),
    }
}

/// Whether a principal is there, as far as that can be known: other accounts are not looked into.
async fn exists(front: &Front, ask: &Ask<'_>, principal: &str) -> bool {
    if let Some(id) = principal.strip_prefix(IDENTITY_PREFIX) {
        return front.kept.with(ask.account, |kept| kept.origin_access_identities.contains_key(id));
    }
    let own = format!("arn:aws:iam::{}:", ask.account);
    let Some(resource) = principal.strip_prefix(&own) else { return true };
    let name = resource.rsplit('/').next().unwrap_or(resource);
    let found = match resource.split('/').next() {
        Some("role") => ask.act("iam", "GetRole", &[("RoleName", name)]).await,
        Some("user") => ask.act("iam", "GetUser", &[("UserName", name)]).await,
        _ => return true,
    };
    found.is_ok_and(|answer| answer.descendant("Arn").is_some_and(|arn| arn.text == principal))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn principals_stand_alone_or_in_lists() {
        let policy = json!({ "Statement": [
            { "Principal": { "AWS": "a" } },
            { "Principal": { "AWS": ["b", "c"], "Service": "d" } },
            { "Principal": "*" },
        ] });
        assert_eq!(principals(&policy), ["a", "b", "c"]);
        assert_eq!(principals(&json!({ "Statement": { "NotPrincipal": { "AWS": "e" } } })), ["e"]);
    }
}

//! Secrets Manager does not give a name away before its time, knows a request token again, has no version of a secret
//! that was created without a value, and blocks public policies if it is asked to.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use tokio::sync::MutexGuard;

use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::{self, Refusal},
};

/// A secret as it was created.
#[derive(Clone, Debug)]
pub(crate) struct Created {
    region: String,
    request: Map<String, Value>,
    reply: Reply,
}

/// The right to put a value of a secret, or to read one, while nobody else does; none for other calls.
pub(crate) async fn turn<'f>(front: &'f Front, identity: &Identity) -> Option<MutexGuard<'f, ()>> {
    let is_of_values = ["GetSecretValue", "PutSecretValue"].contains(&identity.operation.as_str());
    if is_of_values && identity.service == "secretsmanager" {
        Some(front.secret_values.lock().await)
    } else {
        None
    }
}

/// Refuses a policy that AWS would refuse and ministack would not.
pub(super) fn before(request: &Request, identity: &Identity) -> Result<(), Refusal> {
    if identity.operation != "PutResourcePolicy" {
        return Ok(());
    }
    let body = serde_json::from_slice::<Map<String, Value>>(request.body()).unwrap_or_default();
    let policy = serde_json::from_str::<Value>(&text(&body, "ResourcePolicy")).unwrap_or_default();
    if policy["Statement"].is_null() {
        let message = "This resource policy contains a syntax error.";
        return Err(Refusal::new(400, "MalformedPolicyDocumentException", message));
    }
    let is_blocked = body.get("BlockPublicPolicy").and_then(Value::as_bool).unwrap_or_default();
    if is_blocked && lets_everyone_in(&policy) {
        let message = "This resource policy allows broad access to the secret.";
        return Err(Refusal::new(400, "PublicPolicyException", message));
    }
    Ok(())
}

/// Whether a statement of a policy allows something to everyone, on no condition.
fn lets_everyone_in(policy: &Value) -> bool {
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        single => std::slice::from_ref(single),
    };
    statements.iter().any(|statement| {
        let principal = &statement["Principal"];
        let is_everyone = principal == "*" || principal["AWS"] == "*";
        statement["Effect"] == "Allow" && is_everyone && statement["Condition"].is_null()
    })
}

/// Makes of ministack's answer the one that AWS would give.
pub(super) async fn after(
    front: &Front,
    request: &Request,
    identity: &Identity,
    reply: Reply,
) -> Result<Reply, Refusal> {
    let body = serde_json::from_slice::<Map<String, Value>>(request.body()).unwrap_or_default();
    match identity.operation.as_str() {
        "CreateSecret" if reply.status().is_success() => {
            let name = text(&body, "Name");
            let is_hollow = !["SecretString", "SecretBinary"].iter().any(|value| body.contains_key(*value));
            let reply = if is_hollow { without_version(front, identity, &reply) } else { reply };
            let created = Created { region: identity.region.clone(), request: body, reply: reply.clone() };
            front.kept.with(&identity.account, |kept| {
                kept.secrets.retain(|created| !created.is(&identity.region, &name));
                kept.secrets.push(created);
            });
            Ok(reply)
        }
        // The name is taken: by this very request, by a secret that is on its way out, or by another.
        "CreateSecret" => {
            let name = text(&body, "Name");
            let ask = front.ask(&identity.account, &identity.region);
            let question = json!({ "SecretId": name });
            let Ok(secret) = ask.call("secretsmanager", "secretsmanager.DescribeSecret", &question).await
            else {
                return Ok(reply);
            };
            if secret.get("DeletedDate").is_some_and(|date| !date.is_null()) {
                let message = "You can't create this secret because a secret with this name is already scheduled for \
                               deletion.";
                return Err(Refusal::new(400, "InvalidRequestException", message));
            }
            let first = front.kept.with(&identity.account, |kept| {
                kept.secrets.iter().find(|created| created.is(&identity.region, &name)).cloned()
            });
            let same = |first: &Created| {
                let names = ["ClientRequestToken", "SecretString", "SecretBinary"];
                body.contains_key("ClientRequestToken")
                    && names.iter().all(|name| first.request.get(*name) == body.get(*name))
            };
            Ok(first.filter(same).map_or(reply, |first| first.reply))
        }
        // ministack forgets the other labels of a version that becomes the current one.
        "PutSecretValue" if reply.status().is_success() => {
            let mut answer = object(&reply);
            let wanted = body.get("VersionStages").and_then(Value::as_array).cloned().unwrap_or_default();
            let there = answer.get("VersionStages").and_then(Value::as_array).cloned().unwrap_or_default();
            let forgotten: Vec<Value> = wanted.into_iter().filter(|stage| !there.contains(stage)).collect();
            for stage in &forgotten {
                move_stage(front, identity, &text(&body, "SecretId"), stage, &text(&answer, "VersionId"))
                    .await?;
            }
            answer.insert("VersionStages".to_owned(), there.into_iter().chain(forgotten).collect());
            Ok(json_1_1(answer))
        }
        "GetSecretValue" if reply.status().is_success() => {
            let found = text(&object(&reply), "VersionId");
            if !front.kept.with(&identity.account, |kept| kept.hollow_versions.contains(&found)) {
                return Ok(reply);
            }
            let stage = Some(text(&body, "VersionStage")).filter(|stage| !stage.is_empty());
            let stage = stage.as_deref().unwrap_or("AWSCURRENT");
            let message = "Secrets Manager can't find the specified secret value for staging label";
            Err(Refusal::new(400, "ResourceNotFoundException", format!("{message}: {stage}")))
        }
        "DescribeSecret" | "ListSecrets" | "ListSecretVersionIds" if reply.status().is_success() => {
            let mut answer = object(&reply);
            front.kept.with(&identity.account, |kept| {
                drop_versions(&mut answer, &kept.hollow_versions);
                for secret in answer.get_mut("SecretList").and_then(Value::as_array_mut).into_iter().flatten()
                {
                    secret
                        .as_object_mut()
                        .into_iter()
                        .for_each(|secret| drop_versions(secret, &kept.hollow_versions));
                }
            });
            Ok(json_1_1(answer))
        }
        _ => Ok(reply),
    }
}

/// Attaches a label to a version, from whichever version has it.
async fn move_stage(
    front: &Front,
    identity: &Identity,
    secret: &str,
    stage: &Value,
    version: &str,
) -> Result<(), Refusal> {
    let ask = front.ask(&identity.account, &identity.region);
    let call = async |operation: &str, question: Value| {
        ask.call("secretsmanager", &format!("secretsmanager.{operation}"), &question).await
    };
    let described = call("DescribeSecret", json!({ "SecretId": secret })).await?;
    let versions = described["VersionIdsToStages"].as_object().cloned().unwrap_or_default();
    let has_it = |stages: &Value| stages.as_array().is_some_and(|stages| stages.contains(stage));
    let mut question = json!({ "SecretId": secret, "VersionStage": stage, "MoveToVersionId": version });
    if let Some((holder, _)) = versions.iter().find(|(_, stages)| has_it(stages)) {
        question["RemoveFromVersionId"] = json!(holder);
    }
    call("UpdateSecretVersionStage", question).await?;
    Ok(())
}

/// Remembers the version in an answer to `CreateSecret` as one that AWS would not have, and takes it out.
fn without_version(front: &Front, identity: &Identity, reply: &Reply) -> Reply {
    let mut answer = object(reply);
    if let Some(Value::String(version)) = answer.remove("VersionId") {
        front.kept.with(&identity.account, |kept| kept.hollow_versions.insert(version));
    }
    json_1_1(answer)
}

/// Takes versions out of what is said of a secret. Without any, nothing is said of them.
fn drop_versions(secret: &mut Map<String, Value>, hollow: &HashSet<String>) {
    for name in ["VersionIdsToStages", "SecretVersionsToStages"] {
        if let Some(stages) = secret.get_mut(name).and_then(Value::as_object_mut) {
            stages.retain(|version, _| !hollow.contains(version));
            if stages.is_empty() {
                secret.remove(name);
            }
        }
    }
    if let Some(versions) = secret.get_mut("Versions").and_then(Value::as_array_mut) {
        versions.retain(|version| !version["VersionId"].as_str().is_some_and(|id| hollow.contains(id)));
    }
}

fn object(reply: &Reply) -> Map<String, Value> {
    serde_json::from_slice(reply.body()).unwrap_or_default()
}

fn json_1_1(answer: Map<String, Value>) -> Reply {
    let mut reply = reply::json(200, &Value::Object(answer));
    reply::set(&mut reply, "content-type", "application/x-amz-json-1.1");
    reply
}

impl Created {
    fn is(&self, region: &str, name: &str) -> bool {
        self.region == region && text(&self.request, "Name") == name
    }
}

fn text(body: &Map<String, Value>, name: &str) -> String {
    body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

//! Secrets Manager does not give a name away before its time, and knows a request token again.

use serde_json::{Map, Value, json};

use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::Refusal,
};

/// A secret as it was created.
#[derive(Clone, Debug)]
pub(crate) struct Created {
    region: String,
    request: Map<String, Value>,
    reply: Reply,
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
        _ => Ok(reply),
    }
}

impl Created {
    fn is(&self, region: &str, name: &str) -> bool {
        self.region == region && text(&self.request, "Name") == name
    }
}

fn text(body: &Map<String, Value>, name: &str) -> String {
    body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

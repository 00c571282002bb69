//! EventBridge deletes no rule that has targets, gives none more than five, and knows when a rule is not there.

use hyper::body::Bytes;
use serde_json::{Map, Value, json};

use crate::{ask::Ask, call::Identity, front::Front, proxy::Request, reply::Refusal};

/// How many targets a rule can have.
const TARGETS: usize = 5;

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let asked = body(request);
    let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default();
    let bus = Some(text("EventBusName")).filter(|bus| !bus.is_empty()).unwrap_or("default");
    let ask = front.ask(&identity.account, &identity.region);
    match identity.operation.as_str() {
        "PutRule" => {
            if text("ScheduleExpression").is_empty() && text("EventPattern").is_empty() {
                let message = "Parameter(s) EventPattern or ScheduleExpression must be specified.";
                return Err(invalid(message));
            }
            if !text("ScheduleExpression").is_empty() && bus != "default" {
                return Err(invalid("ScheduleExpression is supported only on the default event bus."));
            }
        }
        "DeleteRule" if !targets(&ask, bus, text("Name")).await?.is_empty() => {
            return Err(invalid("Rule can't be deleted since it has targets."));
        }
        "PutTargets" => {
            let mut ids = targets(&ask, bus, text("Rule")).await?;
            ids.extend(asked.get("Targets").map(ids_of).unwrap_or_default());
            ids.sort();
            ids.dedup();
            if ids.len() > TARGETS {
                let message = "The requested resource exceeds the maximum number allowed.";
                return Err(Refusal::new(400, "LimitExceededException", message));
            }
        }
        "ListTargetsByRule" | "RemoveTargets" => {
            let question = json!({ "Name": text("Rule"), "EventBusName": bus });
            if ask.call("events", "AWSEvents.DescribeRule", &question).await.is_err() {
                let message = format!("Rule {} does not exist on EventBus {bus}.", text("Rule"));
                return Err(Refusal::new(400, "ResourceNotFoundException", message));
            }
        }
        _ => {}
    }
    Ok(())
}

/// A put replaces a rule whole, and ministack keeps what it does not say: so it is said to be nothing.
pub(super) fn translated(request: &Request, identity: &Identity) -> Option<Request> {
    if identity.operation != "PutRule" {
        return None;
    }
    let mut asked = body(request);
    for name in ["Description", "RoleArn"] {
        asked.entry(name).or_insert_with(|| json!(""));
    }
    asked.entry("State").or_insert_with(|| json!("ENABLED"));
    let mut translated = request.clone();
    *translated.body_mut() = Bytes::from(Value::Object(asked).to_string());
    Some(translated)
}

/// The ids of the targets that a rule has.
async fn targets(ask: &Ask<'_>, bus: &str, rule: &str) -> Result<Vec<String>, Refusal> {
    let question = json!({ "Rule": rule, "EventBusName": bus });
    let answer = ask.call("events", "AWSEvents.ListTargetsByRule", &question).await?;
    Ok(ids_of(&answer["Targets"]))
}

fn ids_of(targets: &Value) -> Vec<String> {
    let targets = targets.as_array().into_iter().flatten();
    targets.filter_map(|target| target["Id"].as_str().map(str::to_owned)).collect()
}

fn body(request: &Request) -> Map<String, Value> {
    serde_json::from_slice(request.body()).unwrap_or_default()
}

fn invalid(message: &str) -> Refusal {
    Refusal::new(400, "ValidationException", message)
}

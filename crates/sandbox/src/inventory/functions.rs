//! Functions, and the rules that start them.

use hyper::{Method, body::Bytes};
use serde_json::{Value, json};

use super::Found;
use crate::{SandboxError, ask::Ask};

/// The functions of Lambda, and who may invoke them.
pub(super) async fn functions(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    let mut page = String::new();
    loop {
        let list = rest(ask, "lambda", &format!("/2015-03-31/functions?MaxItems=50{page}")).await?;
        for function in list["Functions"].as_array().into_iter().flatten() {
            let name = function["FunctionName"].as_str().unwrap_or_default();
            found.add("lambda", "function", name);
            let policy = rest(ask, "lambda", &format!("/2015-03-31/functions/{name}/policy")).await?;
            let policy = serde_json::from_str::<Value>(policy["Policy"].as_str().unwrap_or_default());
            for statement in policy.unwrap_or_default()["Statement"].as_array().into_iter().flatten() {
                let statement = statement["Sid"].as_str().unwrap_or_default();
                found.add("lambda", "permission", format!("{name}/{statement}"));
            }
        }
        match list["NextMarker"].as_str() {
            Some(next) if !next.is_empty() => page = format!("&Marker={}", crate::query::encode(next)),
            _ => return Ok(()),
        }
    }
}

/// The rules of EventBridge, and what they start.
pub(super) async fn event_rules(ask: &Ask<'_>, found: &mut Found) -> Result<(), SandboxError> {
    let buses = ask.call("events", "AWSEvents.ListEventBuses", &json!({})).await?;
    for bus in buses["EventBuses"].as_array().into_iter().flatten() {
        let bus = bus["Name"].as_str().unwrap_or_default();
        let on_bus = |id: &str| if bus == "default" { id.to_owned() } else { format!("{bus}/{id}") };
        if bus != "default" {
            found.add("events", "event_bus", bus);
        }
        let mut question = json!({ "EventBusName": bus });
        loop {
            let list = ask.call("events", "AWSEvents.ListRules", &question).await?;
            for rule in list["Rules"].as_array().into_iter().flatten() {
                let rule = rule["Name"].as_str().unwrap_or_default();
                found.add("events", "rule", on_bus(rule));
                let of_rule = json!({ "Rule": rule, "EventBusName": bus });
                let targets = ask.call("events", "AWSEvents.ListTargetsByRule", &of_rule).await?;
                for target in targets["Targets"].as_array().into_iter().flatten() {
                    let target = target["Id"].as_str().unwrap_or_default();
                    found.add("events", "target", on_bus(&format!("{rule}/{target}")));
                }
            }
            match list["NextToken"].as_str() {
                Some(next) => question["NextToken"] = json!(next),
                None => break,
            }
        }
    }
    Ok(())
}

/// The JSON at a path; null if there is none.
async fn rest(ask: &Ask<'_>, service: &str, path: &str) -> Result<Value, SandboxError> {
    let reply = ask.send(service, Method::GET, path, &[], Bytes::new()).await?;
    match reply.status().as_u16() {
        404 => Ok(Value::Null),
        200 => serde_json::from_slice(reply.body()).map_err(SandboxError::emulator),
        _ => Err(SandboxError::refused(path, &reply)),
    }
}

//! CloudWatch checks dashboards and alarms before it takes them, and keeps every part of an alarm.

mod alarm;
mod dashboard;

use serde_json::{Map, Value, json};

use crate::{
    SandboxError,
    ask::Ask,
    call::{Identity, Protocol},
    cbor,
    front::Front,
    proxy::{Reply, Request},
    reply::{self, Refusal},
};

/// What ministack drops of an alarm, or makes up.
const OF_METRICS: [&str; 17] = [
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
];
const OF_COMPOSITES: [&str; 4] = [
    "ActionsSuppressor",
    "ActionsSuppressorExtensionPeriod",
    "ActionsSuppressorWaitPeriod",
    "AlarmDescription",
];

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let Some(body) = body(request, identity) else { return Ok(()) };
    match identity.operation.as_str() {
        "PutDashboard" => dashboard::check(&body),
        "PutMetricAlarm" => alarm::check_metric(&body, &identity.region),
        "PutCompositeAlarm" => {
            alarm::check_composite(&body, &identity.region)?;
            let ask = front.ask(&identity.account, &identity.region);
            check_suppressor(&ask, body["ActionsSuppressor"].as_str()).await
        }
        _ => Ok(()),
    }
}

async fn check_suppressor(ask: &Ask<'_>, suppressor: Option<&str>) -> Result<(), Refusal> {
    let Some(suppressor) = suppressor else { return Ok(()) };
    let is_there = alarms(ask)
        .await?
        .iter()
        .any(|(_, alarm)| [&alarm["AlarmName"], &alarm["AlarmArn"]].into_iter().any(|own| own == suppressor));
    if is_there {
        return Ok(());
    }
    let message =
        format!("Could not save the composite alarm as the actions suppressor {suppressor} does not exist");
    Err(Refusal::new(400, "ValidationError", message))
}

/// Makes of ministack's answer the one that AWS would give.
pub(super) fn after(front: &Front, request: &Request, identity: &Identity, reply: Reply) -> Reply {
    let Some(body) = body(request, identity).filter(|_| reply.status().is_success()) else { return reply };
    let key = |name: &Value| (identity.region.clone(), name.as_str().unwrap_or_default().to_owned());
    match identity.operation.as_str() {
        "PutMetricAlarm" | "PutCompositeAlarm" => {
            front.kept.with(&identity.account, |kept| kept.alarms.insert(key(&body["AlarmName"]), body));
            reply
        }
        "DeleteAlarms" => {
            front.kept.with(&identity.account, |kept| {
                for name in body["AlarmNames"].as_array().into_iter().flatten() {
                    kept.alarms.remove(&key(name));
                }
            });
            reply
        }
        "DescribeAlarms" => {
            let Some(mut answer) = spoken(reply.body(), identity) else { return reply };
            for (list, parts) in [("MetricAlarms", &OF_METRICS[..]), ("CompositeAlarms", &OF_COMPOSITES)] {
                for alarm in
                    answer[list].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut)
                {
                    let key = key(&alarm["AlarmName"]);
                    let put = front.kept.with(&identity.account, |kept| kept.alarms.get(&key).cloned());
                    // What a stack of CloudFormation has made was put by nobody, and ministack keeps all of it.
                    if let Some(put) = put {
                        complete(alarm, parts, &put);
                    }
                }
            }
            match identity.protocol {
                Protocol::Cbor => reply::cbor(200, &answer),
                _ => reply::json(200, &answer),
            }
        }
        _ => reply,
    }
}

/// Gives an alarm the parts that it was put with, and no others.
fn complete(alarm: &mut Map<String, Value>, parts: &[&str], put: &Value) {
    for part in parts {
        match put.get(*part) {
            Some(value) => alarm.insert((*part).to_owned(), value.clone()),
            None => alarm.remove(*part),
        };
    }
}

/// The alarms of a region, with what each is.
pub(crate) async fn alarms(ask: &Ask<'_>) -> Result<Vec<(&'static str, Value)>, SandboxError> {
    let mut found = Vec::new();
    let mut question = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
    loop {
        let target = "GraniteServiceVersion20100801.DescribeAlarms";
        let mut answer = ask.call("monitoring", target, &question).await?;
        for (list, kind) in [("MetricAlarms", "metric_alarm"), ("CompositeAlarms", "composite_alarm")] {
            if let Value::Array(alarms) = answer[list].take() {
                found.extend(alarms.into_iter().map(|alarm| (kind, alarm)));
            }
        }
        match answer["NextToken"].take() {
            Value::Null => return Ok(found),
            next => question["NextToken"] = next,
        }
    }
}

/// The names of the dashboards of an account.
pub(crate) async fn dashboards(ask: &Ask<'_>) -> Result<Vec<String>, SandboxError> {
    let target = "GraniteServiceVersion20100801.ListDashboards";
    let answer = ask.call("monitoring", target, &json!({})).await?;
    let entries = answer["DashboardEntries"].as_array().cloned().unwrap_or_default();
    Ok(entries.iter().filter_map(|entry| entry["DashboardName"].as_str().map(str::to_owned)).collect())
}

/// What a request says, unless it is a form.
fn body(request: &Request, identity: &Identity) -> Option<Value> {
    spoken(request.body(), identity).filter(Value::is_object)
}

fn spoken(body: &[u8], identity: &Identity) -> Option<Value> {
    match identity.protocol {
        Protocol::Cbor => cbor::decode(body),
        Protocol::Json => serde_json::from_slice(body).ok(),
        _ => None,
    }
}

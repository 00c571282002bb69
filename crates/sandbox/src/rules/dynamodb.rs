//! DynamoDB takes a while to make, change and delete a table, does one thing to it at a time, and forgets nothing of
//! what it was told.

mod changes;

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::{self, Refusal},
};

/// What the front keeps of a table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// What is being done with it, and since when.
    busy: Option<(Busy, Instant)>,
    /// The most units of each index, by its name.
    index_limits: Map<String, Value>,
    /// Days that backups go back.
    recovery_days: Option<Value>,
}

#[derive(Clone, Debug)]
enum Busy {
    Created,
    Updated,
    /// With the index that is made.
    Indexed(String),
    /// With what the table was.
    Deleted(Value),
}

impl Table {
    fn busy(&self, takes: Duration) -> Option<&Busy> {
        self.busy.as_ref().filter(|(_, since)| since.elapsed() < takes).map(|(busy, _)| busy)
    }
}

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let body = body(request);
    let name = name(&body);
    let busy = with(front, identity, &name, |table| table.busy(front.deploy_time).cloned());
    let in_use = |what: &str| {
        let message =
            format!("Attempt to change a resource which is still in use: Table is being {what}: {name}");
        Err(Refusal::new(400, "ResourceInUseException", message))
    };
    match (identity.operation.as_str(), &busy) {
        ("CreateTable", Some(Busy::Deleted(_))) | ("UpdateTable" | "DeleteTable", Some(Busy::Deleted(_))) => {
            in_use("deleted")
        }
        ("UpdateTable" | "DeleteTable", Some(Busy::Created)) => in_use("created"),
        ("UpdateTable" | "DeleteTable", Some(Busy::Updated)) => in_use("updated"),
        ("UpdateTable", Some(Busy::Indexed(_))) => changes::check_index_is_alone(&body, true),
        ("DeleteTable", Some(Busy::Indexed(_))) => in_use("updated"),
        ("UpdateContinuousBackups", Some(Busy::Created)) => {
            let message = format!("Backups are being enabled for the table: {name}. Please retry later");
            Err(Refusal::new(400, "ContinuousBackupsUnavailableException", message))
        }
        (
            "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query" | "Scan" | "UpdateTimeToLive",
            Some(Busy::Created),
        ) => Err(Refusal::new(400, "ResourceNotFoundException", "Requested resource not found")),
        ("UpdateTable", None) => {
            changes::check_index_is_alone(&body, false)?;
            let ask = front.ask(&identity.account, &identity.region);
            changes::check_table(&ask, &name, &body).await
        }
        ("UpdateTimeToLive", _) => {
            let ask = front.ask(&identity.account, &identity.region);
            changes::check_time_to_live(&ask, &name, &body).await
        }
        _ => Ok(()),
    }
}

/// Makes of ministack's answer the one that AWS would give.
pub(super) fn after(front: &Front, request: &Request, identity: &Identity, reply: Reply) -> Reply {
    let body = body(request);
    let name = name(&body);
    let mut answer = serde_json::from_slice::<Value>(reply.body()).unwrap_or_default();
    if !reply.status().is_success() {
        let gone = with(front, identity, &name, |table| match table.busy(front.deploy_time) {
            Some(Busy::Deleted(table)) => Some(table.clone()),
            _ => None,
        });
        return match gone.filter(|_| identity.operation == "DescribeTable") {
            Some(table) => json_1_0(&json!({ "Table": table })),
            None => reply,
        };
    }
    let status = |busy: Busy| Some((busy, Instant::now()));
    match identity.operation.as_str() {
        "CreateTable" => {
            with(front, identity, &name, |table| {
                *table = Table { busy: status(Busy::Created), ..Table::default() };
                changes::keep_limits(&mut table.index_limits, &body["GlobalSecondaryIndexes"]);
                describe(table, front.deploy_time, &mut answer["TableDescription"]);
            });
            json_1_0(&answer)
        }
        "UpdateTable" => {
            with(front, identity, &name, |table| {
                table.busy = status(match changes::new_index(&body) {
                    Some(index) => Busy::Indexed(index),
                    None => Busy::Updated,
                });
                for update in body["GlobalSecondaryIndexUpdates"].as_array().into_iter().flatten() {
                    if let Some(deleted) = update["Delete"]["IndexName"].as_str() {
                        table.index_limits.remove(deleted);
                    }
                    let kept = ["Create", "Update"].map(|kind| update[kind].clone());
                    changes::keep_limits(&mut table.index_limits, &json!(kept));
                }
                describe(table, front.deploy_time, &mut answer["TableDescription"]);
            });
            json_1_0(&answer)
        }
        "DeleteTable" => {
            let description = answer["TableDescription"].clone();
            with(front, identity, &name, |table| {
                *table = Table { busy: status(Busy::Deleted(description)), ..Table::default() };
            });
            reply
        }
        "DescribeTable" => {
            with(front, identity, &name, |table| describe(table, front.deploy_time, &mut answer["Table"]));
            json_1_0(&answer)
        }
        "UpdateContinuousBackups" => {
            let days = body["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"].clone();
            with(front, identity, &name, |table| table.recovery_days = Some(days).filter(Value::is_number));
            reply
        }
        "DescribeContinuousBackups" => {
            let recovery = &mut answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
            if recovery["PointInTimeRecoveryStatus"] == "ENABLED" {
                let days = with(front, identity, &name, |table| table.recovery_days.clone());
                recovery["RecoveryPeriodInDays"] = days.unwrap_or(json!(35));
            }
            json_1_0(&answer)
        }
        _ => reply,
    }
}

/// What DynamoDB says of a table.
fn describe(table: &Table, takes: Duration, description: &mut Value) {
    for index in description["GlobalSecondaryIndexes"].as_array_mut().into_iter().flatten() {
        let name = index["IndexName"].as_str().unwrap_or_default().to_owned();
        match table.index_limits.get(&name) {
            Some(limits) => index["OnDemandThroughput"] = limits.clone(),
            None => {
                index.as_object_mut().map(|index| index.remove("OnDemandThroughput"));
            }
        }
        if matches!(table.busy(takes), Some(Busy::Indexed(made)) if *made == name) {
            index["IndexStatus"] = json!("CREATING");
        }
    }
    // Without a stream, nothing is said of one, and an encryption with AWS's own key goes without saying.
    for (name, path, says) in [
        ("StreamSpecification", "StreamEnabled", json!(false)),
        ("SSEDescription", "Status", json!("DISABLED")),
    ] {
        if description[name][path] == says
            && let Some(description) = description.as_object_mut()
        {
            description.remove(name);
        }
    }
    let status = match table.busy(takes) {
        Some(Busy::Created) => "CREATING",
        Some(Busy::Updated) => "UPDATING",
        // While an index is filled, the table can be used.
        Some(Busy::Indexed(_)) if table.busy(takes / 2).is_some() => "UPDATING",
        _ => return,
    };
    description["TableStatus"] = json!(status);
}

fn with<T>(front: &Front, identity: &Identity, name: &str, work: impl FnOnce(&mut Table) -> T) -> T {
    front.kept.with(&identity.account, |kept| {
        work(kept.tables.entry((identity.region.clone(), name.to_owned())).or_default())
    })
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap_or_default()
}

/// The name of the table that a request is about, whether it says that or the ARN.
fn name(body: &Value) -> String {
    let named = body["TableName"].as_str().unwrap_or_default();
    named.rsplit('/').next().unwrap_or(named).to_owned()
}

fn json_1_0(answer: &Value) -> Reply {
    let mut reply = reply::json(200, answer);
    reply::set(&mut reply, "content-type", "application/x-amz-json-1.0");
    reply
}

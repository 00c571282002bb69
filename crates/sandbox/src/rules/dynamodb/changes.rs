//! What DynamoDB checks of a change to a table.

use serde_json::{Map, Value, json};

use crate::{ask::Ask, reply::Refusal};

/// Indexes are made and deleted one at a time, and throughput is not changed along with that.
pub(super) fn check_index_is_alone(change: &Value, is_busy: bool) -> Result<(), Refusal> {
    let updates = change["GlobalSecondaryIndexUpdates"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of = |kind: &str| updates.iter().filter(|update| !update[kind].is_null()).count();
    let number = of("Create") + of("Delete");
    if number > 1 || (number == 1 && is_busy) {
        let message = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";
        return Err(Refusal::new(400, "LimitExceededException", message));
    }
    if number == 1 && (of("Update") > 0 || !change["ProvisionedThroughput"].is_null()) {
        return invalid(
            "One or more parameter values were invalid: An index cannot be created or deleted while throughput is updated",
        );
    }
    Ok(())
}

/// A stream is not turned on twice, nor off, and a table is not encrypted anew with the key that it has.
pub(super) async fn check_table(ask: &Ask<'_>, name: &str, change: &Value) -> Result<(), Refusal> {
    let question = json!({ "TableName": name });
    let Ok(answer) = ask.call("dynamodb", "DynamoDB_20120810.DescribeTable", &question).await else {
        return Ok(());
    };
    let table = &answer["Table"];
    if let Some(stream) = change["StreamSpecification"]["StreamEnabled"].as_bool() {
        let is_on = table["StreamSpecification"]["StreamEnabled"] == true;
        if stream == is_on {
            let message =
                if stream { "Table already has an enabled stream" } else { "Table has no enabled stream" };
            return invalid(&format!("{message}: TableName: {name}"));
        }
    }
    if let Some(encryption) = change["SSESpecification"].as_object() {
        let is_on = table["SSEDescription"]["Status"] == "ENABLED";
        let key = encryption.get("KMSMasterKeyId");
        let is_same_key = key.is_some_and(|key| *key == table["SSEDescription"]["KMSMasterKeyArn"]);
        if encryption.get("Enabled") == Some(&json!(true)) && is_on && is_same_key {
            return invalid(
                "One or more parameter values were invalid: Table is already encrypted by given KMSMasterKeyId",
            );
        }
        if encryption.get("Enabled") == Some(&json!(false)) && !is_on {
            return invalid(
                "One or more parameter values were invalid: Table is already using AWS owned encryption",
            );
        }
    }
    if change["BillingMode"] == "PROVISIONED"
        && table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    {
        let updates = change["GlobalSecondaryIndexUpdates"].as_array().map(Vec::as_slice).unwrap_or_default();
        for index in table["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
            let is_sized = updates.iter().any(|update| {
                update["Update"]["IndexName"] == index["IndexName"]
                    && !update["Update"]["ProvisionedThroughput"].is_null()
            });
            if !is_sized {
                let index = index["IndexName"].as_str().unwrap_or_default();
                return invalid(&format!(
                    "One or more parameter values were invalid: ProvisionedThroughput must be specified for index: {index}"
                ));
            }
        }
    }
    Ok(())
}

/// What is on cannot be turned on, and what is off cannot be turned off.
pub(super) async fn check_time_to_live(ask: &Ask<'_>, name: &str, change: &Value) -> Result<(), Refusal> {
    let question = json!({ "TableName": name });
    let Ok(answer) = ask.call("dynamodb", "DynamoDB_20120810.DescribeTimeToLive", &question).await else {
        return Ok(());
    };
    let current = &answer["TimeToLiveDescription"];
    let is_on = current["TimeToLiveStatus"] == "ENABLED";
    let wanted = &change["TimeToLiveSpecification"];
    match wanted["Enabled"].as_bool() {
        Some(true) if is_on && current["AttributeName"] != wanted["AttributeName"] => invalid(&format!(
            "TimeToLive is active on a different AttributeName: current AttributeName is {}",
            current["AttributeName"].as_str().unwrap_or_default()
        )),
        Some(true) if is_on => invalid("TimeToLive is already enabled"),
        Some(false) if !is_on => invalid("TimeToLive is already disabled"),
        _ => Ok(()),
    }
}

/// The index that a change makes.
pub(super) fn new_index(change: &Value) -> Option<String> {
    let updates = change["GlobalSecondaryIndexUpdates"].as_array()?;
    updates.iter().find_map(|update| update["Create"]["IndexName"].as_str().map(str::to_owned))
}

/// Remembers the most units of those indexes that have a limit.
pub(super) fn keep_limits(limits: &mut Map<String, Value>, indexes: &Value) {
    for index in indexes.as_array().into_iter().flatten() {
        let (Some(name), Some(wanted)) =
            (index["IndexName"].as_str(), index["OnDemandThroughput"].as_object())
        else {
            continue;
        };
        let number = |name: &str| wanted.get(name).cloned().unwrap_or(json!(-1));
        limits.insert(
            name.to_owned(),
            json!({
                "MaxReadRequestUnits": number("MaxReadRequestUnits"),
                "MaxWriteRequestUnits": number("MaxWriteRequestUnits"),
            }),
        );
    }
}

fn invalid(message: &str) -> Result<(), Refusal> {
    Err(Refusal::new(400, "ValidationException", message))
}

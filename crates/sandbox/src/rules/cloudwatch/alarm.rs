//! What CloudWatch checks of an alarm.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::reply::Refusal;

/// The arguments of an alarm on one metric.
const OF_ONE_METRIC: [&str; 7] =
    ["MetricName", "Namespace", "Dimensions", "Period", "Statistic", "ExtendedStatistic", "Unit"];
/// How many actions there can be for each state.
const ACTIONS: usize = 5;
const DAY: i64 = 86_400;

pub(super) fn check_metric(alarm: &Value, region: &str) -> Result<(), Refusal> {
    check_common(alarm, region)?;
    let has = |name: &str| {
        alarm.get(name).is_some_and(|value| !value.is_null() && *value != Value::Array(Vec::new()))
    };
    let operator = alarm["ComparisonOperator"].as_str().unwrap_or_default();
    let is_band =
        ["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"]
            .contains(&operator);
    if is_band != has("ThresholdMetricId") || is_band == has("Threshold") {
        return invalid(format!("Invalid combination of thresholds for comparison operator {operator}"));
    }
    let periods = alarm["EvaluationPeriods"].as_i64().unwrap_or_default();
    if periods < 1 {
        return invalid("EvaluationPeriods must be at least 1".to_owned());
    }
    if alarm["DatapointsToAlarm"].as_i64().is_some_and(|datapoints| datapoints > periods) {
        return invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods".to_owned());
    }
    if has("Metrics") {
        if let Some(name) = OF_ONE_METRIC.into_iter().find(|name| has(name)) {
            return invalid(format!("The parameters Metrics and {name} cannot both be specified"));
        }
        return check_queries(alarm);
    }
    for name in ["MetricName", "Namespace", "Period"] {
        if !has(name) {
            return Err(Refusal::new(400, "MissingParameter", format!("The parameter {name} is required.")));
        }
    }
    if has("Statistic") == has("ExtendedStatistic") {
        let message = "Exactly one of the parameters Statistic and ExtendedStatistic must be specified.";
        return Err(Refusal::new(400, "InvalidParameterCombination", message));
    }
    check_period(&alarm["Period"], periods)
}

pub(super) fn check_composite(alarm: &Value, region: &str) -> Result<(), Refusal> {
    check_common(alarm, region)?;
    let has = |name: &str| !alarm[name].is_null();
    let names = ["ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"];
    if names.into_iter().any(has) && !names.into_iter().all(has) {
        return invalid(
            "ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must be specified together"
                .to_owned(),
        );
    }
    Ok(())
}

fn check_common(alarm: &Value, region: &str) -> Result<(), Refusal> {
    let name = alarm["AlarmName"].as_str().unwrap_or_default();
    if !(1..=255).contains(&name.chars().count()) {
        return invalid(format!(
            "1 validation error detected: Value '{name}' at 'alarmName' failed to satisfy constraint"
        ));
    }
    for state in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
        let actions = alarm[state].as_array().map(Vec::as_slice).unwrap_or_default();
        if actions.len() > ACTIONS {
            return invalid(format!("{state} must have length less than or equal to {ACTIONS}"));
        }
        for action in actions.iter().filter_map(Value::as_str) {
            match action.split(':').collect::<Vec<_>>()[..] {
                ["arn", _, "sns" | "lambda", at, ..] if at != region => {
                    return invalid(format!("Invalid region {at} specified. Only {region} is supported."));
                }
                ["arn", _, _, _, _, ..] => {}
                _ => return invalid(format!("Invalid arn syntax: {action}")),
            }
        }
    }
    Ok(())
}

fn check_queries(alarm: &Value) -> Result<(), Refusal> {
    let queries = alarm["Metrics"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut ids = BTreeSet::new();
    for query in queries {
        let id = query["Id"].as_str().unwrap_or_default();
        if !ids.insert(id) {
            return invalid(format!("The value {id} for parameter Id in Metrics is not unique"));
        }
        if query["MetricStat"].is_null() == query["Expression"].is_null() {
            return invalid(format!("Exactly one of MetricStat and Expression must be specified for {id}"));
        }
        if let Some(stat) = query["MetricStat"].as_object() {
            check_period(&stat["Period"], alarm["EvaluationPeriods"].as_i64().unwrap_or_default())?;
        }
    }
    // Beside a band, the metric that it is for.
    let wanted = if alarm["ThresholdMetricId"].is_null() { 1..=1 } else { 1..=2 };
    let returned = queries.iter().filter(|query| query["ReturnData"] != Value::Bool(false)).count();
    if !wanted.contains(&returned) {
        return invalid(format!(
            "Exactly {} of the elements of the metrics list should return data",
            wanted.end()
        ));
    }
    if let Some(band) = alarm["ThresholdMetricId"].as_str()
        && !ids.contains(band)
    {
        return invalid(format!("ThresholdMetricId {band} does not match any Id in Metrics"));
    }
    Ok(())
}

fn check_period(period: &Value, periods: i64) -> Result<(), Refusal> {
    let period = period.as_i64().unwrap_or_default();
    if ![10, 20, 30].contains(&period) && (period < 60 || period % 60 != 0) {
        return Err(Refusal::new(
            400,
            "InvalidParameterValue",
            "The parameter Period must be 10, 20, 30 or a multiple of 60.",
        ));
    }
    let limit = if period < 3600 { DAY } else { 7 * DAY };
    if period * periods > limit {
        return invalid(format!(
            "Metrics cannot be checked across more than {} (EvaluationPeriods * Period must be <= {limit})",
            if limit == DAY { "a day" } else { "seven days" }
        ));
    }
    Ok(())
}

fn invalid(message: String) -> Result<(), Refusal> {
    Err(Refusal::new(400, "ValidationError", message))
}

//! What is wrong with an alarm on metrics.

use std::collections::BTreeSet;

use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};

use crate::cloudwatch;
use crate::given::Given;

const DAY: i64 = 86_400;
/// The arguments that are for one metric.
const OF_ONE_METRIC: [&str; 7] =
    ["metric_name", "namespace", "dimensions", "period", "statistic", "extended_statistic", "unit"];

pub(super) fn problems(alarm: &Value) -> Vec<Problem> {
    let given = Given(alarm);
    let mut problems = cloudwatch::action_problems(alarm);
    thresholds(alarm, &mut problems);
    if given.has("metric_query") {
        for name in OF_ONE_METRIC.into_iter().filter(|name| given.has(name)) {
            problems.push(
                Problem::new(name, format!("`metric_query` and `{name}` exclude each other"))
                    .with_hint("say it in the `metric` of a query, or leave out `metric_query`"),
            );
        }
        queries(alarm, &mut problems);
    } else if given.lacks("metric_query") {
        one_metric(alarm, &mut problems);
    }
    let periods = alarm.get("evaluation_periods").as_i64();
    if let (Some(datapoints), Some(periods)) = (alarm.get("datapoints_to_alarm").as_i64(), periods)
        && datapoints > periods
    {
        problems.push(Problem::new(
            "datapoints_to_alarm",
            format!("there are only {periods} `evaluation_periods`"),
        ));
    }
    problems
}

fn thresholds(alarm: &Value, problems: &mut Vec<Problem>) {
    let given = Given(alarm);
    let Some(operator) = alarm.get("comparison_operator").as_str() else { return };
    let is_band =
        ["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"]
            .contains(&operator);
    let (needed, other) =
        if is_band { ("threshold_metric_id", "threshold") } else { ("threshold", "threshold_metric_id") };
    // Zero is a threshold.
    if alarm.get(needed).is_null() {
        problems.push(Problem::new(needed, format!("`{operator}` needs `{needed}`")).with_hint("add it"));
    }
    if !alarm.get(other).is_null() && !alarm.get(other).is_unknown() {
        problems.push(Problem::new(other, format!("`{operator}` compares with `{needed}`, not `{other}`")));
    }
    if is_band && given.lacks("metric_query") {
        problems.push(Problem::new("threshold_metric_id", "a band is given by a `metric_query`"));
    }
}

fn one_metric(alarm: &Value, problems: &mut Vec<Problem>) {
    let given = Given(alarm);
    if given.lacks("metric_name") {
        problems.push(
            Problem::new("metric_name", "nothing says what is watched")
                .with_hint("give `metric_name` or `metric_query`"),
        );
        return;
    }
    for name in ["namespace", "period"] {
        if given.lacks(name) {
            problems
                .push(Problem::new(name, format!("an alarm on a metric needs `{name}`")).with_hint("add it"));
        }
    }
    if given.has("statistic") && given.has("extended_statistic") {
        problems.push(
            Problem::new("extended_statistic", "`statistic` and `extended_statistic` exclude each other")
                .with_hint("keep one of them"),
        );
    }
    if given.lacks("statistic") && given.lacks("extended_statistic") {
        problems.push(
            Problem::new("statistic", "an alarm on a metric needs a `statistic`")
                .with_hint("add it, or `extended_statistic` for a percentile"),
        );
    }
    if given.has("evaluate_low_sample_count_percentiles") && given.has("statistic") {
        problems.push(Problem::new(
            "evaluate_low_sample_count_percentiles",
            "`evaluate_low_sample_count_percentiles` is for the percentile of an `extended_statistic`",
        ));
    }
    period(alarm, alarm.get("period"), &Path::root().key("period"), &[10, 20, 30], problems);
}

fn queries(alarm: &Value, problems: &mut Vec<Problem>) {
    let queries = alarm.get("metric_query").items();
    if alarm.get("metric_query").is_unknown() || queries.iter().any(Value::is_unknown) {
        return;
    }
    let mut ids = BTreeSet::new();
    for (index, query) in queries.iter().enumerate() {
        let path = Path::root().key("metric_query").index(index);
        let given = Given(query);
        let id = query.get("id").as_str();
        if id.is_some_and(|id| !ids.insert(id)) {
            problems.push(Problem::new(path.key("id"), "another query has this `id`"));
        }
        if given.has("metric") && given.has("expression") {
            problems
                .push(Problem::new(path.key("expression"), "`metric` and `expression` exclude each other"));
        }
        if given.lacks("metric") && given.lacks("expression") {
            problems.push(Problem::new(path.clone(), "a query needs a `metric` or an `expression`"));
        }
        if given.has("metric") && given.has("period") {
            problems.push(
                Problem::new(path.key("period"), "the period of a metric is in its `metric`")
                    .with_hint("move it to `metric.period`"),
            );
        }
        let own = path.key("metric").key("period");
        period(alarm, query.get("metric").get("period"), &own, &[1, 5, 10, 20, 30], problems);
    }
    let path = "metric_query";
    let is_unknown = |name: &str| queries.iter().any(|query| query.get(name).is_unknown());
    let watched = queries.iter().filter(|query| query.get("return_data").as_bool() == Some(true)).count();
    let has_band = !alarm.get("threshold_metric_id").is_null();
    let is_clear = watched == 1 || (has_band && watched == 2);
    if !is_clear && !is_unknown("return_data") {
        problems.push(Problem::new(path, format!("{watched} queries have `return_data`")).with_hint(
            if has_band {
                "set `return_data = true` for the metric that is watched and for its band"
            } else {
                "set `return_data = true` for the one query that is watched"
            },
        ));
    }
    if let Some(band) = alarm.get("threshold_metric_id").as_str()
        && !is_unknown("id")
        && !ids.contains(band)
    {
        problems.push(Problem::new("threshold_metric_id", format!("no query has the `id` \"{band}\"")));
    }
}

/// What is wrong with a period; `short` are those below a minute that there are.
fn period(alarm: &Value, period: &Value, path: &Path, short: &[i64], problems: &mut Vec<Problem>) {
    let Some(seconds) = period.as_i64() else { return };
    if !short.contains(&seconds) && (seconds < 60 || seconds % 60 != 0) {
        let short: Vec<_> = short.iter().map(ToString::to_string).collect();
        problems.push(Problem::new(
            path.clone(),
            format!("a period is {} or a multiple of 60 seconds", short.join(", ")),
        ));
    }
    let limit = if seconds < 3600 { DAY } else { 7 * DAY };
    let is_long = |periods: i64| seconds.saturating_mul(periods) > limit;
    if alarm.get("evaluation_periods").as_i64().is_some_and(is_long) {
        let limit = if limit == DAY { "a day" } else { "seven days" };
        problems.push(
            Problem::new(
                "evaluation_periods",
                format!("`evaluation_periods` of {seconds} seconds are more than {limit}"),
            )
            .with_hint("have fewer of them; of periods of an hour or more there can be seven days"),
        );
    }
}

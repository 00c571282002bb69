//! What S3 refuses in lifecycle rules, found before it is asked.

use std::collections::BTreeSet;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};

use crate::kinds::s3_bucket::is_set;

/// Storage classes that take objects only after a month.
const INFREQUENT: [&str; 2] = ["ONEZONE_IA", "STANDARD_IA"];

pub(in crate::kinds::s3_bucket) fn problems(configuration: &Value) -> Vec<Problem> {
    let rules = configuration.get("lifecycle_rule").items();
    let mut problems = Vec::new();
    let mut ids = BTreeSet::new();
    for (index, rule) in rules.iter().enumerate() {
        let path = Path::from("lifecycle_rule").index(index);
        if let Some(id) = rule.get("id").as_str()
            && !ids.insert(id)
        {
            problems.push(Problem::new(path.key("id"), format!("another rule is named \"{id}\" as well")));
        }
        conditions(rule, &path, &mut problems);
        actions(rule, &path, &mut problems);
        order(rule, &path, &mut problems);
    }
    if rules.len() > 1000 {
        problems.push(Problem::new("lifecycle_rule", "a bucket has at most 1000 lifecycle rules"));
    }
    problems
}

/// What the conditions exclude.
fn conditions(rule: &Value, path: &Path, problems: &mut Vec<Problem>) {
    let greater = rule.get("object_size_greater_than");
    let less = rule.get("object_size_less_than");
    if let (Some(greater), Some(less)) = (greater.as_i64(), less.as_i64())
        && greater >= less
    {
        problems.push(Problem::new(
            path.key("object_size_less_than"),
            format!("no object is larger than {greater} and smaller than {less} bytes"),
        ));
    }
    let tagged = rule.get("tags").as_map().is_some_and(|tags| !tags.is_empty());
    let sized = greater.as_i64().is_some_and(|size| size > 0) || less.as_i64().is_some();
    if (tagged || sized) && is_set(rule.get("abort_incomplete_multipart_upload_days")) {
        problems.push(
            Problem::new(
                path.key("abort_incomplete_multipart_upload_days"),
                "unfinished uploads have neither tags nor a size that a rule could select by",
            )
            .with_hint("put it in a rule of its own, without `tags` and sizes"),
        );
    }
    if tagged && rule.get("expiration").get("expired_object_delete_marker").as_bool() == Some(true) {
        problems.push(
            Problem::new(
                path.key("expiration").key("expired_object_delete_marker"),
                "delete markers have no tags that a rule could select by",
            )
            .with_hint("put it in a rule of its own, without `tags`"),
        );
    }
}

/// That there are actions, and that each says when.
fn actions(rule: &Value, path: &Path, problems: &mut Vec<Problem>) {
    const ACTIONS: [&str; 5] = [
        "abort_incomplete_multipart_upload_days",
        "expiration",
        "noncurrent_version_expiration",
        "noncurrent_version_transition",
        "transition",
    ];
    if rule.as_map().is_some() && ACTIONS.iter().all(|action| rule.get(action).is_empty()) {
        problems.push(
            Problem::new(path.clone(), "the rule does nothing")
                .with_hint(format!("add one of `{}`", ACTIONS.join("`, `"))),
        );
    }
    let expiration = rule.get("expiration");
    if expiration.as_map().is_some() {
        let marker = expiration.get("expired_object_delete_marker");
        let known = [expiration.get("date"), expiration.get("days")].map(is_set);
        let unknown = ["date", "days", "expired_object_delete_marker"]
            .iter()
            .any(|name| expiration.get(name).is_unknown());
        let number = known.iter().filter(|set| **set).count() + usize::from(marker.as_bool() == Some(true));
        if number > 1 || (number == 0 && !unknown) {
            problems.push(Problem::new(
                path.key("expiration"),
                "exactly one of `date`, `days` and `expired_object_delete_marker = true` is needed",
            ));
        }
        date(expiration, &path.key("expiration"), problems);
    }
    for (index, transition) in rule.get("transition").items().iter().enumerate() {
        let path = path.key("transition").index(index);
        let (date_at, days) = (transition.get("date"), transition.get("days"));
        let neither = transition.as_map().is_some() && date_at.is_null() && days.is_null();
        if neither || (is_set(date_at) && is_set(days)) {
            problems.push(Problem::new(path.clone(), "exactly one of `date` and `days` is needed"));
        }
        date(transition, &path, problems);
        after_a_month(transition, &path, problems);
    }
    for (index, transition) in rule.get("noncurrent_version_transition").items().iter().enumerate() {
        after_a_month(transition, &path.key("noncurrent_version_transition").index(index), problems);
    }
}

fn after_a_month(transition: &Value, path: &Path, problems: &mut Vec<Problem>) {
    if let (Some(class), Some(days)) =
        (transition.get("storage_class").as_str(), transition.get("days").as_i64())
        && INFREQUENT.contains(&class)
        && days < 30
    {
        problems.push(Problem::new(
            path.key("days"),
            format!("objects move to {class} after 30 days at the earliest, not after {days}"),
        ));
    }
}

fn date(action: &Value, path: &Path, problems: &mut Vec<Problem>) {
    if let Some(date) = action.get("date").as_str()
        && DateTime::from_str(&format!("{date}T00:00:00Z"), Format::DateTime).is_err()
    {
        problems.push(
            Problem::new(path.key("date"), format!("\"{date}\" is no day"))
                .with_hint("write it as year, month and day, such as \"2030-01-31\""),
        );
    }
}

/// That objects move before they expire, and that one clock is used.
fn order(rule: &Value, path: &Path, problems: &mut Vec<Problem>) {
    let expiration = rule.get("expiration");
    let transitions = rule.get("transition").items();
    if let Some(expiry) = expiration.get("days").as_i64() {
        for days in transitions.iter().filter_map(|transition| transition.get("days").as_i64()) {
            if days >= expiry {
                problems.push(Problem::new(
                    path.key("expiration").key("days"),
                    format!("objects expire after {expiry} days, before they move after {days}"),
                ));
            }
        }
    }
    if let Some(expiry) = rule.get("noncurrent_version_expiration").get("days").as_i64() {
        let moves = rule.get("noncurrent_version_transition").items();
        for days in moves.iter().filter_map(|transition| transition.get("days").as_i64()) {
            if days >= expiry {
                problems.push(Problem::new(
                    path.key("noncurrent_version_expiration").key("days"),
                    format!("versions expire after {expiry} days, before they move after {days}"),
                ));
            }
        }
    }
    let uses = |name: &str| transitions.iter().chain([expiration]).any(|action| is_set(action.get(name)));
    if uses("date") && uses("days") {
        problems.push(
            Problem::new(path.clone(), "S3 takes days or dates in one rule, not both")
                .with_hint("make two rules of it"),
        );
    }
}

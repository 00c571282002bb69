//! What S3 refuses in replication rules, found before it is asked.

use std::collections::BTreeSet;

use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};

use crate::kinds::s3_bucket::is_set;

pub(in crate::kinds::s3_bucket) fn problems(configuration: &Value) -> Vec<Problem> {
    let replication = configuration.get("replication_configuration");
    let mut problems = Vec::new();
    if replication.as_map().is_none() {
        return problems;
    }
    if configuration.get("versioning").get("enabled").as_bool() == Some(false) {
        problems.push(
            Problem::new(
                "replication_configuration",
                "replication works on versions, and `versioning` is off",
            )
            .with_hint("add `versioning = { enabled = true }`"),
        );
    }
    let rules = replication.get("rules").items();
    let filtered = rules.iter().any(|rule| is_set(rule.get("filter")));
    if filtered && rules.iter().any(|rule| rule.as_map().is_some() && rule.get("filter").is_null()) {
        problems.push(
            Problem::new("replication_configuration.rules", "either all rules have a `filter` or none")
                .with_hint("`filter = {}` selects all objects"),
        );
    }
    let mut ids = BTreeSet::new();
    for (index, rule) in rules.iter().enumerate() {
        let path = Path::from("replication_configuration.rules").index(index);
        if let Some(id) = rule.get("id").as_str()
            && !ids.insert(id)
        {
            problems.push(Problem::new(path.key("id"), format!("another rule is named \"{id}\" as well")));
        }
        of_rule(rule, &path, &mut problems);
        of_destination(rule, &path, &mut problems);
    }
    problems
}

fn of_rule(rule: &Value, path: &Path, problems: &mut Vec<Problem>) {
    let filter = rule.get("filter");
    let destination = rule.get("destination");
    if rule.as_map().is_some() && filter.is_null() {
        let criteria = rule.get("source_selection_criteria");
        for (present, name) in [
            (is_set(rule.get("delete_marker_replication_status")), "delete_marker_replication_status"),
            (is_set(destination.get("metrics")), "destination.metrics"),
            (is_set(destination.get("replication_time")), "destination.replication_time"),
            (
                is_set(criteria.get("replica_modifications")),
                "source_selection_criteria.replica_modifications",
            ),
            (rule.get("priority").as_i64().is_some_and(|priority| priority != 0), "priority"),
        ] {
            if present {
                problems.push(
                    Problem::new(path.clone(), format!("`{name}` is for rules with a `filter`"))
                        .with_hint("add `filter = {}`, or move `prefix` there"),
                );
            }
        }
        return;
    }
    if rule.get("prefix").as_str().is_some_and(|prefix| !prefix.is_empty()) {
        problems.push(
            Problem::new(path.key("prefix"), "`prefix` and `filter` exclude each other")
                .with_hint("move the prefix into the filter"),
        );
    }
    let tagged = filter.get("tags").as_map().is_some_and(|tags| !tags.is_empty());
    if tagged && rule.get("delete_marker_replication_status").as_str() == Some("Enabled") {
        problems.push(Problem::new(
            path.key("delete_marker_replication_status"),
            "delete markers have no tags that a rule could select by",
        ));
    }
}

fn of_destination(rule: &Value, path: &Path, problems: &mut Vec<Problem>) {
    let destination = rule.get("destination");
    let at = path.key("destination");
    let criteria = rule.get("source_selection_criteria");
    let key = destination.get("replica_kms_key_id");
    let selected = criteria.get("sse_kms_encrypted_objects");
    if criteria.as_map().is_some_and(|criteria| criteria.values().all(Value::is_null)) {
        problems.push(Problem::new(path.key("source_selection_criteria"), "it selects nothing"));
    }
    if is_set(key) && selected.is_null() {
        problems.push(
            Problem::new(at.key("replica_kms_key_id"), "no objects that are encrypted with KMS are copied")
                .with_hint(
                    "add `source_selection_criteria = { sse_kms_encrypted_objects = { enabled = true } }`",
                ),
        );
    }
    if selected.as_map().is_some() && key.is_null() {
        problems.push(Problem::new(
            at.key("replica_kms_key_id"),
            "copies of objects that are encrypted with KMS need a key",
        ));
    }
    if is_set(destination.get("access_control_translation")) && destination.get("account_id").is_null() {
        problems.push(Problem::new(
            at.key("account_id"),
            "`access_control_translation` needs the account that the bucket belongs to",
        ));
    }
    let (time, metrics) = (destination.get("replication_time"), destination.get("metrics"));
    if time.as_map().is_some() && metrics.is_null() {
        problems.push(
            Problem::new(at.key("metrics"), "`replication_time` needs `metrics`")
                .with_hint("add `metrics = {}`"),
        );
    }
    if let (Some(time), Some(metrics)) = (time.get("status").as_str(), metrics.get("status").as_str())
        && time == "Enabled"
        && metrics != "Enabled"
    {
        problems.push(Problem::new(at.key("metrics").key("status"), "`replication_time` needs `metrics`"));
    }
}

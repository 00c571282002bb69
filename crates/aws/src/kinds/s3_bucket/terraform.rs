//! A bucket in Terraform, which has a resource of its own for each of its settings.

use provision_engine::terraform::{Exported, Part};
use provision_engine::value::{Map, Value};

use super::website::host_and_protocol;

/// What is an argument here, and a resource there.
pub(super) const APART: &[&str] = &[
    "acceleration_status",
    "acl",
    "cors_rule",
    "grant",
    "lifecycle_rule",
    "logging",
    "object_lock_configuration",
    "ownership_controls",
    "public_access_block",
    "replication_configuration",
    "request_payer",
    "server_side_encryption_configuration",
    "transition_default_minimum_object_size",
    "versioning",
    "website",
];

/// What S3 accepts only once the versions of objects are kept.
const AFTER_VERSIONING: &[&str] = &["aws_s3_bucket_versioning"];

/// Splits off all settings. What is as S3 makes it for a new bucket needs no resource.
pub(super) fn adapt(bucket: &mut Exported<'_>) {
    access(bucket);
    versions(bucket);
    lifecycle(bucket);
    replication(bucket);
    website(bucket);
    let encryption = bucket.take("server_side_encryption_configuration");
    split_off(
        bucket,
        "aws_s3_bucket_server_side_encryption_configuration",
        &["server_side_encryption_configuration"],
        encryption,
    );
    let rules = list(bucket.take("cors_rule"));
    split_off(bucket, "aws_s3_bucket_cors_configuration", &["cors_rule"], only_some("cors_rule", rules));
    if let Value::Map(mut logging) = bucket.take("logging") {
        logging.entry("target_prefix".to_owned()).or_insert_with(|| "".into());
        split_off(bucket, "aws_s3_bucket_logging", &["logging"], Value::Map(logging));
    }
    let status = bucket.take("acceleration_status");
    if status.as_str() == Some("Enabled") {
        split_off(
            bucket,
            "aws_s3_bucket_accelerate_configuration",
            &["acceleration_status"],
            only("status", status),
        );
    }
    let payer = bucket.take("request_payer");
    if payer.as_str() == Some("Requester") {
        split_off(
            bucket,
            "aws_s3_bucket_request_payment_configuration",
            &["request_payer"],
            only("payer", payer),
        );
    }
}

fn access(bucket: &mut Exported<'_>) {
    let block = bucket.take("public_access_block");
    split_off(bucket, "aws_s3_bucket_public_access_block", &["public_access_block"], block);
    let controls = bucket.take("ownership_controls");
    split_off(bucket, "aws_s3_bucket_ownership_controls", &["ownership_controls"], controls);
    let (acl, grants) = (bucket.take("acl"), list(bucket.take("grant")));
    let arguments = match (acl.as_str(), grants.as_slice()) {
        (None | Some("private"), []) => return,
        (Some(acl), []) => (only("acl", acl), format!(",{acl}")),
        (_, grants) => {
            let grants = grants.iter().flat_map(grants_of).collect();
            let owner = bucket.reference("data.aws_canonical_user_id.current.id");
            bucket.add(Part::data("aws_canonical_user_id", Map::new()).named("current"));
            let policy = table([("grant", Value::List(grants)), ("owner", only("id", owner))]);
            (only("access_control_policy", policy), String::new())
        }
    };
    let (arguments, suffix) = arguments;
    if let Some(part) = part(bucket, "aws_s3_bucket_acl", &["acl", "grant"], arguments) {
        bucket.add(part.with_id_suffix(suffix).after(&["aws_s3_bucket_ownership_controls"]).awaited());
    }
}

/// One grant for each permission.
fn grants_of(grant: &Value) -> Vec<Value> {
    let grantee = table(["type", "id", "uri"].map(|name| (name, grant.get(name).clone())));
    let permissions = grant.get("permissions").items().iter();
    permissions
        .map(|permission| table([("grantee", grantee.clone()), ("permission", permission.clone())]))
        .collect()
}

fn versions(bucket: &mut Exported<'_>) {
    let versioning = bucket.take("versioning");
    if is_on(versioning.get("enabled")) {
        let mfa_delete = is_on(versioning.get("mfa_delete"));
        let configuration = table([
            ("status", "Enabled".into()),
            ("mfa_delete", if mfa_delete { "Enabled".into() } else { Value::Null }),
        ]);
        let arguments =
            table([("versioning_configuration", configuration), ("mfa", versioning.get("mfa").clone())]);
        if let Some(part) = part(bucket, "aws_s3_bucket_versioning", &["versioning"], arguments) {
            bucket.add(part.awaited());
        }
    }
    let lock = bucket.take("object_lock_configuration");
    let made_of = &["object_lock_configuration"];
    if let Some(part) = part(bucket, "aws_s3_bucket_object_lock_configuration", made_of, lock) {
        bucket.add(part.after(AFTER_VERSIONING));
    }
}

fn lifecycle(bucket: &mut Exported<'_>) {
    let rules = list(bucket.take("lifecycle_rule"));
    let size = bucket.take("transition_default_minimum_object_size");
    if rules.is_empty() {
        return;
    }
    let known = bucket.known().get("lifecycle_rule").items();
    let rules = rules.iter().enumerate().map(|(at, rule)| {
        // S3 has made up the name of one without.
        let made_up = known.get(at).map(|known| known.get("id").clone()).filter(|id| id.as_str().is_some());
        let id = match rule.get("id") {
            Value::Null => made_up.unwrap_or_else(|| format!("rule-{}", at + 1).into()),
            id => id.clone(),
        };
        lifecycle_rule(id, rule)
    });
    let arguments =
        table([("rule", Value::List(rules.collect())), ("transition_default_minimum_object_size", size)]);
    let made_of = &["lifecycle_rule", "transition_default_minimum_object_size"];
    if let Some(part) = part(bucket, "aws_s3_bucket_lifecycle_configuration", made_of, arguments) {
        bucket.add(part.after(AFTER_VERSIONING));
    }
}

fn lifecycle_rule(id: Value, rule: &Value) -> Value {
    let mut expiration = rule.get("expiration").clone();
    if let Value::Map(expiration) = &mut expiration
        && let Some(Value::String(date)) = expiration.get_mut("date")
    {
        *date = midnight(date);
    }
    let renamed = |value: &Value| match value.clone() {
        Value::Map(mut map) => {
            if let Some(days) = map.remove("days") {
                map.insert("noncurrent_days".to_owned(), days);
            }
            Value::Map(map)
        }
        other => other,
    };
    let transitions = list(rule.get("transition").clone()).into_iter().map(|mut transition| {
        if let Value::Map(transition) = &mut transition
            && let Some(Value::String(date)) = transition.get_mut("date")
        {
            *date = midnight(date);
        }
        transition
    });
    let upload_days = rule.get("abort_incomplete_multipart_upload_days");
    let upload = match upload_days {
        Value::Null => Value::Null,
        days => only("days_after_initiation", days.clone()),
    };
    table([
        ("id", id),
        ("status", status(rule.get("enabled"))),
        ("filter", filter(rule)),
        ("abort_incomplete_multipart_upload", upload),
        ("expiration", expiration),
        ("noncurrent_version_expiration", renamed(rule.get("noncurrent_version_expiration"))),
        (
            "noncurrent_version_transition",
            some(list(rule.get("noncurrent_version_transition").clone()).iter().map(renamed).collect()),
        ),
        ("transition", some(transitions.collect())),
    ])
}

/// What a rule applies to: one condition stands by itself, several stand in an `and`.
fn filter(rule: &Value) -> Value {
    let mut conditions = Map::new();
    for name in ["prefix", "object_size_greater_than", "object_size_less_than"] {
        let value = rule.get(name);
        if !value.is_null() && value.as_str() != Some("") && value.as_i64() != Some(0) {
            conditions.insert(name.to_owned(), value.clone());
        }
    }
    let tags = rule.get("tags").as_map().cloned().unwrap_or_default();
    match (conditions.len(), tags.len()) {
        (0 | 1, 0) => Value::Map(conditions),
        (0, 1) => {
            let pair =
                tags.into_iter().next().map(|(key, value)| table([("key", key.into()), ("value", value)]));
            only("tag", pair.unwrap_or_default())
        }
        (_, count) => {
            if count > 0 {
                conditions.insert("tags".to_owned(), Value::Map(tags));
            }
            only("and", Value::Map(conditions))
        }
    }
}

fn replication(bucket: &mut Exported<'_>) {
    let replication = bucket.take("replication_configuration");
    if replication.is_null() {
        return;
    }
    let known = bucket.known().get("replication_configuration").get("rules").items();
    let rules = list(replication.get("rules").clone()).into_iter().enumerate().map(|(at, rule)| {
        let id = match rule.get("id") {
            Value::Null => known.get(at).map(|known| known.get("id").clone()).unwrap_or_default(),
            id => id.clone(),
        };
        replication_rule(if id.is_unknown() { Value::Null } else { id }, &rule)
    });
    let arguments =
        table([("role", replication.get("role").clone()), ("rule", Value::List(rules.collect()))]);
    let made_of = &["replication_configuration"];
    if let Some(part) = part(bucket, "aws_s3_bucket_replication_configuration", made_of, arguments) {
        bucket.add(part.after(AFTER_VERSIONING));
    }
}

fn replication_rule(id: Value, rule: &Value) -> Value {
    let destination = rule.get("destination");
    let timed = |name: &str, inner: &str| match destination.get(name) {
        Value::Null => Value::Null,
        block => {
            let minutes = match block.get("minutes") {
                Value::Null => Value::from(15_i64),
                minutes => minutes.clone(),
            };
            table([("status", block.get("status").clone()), (inner, only("minutes", minutes))])
        }
    };
    let key = destination.get("replica_kms_key_id");
    let destination = table([
        ("bucket", destination.get("bucket").clone()),
        ("account", destination.get("account_id").clone()),
        ("storage_class", destination.get("storage_class").clone()),
        ("access_control_translation", destination.get("access_control_translation").clone()),
        (
            "encryption_configuration",
            if key.is_null() { Value::Null } else { only("replica_kms_key_id", key.clone()) },
        ),
        ("metrics", timed("metrics", "event_threshold")),
        ("replication_time", timed("replication_time", "time")),
    ]);
    let criteria = match rule.get("source_selection_criteria") {
        Value::Null => Value::Null,
        criteria => table(["sse_kms_encrypted_objects", "replica_modifications"].map(|name| {
            let selected = criteria.get(name);
            let status = only("status", status(selected.get("enabled")));
            (name, if selected.is_null() { Value::Null } else { status })
        })),
    };
    // With a filter, whether delete markers are copied has to be said.
    let (filter, markers) = match rule.get("filter") {
        Value::Null => (Value::Null, Value::Null),
        given => {
            let markers = match rule.get("delete_marker_replication_status") {
                Value::Null => "Disabled".into(),
                markers => markers.clone(),
            };
            (filter(given), only("status", markers))
        }
    };
    table([
        ("id", id),
        ("status", rule.get("status").clone()),
        ("priority", rule.get("priority").clone()),
        ("prefix", rule.get("prefix").clone()),
        ("filter", filter),
        ("delete_marker_replication", markers),
        ("destination", destination),
        ("source_selection_criteria", criteria),
    ])
}

fn website(bucket: &mut Exported<'_>) {
    let website = bucket.take("website");
    if website.is_null() {
        return;
    }
    let block = |name: &str, inner: &str| match website.get(name) {
        Value::Null => Value::Null,
        value => only(inner, value.clone()),
    };
    let redirect = match website.get("redirect_all_requests_to").as_str() {
        None => Value::Null,
        Some(target) => {
            let (host, protocol) = host_and_protocol(target);
            table([("host_name", host.into()), ("protocol", protocol.map_or(Value::Null, Value::from))])
        }
    };
    let arguments = table([
        ("index_document", block("index_document", "suffix")),
        ("error_document", block("error_document", "key")),
        ("redirect_all_requests_to", redirect),
        ("routing_rules", website.get("routing_rules").clone()),
    ]);
    split_off(bucket, "aws_s3_bucket_website_configuration", &["website"], arguments);
}

fn split_off(
    bucket: &mut Exported<'_>,
    kind: &'static str,
    made_of: &'static [&'static str],
    arguments: Value,
) {
    if let Some(part) = part(bucket, kind, made_of, arguments) {
        bucket.add(part);
    }
}

/// A resource with these arguments, if there are any.
fn part(
    bucket: &Exported<'_>,
    kind: &'static str,
    made_of: &'static [&'static str],
    arguments: Value,
) -> Option<Part> {
    let Value::Map(mut arguments) = arguments else { return None };
    if arguments.is_empty() {
        return None;
    }
    arguments.insert("bucket".to_owned(), bucket.reference(".id"));
    Some(Part::resource(kind, made_of, arguments))
}

/// A table of what is set.
fn table<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let set = entries.into_iter().filter(|(_, value)| !value.is_null());
    Value::Map(set.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn only(name: &str, value: impl Into<Value>) -> Value {
    Value::Map([(name.to_owned(), value.into())].into())
}

/// Blocks; one alone may stand by itself.
fn list(value: Value) -> Vec<Value> {
    match value {
        Value::List(items) => items,
        Value::Map(map) => vec![Value::Map(map)],
        _ => Vec::new(),
    }
}

fn some(items: Vec<Value>) -> Value {
    if items.is_empty() { Value::Null } else { Value::List(items) }
}

/// A table of blocks, if there are any.
fn only_some(name: &str, items: Vec<Value>) -> Value {
    if items.is_empty() { Value::Null } else { only(name, Value::List(items)) }
}

fn is_on(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_str() == Some("true")
}

fn status(enabled: &Value) -> Value {
    if is_on(enabled) { "Enabled".into() } else { "Disabled".into() }
}

/// A day as Terraform has its beginning.
fn midnight(day: &str) -> String {
    if day.contains('T') { day.to_owned() } else { format!("{day}T00:00:00Z") }
}

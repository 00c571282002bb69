//! A life of each kind: what it needs, how it is created, and how it is changed then.

use serde_json::{Value as Json, json};

mod cloudfront;
mod service_catalog;
use crate::lambda_function::{ANOTHER_PACKAGE, PACKAGE};

/// A resource's life.
pub(super) struct Life {
    pub(super) kind: &'static str,
    /// What is there before it: kinds and configurations.
    pub(super) needs: Vec<(&'static str, Json)>,
    /// What it is created as, and what it becomes then.
    pub(super) configurations: Vec<Json>,
    /// Whether it is deleted in the end.
    pub(super) is_deleted: bool,
}

impl Life {
    fn of(kind: &'static str, configurations: impl IntoIterator<Item = Json>) -> Self {
        Self {
            kind,
            needs: Vec::new(),
            configurations: configurations.into_iter().collect(),
            is_deleted: true,
        }
    }

    fn with(mut self, kind: &'static str, configuration: Json) -> Self {
        self.needs.push((kind, configuration));
        self
    }

    fn kept(self) -> Self {
        Self { is_deleted: false, ..self }
    }
}

/// The lives, at least one of each kind.
pub(super) fn lives() -> Vec<Life> {
    [
        alarms(),
        buckets(),
        certificates(),
        cloudfront::lives(),
        functions(),
        identities(),
        keys_and_secrets(),
        media_and_logs(),
        messages(),
        names(),
        service_catalog::lives(),
        tables(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn statement(principal: Option<&str>, action: &str, resource: Option<&str>) -> Json {
    let mut statement = json!({ "Effect": "Allow", "Action": action });
    if let Some(principal) = principal {
        statement["Principal"] = json!({ "Service": principal });
    }
    if let Some(resource) = resource {
        statement["Resource"] = json!(resource);
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn trust(service: &str) -> Json {
    statement(Some(service), "sts:AssumeRole", None)
}

fn reading(bucket: &str) -> Json {
    statement(None, "s3:GetObject", Some(&format!("arn:aws:s3:::{bucket}/*")))
}

fn pem(content: &str) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{content}\n-----END CERTIFICATE-----\n")
}

fn alarms() -> Vec<Life> {
    let metric = |name: &str, threshold: f64, tags: Json| {
        json!({
            "alarm_name": name,
            "namespace": "AWS/Lambda",
            "metric_name": "Errors",
            "statistic": "Sum",
            "period": 60,
            "evaluation_periods": 1,
            "comparison_operator": "GreaterThanThreshold",
            "threshold": threshold,
            "tags": tags,
        })
    };
    let composite = |rule: &str, tags: Json| json!({ "alarm_name": "all", "alarm_rule": rule, "tags": tags });
    let dashboard = |text: &str| {
        let widget = json!({ "type": "text", "width": 4, "height": 1, "properties": { "markdown": text } });
        json!({ "dashboard_name": "main", "dashboard_body": { "widgets": [widget] } })
    };
    vec![
        Life::of("aws_cloudwatch_dashboard", [dashboard("a"), dashboard("b")]),
        Life::of(
            "aws_cloudwatch_metric_alarm",
            [metric("errors", 1.0, json!({ "a": "1" })), metric("errors", 2.0, json!({ "b": "2" }))],
        ),
        Life::of(
            "aws_cloudwatch_composite_alarm",
            [composite("ALARM($0)", json!({ "a": "1" })), composite("NOT OK($0)", json!({ "b": "2" }))],
        )
        .with("aws_cloudwatch_metric_alarm", metric("errors", 1.0, json!({}))),
    ]
}

fn certificates() -> Vec<Life> {
    let requested =
        |tags: Json| json!({ "domain_name": "example.com", "validation_method": "DNS", "tags": tags });
    let imported = |body: &str, tags: Json| json!({ "certificate_body": pem(body), "private_key": "the key", "tags": tags });
    let mut unlogged = requested(json!({}));
    unlogged["options"] = json!({ "certificate_transparency_logging_preference": "DISABLED" });
    vec![
        Life::of(
            "aws_acm_certificate",
            [requested(json!({ "a": "1" })), requested(json!({ "b": "2" })), unlogged],
        ),
        Life::of("aws_acm_certificate", [imported("AAAA", json!({})), imported("BBBB", json!({ "a": "1" }))]),
    ]
}

fn functions() -> Vec<Life> {
    let function = |publish: bool, timeout: u32, reserved: i32, tags: Json| {
        json!({
            "function_name": "reporter",
            "role": "$0.arn",
            "handler": "index.handler",
            "runtime": "python3.11",
            "zip_file": PACKAGE,
            "publish": publish,
            "timeout": timeout,
            "reserved_concurrent_executions": reserved,
            "tags": tags,
        })
    };
    let mut recoded = function(false, 20, -1, json!({ "b": "2" }));
    recoded["zip_file"] = json!(ANOTHER_PACKAGE);
    let role = json!({ "name": "role", "assume_role_policy": trust("lambda.amazonaws.com") });
    let rule = |schedule: &str, tags: Json| json!({ "name": "daily", "schedule_expression": schedule, "tags": tags });
    let target = |input: &str| {
        json!({
            "rule": "$0",
            "target_id": "reporter",
            "arn": "arn:aws:lambda:us-east-1:$account:function:reporter",
            "input": { "why": input },
        })
    };
    vec![
        Life::of(
            "aws_lambda_function",
            [function(false, 10, 1, json!({ "a": "1" })), recoded, function(true, 20, 0, json!({}))],
        )
        .with("aws_iam_role", role.clone()),
        Life::of(
            "aws_lambda_permission",
            [json!({
                "function_name": "$1",
                "action": "lambda:InvokeFunction",
                "principal": "events.amazonaws.com",
                "statement_id": "daily",
            })],
        )
        .with("aws_iam_role", role)
        .with("aws_lambda_function", function(false, 10, -1, json!({}))),
        Life::of(
            "aws_cloudwatch_event_rule",
            [rule("rate(1 day)", json!({ "a": "1" })), rule("rate(2 days)", json!({ "b": "2" }))],
        ),
        Life::of("aws_cloudwatch_event_target", [target("a"), target("b")])
            .with("aws_cloudwatch_event_rule", rule("rate(1 day)", json!({}))),
    ]
}

fn identities() -> Vec<Life> {
    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    const POWER: &str = "arn:aws:iam::aws:policy/PowerUserAccess";
    let policy =
        |bucket: &str, tags: Json| json!({ "name": "reading", "policy": reading(bucket), "tags": tags });
    let role = |service: &str, boundary: Option<&str>, inline: &str, attached: &str, tags: Json| {
        json!({
            "name": "role",
            "assume_role_policy": trust(service),
            "description": service,
            "permissions_boundary": boundary,
            "inline_policy": [{ "name": inline, "policy": reading("videos") }],
            "managed_policy_arns": [attached],
            "tags": tags,
        })
    };
    let user = |boundary: Option<&str>, tags: Json| json!({ "name": "user", "permissions_boundary": boundary, "tags": tags });
    let bare_role = json!({ "name": "role", "assume_role_policy": trust("lambda.amazonaws.com") });
    let inline = |bucket: &str| json!({ "role": "$0", "name": "reading", "policy": reading(bucket) });
    vec![
        Life::of(
            "aws_iam_policy",
            [
                policy("a", json!({ "a": "1" })),
                policy("b", json!({ "b": "2" })),
                policy("c", json!({})),
                policy("d", json!({})),
                policy("e", json!({})),
                policy("f", json!({})),
            ],
        ),
        Life::of(
            "aws_iam_role",
            [
                role("lambda.amazonaws.com", Some(READ_ONLY), "a", READ_ONLY, json!({ "a": "1" })),
                role("mediaconvert.amazonaws.com", None, "b", POWER, json!({ "b": "2" })),
                role("mediaconvert.amazonaws.com", Some(POWER), "b", POWER, json!({})),
            ],
        ),
        Life::of("aws_iam_role_policy", [inline("a"), inline("b")]).with("aws_iam_role", bare_role.clone()),
        Life::of("aws_iam_role_policy_attachment", [json!({ "role": "$0", "policy_arn": READ_ONLY })])
            .with("aws_iam_role", bare_role),
        Life::of(
            "aws_iam_user",
            [
                user(Some(READ_ONLY), json!({ "a": "1" })),
                user(None, json!({ "b": "2" })),
                user(Some(POWER), json!({})),
            ],
        ),
        Life::of("aws_iam_user_policy_attachment", [json!({ "user": "$0", "policy_arn": READ_ONLY })])
            .with("aws_iam_user", json!({ "name": "user" })),
    ]
}

fn keys_and_secrets() -> Vec<Life> {
    let key = |description: &str, rotates: bool, is_enabled: bool, tags: Json| {
        json!({
            "description": description,
            "enable_key_rotation": rotates,
            "is_enabled": is_enabled,
            "deletion_window_in_days": 7,
            "tags": tags,
        })
    };
    let used_by = |service: &str| {
        let mut policy = statement(Some(service), "kms:Decrypt", Some("*"));
        policy["Statement"].as_array_mut().unwrap().push(json!({
            "Effect": "Allow",
            "Principal": { "AWS": "arn:aws:iam::$account:root" },
            "Action": "kms:*",
            "Resource": "*",
        }));
        json!({ "key_id": "$0", "policy": policy })
    };
    let deny = |action: &str| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny",
                "Principal": { "AWS": "*" },
                "Action": action,
                "Resource": "*",
                "Condition": { "Bool": { "aws:SecureTransport": false } },
            }],
        })
    };
    let secret = |days: u32, description: &str, policy: Option<Json>, tags: Json| {
        json!({
            "name": "secret",
            "recovery_window_in_days": days,
            "description": description,
            "policy": policy,
            "tags": tags,
        })
    };
    let version =
        |stages: Json| json!({ "secret_id": "$0", "secret_string": "hunter2", "version_stages": stages });
    vec![
        Life::of(
            "aws_kms_key",
            [
                key("a", true, true, json!({ "a": "1" })),
                key("b", false, false, json!({ "b": "2" })),
                key("b", true, true, json!({})),
            ],
        ),
        Life::of("aws_kms_key_policy", [used_by("cloudfront.amazonaws.com"), used_by("logs.amazonaws.com")])
            .with("aws_kms_key", json!({ "description": "one" })),
        Life::of(
            "aws_kms_alias",
            [
                json!({ "name": "alias/a", "target_key_id": "$0" }),
                json!({ "name": "alias/a", "target_key_id": "$1" }),
            ],
        )
        .with("aws_kms_key", json!({ "description": "one" }))
        .with("aws_kms_key", json!({ "description": "two" })),
        Life::of(
            "aws_secretsmanager_secret",
            [
                secret(0, "a", Some(deny("secretsmanager:GetSecretValue")), json!({ "a": "1" })),
                secret(0, "b", Some(deny("secretsmanager:*")), json!({ "b": "2" })),
                secret(0, "b", Some(json!({})), json!({})),
            ],
        ),
        Life::of(
            "aws_secretsmanager_secret_policy",
            [
                json!({ "secret_arn": "$0", "policy": deny("secretsmanager:GetSecretValue") }),
                json!({ "secret_arn": "$0", "policy": deny("secretsmanager:*") }),
            ],
        )
        .with("aws_secretsmanager_secret", json!({ "name": "secret", "recovery_window_in_days": 0 })),
        Life::of(
            "aws_secretsmanager_secret",
            [secret(7, "a", None, json!({})), secret(7, "b", None, json!({}))],
        ),
        // The local AWS cannot take copies away.
        Life::of(
            "aws_secretsmanager_secret",
            [
                secret(0, "a", None, json!({})),
                json!({
                    "name": "secret",
                    "recovery_window_in_days": 0,
                    "description": "a",
                    "replica": [{ "region": "eu-west-1" }],
                }),
            ],
        )
        .kept(),
        // The last version of a secret stays as long as the secret.
        Life::of(
            "aws_secretsmanager_secret_version",
            [
                version(json!(["AWSCURRENT"])),
                version(json!(["AWSCURRENT", "BLUE"])),
                version(json!(["AWSCURRENT", "GREEN"])),
            ],
        )
        .with("aws_secretsmanager_secret", json!({ "name": "secret" }))
        .kept(),
    ]
}

fn media_and_logs() -> Vec<Life> {
    let queue =
        |description: &str, tags: Json| json!({ "name": "books", "description": description, "tags": tags });
    let template = |priority: i32, tags: Json| {
        json!({
            "name": "hls",
            "priority": priority,
            "settings": { "TimecodeConfig": { "Source": "ZEROBASED" }, "OutputGroups": [], "Inputs": [] },
            "tags": tags,
        })
    };
    let group =
        |days: u32, tags: Json| json!({ "name": "/storytime/lab", "retention_in_days": days, "tags": tags });
    vec![
        Life::of(
            "aws_media_convert_queue",
            [queue("a", json!({ "a": "1" })), queue("b", json!({ "b": "2" }))],
        ),
        Life::of(
            "aws_media_convert_job_template",
            [template(1, json!({ "a": "1" })), template(2, json!({ "b": "2" }))],
        ),
        Life::of(
            "aws_cloudwatch_log_group",
            [group(7, json!({ "a": "1" })), group(0, json!({ "b": "2" })), group(14, json!({}))],
        ),
    ]
}

fn messages() -> Vec<Life> {
    let publishing = |action: &str| {
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "cloudwatch.amazonaws.com" },
                "Action": action,
                "Resource": "arn:aws:sns:us-east-1:$account:alarms",
            }],
        })
    };
    let topic = |name: &str, policy: Option<Json>, tags: Json| {
        json!({
            "name": "alarms",
            "display_name": name,
            "policy": policy,
            "sqs_success_feedback_sample_rate": 10,
            "tags": tags,
        })
    };
    let policy = |action: &str| json!({ "arn": "$0", "policy": publishing(action) });
    let subscription = |filter: Json, is_raw: bool| {
        json!({
            "topic_arn": "$0",
            "protocol": "sqs",
            "endpoint": "$1.arn",
            "filter_policy": filter,
            "raw_message_delivery": is_raw,
        })
    };
    let queue = |seconds: u32, is_redriven: bool, tags: Json| {
        let redriven = json!({ "deadLetterTargetArn": "$0.arn", "maxReceiveCount": 3 });
        json!({
            "name": "work",
            "visibility_timeout_seconds": seconds,
            "redrive_policy": if is_redriven { redriven } else { Json::Null },
            "tags": tags,
        })
    };
    vec![
        Life::of(
            "aws_sns_topic",
            [
                topic("a", Some(publishing("SNS:Publish")), json!({ "a": "1" })),
                topic("b", Some(publishing("SNS:Subscribe")), json!({ "b": "2" })),
                topic("b", None, json!({})),
            ],
        ),
        Life::of("aws_sns_topic_policy", [policy("SNS:Publish"), policy("SNS:Subscribe")])
            .with("aws_sns_topic", json!({ "name": "alarms" })),
        Life::of(
            "aws_sns_topic_subscription",
            [
                subscription(json!({ "kind": ["book"] }), false),
                subscription(json!({ "kind": ["film"] }), true),
                subscription(Json::Null, true),
            ],
        )
        .with("aws_sns_topic", json!({ "name": "alarms" }))
        .with("aws_sqs_queue", json!({ "name": "work" })),
        Life::of(
            "aws_sqs_queue",
            [
                queue(30, true, json!({ "a": "1" })),
                queue(60, false, json!({ "b": "2" })),
                queue(60, true, json!({})),
            ],
        )
        .with("aws_sqs_queue", json!({ "name": "dead" })),
    ]
}

fn names() -> Vec<Life> {
    let vpc = |id: &str| json!({ "vpc_id": id, "vpc_region": "us-east-1" });
    let private = |vpcs: Json| json!({ "name": "corp.internal", "vpc": vpcs });
    let record = |address: &str| json!({ "zone_id": "$0", "name": "www", "type": "A", "ttl": 60, "records": [address] });
    vec![
        Life::of(
            "aws_route53_zone",
            [
                json!({ "name": "example.com", "comment": "a", "tags": { "a": "1" } }),
                json!({ "name": "example.com", "comment": "b", "tags": { "b": "2" } }),
            ],
        ),
        Life::of(
            "aws_route53_zone",
            [private(json!([vpc("vpc-1"), vpc("vpc-2")])), private(json!([vpc("vpc-1"), vpc("vpc-3")]))],
        ),
        Life::of("aws_route53_record", [record("192.0.2.1"), record("192.0.2.2")])
            .with("aws_route53_zone", json!({ "name": "example.com" })),
    ]
}

fn buckets() -> Vec<Life> {
    let full = json!({
        "bucket": "lost-$account",
        "force_destroy": true,
        "versioning": { "enabled": true },
        "cors_rule": [{ "allowed_methods": ["GET"], "allowed_origins": ["*"] }],
        "website": { "index_document": "index.html" },
        "lifecycle_rule": [
            { "id": "old", "enabled": true, "prefix": "old/", "expiration": { "days": 30 } },
        ],
        "acceleration_status": "Enabled",
        "request_payer": "Requester",
        "tags": { "a": "1" },
    });
    let policy = |action: &str| {
        let document = statement(Some("cloudfront.amazonaws.com"), action, Some("arn:aws:s3:::$0/*"));
        json!({ "bucket": "$0", "policy": document })
    };
    let object = |content: &str, kind: &str, tags: Json| json!({ "bucket": "$0", "key": "page", "content": content, "content_type": kind, "tags": tags });
    let versioned = json!({ "bucket": "objects-$account", "versioning": { "enabled": true } });
    vec![
        Life::of("aws_s3_bucket", [full, json!({ "bucket": "lost-$account" })]),
        Life::of("aws_s3_bucket_policy", [policy("s3:GetObject"), policy("s3:GetObjectVersion")])
            .with("aws_s3_bucket", json!({ "bucket": "policy-$account" })),
        Life::of(
            "aws_s3_object",
            [
                object("a", "text/plain", json!({ "a": "1" })),
                object("b", "text/html", json!({ "b": "2" })),
                object("b", "text/html", json!({ "c": "3" })),
                object("b", "text/html", json!({})),
            ],
        )
        .with("aws_s3_bucket", versioned),
    ]
}

fn tables() -> Vec<Life> {
    let attribute = |name: &str| json!({ "name": name, "type": "S" });
    let by = |name: &str| json!({ "name": format!("by-{name}"), "hash_key": name, "projection_type": "ALL" });
    vec![Life::of(
        "aws_dynamodb_table",
        [
            json!({
                "name": "files",
                "hash_key": "id",
                "attribute": [attribute("id"), attribute("owner")],
                "billing_mode": "PAY_PER_REQUEST",
                "global_secondary_index": [by("owner")],
                "ttl": { "enabled": true, "attribute_name": "expires" },
                "point_in_time_recovery": { "enabled": true },
                "tags": { "a": "1" },
            }),
            json!({
                "name": "files",
                "hash_key": "id",
                "attribute": [attribute("id"), attribute("kind")],
                "billing_mode": "PAY_PER_REQUEST",
                "global_secondary_index": [by("kind")],
                "stream_enabled": true,
                "stream_view_type": "NEW_IMAGE",
                "server_side_encryption": { "enabled": true },
                "on_demand_throughput": { "max_read_request_units": 10 },
                "tags": { "b": "2" },
            }),
        ],
    )]
}

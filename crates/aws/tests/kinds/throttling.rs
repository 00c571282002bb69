//! Calls that services throttle, each in its own words: they are repeated until they pass, more often than calls that
//! fail.

use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::Lab;

/// More than a call has attempts otherwise.
const TIMES: u32 = 7;

/// Creates a resource whose first call is throttled, and another whose first call that changes something is.
async fn comes_to_be(service: &str, kind: &str, configuration: Json) {
    for mutating_only in [false, true] {
        let lab = Lab::new().await;
        let configuration = configuration.to_string().replace("ACCOUNT", lab.account());
        lab.inject(Fault {
            service: Some(service.to_owned()),
            mutating_only,
            times: Some(TIMES),
            ..Fault::new(Effect::Throttle)
        });
        lab.resource(kind).create(serde_json::from_str(&configuration).unwrap()).await;
        let calls = lab.control().calls().await.unwrap();
        let hit = calls.iter().filter(|call| call.service == service && (call.mutating || !mutating_only));
        let hit: Vec<_> = hit.take(TIMES as usize + 1).map(|call| (&call.operation, call.status)).collect();
        assert!(
            hit.iter().all(|(operation, _)| *operation == hit[0].0),
            "{kind}: one call is repeated: {hit:?}"
        );
        assert!(
            hit.iter().rev().skip(1).all(|(_, status)| matches!(status, Some(400 | 429 | 503))),
            "{hit:?}"
        );
    }
}

#[tokio::test]
async fn calls_that_are_throttled_are_repeated_whatever_the_service_says() {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": { "Service": "lambda.amazonaws.com" },
    }] });
    let dashboard = json!({ "widgets": [] });
    let control = json!({
        "name": "control", "origin_access_control_origin_type": "s3", "signing_behavior": "always",
        "signing_protocol": "sigv4",
    });
    let table = json!({ "name": "table", "billing_mode": "PAY_PER_REQUEST", "hash_key": "id",
        "attribute": [{ "name": "id", "type": "S" }] });
    let kinds = [
        ("cloudfront", "aws_cloudfront_origin_access_control", control),
        ("dynamodb", "aws_dynamodb_table", table),
        (
            "events",
            "aws_cloudwatch_event_rule",
            json!({ "name": "rule", "schedule_expression": "rate(1 hour)" }),
        ),
        ("iam", "aws_iam_role", json!({ "name": "role", "assume_role_policy": trust })),
        ("kms", "aws_kms_key", json!({})),
        ("logs", "aws_cloudwatch_log_group", json!({ "name": "group" })),
        ("mediaconvert", "aws_media_convert_queue", json!({ "name": "queue" })),
        (
            "monitoring",
            "aws_cloudwatch_dashboard",
            json!({ "dashboard_name": "d", "dashboard_body": dashboard }),
        ),
        ("route53", "aws_route53_zone", json!({ "name": "example.com" })),
        ("s3", "aws_s3_bucket", json!({ "bucket": "throttled-ACCOUNT" })),
        ("secretsmanager", "aws_secretsmanager_secret", json!({ "name": "secret" })),
        ("servicecatalog", "aws_servicecatalog_portfolio", json!({ "name": "p", "provider_name": "us" })),
        ("sns", "aws_sns_topic", json!({ "name": "topic" })),
        ("sqs", "aws_sqs_queue", json!({ "name": "queue" })),
    ];
    futures::future::join_all(
        kinds.map(|(service, kind, configuration)| comes_to_be(service, kind, configuration)),
    )
    .await;
}

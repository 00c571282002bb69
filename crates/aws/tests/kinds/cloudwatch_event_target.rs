//! `aws_cloudwatch_event_target`.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::Target;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, Resource};

const KIND: &str = "aws_cloudwatch_event_target";

async fn rule(lab: &Lab) -> Resource<'_> {
    let mut rule = lab.resource("aws_cloudwatch_event_rule");
    rule.create(json!({ "name": "daily", "schedule_expression": "rate(1 day)" })).await;
    rule
}

fn target(lab: &Lab, more: Json) -> Json {
    let mut configuration = json!({
        "rule": "daily",
        "target_id": "reporter",
        "arn": format!("arn:aws:lambda:us-east-1:{}:function:reporter", lab.account()),
    });
    for (name, value) in more.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    configuration
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let events = Client::new(&lab.sdk);
    let rule = rule(&lab).await;
    let mut reporter = lab.resource(KIND);
    let queue = format!("arn:aws:sqs:us-east-1:{}:failures", lab.account());
    let full = target(
        &lab,
        json!({
            "input": { "why": "the day is over", "limits": [1, 2.5] },
            "role_arn": format!("arn:aws:iam::{}:role/events", lab.account()),
            "retry_policy": { "maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 0 },
            "dead_letter_config": { "arn": queue },
        }),
    );
    reporter.create(full.clone()).await;
    assert_eq!(reporter.id, "daily/reporter");
    let there = events.list_targets_by_rule().rule("daily").send().await.unwrap();
    let there = &there.targets()[0];
    assert_eq!(there.retry_policy().unwrap().maximum_retry_attempts(), Some(0));
    let input: Json = serde_json::from_str(there.input().unwrap()).unwrap();
    assert_eq!(input["why"], "the day is over");

    reporter
        .update(target(
            &lab,
            json!({
                "arn": format!("arn:aws:lambda:us-east-1:{}:function:other", lab.account()),
                "input_transformer": {
                    "input_paths": { "when": "$.time" },
                    "input_template": "{\"when\": <when>}",
                },
            }),
        ))
        .await;
    reporter.update(target(&lab, json!({ "input_path": "$.detail" }))).await;
    reporter.update(target(&lab, json!({ "input": "\"just text\"" }))).await;
    let bare = target(&lab, json!({}));
    reporter.update(bare.clone()).await;
    let there = events.list_targets_by_rule().rule("daily").send().await.unwrap();
    assert_eq!((there.targets()[0].input(), there.targets().len()), (None, 1));
    let mut other = bare.clone();
    other["target_id"] = json!("other");
    other["rule"] = json!("nightly");
    reporter.replaces(other, &["rule", "target_id"]);
    let failure = lab.resource(KIND).create_fails(bare.clone()).await;
    assert!(failure.contains("one of this name already"), "{failure}");

    let strange = Target::builder().id("reporter").arn(&queue).input("{\"a\":1}").build().unwrap();
    events.put_targets().rule("daily").targets(strange).send().await.unwrap();
    reporter.repair_drift(bare, &["arn", "input"]).await;
    reporter.delete().await;
    rule.delete().await;
}

#[tokio::test]
async fn says_what_each_service_wants_to_know() {
    let lab = Lab::new().await;
    let _rule = rule(&lab).await;
    let account = lab.account().to_owned();
    let arn = |service: &str, resource: &str| format!("arn:aws:{service}:us-east-1:{account}:{resource}");
    let mut several = lab.resource(KIND);
    several
        .create(json!({
            "rule": "daily",
            "arn": arn("sqs", "orders.fifo"),
            "sqs_target": { "message_group_id": "a" },
        }))
        .await;
    let id = several.attributes.get("target_id").as_str().unwrap().to_owned();
    assert!(id.starts_with("provision-"), "{id}");
    for configuration in [
        json!({
            "arn": arn("events", "api-destination/shop/1"),
            "http_target": {
                "header_parameters": { "X-Shop": "1" },
                "query_string_parameters": { "page": "$.detail.page" },
                "path_parameter_values": ["books"],
            },
        }),
        json!({ "arn": arn("kinesis", "stream/s"), "kinesis_target": { "partition_key_path": "$.id" } }),
        json!({
            "arn": arn("batch", "job-queue/q"),
            "batch_target": { "job_definition": "d", "job_name": "n", "array_size": 2, "job_attempts": 3 },
        }),
        json!({
            "arn": arn("ssm", "document/d"),
            "run_command_targets": [{ "key": "tag:Name", "values": ["a", "b"] }],
        }),
        json!({
            "arn": arn("redshift", "cluster:c"),
            "redshift_target": { "database": "books", "db_user": "u", "sql": "select 1", "with_event": true },
        }),
        json!({
            "arn": arn("sagemaker", "pipeline/p"),
            "sagemaker_pipeline_target": { "pipeline_parameter_list": [{ "name": "a", "value": "1" }] },
        }),
        json!({
            "arn": arn("ecs", "cluster/c"),
            "role_arn": format!("arn:aws:iam::{account}:role/events"),
            "ecs_target": {
                "task_definition_arn": arn("ecs", "task-definition/t:1"),
                "task_count": 2,
                "launch_type": "FARGATE",
                "platform_version": "LATEST",
                "network_configuration": {
                    "subnets": ["subnet-1"],
                    "security_groups": ["sg-1"],
                    "assign_public_ip": true,
                },
                "group": "g",
                "placement_constraint": [{ "type": "memberOf", "expression": "attribute:a == b" }],
                "ordered_placement_strategy": [{ "type": "spread", "field": "instanceId" }],
                "enable_ecs_managed_tags": true,
                "enable_execute_command": true,
                "propagate_tags": "TASK_DEFINITION",
                "tags": { "team": "books" },
            },
        }),
        json!({
            "arn": arn("ecs", "cluster/c"),
            "ecs_target": {
                "task_definition_arn": arn("ecs", "task-definition/t:1"),
                "capacity_provider_strategy": [
                    { "capacity_provider": "a", "base": 1, "weight": 2 },
                    { "capacity_provider": "b" },
                ],
            },
        }),
        json!({
            "arn": arn("appsync", "endpoints/graphql-api/a"),
            "appsync_target": { "graphql_operation": "mutation { add }" },
        }),
    ] {
        let mut configuration = configuration;
        configuration["rule"] = json!("daily");
        configuration["target_id"] = json!(id);
        several.update(configuration).await;
    }
    several.delete().await;
}

#[tokio::test]
async fn is_absent_with_its_rule() {
    let lab = Lab::new().await;
    let events = Client::new(&lab.sdk);
    let rule = rule(&lab).await;
    let mut reporter = lab.resource(KIND);
    reporter.create(target(&lab, json!({}))).await;
    events.remove_targets().rule("daily").ids("reporter").send().await.unwrap();
    rule.delete().await;
    reporter.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(KIND, target(&lab, json!({ "input": "{\"a\":1}", "input_path": "$.a" })));
    assert_eq!(problems, ["input_path: `input` and `input_path` exclude each other"]);
    let problems = lab.problems(
        KIND,
        json!({ "rule": "a b", "arn": "x", "retry_policy": { "maximum_retry_attempts": 186 } }),
    );
    assert_eq!(problems.len(), 2, "{problems:?}");
}

//! `aws_cloudwatch_event_rule`.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{RuleState, Tag, Target};
use serde_json::json;

use crate::lab::Lab;

const KIND: &str = "aws_cloudwatch_event_rule";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let events = Client::new(&lab.sdk);
    let mut rule = lab.resource(KIND);
    let role = format!("arn:aws:iam::{}:role/events", lab.account());
    let created = rule
        .create(json!({
            "name": "daily",
            "schedule_expression": "rate(1 day)",
            "description": "once a day",
            "role_arn": role,
            "tags": { "team": "books" },
        }))
        .await;
    let arn = format!("arn:aws:events:us-east-1:{}:rule/daily", lab.account());
    assert_eq!(created.get("arn").as_str(), Some(arn.as_str()));
    assert_eq!(rule.id, "daily");

    rule.update(json!({
        "name": "daily",
        "schedule_expression": "cron(0 6 * * ? *)",
        "event_pattern": { "source": ["aws.s3"], "detail": { "size": [{ "numeric": [">", 0] }] } },
        "description": "at six",
        "state": "DISABLED",
        "tags": { "team": "books", "cost": "1" },
    }))
    .await;
    let there = events.describe_rule().name("daily").send().await.unwrap();
    assert_eq!(there.state(), Some(&RuleState::Disabled));
    assert_eq!(there.role_arn(), None, "what is not said is gone");
    rule.unchanged(json!({
        "name": "daily",
        "schedule_expression": "cron(0 6 * * ? *)",
        "event_pattern": "{\"detail\":{\"size\":[{\"numeric\":[\">\",0]}]},\"source\":[\"aws.s3\"]}",
        "description": "at six",
        "state": "DISABLED",
        "tags": { "team": "books", "cost": "1" },
    }));
    let bare = json!({ "name": "daily", "schedule_expression": "rate(1 day)" });
    rule.update(bare.clone()).await;
    rule.replaces(json!({ "name": "nightly", "schedule_expression": "rate(1 day)" }), &["name"]);

    events.disable_rule().name("daily").send().await.unwrap();
    let stranger = Tag::builder().key("stranger").value("1").build().unwrap();
    events.tag_resource().resource_arn(&arn).tags(stranger).send().await.unwrap();
    rule.repair_drift(bare, &["state", "tags"]).await;
    rule.delete().await;
}

#[tokio::test]
async fn can_be_on_a_bus_of_its_own() {
    let lab = Lab::new().await;
    let events = Client::new(&lab.sdk);
    events.create_event_bus().name("orders").send().await.unwrap();
    let mut rule = lab.resource(KIND);
    let pattern = json!({ "source": ["shop"] });
    rule.create(json!({ "name_prefix": "orders-", "event_bus_name": "orders", "event_pattern": pattern }))
        .await;
    assert!(rule.id.starts_with("orders/orders-"), "{}", rule.id);
    rule.delete().await;
}

#[tokio::test]
async fn is_not_deleted_while_others_have_targets_on_it() {
    let lab = Lab::new().await;
    let events = Client::new(&lab.sdk);
    let mut rule = lab.resource(KIND);
    rule.create(json!({ "name": "daily", "schedule_expression": "rate(1 day)" })).await;
    let queue = format!("arn:aws:sqs:us-east-1:{}:reports", lab.account());
    let target = Target::builder().id("strange").arn(queue).build().unwrap();
    events.put_targets().rule("daily").targets(target).send().await.unwrap();
    let failure = rule.delete_fails().await;
    assert!(failure.contains("has targets"), "{failure}");
    events.remove_targets().rule("daily").ids("strange").send().await.unwrap();
    rule.delete().await;
}

#[tokio::test]
async fn does_not_overwrite_a_rule_of_its_name() {
    let lab = Lab::new().await;
    let mut rule = lab.resource(KIND);
    rule.create(json!({ "name": "daily", "schedule_expression": "rate(1 day)" })).await;
    let failure = lab
        .resource(KIND)
        .create_fails(json!({ "name": "daily", "schedule_expression": "rate(2 days)" }))
        .await;
    assert!(failure.contains("one of this name already"), "{failure}");
    rule.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    assert_eq!(
        lab.problems(KIND, json!({ "name": "a" })),
        ["schedule_expression: nothing says when the rule applies"]
    );
    assert_eq!(
        lab.problems(
            KIND,
            json!({ "name": "a", "event_bus_name": "b", "schedule_expression": "rate(1 day)" })
        ),
        ["schedule_expression: schedules are for rules of the default bus"]
    );
    let problems = lab.problems(
        KIND,
        json!({ "name": "a b", "name_prefix": "c", "schedule_expression": "daily", "state": "ON" }),
    );
    assert_eq!(problems.len(), 3, "{problems:?}");
}

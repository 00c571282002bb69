//! EventBridge: rules and their targets.

use serde_json::{Value, json};

use crate::aws::Aws;

#[tokio::test]
async fn a_rule_with_targets_stays() {
    let aws = Aws::new();
    let act =
        async |action: &str, body: Value| aws.json("events", &format!("AWSEvents.{action}"), &body).await;
    act("PutRule", json!({ "Name": "daily" })).await.refused(400, "ValidationException");
    let rule = json!({ "Name": "daily", "ScheduleExpression": "rate(1 day)", "Description": "once a day" });
    act("PutRule", rule).await.done();
    let of_rule = json!({ "Rule": "daily" });
    let target = |id: usize| json!({ "Id": id.to_string(), "Arn": format!("arn:aws:sqs:us-east-1:{}:q{id}", aws.account) });
    let put = async |ids: std::ops::Range<usize>| {
        let targets: Vec<Value> = ids.map(target).collect();
        act("PutTargets", json!({ "Rule": "daily", "Targets": targets })).await
    };
    put(0..6).await.refused(400, "LimitExceededException");
    put(0..5).await.done();
    put(3..5).await.done();
    put(5..6).await.refused(400, "LimitExceededException");
    act("DeleteRule", json!({ "Name": "daily" })).await.refused(400, "ValidationException");
    let existing = aws.existing().await;
    assert_eq!(existing.len(), 6, "{existing:?}");
    assert!(existing.contains(&"events rule daily".to_owned()));
    assert!(existing.contains(&"events target daily/4".to_owned()));

    act("RemoveTargets", json!({ "Rule": "daily", "Ids": ["0", "1", "2", "3", "4"] })).await.done();
    act("DeleteRule", json!({ "Name": "daily" })).await.done();
    act("ListTargetsByRule", of_rule).await.refused(400, "ResourceNotFoundException");
    assert!(aws.existing().await.is_empty());
}

#[tokio::test]
async fn a_put_replaces_a_rule_whole() {
    let aws = Aws::new();
    let act =
        async |action: &str, body: Value| aws.json("events", &format!("AWSEvents.{action}"), &body).await;
    act("CreateEventBus", json!({ "Name": "orders" })).await.done();
    let scheduled = json!({ "Name": "r", "EventBusName": "orders", "ScheduleExpression": "rate(1 day)" });
    act("PutRule", scheduled).await.refused(400, "ValidationException");
    let mut rule = json!({
        "Name": "r",
        "EventBusName": "orders",
        "EventPattern": "{\"source\":[\"shop\"]}",
        "Description": "orders",
        "RoleArn": format!("arn:aws:iam::{}:role/r", aws.account),
        "State": "DISABLED",
    });
    act("PutRule", rule.clone()).await.done();
    for name in ["Description", "RoleArn", "State"] {
        rule.as_object_mut().unwrap().remove(name);
    }
    act("PutRule", rule).await.done();
    let described =
        act("DescribeRule", json!({ "Name": "r", "EventBusName": "orders" })).await.done().value();
    assert_eq!(described.get("Description"), None);
    assert_eq!(described.get("RoleArn"), None);
    assert_eq!(described["State"], "ENABLED");
    assert_eq!(aws.existing().await, ["events event_bus orders", "events rule orders/r"]);
}

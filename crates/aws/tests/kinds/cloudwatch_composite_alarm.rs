//! `aws_cloudwatch_composite_alarm`.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::AlarmType;
use serde_json::{Value as Json, json};

use crate::lab::Lab;

const KIND: &str = "aws_cloudwatch_composite_alarm";

fn metric(name: &str) -> Json {
    json!({
        "alarm_name": name,
        "namespace": "AWS/Lambda",
        "metric_name": "Errors",
        "statistic": "Sum",
        "period": 60,
        "evaluation_periods": 1,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 0,
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = Client::new(&lab.sdk);
    let mut errors = lab.resource("aws_cloudwatch_metric_alarm");
    errors.create(metric("errors")).await;
    lab.resource("aws_cloudwatch_metric_alarm").create(metric("maintenance")).await;
    let topic = format!("arn:aws:sns:us-east-1:{}:ops", lab.account());
    let mut alarm = lab.resource(KIND);
    let created = alarm.create(json!({ "alarm_name": "all", "alarm_rule": "ALARM(errors)" })).await;
    let arn = created.get("arn").as_str().unwrap().to_owned();
    assert!(arn.ends_with(":alarm:all"), "{arn}");

    let suppressor =
        |alarm: &str, wait: u32| json!({ "alarm": alarm, "wait_period": wait, "extension_period": 120 });
    alarm
        .update(json!({
            "alarm_name": "all",
            "alarm_rule": "ALARM(\"errors\") OR NOT OK(maintenance)",
            "alarm_description": "something is wrong",
            "actions_enabled": false,
            "alarm_actions": [topic],
            "ok_actions": [topic],
            "insufficient_data_actions": [topic],
            "actions_suppressor": suppressor("maintenance", 60),
            "tags": { "team": "video" },
        }))
        .await;
    let read = client.describe_alarms().alarm_types(AlarmType::CompositeAlarm).send().await.unwrap();
    let read = &read.composite_alarms()[0];
    assert_eq!(read.alarm_rule(), Some("ALARM(\"errors\") OR NOT OK(maintenance)"));
    assert_eq!(read.alarm_description(), Some("something is wrong"));
    assert_eq!((read.actions_enabled(), read.alarm_actions()), (Some(false), &[topic.clone()][..]));
    assert_eq!(
        (read.ok_actions(), read.insufficient_data_actions()),
        (&[topic.clone()][..], &[topic.clone()][..])
    );
    assert_eq!(read.actions_suppressor(), Some("maintenance"));
    assert_eq!(read.actions_suppressor_wait_period(), Some(60));
    assert_eq!(read.actions_suppressor_extension_period(), Some(120));
    let tags = client.list_tags_for_resource().resource_arn(&arn).send().await.unwrap();
    assert_eq!((tags.tags()[0].key(), tags.tags()[0].value()), (Some("team"), Some("video")));
    alarm
        .update(json!({
            "alarm_name": "all",
            "alarm_rule": "ALARM(errors)",
            "actions_suppressor": suppressor("maintenance", 90),
            "tags": { "team": "audio", "cost": "1" },
        }))
        .await;
    let current = json!({ "alarm_name": "all", "alarm_rule": "ALARM(errors)" });
    alarm.update(current.clone()).await;
    let read = client.describe_alarms().alarm_types(AlarmType::CompositeAlarm).send().await.unwrap();
    assert_eq!(read.composite_alarms()[0].actions_suppressor(), None);
    alarm.unchanged(json!({ "alarm_name": "all", "alarm_rule": "  ALARM(errors)\n" }));
    alarm.replaces(json!({ "alarm_name": "other", "alarm_rule": "ALARM(errors)" }), &["alarm_name"]);

    let put = client.put_composite_alarm().alarm_name("all").alarm_rule("FALSE").actions_enabled(false);
    put.send().await.unwrap();
    alarm.repair_drift(current, &["actions_enabled", "alarm_rule"]).await;

    let refused = errors.delete_fails().await;
    assert!(refused.starts_with("ValidationError: Cannot delete errors"), "{refused}");
    alarm.delete().await;
    errors.delete().await;
}

#[tokio::test]
async fn has_no_name_of_another_alarm_and_no_alarms_that_are_not_there() {
    let lab = Lab::new().await;
    lab.resource("aws_cloudwatch_metric_alarm").create(metric("errors")).await;
    let taken = json!({ "alarm_name": "errors", "alarm_rule": "TRUE" });
    let refused = lab.resource(KIND).create_fails(taken).await;
    assert!(refused.contains("has an alarm of this name already: errors"), "{refused}");
    let missing = json!({ "alarm_name": "all", "alarm_rule": "ALARM(none)" });
    let refused = lab.resource(KIND).create_fails(missing).await;
    assert!(refused.starts_with("ValidationError: ") && refused.contains("do not exist"), "{refused}");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        KIND,
        json!({
            "alarm_name": "all",
            "alarm_rule": "",
            "alarm_actions": ["ops"],
            "actions_suppressor": { "alarm": "all", "wait_period": -1, "extension_period": 0 },
        }),
    );
    assert_eq!(problems.len(), 4, "{problems:#?}");
}

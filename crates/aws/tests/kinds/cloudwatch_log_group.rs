//! `aws_cloudwatch_log_group`.

use futures::future::join_all;
use provision_engine::value::Value;
use serde_json::json;

use crate::lab::Lab;

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut group = lab.resource("aws_cloudwatch_log_group");
    let created = group
        .create(json!({ "name": "/storytime/lab", "retention_in_days": 14, "tags": { "team": "video" } }))
        .await;
    assert!(created.get("arn").as_str().unwrap().ends_with(":log-group:/storytime/lab"));

    group
        .update(json!({ "name": "/storytime/lab", "retention_in_days": 30, "tags": { "team": "video" } }))
        .await;
    group.update(json!({ "name": "/storytime/lab", "tags": { "team": "audio", "cost": "1" } })).await;
    let current = json!({ "name": "/storytime/lab", "retention_in_days": 7 });
    group.update(current.clone()).await;
    group.replaces(json!({ "name": "/storytime/other", "retention_in_days": 7 }), &["name"]);

    let logs = aws_sdk_cloudwatchlogs::Client::new(&lab.sdk);
    logs.put_retention_policy().log_group_name("/storytime/lab").retention_in_days(365).send().await.unwrap();
    group.repair_drift(current, &["retention_in_days"]).await;
    group.delete().await;
}

#[tokio::test]
async fn has_a_made_up_name() {
    let lab = Lab::new().await;
    let mut group = lab.resource("aws_cloudwatch_log_group");
    group.create(json!({ "name_prefix": "/storytime/" })).await;
    assert!(group.id.starts_with("/storytime/"), "{}", group.id);
    group.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_cloudwatch_log_group",
        json!({ "name": "a b", "name_prefix": "c", "retention_in_days": 2 }),
    );
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[tokio::test]
async fn is_read_along_with_others() {
    let lab = Lab::new().await;
    let logs = aws_sdk_cloudwatchlogs::Client::new(&lab.sdk);
    let mut groups = Vec::new();
    for number in 0..60 {
        let name = format!("/lab/{number}");
        if number != 13 {
            logs.create_log_group().log_group_name(&name).send().await.unwrap();
            logs.put_retention_policy().log_group_name(&name).retention_in_days(7).send().await.unwrap();
        }
        let arn = format!("arn:aws:logs:us-east-1:{}:log-group:{name}", lab.account());
        let mut group = lab.resource("aws_cloudwatch_log_group");
        group.id = name.clone();
        group.attributes = Value::from_json(json!({ "name": name, "arn": arn }));
        groups.push(group);
    }
    let read = join_all(groups.iter().map(|group| group.reread())).await;
    for (number, group) in read.into_iter().enumerate() {
        let group = group.unwrap();
        let name = group.as_ref().map(|group| group.get("name").as_str().unwrap());
        let expected = format!("/lab/{number}");
        assert_eq!(name, Some(expected.as_str()).filter(|_| number != 13));
    }
    let calls = lab.control().calls().await.unwrap();
    let questions = calls.iter().filter(|call| call.operation == "DescribeLogGroups").count();
    assert!(questions <= 12, "60 groups were read in {questions} calls");
}

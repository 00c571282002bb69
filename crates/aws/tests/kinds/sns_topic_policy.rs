//! `aws_sns_topic_policy`.

use aws_sdk_sns::Client;
use serde_json::{Value as Json, json};

use crate::lab::Lab;

const KIND: &str = "aws_sns_topic_policy";

fn policy(arn: &str, action: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": action,
            "Resource": arn,
        }],
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let sns = Client::new(&lab.sdk);
    let mut topic = lab.resource("aws_sns_topic");
    topic.create(json!({ "name": "events" })).await;
    let arn = topic.id.clone();
    let there = async || {
        let answer = sns.get_topic_attributes().topic_arn(&arn).send().await.unwrap();
        serde_json::from_str::<Json>(&answer.attributes().unwrap()["Policy"]).unwrap()
    };
    let mut resource = lab.resource(KIND);
    let configuration = |action: &str| json!({ "arn": arn, "policy": policy(&arn, action) });
    let created = resource.create(configuration("SNS:Publish")).await;
    assert_eq!(created.get("owner").as_str(), Some(lab.account()));
    assert_eq!((resource.id.as_str(), there().await), (arn.as_str(), policy(&arn, "SNS:Publish")));
    resource.update(configuration("SNS:Subscribe")).await;
    assert_eq!(there().await, policy(&arn, "SNS:Subscribe"));
    // The topic leaves its policy to this.
    topic.minds_nothing(json!({ "name": "events" })).await;
    let elsewhere = "arn:aws:sns:us-east-1:123456789012:other";
    resource.replaces(json!({ "arn": elsewhere, "policy": policy(&arn, "SNS:Subscribe") }), &["arn"]);

    let foreign = policy(&arn, "SNS:RemovePermission").to_string();
    let set = sns.set_topic_attributes().topic_arn(&arn).attribute_name("Policy");
    set.attribute_value(foreign).send().await.unwrap();
    resource.repair_drift(configuration("SNS:Subscribe"), &["policy"]).await;
    resource.delete().await;
    let left = there().await;
    assert_eq!(left["Id"], "__default_policy_ID", "the default is back");
    assert_eq!(left["Statement"][0]["Condition"]["StringEquals"]["AWS:SourceOwner"], lab.account());

    // The default itself can be asked for.
    let mut resource = lab.resource(KIND);
    let mut own = left.clone();
    own["Statement"][0]["Action"] = json!(["SNS:Publish"]);
    resource.create(json!({ "arn": arn, "policy": policy(&arn, "SNS:Publish") })).await;
    resource.update(json!({ "arn": arn, "policy": own })).await;
    topic.delete().await;
    // Gone with its topic.
    resource.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    assert_eq!(
        lab.problems(KIND, json!({ "arn": "topic", "policy": { "Version": "2012-10-17" } })),
        [
            "arn: `arn` does not match ^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\\d{12}:[A-Za-z0-9_.-]+$",
            "policy: the policy has no `Statement`",
        ]
    );
}

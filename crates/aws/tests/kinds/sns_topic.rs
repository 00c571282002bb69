//! `aws_sns_topic`.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::Tag;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::cloudfront::{create_fails, lose_reply, problems_with_unknown};
use crate::lab::Lab;

const KIND: &str = "aws_sns_topic";

fn policy(lab: &Lab, action: &str, principal: &Json) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": principal,
            "Action": action,
            "Resource": format!("arn:aws:sns:us-east-1:{}:alarms", lab.account()),
        }],
    })
}

async fn attribute(lab: &Lab, arn: &str, name: &str) -> Option<String> {
    let answer = Client::new(&lab.sdk).get_topic_attributes().topic_arn(arn).send().await.unwrap();
    answer.attributes().and_then(|attributes| attributes.get(name).cloned())
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let sns = Client::new(&lab.sdk);
    let mut topic = lab.resource(KIND);
    let service = json!({ "Service": "cloudwatch.amazonaws.com" });
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    let retries = |number: u32| {
        json!({ "http": { "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": number,
        } } })
    };
    let created = topic
        .create(json!({
            "name": "alarms",
            "display_name": "Alarms",
            "policy": policy(&lab, "SNS:Publish", &service),
            "delivery_policy": retries(3),
            "kms_master_key_id": "alias/aws/sns",
            "signature_version": 2,
            "tracing_config": "Active",
            "http_success_feedback_role_arn": role("a"),
            "http_success_feedback_sample_rate": 100,
            "http_failure_feedback_role_arn": role("b"),
            "tags": { "team": "video" },
        }))
        .await;
    let arn = format!("arn:aws:sns:us-east-1:{}:alarms", lab.account());
    assert_eq!(created.get("arn").as_str(), Some(arn.as_str()));
    assert_eq!(created.get("owner").as_str(), Some(lab.account()));
    assert_eq!(topic.id, arn);
    assert_eq!(attribute(&lab, &arn, "SignatureVersion").await.as_deref(), Some("2"));
    assert_eq!(attribute(&lab, &arn, "HTTPSuccessFeedbackRoleArn").await, Some(role("a")));

    let protocols = ["application", "firehose", "http", "lambda", "sqs"];
    let mut changed = json!({
        "name": "alarms",
        "display_name": "Warnings",
        "policy": policy(&lab, "SNS:Subscribe", &service),
        "delivery_policy": retries(5),
        "kms_master_key_id": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "signature_version": 1,
        "tracing_config": "PassThrough",
        "tags": { "team": "audio", "cost": "1" },
    });
    for protocol in protocols {
        changed[format!("{protocol}_success_feedback_role_arn")] = role(protocol).into();
        changed[format!("{protocol}_success_feedback_sample_rate")] = 50.into();
        changed[format!("{protocol}_failure_feedback_role_arn")] = role("c").into();
    }
    topic.update(changed).await;
    for api in ["Application", "Firehose", "HTTP", "Lambda", "SQS"] {
        let rate = attribute(&lab, &arn, &format!("{api}SuccessFeedbackSampleRate")).await;
        assert_eq!(rate.as_deref(), Some("50"), "{api}");
    }
    let tags = sns.list_tags_for_resource().resource_arn(&arn).send().await.unwrap();
    let mut tags: Vec<String> =
        tags.tags().iter().map(|tag| format!("{}={}", tag.key(), tag.value())).collect();
    tags.sort();
    assert_eq!(tags, ["cost=1", "team=audio"]);

    let bare = json!({ "name": "alarms" });
    topic.update(bare.clone()).await;
    for name in ["DeliveryPolicy", "KmsMasterKeyId", "SQSFailureFeedbackRoleArn"] {
        assert_eq!(attribute(&lab, &arn, name).await, None, "{name}");
    }
    assert!(attribute(&lab, &arn, "Policy").await.unwrap().contains("SNS:Subscribe"), "the policy is left");
    topic.replaces(json!({ "name": "other" }), &["name"]);
    topic.replaces(json!({ "name": "alarms.fifo", "fifo_topic": true }), &["fifo_topic", "name"]);

    let set = sns.set_topic_attributes().topic_arn(&arn).attribute_name("DisplayName");
    set.attribute_value("changed").send().await.unwrap();
    let stranger = Tag::builder().key("stranger").value("1").build().unwrap();
    sns.tag_resource().resource_arn(&arn).tags(stranger).send().await.unwrap();
    topic.repair_drift(bare, &["display_name", "tags"]).await;
    topic.delete().await;
    sns.get_topic_attributes().topic_arn(&arn).send().await.unwrap_err();
}

#[tokio::test]
async fn a_fifo_topic_archives() {
    let lab = Lab::new().await;
    let mut topic = lab.resource(KIND);
    let archive = |days: u32| json!({ "MessageRetentionPeriod": days });
    topic
        .create(json!({
            "name_prefix": "orders-",
            "fifo_topic": true,
            "content_based_deduplication": true,
            "fifo_throughput_scope": "Topic",
            "archive_policy": archive(30),
        }))
        .await;
    assert!(topic.id.contains(":orders-") && topic.id.ends_with(".fifo"), "{}", topic.id);
    topic
        .update(json!({
            "name_prefix": "orders-",
            "fifo_topic": true,
            "fifo_throughput_scope": "MessageGroup",
            "archive_policy": archive(60),
        }))
        .await;
    // SNS does not delete a topic that archives.
    let sns = Client::new(&lab.sdk);
    let refused = sns.delete_topic().topic_arn(&topic.id).send().await.unwrap_err().into_service_error();
    assert_eq!(refused.meta().code(), Some("InvalidState"));
    topic.delete().await;

    let mut topic = lab.resource(KIND);
    let archived = json!({ "name": "a.fifo", "fifo_topic": true, "archive_policy": archive(1) });
    topic.create(archived).await;
    topic.update(json!({ "name": "a.fifo", "fifo_topic": true })).await;
    topic.delete().await;
}

#[tokio::test]
async fn is_made_once_though_the_reply_is_lost() {
    let lab = Lab::new().await;
    lose_reply(&lab, "CreateTopic");
    let mut topic = lab.resource(KIND);
    topic.create(json!({ "name": "once", "tags": { "a": "1" } })).await;
    assert_eq!(lab.control().resources().await.unwrap().len(), 1);
    topic.delete().await;
}

#[tokio::test]
async fn leaves_one_of_the_same_name_alone() {
    let lab = Lab::new().await;
    let sns = Client::new(&lab.sdk);
    sns.create_topic().name("taken").send().await.unwrap();
    let failed = create_fails(&lab, KIND, json!({ "name": "taken" })).await;
    assert!(failed.message.contains("has one of this name already"), "{failed}");
}

#[tokio::test]
async fn a_principal_can_be_late() {
    let lab = Lab::new().await;
    let mut topic = lab.resource(KIND);
    let role = json!({ "AWS": format!("arn:aws:iam::{}:role/missing", lab.account()) });
    lab.inject(Fault {
        operation: Some("SetTopicAttributes".to_owned()),
        times: Some(2),
        ..Fault::new(Effect::Error {
            status: 400,
            code: "InvalidParameter".to_owned(),
            message: "Invalid parameter: Policy Error: PrincipalNotFound".to_owned(),
        })
    });
    let policy = policy(&lab, "SNS:Publish", &json!({ "AWS": lab.account() }));
    topic.create(json!({ "name": "alarms", "policy": policy })).await;
    topic.delete().await;

    // One that is not there at all is refused by the local AWS too.
    let refused = Client::new(&lab.sdk).create_topic().name("alarms").send().await.unwrap();
    let set = Client::new(&lab.sdk).set_topic_attributes().topic_arn(refused.topic_arn().unwrap());
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Principal": role, "Action": "SNS:Publish" }] });
    let set = set.attribute_name("Policy").attribute_value(policy.to_string());
    let refused = set.send().await.unwrap_err().into_service_error();
    assert_eq!(refused.meta().code(), Some("InvalidParameter"));
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = |configuration: Json| lab.problems(KIND, configuration);
    assert_eq!(
        problems(json!({ "name": "a b", "name_prefix": "c", "signature_version": 3 })),
        [
            "name: `name` does not match ^[A-Za-z0-9_-]+(\\.fifo)?$",
            "signature_version: `signature_version` is one of 1, 2",
        ]
    );
    assert_eq!(
        problems(json!({ "name": "a", "fifo_topic": true })),
        ["name: with `fifo_topic = true`, the name ends in `.fifo`"]
    );
    assert_eq!(
        problems(json!({ "name": "a.fifo", "content_based_deduplication": true })),
        [
            "name: only with `fifo_topic = true`, the name ends in `.fifo`",
            "content_based_deduplication: only a FIFO topic has `content_based_deduplication`",
        ]
    );
    let unknown = json!({ "name": "?", "fifo_topic": "?", "content_based_deduplication": true });
    assert_eq!(problems_with_unknown(&lab, KIND, unknown), [""; 0]);
}

//! `aws_sqs_queue`.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::cloudfront::{create_fails, lose_reply, problems_with_unknown};
use crate::lab::Lab;

const KIND: &str = "aws_sqs_queue";

fn policy(lab: &Lab, action: &str) -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": action,
            "Resource": format!("arn:aws:sqs:us-east-1:{}:work", lab.account()),
        }],
    })
}

async fn attribute(lab: &Lab, url: &str, name: Name) -> Option<String> {
    let get = Client::new(&lab.sdk).get_queue_attributes().queue_url(url).attribute_names(Name::All);
    get.send().await.unwrap().attributes().and_then(|attributes| attributes.get(&name).cloned())
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let sqs = Client::new(&lab.sdk);
    let mut dead = lab.resource(KIND);
    dead.create(json!({ "name": "dead" })).await;
    let dead_arn = dead.attributes.get("arn").as_str().unwrap().to_owned();
    let redrive = |count: Json| json!({ "deadLetterTargetArn": dead_arn, "maxReceiveCount": count });
    let mut queue = lab.resource(KIND);
    let created = queue
        .create(json!({
            "name": "work",
            "delay_seconds": 5,
            "max_message_size": 2048,
            "message_retention_seconds": 86400,
            "receive_wait_time_seconds": 10,
            "visibility_timeout_seconds": 60,
            "policy": policy(&lab, "sqs:SendMessage"),
            "redrive_policy": redrive(json!(5)),
            "redrive_allow_policy": { "redrivePermission": "denyAll" },
            "sqs_managed_sse_enabled": false,
            "tags": { "team": "video" },
        }))
        .await;
    let arn = format!("arn:aws:sqs:us-east-1:{}:work", lab.account());
    assert_eq!(created.get("arn").as_str(), Some(arn.as_str()));
    let url = created.get("url").as_str().map(str::to_owned);
    assert_eq!(url.as_deref(), Some(queue.id.as_str()));
    assert!(queue.id.ends_with("/work"), "{}", queue.id);
    let calls = lab.control().calls().await.unwrap();
    assert!(!calls.iter().any(|call| call.operation == "SetQueueAttributes"), "it was made whole");

    let changed = json!({
        "name": "work",
        "delay_seconds": 6,
        "max_message_size": 4096,
        "message_retention_seconds": 60,
        "receive_wait_time_seconds": 20,
        "visibility_timeout_seconds": 43200,
        "policy": policy(&lab, "sqs:*"),
        "redrive_policy": redrive(json!("7")),
        "redrive_allow_policy": { "redrivePermission": "byQueue", "sourceQueueArns": [dead_arn] },
        "kms_master_key_id": "alias/aws/sqs",
        "kms_data_key_reuse_period_seconds": 600,
        "tags": { "team": "audio", "cost": "1" },
    });
    queue.update(changed).await;
    assert_eq!(attribute(&lab, &queue.id, Name::VisibilityTimeout).await.as_deref(), Some("43200"));
    assert_eq!(attribute(&lab, &queue.id, Name::SqsManagedSseEnabled).await.as_deref(), Some("false"));

    let bare = json!({ "name": "work" });
    queue.update(bare.clone()).await;
    for name in [Name::Policy, Name::RedrivePolicy, Name::RedriveAllowPolicy, Name::KmsMasterKeyId] {
        assert_eq!(attribute(&lab, &queue.id, name.clone()).await, None, "{name}");
    }
    let tags = sqs.list_queue_tags().queue_url(&queue.id).send().await.unwrap();
    assert!(tags.tags().is_none_or(std::collections::HashMap::is_empty));
    queue.replaces(json!({ "name": "other" }), &["name"]);
    queue.replaces(json!({ "name": "work.fifo", "fifo_queue": true }), &["fifo_queue", "name"]);

    let set = sqs.set_queue_attributes().queue_url(&queue.id).attributes(Name::DelaySeconds, "9");
    set.attributes(Name::Policy, policy(&lab, "sqs:*").to_string()).send().await.unwrap();
    sqs.tag_queue().queue_url(&queue.id).tags("stranger", "1").send().await.unwrap();
    queue.repair_drift(bare, &["delay_seconds", "policy", "tags"]).await;
    queue.delete().await;
    dead.delete().await;
}

#[tokio::test]
async fn a_fifo_queue_has_its_own_settings() {
    let lab = Lab::new().await;
    let mut queue = lab.resource(KIND);
    let configuration = |more: Json| {
        let mut configuration = json!({ "name_prefix": "orders-", "fifo_queue": true });
        configuration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        configuration
    };
    queue.create(configuration(json!({ "content_based_deduplication": true }))).await;
    assert!(queue.id.contains("/orders-") && queue.id.ends_with(".fifo"), "{}", queue.id);
    assert_eq!(queue.attributes.get("deduplication_scope").as_str(), Some("queue"));
    queue
        .update(configuration(json!({
            "deduplication_scope": "messageGroup",
            "fifo_throughput_limit": "perMessageGroupId",
        })))
        .await;
    let limit = attribute(&lab, &queue.id, Name::FifoThroughputLimit).await;
    assert_eq!(limit.as_deref(), Some("perMessageGroupId"));
    queue.delete().await;
}

#[tokio::test]
async fn the_name_of_a_deleted_one_is_waited_for() {
    let lab = Lab::new().await;
    let sqs = Client::new(&lab.sdk);
    let mut queue = lab.resource(KIND);
    queue.create(json!({ "name": "again" })).await;
    queue.delete().await;
    let refused = sqs.create_queue().queue_name("again").send().await.unwrap_err().into_service_error();
    assert!(refused.is_queue_deleted_recently(), "{refused:?}");
    let mut queue = lab.resource(KIND);
    queue.create(json!({ "name": "again" })).await;
    queue.delete().await;
}

#[tokio::test]
async fn is_made_once_though_the_reply_is_lost() {
    let lab = Lab::new().await;
    let mut queue = lab.resource(KIND);
    lose_reply(&lab, "CreateQueue");
    queue.create(json!({ "name": "once", "policy": policy(&lab, "sqs:SendMessage") })).await;
    let failed = create_fails(&lab, KIND, json!({ "name": "once" })).await;
    assert!(failed.message.contains("has one of this name already"), "{failed}");
    queue.delete().await;
}

#[tokio::test]
async fn a_change_can_take_a_while() {
    let lab = Lab::new().await;
    let mut queue = lab.resource(KIND);
    queue.create(json!({ "name": "slow" })).await;
    lab.inject(Fault {
        operation: Some("SetQueueAttributes".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::Error {
            status: 400,
            code: "InvalidAttributeValue".to_owned(),
            message: "Invalid value for the parameter Policy.".to_owned(),
        })
    });
    queue.update(json!({ "name": "slow", "policy": policy(&lab, "sqs:SendMessage") })).await;
    queue.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = |configuration: Json| lab.problems(KIND, configuration);
    assert_eq!(
        problems(json!({ "name": "a", "fifo_queue": true, "fifo_throughput_limit": "perMessageGroupId" })),
        [
            "name: with `fifo_queue = true`, the name ends in `.fifo`",
            "fifo_throughput_limit: throughput by message group needs deduplication by message group",
        ]
    );
    assert_eq!(
        problems(json!({
            "name": "a",
            "deduplication_scope": "queue",
            "kms_master_key_id": "alias/a",
            "sqs_managed_sse_enabled": true,
            "delay_seconds": 901,
            "redrive_policy": { "deadLetterTargetArn": "arn" },
        })),
        [
            "delay_seconds: `delay_seconds` is at most 900",
            "deduplication_scope: only a FIFO queue has `deduplication_scope`",
            "sqs_managed_sse_enabled: a queue is encrypted by SQS or with a KMS key, and not by both",
            "redrive_policy: a redrive policy says where messages go, and after how many receives",
        ]
    );
    let unknown = json!({
        "name": "?", "fifo_queue": "?", "fifo_throughput_limit": "perMessageGroupId", "deduplication_scope": "?",
        "redrive_policy": { "deadLetterTargetArn": "?", "maxReceiveCount": "?" },
    });
    assert_eq!(problems_with_unknown(&lab, KIND, unknown), [""; 0]);
}

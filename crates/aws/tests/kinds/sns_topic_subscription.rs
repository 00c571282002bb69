//! `aws_sns_topic_subscription`.

use std::sync::Arc;

use aws_sdk_sns::Client;
use provision_aws::{Aws, registry};
use provision_engine::kind::{Created, Token};
use provision_engine::value::Value;
use serde_json::{Value as Json, json};

use crate::cloudfront::{create_fails, lose_reply, problems_with_unknown};
use crate::lab::{Lab, Resource};

const KIND: &str = "aws_sns_topic_subscription";

async fn made<'a>(lab: &'a Lab, kind: &str, configuration: Json) -> Resource<'a> {
    let mut resource = lab.resource(kind);
    resource.create(configuration).await;
    resource
}

async fn attribute(lab: &Lab, arn: &str, name: &str) -> Option<String> {
    let answer =
        Client::new(&lab.sdk).get_subscription_attributes().subscription_arn(arn).send().await.unwrap();
    answer.attributes().and_then(|attributes| attributes.get(name).cloned())
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let sns = Client::new(&lab.sdk);
    let topic = made(&lab, "aws_sns_topic", json!({ "name": "orders" })).await;
    let queue = made(&lab, "aws_sqs_queue", json!({ "name": "orders" })).await;
    let endpoint = queue.attributes.get("arn").as_str().unwrap().to_owned();
    let dead = format!("arn:aws:sqs:us-east-1:{}:dead", lab.account());
    let bare = json!({ "topic_arn": topic.id, "protocol": "sqs", "endpoint": endpoint });
    let with = |more: Json| {
        let mut configuration = bare.clone();
        configuration.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        configuration
    };
    let mut subscription = lab.resource(KIND);
    let created = subscription
        .create(with(json!({
            "filter_policy": { "kind": ["book"] },
            "raw_message_delivery": true,
            "redrive_policy": { "deadLetterTargetArn": dead },
        })))
        .await
        .clone();
    assert_eq!(subscription.id, format!("{}|sqs|{endpoint}", topic.id));
    assert_eq!(created.get("pending_confirmation").as_bool(), Some(false));
    assert_eq!(created.get("owner_id").as_str(), Some(lab.account()));
    let arn = created.get("arn").as_str().unwrap().to_owned();
    assert!(arn.starts_with(&format!("{}:", topic.id)), "{arn}");
    // Nothing was delivered that the filter would not have let through.
    let calls = lab.control().calls().await.unwrap();
    assert!(!calls.iter().any(|call| call.operation == "SetSubscriptionAttributes"));

    subscription
        .update(with(json!({
            "filter_policy": { "order": { "kind": [{ "prefix": "b" }] } },
            "filter_policy_scope": "MessageBody",
        })))
        .await;
    assert_eq!(attribute(&lab, &arn, "RawMessageDelivery").await.as_deref(), Some("false"));
    assert_eq!(attribute(&lab, &arn, "RedrivePolicy").await, None);
    subscription
        .update(with(json!({
            "filter_policy": { "kind": ["film"] },
            "filter_policy_scope": "MessageAttributes",
            "redrive_policy": { "deadLetterTargetArn": dead },
        })))
        .await;
    subscription.update(bare.clone()).await;
    assert!(matches!(attribute(&lab, &arn, "FilterPolicy").await.as_deref(), None | Some("{}")));
    subscription.replaces(with(json!({ "endpoint": dead })), &["endpoint"]);
    subscription.replaces(
        json!({ "topic_arn": topic.id, "protocol": "email", "endpoint": "a@example.com" }),
        &["endpoint", "protocol"],
    );

    let set = sns.set_subscription_attributes().subscription_arn(&arn).attribute_name("RawMessageDelivery");
    set.attribute_value("true").send().await.unwrap();
    subscription.repair_drift(bare.clone(), &["raw_message_delivery"]).await;

    // Subscribed anew from outside, it is the same subscription, of another ARN.
    sns.unsubscribe().subscription_arn(&arn).send().await.unwrap();
    sns.subscribe().topic_arn(&topic.id).protocol("sqs").endpoint(&endpoint).send().await.unwrap();
    subscription.minds_nothing(bare).await;
    assert_ne!(subscription.attributes.get("arn").as_str(), Some(arn.as_str()));

    // It can be imported by its ARN.
    let mut imported = lab.resource(KIND);
    imported.id = subscription.attributes.get("arn").as_str().unwrap().to_owned();
    imported.delete().await;
    subscription.delete().await;
    topic.delete().await;
    queue.delete().await;
}

#[tokio::test]
async fn a_mail_address_is_pending_until_it_confirms() {
    let lab = Lab::new().await;
    let sns = Client::new(&lab.sdk);
    let topic = made(&lab, "aws_sns_topic", json!({ "name": "alarms" })).await;
    let configuration = json!({
        "topic_arn": topic.id,
        "protocol": "email",
        "endpoint": "ops@example.com",
        "filter_policy": { "severity": ["high"] },
    });
    let mut subscription = lab.resource(KIND);
    let created = subscription.create(configuration.clone()).await;
    assert_eq!(created.get("pending_confirmation").as_bool(), Some(true));
    let arn = created.get("arn").as_str().unwrap().to_owned();
    let listed = sns.list_subscriptions_by_topic().topic_arn(&topic.id).send().await.unwrap();
    assert_eq!(listed.subscriptions()[0].subscription_arn(), Some("PendingConfirmation"));
    let mut changed = configuration.clone();
    changed["filter_policy"] = json!({ "severity": ["low"] });
    subscription.update(changed.clone()).await;

    // Whoever has only its id, after a crash, knows that it is there, and no more.
    let mut found = lab.resource(KIND);
    found.id.clone_from(&subscription.id);
    found.attributes = subscription.attributes.clone();
    if let Value::Map(attributes) = &mut found.attributes {
        attributes.remove("arn");
    }
    found.minds_nothing(changed.clone()).await;
    assert!(found.attributes.get("arn").is_null());
    // To change it, it subscribes again, which tells the ARN.
    found.update(configuration.clone()).await;
    assert_eq!(attribute(&lab, &arn, "FilterPolicy").await.as_deref(), Some("{\"severity\":[\"high\"]}"));

    lab.control().confirm_subscription(&arn).await.unwrap();
    found.minds_nothing(configuration.clone()).await;
    assert_eq!(found.attributes.get("arn").as_str(), Some(arn.as_str()));
    assert_eq!(found.attributes.get("pending_confirmation").as_bool(), Some(false));
    lab.control().confirm_subscription(&arn).await.unwrap_err();
    found.delete().await;
    topic.delete().await;
}

#[tokio::test]
async fn a_pending_one_is_forgotten_and_in_nobodys_way() {
    let lab = Lab::new().await;
    let topic = made(&lab, "aws_sns_topic", json!({ "name": "alarms" })).await;
    let configuration = json!({ "topic_arn": topic.id, "protocol": "email", "endpoint": "ops@example.com" });
    let registry = registry(&Arc::new(Aws::with_config(lab.sdk.clone())));
    let kind = registry.kind(KIND).unwrap();
    let (desired, _) = kind.schema().check(&Value::from_json(configuration));
    let token = Token("2f0f9bd8-0bd1-4d6e-9f3e-6c7a8a4b6e11".to_owned());
    for _ in 0..2 {
        kind.ensure_free(None, &token, &desired).await.unwrap();
        let Created::Known { id, attributes } = kind.create(None, &token, &desired).await.unwrap() else {
            panic!("the ARN is told")
        };
        assert!(attributes.get("arn").as_str().is_some());
        // AWS cannot delete it, with its ARN or without.
        kind.delete(None, &id, &attributes).await.unwrap();
        kind.delete(None, &id, &desired).await.unwrap();
    }
    topic.delete().await;
}

#[tokio::test]
async fn an_endpoint_that_is_to_confirm_is_waited_for() {
    let lab = Lab::new().await;
    let topic = made(&lab, "aws_sns_topic", json!({ "name": "hooks" })).await;
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://user:secret@{}/hook", server.local_addr().unwrap());
    let configuration = json!({
        "topic_arn": topic.id,
        "protocol": "http",
        "endpoint": endpoint,
        "endpoint_auto_confirms": true,
        "delivery_policy": { "healthyRetryPolicy": {
            "minDelayTarget": 1, "maxDelayTarget": 60, "numRetries": 50, "numNoDelayRetries": 3,
            "numMinDelayRetries": 2, "numMaxDelayRetries": 35, "backoffFunction": "exponential",
        } },
    });
    let sns = Client::new(&lab.sdk);
    let confirming = tokio::spawn(async move {
        let message = request_to(&server).await;
        // Later than the first look at it.
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        let confirm = sns.confirm_subscription().topic_arn(message["TopicArn"].as_str().unwrap());
        confirm.token(message["Token"].as_str().unwrap()).send().await.unwrap();
    });
    let mut subscription = lab.resource(KIND);
    let created = subscription.create(configuration).await;
    assert_eq!(created.get("pending_confirmation").as_bool(), Some(false));
    confirming.await.unwrap();
    subscription.delete().await;
    topic.delete().await;
}

/// The JSON that is posted to a server.
async fn request_to(server: &tokio::net::TcpListener) -> Json {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut stream, _) = server.accept().await.unwrap();
    let mut request = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        request.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&request);
        if let Some((_, body)) = text.split_once("\r\n\r\n")
            && let Ok(message) = serde_json::from_str(body)
        {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            return message;
        }
        assert_ne!(read, 0, "the request ends");
    }
}

#[tokio::test]
async fn to_a_fifo_topic_can_replay() {
    let lab = Lab::new().await;
    let topic = made(&lab, "aws_sns_topic", json!({ "name": "orders.fifo", "fifo_topic": true })).await;
    let queue = made(&lab, "aws_sqs_queue", json!({ "name": "orders.fifo", "fifo_queue": true })).await;
    let configuration = |replay: Json| {
        json!({
            "topic_arn": topic.id,
            "protocol": "sqs",
            "endpoint": queue.attributes.get("arn").as_str().unwrap(),
            "replay_policy": replay,
        })
    };
    let from = |time: &str| json!({ "PointType": "Timestamp", "StartingPoint": time });
    let mut subscription = lab.resource(KIND);
    subscription.create(configuration(from("2026-01-01T00:00:00.000Z"))).await;
    subscription.update(configuration(from("2026-02-01T00:00:00.000Z"))).await;
    subscription.update(configuration(Json::Null)).await;
    subscription.delete().await;
}

#[tokio::test]
async fn is_made_once_though_the_reply_is_lost() {
    let lab = Lab::new().await;
    let topic = made(&lab, "aws_sns_topic", json!({ "name": "orders" })).await;
    let endpoint = format!("arn:aws:sqs:us-east-1:{}:orders", lab.account());
    let configuration = json!({
        "topic_arn": topic.id, "protocol": "sqs", "endpoint": endpoint, "filter_policy": { "kind": ["book"] },
    });
    lose_reply(&lab, "Subscribe");
    let mut subscription = lab.resource(KIND);
    subscription.create(configuration.clone()).await;
    let failed = create_fails(&lab, KIND, configuration).await;
    assert!(failed.message.contains("is subscribed to the topic already"), "{failed}");
    subscription.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let topic = "arn:aws:sns:us-east-1:123456789012:t";
    let problems = |mut configuration: Json| {
        configuration["topic_arn"] = topic.into();
        lab.problems(KIND, configuration)
    };
    assert_eq!(
        problems(json!({
            "protocol": "email", "endpoint": "ops", "raw_message_delivery": true, "filter_policy_scope": "MessageBody",
        })),
        [
            "endpoint: the endpoint of `email` is a mail address",
            "raw_message_delivery: a subscription of `email` has no `raw_message_delivery`",
            "filter_policy_scope: there is no filter to have a scope",
        ]
    );
    assert_eq!(
        problems(
            json!({ "protocol": "firehose", "endpoint": "arn:aws:firehose:us-east-1:1:deliverystream/s" })
        ),
        ["subscription_role_arn: SNS needs a role to write to a delivery stream"]
    );
    assert_eq!(
        problems(json!({ "protocol": "https", "endpoint": "http://example.com" })),
        ["endpoint: the endpoint of `https` is a URL that begins with https://"]
    );
    let unknown = json!({
        "topic_arn": "?", "protocol": "?", "endpoint": "?", "filter_policy": "?", "filter_policy_scope": "MessageBody",
    });
    assert_eq!(problems_with_unknown(&lab, KIND, unknown), [""; 0]);
}

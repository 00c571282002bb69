//! What SNS and SQS hold of names, confirmations and settings.

use serde_json::{Value, json};

use crate::aws::{Answer, Aws};

async fn sns(aws: &Aws, form: &str) -> Answer {
    aws.form("sns", &format!("{form}&Version=2010-03-31")).await
}

async fn sqs(aws: &Aws, action: &str, body: Value) -> Answer {
    aws.json("sqs", &format!("AmazonSQS.{action}"), &body).await
}

#[tokio::test]
async fn a_topic_can_be_created_again_only_if_it_is_the_same() {
    let aws = Aws::new();
    let tagged = "Action=CreateTopic&Name=t&Tags.member.1.Key=a&Tags.member.1.Value=1";
    let arn = sns(&aws, tagged).await.done().text("TopicArn");
    assert_eq!(sns(&aws, tagged).await.done().text("TopicArn"), arn);
    sns(&aws, "Action=CreateTopic&Name=t").await.done();
    sns(&aws, &tagged.replace("Value=1", "Value=2")).await.refused(400, "InvalidParameter");
    let named = "Action=CreateTopic&Name=t&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=T";
    sns(&aws, named).await.refused(400, "InvalidParameter");
    sns(&aws, "Action=CreateTopic&Name=t.fifo").await.refused(400, "InvalidParameter");
    assert_eq!(aws.existing().await, [format!("sns topic {arn}")]);
    sns(&aws, &format!("Action=DeleteTopic&TopicArn={arn}")).await.done();
    sns(&aws, &format!("Action=ListTagsForResource&ResourceArn={arn}"))
        .await
        .refused(404, "ResourceNotFound");
    assert!(aws.existing().await.is_empty());
}

#[tokio::test]
async fn a_topic_has_only_what_it_can_have() {
    let aws = Aws::new();
    let arn = sns(&aws, "Action=CreateTopic&Name=t").await.done().text("TopicArn");
    let set = async |name: &str, value: &str| {
        let form =
            format!("Action=SetTopicAttributes&TopicArn={arn}&AttributeName={name}&AttributeValue={value}");
        sns(&aws, &form).await
    };
    set("Color", "red").await.refused(400, "InvalidParameter");
    set("ContentBasedDeduplication", "true").await.refused(400, "InvalidParameter");
    set("Policy", "{").await.refused(400, "InvalidParameter");
    let missing = format!("arn:aws:iam::{}:role/missing", aws.account);
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Principal": { "AWS": missing } }] });
    let refused = set("Policy", &policy.to_string()).await;
    refused.refused(400, "InvalidParameter");
    assert!(refused.text("Message").contains("PrincipalNotFound"));
    set("KmsMasterKeyId", "alias/aws/sns").await.done();
    set("KmsMasterKeyId", "").await.done();
    let attributes = sns(&aws, &format!("Action=GetTopicAttributes&TopicArn={arn}")).await.done();
    assert!(!attributes.body.contains("KmsMasterKeyId"), "{}", attributes.body);
}

#[tokio::test]
async fn a_mail_address_confirms_its_subscription() {
    let aws = Aws::new();
    let topic = sns(&aws, "Action=CreateTopic&Name=t").await.done().text("TopicArn");
    let subscribe = format!("Action=Subscribe&TopicArn={topic}&Protocol=email&Endpoint=a%40example.com");
    let answered = sns(&aws, &subscribe).await.done().text("SubscriptionArn");
    assert_eq!(answered, "pending confirmation");
    let arn =
        sns(&aws, &format!("{subscribe}&ReturnSubscriptionArn=true")).await.done().text("SubscriptionArn");
    assert!(arn.starts_with(&topic), "{arn}");
    let list = format!("Action=ListSubscriptionsByTopic&TopicArn={topic}");
    assert_eq!(sns(&aws, &list).await.done().text("SubscriptionArn"), "PendingConfirmation");
    let unsubscribe = format!("Action=Unsubscribe&SubscriptionArn={arn}");
    sns(&aws, &unsubscribe).await.refused(400, "InvalidParameter");

    aws.control.confirm_subscription(&arn).await.unwrap();
    assert_eq!(sns(&aws, &list).await.done().text("SubscriptionArn"), arn);
    let filtered = "&Attributes.entry.1.key=RawMessageDelivery&Attributes.entry.1.value=true";
    sns(&aws, &format!("{subscribe}{filtered}")).await.refused(400, "InvalidParameter");
    assert_eq!(aws.existing().await, [format!("sns subscription {arn}"), format!("sns topic {topic}")]);
    sns(&aws, &unsubscribe).await.done();
    assert_eq!(sns(&aws, &list).await.done().text("SubscriptionArn"), "");
}

#[tokio::test]
async fn the_name_of_a_deleted_queue_is_held_for_a_while() {
    let aws = Aws::new();
    let name = json!({ "QueueName": "q" });
    let created = sqs(&aws, "CreateQueue", name.clone()).await.done().value();
    assert_eq!(aws.existing().await, ["sqs queue q"]);
    sqs(&aws, "DeleteQueue", json!({ "QueueUrl": created["QueueUrl"] })).await.done();
    let refused = sqs(&aws, "CreateQueue", name.clone()).await;
    refused.refused(400, "QueueDeletedRecently");
    let code = refused.headers["x-amzn-query-error"].to_str().unwrap();
    assert_eq!(code, "AWS.SimpleQueueService.QueueDeletedRecently;Sender");
    assert!(aws.existing().await.is_empty());
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    sqs(&aws, "CreateQueue", name).await.done();
}

#[tokio::test]
async fn a_queue_is_encrypted_in_one_way() {
    let aws = Aws::new();
    let create = async |name: &str, attributes: Value| {
        sqs(&aws, "CreateQueue", json!({ "QueueName": name, "Attributes": attributes })).await
    };
    create("q", json!({ "DeduplicationScope": "queue" })).await.refused(400, "InvalidAttributeName");
    let both = json!({ "KmsMasterKeyId": "alias/a", "SqsManagedSseEnabled": "true" });
    create("q", both).await.refused(400, "InvalidAttributeValue");
    let missing = format!("arn:aws:iam::{}:role/missing", aws.account);
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Principal": { "AWS": missing } }] });
    let unknown = json!({ "Policy": policy.to_string() });
    create("q", unknown).await.refused(400, "InvalidAttributeValue");

    let url = create("q", json!({})).await.done().value()["QueueUrl"].clone();
    let attributes = async || {
        let question = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
        sqs(&aws, "GetQueueAttributes", question).await.done().value()["Attributes"].clone()
    };
    assert_eq!(attributes().await["SqsManagedSseEnabled"], "true");
    let set = json!({ "QueueUrl": url, "Attributes": { "KmsMasterKeyId": "alias/a" } });
    sqs(&aws, "SetQueueAttributes", set).await.done();
    let encrypted = attributes().await;
    assert_eq!(
        (&encrypted["SqsManagedSseEnabled"], &encrypted["KmsDataKeyReusePeriodSeconds"]),
        (&json!("false"), &json!("300"))
    );
    let set = json!({ "QueueUrl": url, "Attributes": { "KmsMasterKeyId": "" } });
    sqs(&aws, "SetQueueAttributes", set).await.done();
    assert_eq!(attributes().await.get("KmsMasterKeyId"), None);
}

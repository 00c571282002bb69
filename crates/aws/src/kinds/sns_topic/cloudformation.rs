//! What a topic is in CloudFormation.

use provision_engine::cloudformation::{Block, Counterpart, Returned, table};
use provision_engine::value::Value;

pub(super) const COUNTERPART: Counterpart = Counterpart::resource("AWS::SNS::Topic", topic).with(&[
    ("id", Returned::Ref),
    ("arn", Returned::Ref),
    ("name", Returned::GetAtt("TopicName")),
    ("owner", Returned::Sub("${AWS::AccountId}")),
]);

fn topic(topic: &mut Block<'_>) {
    topic.rename("name", "TopicName");
    topic.unless("display_name", "DisplayName", "");
    topic.same(&["kms_master_key_id", "fifo_throughput_scope", "tracing_config"]);
    // A standard topic must not hear that it is none of the others.
    topic.unless("fifo_topic", "FifoTopic", false);
    topic.unless("content_based_deduplication", "ContentBasedDeduplication", false);
    topic.document("archive_policy", "ArchivePolicy");
    let version = topic.take("signature_version");
    topic.put("SignatureVersion", text(version));
    feedback(topic);
    topic.tags();
    topic.note("name_prefix", "CloudFormation makes the name up, out of that of the stack");
    topic.refuse("policy", "make it an `aws_sns_topic_policy`");
    topic.refuse("delivery_policy", "set that of each `aws_sns_topic_subscription`");
}

/// By whom deliveries are written down, for each protocol about which anything is said.
fn feedback(topic: &mut Block<'_>) {
    let protocols = [
        ("application", "application"),
        ("firehose", "firehose"),
        ("http", "http/s"),
        ("lambda", "lambda"),
        ("sqs", "sqs"),
    ];
    let mut logging = Vec::new();
    for (argument, protocol) in protocols {
        let mut said = |name: &str| topic.take(&format!("{argument}_{name}"));
        let success = said("success_feedback_role_arn");
        let failure = said("failure_feedback_role_arn");
        let rate = match said("success_feedback_sample_rate") {
            rate if rate.as_i64() == Some(0) => Value::Null,
            rate => text(rate),
        };
        if [&success, &failure, &rate].iter().any(|value| !value.is_null()) {
            logging.push(table([
                ("Protocol", protocol.into()),
                ("SuccessFeedbackRoleArn", success),
                ("SuccessFeedbackSampleRate", rate),
                ("FailureFeedbackRoleArn", failure),
            ]));
        }
    }
    topic.put("DeliveryStatusLogging", Value::List(logging));
}

/// A number that is text there.
fn text(value: Value) -> Value {
    match value {
        Value::Number(number) => number.to_string().into(),
        other => other,
    }
}

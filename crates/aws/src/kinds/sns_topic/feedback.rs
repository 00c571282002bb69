//! What a topic says in CloudWatch Logs of its deliveries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sns::{Attributes, set};

/// Whose roles write down which deliveries, for each protocol of subscriptions.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(super) struct Feedback {
    /// ARN of the role that writes down successful deliveries to mobile platforms.
    application_success_feedback_role_arn: Option<String>,
    /// Percentage of the successful deliveries to mobile platforms that are written down.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default)]
    application_success_feedback_sample_rate: i32,
    /// ARN of the role that writes down failed deliveries to mobile platforms.
    application_failure_feedback_role_arn: Option<String>,
    /// ARN of the role that writes down successful deliveries to Firehose.
    firehose_success_feedback_role_arn: Option<String>,
    /// Percentage of the successful deliveries to Firehose that are written down.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default)]
    firehose_success_feedback_sample_rate: i32,
    /// ARN of the role that writes down failed deliveries to Firehose.
    firehose_failure_feedback_role_arn: Option<String>,
    /// ARN of the role that writes down successful deliveries to HTTP and HTTPS endpoints.
    http_success_feedback_role_arn: Option<String>,
    /// Percentage of the successful deliveries to HTTP and HTTPS endpoints that are written down.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default)]
    http_success_feedback_sample_rate: i32,
    /// ARN of the role that writes down failed deliveries to HTTP and HTTPS endpoints.
    http_failure_feedback_role_arn: Option<String>,
    /// ARN of the role that writes down successful deliveries to Lambda functions.
    lambda_success_feedback_role_arn: Option<String>,
    /// Percentage of the successful deliveries to Lambda functions that are written down.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default)]
    lambda_success_feedback_sample_rate: i32,
    /// ARN of the role that writes down failed deliveries to Lambda functions.
    lambda_failure_feedback_role_arn: Option<String>,
    /// ARN of the role that writes down successful deliveries to SQS queues.
    sqs_success_feedback_role_arn: Option<String>,
    /// Percentage of the successful deliveries to SQS queues that are written down.
    #[schemars(range(min = 0, max = 100))]
    #[serde(default)]
    sqs_success_feedback_sample_rate: i32,
    /// ARN of the role that writes down failed deliveries to SQS queues.
    sqs_failure_feedback_role_arn: Option<String>,
}

/// The arguments.
pub(super) const ARGUMENTS: [&str; 15] = [
    "application_success_feedback_role_arn",
    "application_success_feedback_sample_rate",
    "application_failure_feedback_role_arn",
    "firehose_success_feedback_role_arn",
    "firehose_success_feedback_sample_rate",
    "firehose_failure_feedback_role_arn",
    "http_success_feedback_role_arn",
    "http_success_feedback_sample_rate",
    "http_failure_feedback_role_arn",
    "lambda_success_feedback_role_arn",
    "lambda_success_feedback_sample_rate",
    "lambda_failure_feedback_role_arn",
    "sqs_success_feedback_role_arn",
    "sqs_success_feedback_sample_rate",
    "sqs_failure_feedback_role_arn",
];

impl Feedback {
    /// As the attributes of a topic say.
    pub(super) fn read(attributes: &Attributes) -> Self {
        let rate = |name: &str| attributes.get(name).and_then(|rate| rate.parse().ok()).unwrap_or_default();
        Self {
            application_success_feedback_role_arn: set(attributes, "ApplicationSuccessFeedbackRoleArn"),
            application_success_feedback_sample_rate: rate("ApplicationSuccessFeedbackSampleRate"),
            application_failure_feedback_role_arn: set(attributes, "ApplicationFailureFeedbackRoleArn"),
            firehose_success_feedback_role_arn: set(attributes, "FirehoseSuccessFeedbackRoleArn"),
            firehose_success_feedback_sample_rate: rate("FirehoseSuccessFeedbackSampleRate"),
            firehose_failure_feedback_role_arn: set(attributes, "FirehoseFailureFeedbackRoleArn"),
            http_success_feedback_role_arn: set(attributes, "HTTPSuccessFeedbackRoleArn"),
            http_success_feedback_sample_rate: rate("HTTPSuccessFeedbackSampleRate"),
            http_failure_feedback_role_arn: set(attributes, "HTTPFailureFeedbackRoleArn"),
            lambda_success_feedback_role_arn: set(attributes, "LambdaSuccessFeedbackRoleArn"),
            lambda_success_feedback_sample_rate: rate("LambdaSuccessFeedbackSampleRate"),
            lambda_failure_feedback_role_arn: set(attributes, "LambdaFailureFeedbackRoleArn"),
            sqs_success_feedback_role_arn: set(attributes, "SQSSuccessFeedbackRoleArn"),
            sqs_success_feedback_sample_rate: rate("SQSSuccessFeedbackSampleRate"),
            sqs_failure_feedback_role_arn: set(attributes, "SQSFailureFeedbackRoleArn"),
        }
    }

    /// As attributes of a topic.
    pub(super) fn settings(&self) -> [(&'static str, Option<String>); 15] {
        let role = |role: &Option<String>| Some(role.clone().unwrap_or_default());
        let rate = |rate: i32| Some(rate.to_string());
        [
            ("ApplicationSuccessFeedbackRoleArn", role(&self.application_success_feedback_role_arn)),
            ("ApplicationSuccessFeedbackSampleRate", rate(self.application_success_feedback_sample_rate)),
            ("ApplicationFailureFeedbackRoleArn", role(&self.application_failure_feedback_role_arn)),
            ("FirehoseSuccessFeedbackRoleArn", role(&self.firehose_success_feedback_role_arn)),
            ("FirehoseSuccessFeedbackSampleRate", rate(self.firehose_success_feedback_sample_rate)),
            ("FirehoseFailureFeedbackRoleArn", role(&self.firehose_failure_feedback_role_arn)),
            ("HTTPSuccessFeedbackRoleArn", role(&self.http_success_feedback_role_arn)),
            ("HTTPSuccessFeedbackSampleRate", rate(self.http_success_feedback_sample_rate)),
            ("HTTPFailureFeedbackRoleArn", role(&self.http_failure_feedback_role_arn)),
            ("LambdaSuccessFeedbackRoleArn", role(&self.lambda_success_feedback_role_arn)),
            ("LambdaSuccessFeedbackSampleRate", rate(self.lambda_success_feedback_sample_rate)),
            ("LambdaFailureFeedbackRoleArn", role(&self.lambda_failure_feedback_role_arn)),
            ("SQSSuccessFeedbackRoleArn", role(&self.sqs_success_feedback_role_arn)),
            ("SQSSuccessFeedbackSampleRate", rate(self.sqs_success_feedback_sample_rate)),
            ("SQSFailureFeedbackRoleArn", role(&self.sqs_failure_feedback_role_arn)),
        ]
    }
}

//! What can be said of a queue, as SQS takes it and says it.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use provision_engine::kind::{Document, Policy};
use serde_json::Value as Json;

use super::{Queue, four_days, half_a_minute};

/// Attributes of a queue.
pub(super) type Attributes = HashMap<Name, String>;

impl Queue {
    /// What can be changed; none where AWS's own choice is left alone, and empty where there is none.
    fn settings(&self) -> [(Name, Option<String>); 14] {
        let number = |number: i32| Some(number.to_string());
        let document = |document: &Option<Document>| {
            Some(document.as_ref().map(ToString::to_string).unwrap_or_default())
        };
        [
            (Name::ContentBasedDeduplication, Some(self.content_based_deduplication.to_string())),
            (Name::DeduplicationScope, self.deduplication_scope.clone()),
            (Name::FifoThroughputLimit, self.fifo_throughput_limit.clone()),
            (Name::DelaySeconds, number(self.delay_seconds)),
            (Name::MaximumMessageSize, self.max_message_size.and_then(number)),
            (Name::MessageRetentionPeriod, number(self.message_retention_seconds)),
            (Name::ReceiveMessageWaitTimeSeconds, number(self.receive_wait_time_seconds)),
            (Name::VisibilityTimeout, number(self.visibility_timeout_seconds)),
            (Name::Policy, Some(self.policy.as_ref().map(ToString::to_string).unwrap_or_default())),
            (Name::RedrivePolicy, document(&self.redrive_policy)),
            (Name::RedriveAllowPolicy, document(&self.redrive_allow_policy)),
            (Name::SqsManagedSseEnabled, self.sqs_managed_sse_enabled.map(|enabled| enabled.to_string())),
            (Name::KmsMasterKeyId, Some(self.kms_master_key_id.clone().unwrap_or_default())),
            (Name::KmsDataKeyReusePeriodSeconds, self.kms_data_key_reuse_period_seconds.and_then(number)),
        ]
    }

    /// What to create it with. A standard queue must not hear that it is none of the others.
    pub(super) fn given(&self) -> Attributes {
        let fifo = (Name::FifoQueue, self.fifo_queue.then(|| true.to_string()));
        self.settings()
            .into_iter()
            .filter(|(name, _)| self.fifo_queue || *name != Name::ContentBasedDeduplication)
            .chain([fifo])
            .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
            .collect()
    }

    /// What to set, to come from `prior` to this.
    pub(super) fn changes(&self, prior: &Self) -> Attributes {
        let changed = self.settings().into_iter().zip(prior.settings()).filter(|(new, old)| new != old);
        changed.filter_map(|((name, value), _)| Some((name, value?))).collect()
    }

    /// A queue as SQS describes it; `self` is what it was.
    pub(super) fn as_read(&self, attributes: &Attributes) -> Self {
        let text = |name: &Name| attributes.get(name).filter(|text| !text.is_empty()).cloned();
        let number = |name: &Name| text(name).and_then(|text| text.parse().ok());
        let flag = |name: &Name| text(name).map(|text| text == "true");
        let document = |name: &Name, said: &Option<Document>| {
            text(name).map(|text| as_said(Document::parse(&text), said.as_ref()))
        };
        let arn = text(&Name::QueueArn);
        Self {
            name: arn.as_deref().and_then(|arn| arn.rsplit(':').next()).map(str::to_owned),
            name_prefix: self.name_prefix.clone(),
            fifo_queue: flag(&Name::FifoQueue).unwrap_or_default(),
            content_based_deduplication: flag(&Name::ContentBasedDeduplication).unwrap_or_default(),
            deduplication_scope: text(&Name::DeduplicationScope),
            fifo_throughput_limit: text(&Name::FifoThroughputLimit),
            delay_seconds: number(&Name::DelaySeconds).unwrap_or_default(),
            max_message_size: number(&Name::MaximumMessageSize),
            message_retention_seconds: number(&Name::MessageRetentionPeriod).unwrap_or_else(four_days),
            receive_wait_time_seconds: number(&Name::ReceiveMessageWaitTimeSeconds).unwrap_or_default(),
            visibility_timeout_seconds: number(&Name::VisibilityTimeout).unwrap_or_else(half_a_minute),
            policy: text(&Name::Policy).map(|policy| Policy::parse(&policy)),
            redrive_policy: document(&Name::RedrivePolicy, &self.redrive_policy),
            redrive_allow_policy: document(&Name::RedriveAllowPolicy, &self.redrive_allow_policy),
            sqs_managed_sse_enabled: flag(&Name::SqsManagedSseEnabled),
            kms_master_key_id: text(&Name::KmsMasterKeyId),
            kms_data_key_reuse_period_seconds: number(&Name::KmsDataKeyReusePeriodSeconds),
            arn: arn.into(),
            ..Self::default()
        }
    }
}

/// Whether SQS says what was set. It says policies in its own words.
pub(super) fn is_set(there: &Attributes, name: &Name, value: &str) -> bool {
    let there = there.get(name).map(String::as_str).unwrap_or_default();
    match (serde_json::from_str::<Json>(there), serde_json::from_str::<Json>(value)) {
        (Ok(Json::Object(_)), Ok(Json::Object(_))) if *name == Name::Policy => true,
        (Ok(there), Ok(value)) => means(&there, &value),
        _ => there == value,
    }
}

/// A document as it was `said`, if it means that.
fn as_said(read: Document, said: Option<&Document>) -> Document {
    match said {
        Some(said) if means(&read.0, &said.0) => said.clone(),
        _ => read,
    }
}

/// Whether documents mean the same: SQS takes numbers as text too, and orders lists as it likes.
fn means(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, member)| other.get(name).is_some_and(|other| means(member, other)))
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().all(|item| other.iter().any(|other| means(item, other)))
        }
        (Json::Number(number), Json::String(text)) | (Json::String(text), Json::Number(number)) => {
            number.to_string() == *text
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_redrive_policy_is_read_as_it_was_said() {
        let read = Document(json!({ "deadLetterTargetArn": "arn", "maxReceiveCount": 5 }));
        let said = Document(json!({ "deadLetterTargetArn": "arn", "maxReceiveCount": "5" }));
        assert_eq!(as_said(read.clone(), Some(&said)), said);
        let other = Document(json!({ "deadLetterTargetArn": "arn", "maxReceiveCount": 6 }));
        assert_eq!(as_said(read.clone(), Some(&other)), read);
        let queues = |queues: [&str; 2]| json!({ "sourceQueueArns": queues });
        assert!(means(&queues(["a", "b"]), &queues(["b", "a"])));
        assert!(!means(&queues(["a", "b"]), &queues(["a", "c"])));
    }
}

//! Copies of objects in other buckets.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::in_turn;
use crate::call::{Outcome, PROPAGATION, repeat_while};
use crate::tags::Tags;

mod check;
mod convert;

pub(super) use check::problems;

/// Which objects are copied to which other buckets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReplicationConfiguration {
    /// ARN of the IAM role as which S3 reads the objects and writes the copies.
    #[schemars(regex(pattern = r"^arn:[a-z0-9-]+:iam::\d{12}:role/.+$"))]
    role: String,
    /// The rules.
    #[schemars(length(min = 1, max = 1000))]
    rules: Vec<ReplicationRule>,
}

/// Which objects are copied to which bucket. A rule with a `filter` is one of S3's second kind: it can select by
/// tags, be one of several that fit an object, and copies delete markers only if it says so. Without, it selects by
/// `prefix`, and copies delete markers too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReplicationRule {
    /// Name of the rule. Made up by S3 when absent.
    #[schemars(length(min = 1, max = 255), extend("computed" = true))]
    id: Option<String>,
    /// Whether the rule is applied.
    #[schemars(extend("enum" = ["Disabled", "Enabled"]))]
    status: String,
    /// Of several rules that fit an object, the one with the highest number counts; for rules with a `filter`.
    #[serde(default)]
    #[schemars(range(min = 0))]
    priority: i32,
    /// Beginning of the keys of the objects; empty: of all. For rules without a `filter`.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    prefix: String,
    /// Which objects are copied.
    filter: Option<ReplicationFilter>,
    /// `Enabled`: delete markers are copied too; for rules with a `filter` that has no `tags`.
    #[schemars(extend("enum" = ["Enabled"]))]
    delete_marker_replication_status: Option<String>,
    /// Where the copies go.
    destination: Destination,
    /// Objects that are copied only if this says so.
    source_selection_criteria: Option<SourceSelectionCriteria>,
}

/// Which objects are copied: those that meet both conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReplicationFilter {
    /// Beginning of the keys of the objects; empty: of all.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    prefix: String,
    /// Tags that the objects bear.
    #[serde(default)]
    tags: Tags,
}

/// Where copies go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Destination {
    /// ARN of the bucket. It has versioning.
    #[schemars(regex(pattern = r"^arn:[a-z0-9-]+:s3:::.+$"))]
    bucket: String,
    /// Number of the account that the bucket belongs to; needed for `access_control_translation`.
    #[schemars(regex(pattern = r"^\d{12}$"))]
    account_id: Option<String>,
    /// Storage class of the copies; absent: that of the objects.
    #[schemars(extend("enum" = ["DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "ONEZONE_IA", "REDUCED_REDUNDANCY", "STANDARD", "STANDARD_IA"]))]
    storage_class: Option<String>,
    /// Whom the copies belong to; absent: the owner of the objects.
    access_control_translation: Option<AccessControlTranslation>,
    /// ARN of the KMS key that encrypts the copies of objects that are encrypted with KMS.
    replica_kms_key_id: Option<String>,
    /// Whether S3 measures the copying.
    metrics: Option<ReplicationMetrics>,
    /// Whether S3 promises how long the copying takes; needs `metrics` too.
    replication_time: Option<ReplicationTime>,
}

/// Whom copies belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AccessControlTranslation {
    /// `Destination`: the owner of the bucket that they are in.
    #[schemars(extend("enum" = ["Destination"]))]
    owner: String,
}

/// Whether S3 measures the copying.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReplicationMetrics {
    /// Minutes after which an object counts as late, with `replication_time`: AWS has 15 alone.
    #[serde(default = "quarter_of_an_hour")]
    #[schemars(extend("enum" = [15]))]
    minutes: i32,
    /// Whether it does.
    #[serde(default = "enabled")]
    #[schemars(extend("enum" = ["Disabled", "Enabled"]))]
    status: String,
}

/// Whether S3 promises how long the copying takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReplicationTime {
    /// Minutes that it takes at most: AWS has 15 alone.
    #[serde(default = "quarter_of_an_hour")]
    #[schemars(extend("enum" = [15]))]
    minutes: i32,
    /// Whether it does.
    #[serde(default = "enabled")]
    #[schemars(extend("enum" = ["Disabled", "Enabled"]))]
    status: String,
}

fn quarter_of_an_hour() -> i32 {
    15
}

fn enabled() -> String {
    types::MetricsStatus::Enabled.as_str().to_owned()
}

/// Objects that are copied only if this says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SourceSelectionCriteria {
    /// Objects that are encrypted with KMS.
    sse_kms_encrypted_objects: Option<Selected>,
    /// Changes of the metadata of objects that are copies themselves.
    replica_modifications: Option<Selected>,
}

/// Whether some objects are copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Selected {
    /// Whether they are.
    enabled: bool,
}

pub(super) async fn read(s3: &Client, bucket: &str) -> Result<Option<ReplicationConfiguration>, KindError> {
    let answer = s3
        .get_bucket_replication()
        .bucket(bucket)
        .send()
        .await
        .unless(&["ReplicationConfigurationNotFoundError", "NoSuchBucket"])?;
    Ok(answer.and_then(|answer| answer.replication_configuration).map(|configuration| {
        ReplicationConfiguration {
            role: configuration.role,
            rules: configuration.rules.into_iter().map(ReplicationRule::from_aws).collect(),
        }
    }))
}

impl ReplicationConfiguration {
    pub(super) async fn put(&self, s3: &Client, bucket: &str) -> Result<(), KindError> {
        let configuration = self.to_aws()?;
        // Versioning was turned on a moment ago, perhaps, here or there; and the role may be a new one.
        let passes = |error: &KindError| {
            error.is(&["OperationAborted"])
                || (error.is(&["InvalidRequest"]) && error.message.contains("ersioning"))
                || (error.is(&["InvalidArgument", "InvalidRequest"]) && error.message.contains("assume"))
        };
        repeat_while(passes, PROPAGATION, || async {
            s3.put_bucket_replication()
                .bucket(bucket)
                .replication_configuration(configuration.clone())
                .send()
                .await
                .or_fail()
        })
        .await?;
        Ok(())
    }

    pub(super) async fn delete(s3: &Client, bucket: &str) -> Result<(), KindError> {
        in_turn(|| async { s3.delete_bucket_replication().bucket(bucket).send().await.or_fail() }).await?;
        Ok(())
    }
}

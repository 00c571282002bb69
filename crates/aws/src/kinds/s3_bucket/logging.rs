//! The log of requests to the bucket.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::acl::Grantee;
use super::in_turn;
use crate::call::{Outcome, malformed};

/// Where S3 writes its log of the requests to the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Logging {
    /// Name of the bucket that the log is written to. Its policy lets `logging.s3.amazonaws.com` write there.
    #[schemars(length(min = 3, max = 63))]
    target_bucket: String,
    /// Beginning of the keys of the log's objects.
    #[serde(default)]
    target_prefix: String,
    /// Who can use the log's objects besides the owner of the bucket that they are in, if that has ACLs.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    target_grant: Vec<TargetGrant>,
    /// What follows the prefix in the keys; absent: the time of writing and a random text.
    target_object_key_format: Option<TargetObjectKeyFormat>,
}

/// What someone can do with the log's objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TargetGrant {
    /// Who.
    grantee: Grantee,
    /// What.
    #[schemars(extend("enum" = ["FULL_CONTROL", "READ", "WRITE"]))]
    permission: String,
}

/// What follows the prefix in the keys of the log's objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TargetObjectKeyFormat {
    /// Account, region, bucket and day, each followed by a slash.
    partitioned_prefix: PartitionedPrefix,
}

/// Account, region, bucket and day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PartitionedPrefix {
    /// Whether the day is that of the requests (`EventTime`) or that of writing (`DeliveryTime`).
    #[schemars(extend("enum" = ["DeliveryTime", "EventTime"]))]
    partition_date_source: String,
}

pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, grant) in configuration.get("logging").get("target_grant").items().iter().enumerate() {
        let path = Path::from("logging.target_grant").index(index).key("grantee");
        problems.extend(Grantee::problems(grant.get("grantee"), &path));
    }
    problems
}

pub(super) async fn read(s3: &Client, bucket: &str) -> Result<Option<Logging>, KindError> {
    let answer = s3.get_bucket_logging().bucket(bucket).send().await.unless(&["NoSuchBucket"])?;
    Ok(answer.and_then(|answer| answer.logging_enabled).map(|logging| Logging {
        target_bucket: logging.target_bucket,
        target_prefix: logging.target_prefix,
        target_grant: logging
            .target_grants
            .unwrap_or_default()
            .into_iter()
            .filter_map(|grant| {
                Some(TargetGrant {
                    grantee: Grantee::from_aws(grant.grantee?),
                    permission: grant.permission?.as_str().to_owned(),
                })
            })
            .collect(),
        // The simple form is what S3 does anyway.
        target_object_key_format: logging
            .target_object_key_format
            .and_then(|format| format.partitioned_prefix)
            .and_then(|prefix| prefix.partition_date_source)
            .map(|source| TargetObjectKeyFormat {
                partitioned_prefix: PartitionedPrefix { partition_date_source: source.as_str().to_owned() },
            }),
    }))
}

impl Logging {
    fn to_aws(&self) -> Result<types::LoggingEnabled, KindError> {
        let mut grants = Vec::new();
        for grant in &self.target_grant {
            grants.push(
                types::TargetGrant::builder()
                    .grantee(grant.grantee.to_aws()?)
                    .permission(grant.permission.as_str().into())
                    .build(),
            );
        }
        let format = self.target_object_key_format.as_ref().map(|format| {
            types::TargetObjectKeyFormat::builder()
                .partitioned_prefix(
                    types::PartitionedPrefix::builder()
                        .partition_date_source(
                            format.partitioned_prefix.partition_date_source.as_str().into(),
                        )
                        .build(),
                )
                .build()
        });
        types::LoggingEnabled::builder()
            .target_bucket(&self.target_bucket)
            .target_prefix(&self.target_prefix)
            .set_target_grants((!grants.is_empty()).then_some(grants))
            .set_target_object_key_format(format)
            .build()
            .map_err(malformed)
    }

    pub(super) async fn update(
        desired: Option<&Self>,
        s3: &Client,
        bucket: &str,
        prior: Option<&Self>,
    ) -> Result<(), KindError> {
        if desired == prior {
            return Ok(());
        }
        let logging = desired.map(Self::to_aws).transpose()?;
        let status = types::BucketLoggingStatus::builder().set_logging_enabled(logging).build();
        in_turn(|| async {
            s3.put_bucket_logging()
                .bucket(bucket)
                .bucket_logging_status(status.clone())
                .send()
                .await
                .or_fail()
        })
        .await?;
        Ok(())
    }
}

//! When objects move to cheaper storage and when they expire.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::in_turn;
use crate::call::{Outcome, eventually, malformed};
use crate::tags::Tags;

mod check;

pub(super) use check::problems;

/// What happens to some of the objects as they grow old. A rule applies to the objects that meet all of its
/// conditions (`prefix`, `tags` and the two sizes), or to all if it has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LifecycleRule {
    /// Name of the rule. Made up by S3 when absent.
    #[schemars(length(min = 1, max = 255), extend("computed" = true))]
    id: Option<String>,
    /// Whether the rule is applied.
    enabled: bool,
    /// Beginning of the keys of the objects; empty: of all.
    #[serde(default)]
    prefix: String,
    /// Tags that the objects bear.
    #[serde(default)]
    tags: Tags,
    /// Size in bytes that the objects exceed; 0: any.
    #[serde(default)]
    #[schemars(range(min = 0))]
    object_size_greater_than: i64,
    /// Size in bytes that the objects stay below.
    #[schemars(range(min = 1))]
    object_size_less_than: Option<i64>,
    /// Days after which the parts of an upload that was not completed are deleted.
    #[schemars(range(min = 1))]
    abort_incomplete_multipart_upload_days: Option<i32>,
    /// When objects are deleted; with versioning, when their current version becomes an earlier one.
    expiration: Option<Expiration>,
    /// When earlier versions are deleted.
    noncurrent_version_expiration: Option<NoncurrentVersionExpiration>,
    /// When earlier versions move to other storage classes.
    #[serde(default)]
    noncurrent_version_transition: BTreeSet<NoncurrentVersionTransition>,
    /// When objects move to other storage classes.
    #[serde(default)]
    transition: BTreeSet<Transition>,
}

/// When objects are deleted: one of the three.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Expiration {
    /// Day from whose midnight (UTC) on they are, such as `2030-01-31`.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    date: Option<String>,
    /// Age in days.
    #[schemars(range(min = 1))]
    days: Option<i32>,
    /// Whether delete markers are removed behind which no version is left.
    #[serde(default)]
    expired_object_delete_marker: bool,
}

/// When earlier versions are deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NoncurrentVersionExpiration {
    /// Days since they became earlier ones.
    #[schemars(range(min = 1))]
    days: i32,
    /// Number of earlier versions that are kept all the same, the newest ones.
    #[schemars(range(min = 1, max = 100))]
    newer_noncurrent_versions: Option<i32>,
}

/// When earlier versions move to another storage class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NoncurrentVersionTransition {
    /// Days since they became earlier ones.
    #[schemars(range(min = 0))]
    days: i32,
    /// Number of earlier versions that stay where they are all the same, the newest ones.
    #[schemars(range(min = 1, max = 100))]
    newer_noncurrent_versions: Option<i32>,
    /// Storage class that they move to.
    #[schemars(extend("enum" = ["DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "ONEZONE_IA", "STANDARD_IA"]))]
    storage_class: String,
}

/// When objects move to another storage class: at an age or on a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Transition {
    /// Day from whose midnight (UTC) on they do, such as `2030-01-31`.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    date: Option<String>,
    /// Age in days.
    #[schemars(range(min = 0))]
    days: Option<i32>,
    /// Storage class that they move to.
    #[schemars(extend("enum" = ["DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "ONEZONE_IA", "STANDARD_IA"]))]
    storage_class: String,
}

/// The rules of a bucket, and below which size S3 moves nothing.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Lifecycle {
    pub(super) rules: Vec<LifecycleRule>,
    pub(super) default_minimum_object_size: Option<String>,
}

pub(super) async fn read(s3: &Client, bucket: &str) -> Result<Lifecycle, KindError> {
    let answer = s3
        .get_bucket_lifecycle_configuration()
        .bucket(bucket)
        .send()
        .await
        .unless(&["NoSuchLifecycleConfiguration", "NoSuchBucket"])?;
    let Some(answer) = answer else { return Ok(Lifecycle::default()) };
    Ok(Lifecycle {
        default_minimum_object_size: answer
            .transition_default_minimum_object_size
            .map(|size| size.as_str().to_owned()),
        rules: answer.rules.unwrap_or_default().into_iter().map(LifecycleRule::from_aws).collect(),
    })
}

impl Lifecycle {
    pub(super) async fn update(&self, s3: &Client, bucket: &str, prior: &Self) -> Result<(), KindError> {
        let same_size =
            self.rules.is_empty() || self.default_minimum_object_size == prior.default_minimum_object_size;
        if self.rules == prior.rules && same_size {
            return Ok(());
        }
        if self.rules.is_empty() {
            in_turn(|| async { s3.delete_bucket_lifecycle().bucket(bucket).send().await.or_fail() }).await?;
        } else {
            let rules = self.rules.iter().map(LifecycleRule::to_aws).collect::<Result<_, _>>()?;
            let configuration = types::BucketLifecycleConfiguration::builder()
                .set_rules(Some(rules))
                .build()
                .map_err(malformed)?;
            in_turn(|| async {
                s3.put_bucket_lifecycle_configuration()
                    .bucket(bucket)
                    .lifecycle_configuration(configuration.clone())
                    .set_transition_default_minimum_object_size(
                        self.default_minimum_object_size.as_deref().map(Into::into),
                    )
                    .send()
                    .await
                    .or_fail()
            })
            .await?;
        }
        self.settle(s3, bucket).await
    }

    /// Waits until S3 answers with the new rules: for some seconds it may answer with the former ones, which the
    /// read that follows would take for the truth. That it takes longer is no failure.
    async fn settle(&self, s3: &Client, bucket: &str) -> Result<(), KindError> {
        const STALE: &str = "Stale";
        let outcome = eventually(&[STALE], || async {
            let read = read(s3, bucket).await?;
            let agrees = self.rules.len() == read.rules.len()
                && self.rules.iter().zip(read.rules).all(|(desired, read)| {
                    let id = desired.id.clone().or_else(|| read.id.clone());
                    LifecycleRule { id, ..desired.clone() } == read
                });
            if agrees {
                return Ok(());
            }
            Err(KindError { code: Some(STALE.to_owned()), ..KindError::new("not visible yet") })
        })
        .await;
        match outcome {
            Err(error) if error.is(&[STALE]) => Ok(()),
            outcome => outcome,
        }
    }
}

/// What a rule's filter says. S3 writes one condition in one way and several in another.
#[derive(Default)]
struct Conditions {
    prefix: Option<String>,
    tags: Vec<types::Tag>,
    greater_than: Option<i64>,
    less_than: Option<i64>,
}

impl Conditions {
    fn of(rule: &types::LifecycleRule) -> Self {
        let Some(filter) = rule.filter() else {
            #[expect(deprecated, reason = "rules from before there were filters still have it")]
            let prefix = rule.prefix().map(str::to_owned);
            return Self { prefix, ..Self::default() };
        };
        match filter.and() {
            Some(and) => Self {
                prefix: and.prefix().map(str::to_owned),
                tags: and.tags().to_vec(),
                greater_than: and.object_size_greater_than(),
                less_than: and.object_size_less_than(),
            },
            None => Self {
                prefix: filter.prefix().map(str::to_owned),
                tags: filter.tag().cloned().into_iter().collect(),
                greater_than: filter.object_size_greater_than(),
                less_than: filter.object_size_less_than(),
            },
        }
    }

    fn to_aws(&self) -> types::LifecycleRuleFilter {
        let number = usize::from(self.prefix.is_some())
            + self.tags.len()
            + usize::from(self.greater_than.is_some())
            + usize::from(self.less_than.is_some());
        let filter = types::LifecycleRuleFilter::builder();
        match number {
            // No condition at all has to be said as well.
            0 => filter.prefix("").build(),
            1 => filter
                .set_prefix(self.prefix.clone())
                .set_tag(self.tags.first().cloned())
                .set_object_size_greater_than(self.greater_than)
                .set_object_size_less_than(self.less_than)
                .build(),
            _ => filter
                .and(
                    types::LifecycleRuleAndOperator::builder()
                        .set_prefix(self.prefix.clone())
                        .set_tags((!self.tags.is_empty()).then(|| self.tags.clone()))
                        .set_object_size_greater_than(self.greater_than)
                        .set_object_size_less_than(self.less_than)
                        .build(),
                )
                .build(),
        }
    }
}

impl LifecycleRule {
    fn from_aws(rule: types::LifecycleRule) -> Self {
        let conditions = Conditions::of(&rule);
        Self {
            enabled: rule.status == types::ExpirationStatus::Enabled,
            prefix: conditions.prefix.unwrap_or_default(),
            tags: conditions.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
            object_size_greater_than: conditions.greater_than.unwrap_or_default(),
            object_size_less_than: conditions.less_than.filter(|size| *size > 0),
            abort_incomplete_multipart_upload_days: rule
                .abort_incomplete_multipart_upload
                .and_then(|abort| abort.days_after_initiation),
            expiration: rule.expiration.map(|expiration| Expiration {
                date: expiration.date.as_ref().map(day),
                days: expiration.days.filter(|days| *days > 0),
                expired_object_delete_marker: expiration.expired_object_delete_marker.unwrap_or_default(),
            }),
            noncurrent_version_expiration: rule.noncurrent_version_expiration.map(|expiration| {
                NoncurrentVersionExpiration {
                    days: expiration.noncurrent_days.unwrap_or_default(),
                    newer_noncurrent_versions: expiration.newer_noncurrent_versions.filter(|kept| *kept > 0),
                }
            }),
            noncurrent_version_transition: rule
                .noncurrent_version_transitions
                .unwrap_or_default()
                .into_iter()
                .map(|transition| NoncurrentVersionTransition {
                    days: transition.noncurrent_days.unwrap_or_default(),
                    newer_noncurrent_versions: transition.newer_noncurrent_versions.filter(|kept| *kept > 0),
                    storage_class: name_of(transition.storage_class),
                })
                .collect(),
            transition: rule
                .transitions
                .unwrap_or_default()
                .into_iter()
                .map(|transition| Transition {
                    days: transition.days.filter(|_| transition.date.is_none()),
                    date: transition.date.as_ref().map(day),
                    storage_class: name_of(transition.storage_class),
                })
                .collect(),
            id: rule.id,
        }
    }

    fn to_aws(&self) -> Result<types::LifecycleRule, KindError> {
        let tags = self
            .tags
            .iter()
            .map(|(key, value)| types::Tag::builder().key(key).value(value).build().map_err(malformed))
            .collect::<Result<_, _>>()?;
        let conditions = Conditions {
            prefix: (!self.prefix.is_empty()).then(|| self.prefix.clone()),
            tags,
            greater_than: (self.object_size_greater_than > 0).then_some(self.object_size_greater_than),
            less_than: self.object_size_less_than,
        };
        let mut transitions = Vec::new();
        for transition in &self.transition {
            transitions.push(
                types::Transition::builder()
                    .set_date(transition.date.as_deref().map(midnight).transpose()?)
                    .set_days(transition.days)
                    .storage_class(transition.storage_class.as_str().into())
                    .build(),
            );
        }
        let noncurrent_transitions: Vec<_> = self
            .noncurrent_version_transition
            .iter()
            .map(|transition| {
                types::NoncurrentVersionTransition::builder()
                    .noncurrent_days(transition.days)
                    .set_newer_noncurrent_versions(transition.newer_noncurrent_versions)
                    .storage_class(transition.storage_class.as_str().into())
                    .build()
            })
            .collect();
        let expiration = match &self.expiration {
            Some(expiration) => Some(
                types::LifecycleExpiration::builder()
                    .set_date(expiration.date.as_deref().map(midnight).transpose()?)
                    .set_days(expiration.days)
                    .set_expired_object_delete_marker(expiration.expired_object_delete_marker.then_some(true))
                    .build(),
            ),
            None => None,
        };
        types::LifecycleRule::builder()
            .set_id(self.id.clone())
            .status(if self.enabled {
                types::ExpirationStatus::Enabled
            } else {
                types::ExpirationStatus::Disabled
            })
            .filter(conditions.to_aws())
            .set_abort_incomplete_multipart_upload(self.abort_incomplete_multipart_upload_days.map(|days| {
                types::AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build()
            }))
            .set_expiration(expiration)
            .set_noncurrent_version_expiration(self.noncurrent_version_expiration.as_ref().map(
                |expiration| {
                    types::NoncurrentVersionExpiration::builder()
                        .noncurrent_days(expiration.days)
                        .set_newer_noncurrent_versions(expiration.newer_noncurrent_versions)
                        .build()
                },
            ))
            .set_noncurrent_version_transitions(
                (!noncurrent_transitions.is_empty()).then_some(noncurrent_transitions),
            )
            .set_transitions((!transitions.is_empty()).then_some(transitions))
            .build()
            .map_err(malformed)
    }
}

fn name_of(class: Option<types::TransitionStorageClass>) -> String {
    class.map(|class| class.as_str().to_owned()).unwrap_or_default()
}

fn midnight(day: &str) -> Result<DateTime, KindError> {
    DateTime::from_str(&format!("{day}T00:00:00Z"), Format::DateTime).map_err(malformed)
}

/// The day alone; the whole time where it is not midnight, so that it shows.
fn day(time: &DateTime) -> String {
    let text = time.to_string();
    match text.strip_suffix("T00:00:00Z") {
        Some(day) => day.to_owned(),
        None => text,
    }
}

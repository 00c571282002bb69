//! Versions of objects: whether they are kept, and whether they are locked.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use provision_engine::kind::{KindError, WriteOnly};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{in_turn, is_set};
use crate::call::Outcome;

/// Whether S3 keeps the earlier versions of objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Versioning {
    /// Whether earlier versions are kept. Once it was on, turning it off suspends it: versions stay.
    #[serde(default)]
    enabled: bool,
    /// Whether deleting a version, or turning versioning off, asks for a code of the root user's device.
    #[serde(default)]
    mfa_delete: bool,
    /// Serial number of the root user's device, a space, and its code of the moment. AWS wants it to change
    /// `mfa_delete`, and to change `enabled` while `mfa_delete` is on.
    #[serde(default, skip_serializing_if = "is_unset")]
    mfa: WriteOnly<String>,
}

fn is_unset(value: &WriteOnly<String>) -> bool {
    value.value().is_none()
}

/// Whether versions can be kept from being deleted or overwritten, and for how long they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ObjectLockConfiguration {
    /// `Enabled`: what `object_lock_enabled` of the bucket says.
    #[serde(default = "enabled")]
    #[schemars(extend("enum" = ["Enabled"]))]
    object_lock_enabled: String,
    /// How new versions are locked that do not say so themselves; absent: not at all.
    rule: Option<ObjectLockRule>,
}

fn enabled() -> String {
    types::ObjectLockEnabled::Enabled.as_str().to_owned()
}

/// How new versions are locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ObjectLockRule {
    /// For how long, and how firmly.
    default_retention: DefaultRetention,
}

/// For how long new versions are locked, and how firmly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DefaultRetention {
    /// `GOVERNANCE`: some are permitted to unlock a version; `COMPLIANCE`: nobody can, not even the root user.
    #[schemars(extend("enum" = ["COMPLIANCE", "GOVERNANCE"]))]
    mode: String,
    /// Time in days; this or `years`.
    #[schemars(range(min = 1, max = 36500))]
    days: Option<i32>,
    /// Time in years; this or `days`.
    #[schemars(range(min = 1, max = 100))]
    years: Option<i32>,
}

pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let versioned = configuration.get("versioning").get("enabled").as_bool();
    let locked = configuration.get("object_lock_enabled").as_bool();
    if locked == Some(true) && versioned == Some(false) {
        problems.push(
            Problem::new("versioning", "Object Lock works on versions, and `versioning` is off")
                .with_hint("add `versioning = { enabled = true }`"),
        );
    }
    let lock = configuration.get("object_lock_configuration");
    if lock.as_map().is_some() && locked == Some(false) {
        problems.push(
            Problem::new("object_lock_configuration", "the bucket has no Object Lock")
                .with_hint("add `object_lock_enabled = true`; a bucket that exists is replaced"),
        );
    }
    let retention = lock.get("rule").get("default_retention");
    if retention.as_map().is_some() {
        let path = "object_lock_configuration.rule.default_retention";
        let (days, years) = (retention.get("days"), retention.get("years"));
        if days.is_null() && years.is_null() {
            problems.push(Problem::new(path, "one of `days` and `years` is required"));
        }
        if is_set(days) && is_set(years) {
            problems.push(
                Problem::new(path, "`days` and `years` exclude each other").with_hint("keep one of them"),
            );
        }
    }
    problems
}

pub(super) async fn read_versioning(s3: &Client, bucket: &str) -> Result<Versioning, KindError> {
    let answer = s3.get_bucket_versioning().bucket(bucket).send().await.unless(&["NoSuchBucket"])?;
    Ok(answer.map_or_else(Versioning::default, |answer| Versioning {
        enabled: answer.status == Some(types::BucketVersioningStatus::Enabled),
        mfa_delete: answer.mfa_delete == Some(types::MfaDeleteStatus::Enabled),
        mfa: WriteOnly::Unset,
    }))
}

impl Versioning {
    pub(super) fn on(enabled: bool) -> Self {
        Self { enabled, ..Self::default() }
    }

    pub(super) async fn update(&self, s3: &Client, bucket: &str, prior: &Self) -> Result<(), KindError> {
        if (self.enabled, self.mfa_delete) == (prior.enabled, prior.mfa_delete) {
            return Ok(());
        }
        let status = if self.enabled {
            types::BucketVersioningStatus::Enabled
        } else {
            types::BucketVersioningStatus::Suspended
        };
        let mfa_delete = if self.mfa_delete { types::MfaDelete::Enabled } else { types::MfaDelete::Disabled };
        let configuration = types::VersioningConfiguration::builder()
            .status(status)
            .set_mfa_delete((self.mfa_delete != prior.mfa_delete).then_some(mfa_delete))
            .build();
        in_turn(|| async {
            s3.put_bucket_versioning()
                .bucket(bucket)
                .set_mfa(self.mfa.value().cloned())
                .versioning_configuration(configuration.clone())
                .send()
                .await
                .or_fail()
        })
        .await?;
        Ok(())
    }
}

/// Whether the bucket has Object Lock, and what it does by default.
pub(super) async fn read_lock(
    s3: &Client,
    bucket: &str,
) -> Result<Option<ObjectLockConfiguration>, KindError> {
    let answer = s3
        .get_object_lock_configuration()
        .bucket(bucket)
        .send()
        .await
        .unless(&["ObjectLockConfigurationNotFoundError", "NoSuchBucket"])?;
    let Some(lock) = answer.and_then(|answer| answer.object_lock_configuration) else { return Ok(None) };
    let Some(enabled) = lock.object_lock_enabled else { return Ok(None) };
    let retention = lock.rule.and_then(|rule| rule.default_retention);
    Ok(Some(ObjectLockConfiguration {
        object_lock_enabled: enabled.as_str().to_owned(),
        rule: retention.and_then(|retention| {
            Some(ObjectLockRule {
                default_retention: DefaultRetention {
                    mode: retention.mode?.as_str().to_owned(),
                    days: retention.days,
                    years: retention.years,
                },
            })
        }),
    }))
}

impl ObjectLockConfiguration {
    /// Whether it says more than that there is Object Lock.
    pub(super) fn has_rule(&self) -> bool {
        self.rule.is_some()
    }

    fn to_aws(configuration: Option<&Self>) -> types::ObjectLockConfiguration {
        let retention = configuration.and_then(|lock| lock.rule.as_ref()).map(|rule| &rule.default_retention);
        types::ObjectLockConfiguration::builder()
            .object_lock_enabled(types::ObjectLockEnabled::Enabled)
            .set_rule(retention.map(|retention| {
                types::ObjectLockRule::builder()
                    .default_retention(
                        types::DefaultRetention::builder()
                            .mode(retention.mode.as_str().into())
                            .set_days(retention.days)
                            .set_years(retention.years)
                            .build(),
                    )
                    .build()
            }))
            .build()
    }

    /// Without a configuration, new versions are no longer locked; Object Lock itself cannot be taken away.
    pub(super) async fn update(
        desired: Option<&Self>,
        s3: &Client,
        bucket: &str,
        prior: Option<&Self>,
    ) -> Result<(), KindError> {
        let rule = |lock: Option<&Self>| lock.and_then(|lock| lock.rule.clone());
        if rule(desired) == rule(prior) {
            return Ok(());
        }
        in_turn(|| async {
            s3.put_object_lock_configuration()
                .bucket(bucket)
                .object_lock_configuration(Self::to_aws(desired))
                .send()
                .await
                .or_fail()
        })
        .await?;
        Ok(())
    }
}

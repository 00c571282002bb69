//! The parts of a table that DynamoDB keeps apart from it, or says in another form.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    PointInTimeRecoverySpecification, PointInTimeRecoveryStatus, SseDescription, SseSpecification, SseStatus,
    SseType, TableDescription, TimeToLiveStatus,
};
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ABSENT;
use crate::call::{Outcome, malformed};

/// The most units a second that are paid as they come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct OnDemandThroughput {
    /// Of reads; absent: no limit.
    #[schemars(range(min = 1))]
    pub(super) max_read_request_units: Option<i64>,
    /// Of writes; absent: no limit.
    #[schemars(range(min = 1))]
    pub(super) max_write_request_units: Option<i64>,
}

/// How AWS says that there is no limit.
const UNLIMITED: i64 = -1;

impl OnDemandThroughput {
    pub(super) fn sdk(&self) -> aws_sdk_dynamodb::types::OnDemandThroughput {
        aws_sdk_dynamodb::types::OnDemandThroughput::builder()
            .max_read_request_units(self.max_read_request_units.unwrap_or(UNLIMITED))
            .max_write_request_units(self.max_write_request_units.unwrap_or(UNLIMITED))
            .build()
    }

    pub(super) fn read(throughput: Option<&aws_sdk_dynamodb::types::OnDemandThroughput>) -> Option<Self> {
        let limit = |units: Option<i64>| units.filter(|units| *units != UNLIMITED);
        let read = Self {
            max_read_request_units: limit(throughput?.max_read_request_units),
            max_write_request_units: limit(throughput?.max_write_request_units),
        };
        (read != Self::default()).then_some(read)
    }
}

/// By which attribute items expire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct TimeToLive {
    /// Attribute with the time of expiry, in seconds since 1970.
    #[schemars(length(min = 1, max = 255))]
    pub(super) attribute_name: Option<String>,
    /// Whether items expire.
    #[serde(default)]
    pub(super) enabled: bool,
}

impl TimeToLive {
    /// What there is; `None` without the table. That items do not expire is only said where that was said before.
    pub(super) async fn read(
        client: &Client,
        table: &str,
        prior: Option<&Self>,
    ) -> Result<Option<Option<Self>>, KindError> {
        let answer = client.describe_time_to_live().table_name(table).send().await.unless(ABSENT)?;
        let Some(answer) = answer else { return Ok(None) };
        let current = answer.time_to_live_description;
        let status = current.as_ref().and_then(|current| current.time_to_live_status());
        let enabled = matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling));
        let attribute_name = match prior {
            Some(prior) if !enabled => prior.attribute_name.clone(),
            _ => current.and_then(|current| current.attribute_name),
        };
        Ok(Some((enabled || prior.is_some()).then_some(Self { attribute_name, enabled })))
    }
}

/// Whether a table can be restored to any second of the last days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Recovery {
    /// Whether it can.
    pub(super) enabled: bool,
    /// Of how many days; AWS takes 35 if none are said.
    #[schemars(range(min = 1, max = 35), extend("computed" = true, "usual" = 35))]
    pub(super) recovery_period_in_days: Option<i32>,
}

impl Recovery {
    /// What there is; `None` without the table. That nothing can be restored is only said where that was said before.
    pub(super) async fn read(
        client: &Client,
        table: &str,
        prior: Option<&Self>,
    ) -> Result<Option<Option<Self>>, KindError> {
        const GONE: [&str; 2] = [ABSENT[0], "TableNotFoundException"];
        let answer = client.describe_continuous_backups().table_name(table).send().await.unless(&GONE)?;
        let Some(answer) = answer else { return Ok(None) };
        let backups = answer.continuous_backups_description;
        let current = backups.and_then(|backups| backups.point_in_time_recovery_description);
        let enabled = current.as_ref().and_then(|current| current.point_in_time_recovery_status())
            == Some(&PointInTimeRecoveryStatus::Enabled);
        let days = current.and_then(|current| current.recovery_period_in_days).filter(|_| enabled);
        let read = Self { enabled, recovery_period_in_days: days };
        Ok(Some((enabled || prior.is_some()).then_some(read)))
    }

    pub(super) fn sdk(&self) -> Result<PointInTimeRecoverySpecification, KindError> {
        PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(self.enabled)
            .set_recovery_period_in_days(self.recovery_period_in_days.filter(|_| self.enabled))
            .build()
            .map_err(malformed)
    }
}

/// Whether a key in KMS encrypts a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Encryption {
    /// Whether one does; otherwise one that DynamoDB owns.
    pub(super) enabled: bool,
    /// ARN of the key; absent: the one of the account that AWS manages (`alias/aws/dynamodb`).
    #[schemars(
        regex(pattern = r"^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+$"),
        extend("computed" = true)
    )]
    pub(super) kms_key_arn: Option<String>,
}

impl Encryption {
    /// What there is. That DynamoDB's own key is used is only said where that was said before.
    pub(super) fn read(table: &TableDescription, prior: Option<&Self>) -> Option<Self> {
        let used = table.sse_description().filter(|used| is_used(used));
        match used {
            Some(used) => Some(Self { enabled: true, kms_key_arn: used.kms_master_key_arn.clone() }),
            None => prior.map(|_| Self::default()),
        }
    }

    pub(super) fn sdk(&self) -> SseSpecification {
        SseSpecification::builder()
            .enabled(self.enabled)
            .set_sse_type(self.enabled.then_some(SseType::Kms))
            .set_kms_master_key_id(self.kms_key_arn.clone().filter(|_| self.enabled))
            .build()
    }
}

fn is_used(encryption: &SseDescription) -> bool {
    matches!(encryption.status(), Some(SseStatus::Enabled | SseStatus::Enabling | SseStatus::Updating))
}

//! Pairs of origins of which the second steps in when the first fails: `origin_group`.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// Two origins, of which the second is asked when the first fails.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct OriginGroup {
    /// Name of the group within the distribution: what behaviors refer to.
    #[schemars(length(min = 1, max = 128))]
    origin_id: String,
    /// When the second origin is asked.
    failover_criteria: FailoverCriteria,
    /// The two origins: the one that is asked first, and the one that steps in.
    #[schemars(length(min = 2, max = 2))]
    member: Vec<Member>,
}

/// When the second origin of a group is asked.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct FailoverCriteria {
    /// Status codes of the first origin's answer that count as its failure.
    #[schemars(
        length(min = 1),
        extend("items" = { "type": "integer", "enum": [400, 403, 404, 416, 429, 500, 502, 503, 504] })
    )]
    status_codes: BTreeSet<i32>,
}

/// An origin in a group.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Member {
    /// `origin_id` of the origin.
    #[schemars(length(min = 1))]
    origin_id: String,
}

impl OriginGroup {
    pub(super) fn from_sdk(group: &sdk::OriginGroup) -> Self {
        let codes = group.failover_criteria().and_then(|criteria| criteria.status_codes());
        let members = group.members().map(|members| members.items()).unwrap_or_default();
        Self {
            origin_id: group.id().to_owned(),
            failover_criteria: FailoverCriteria {
                status_codes: codes.map(|codes| codes.items()).unwrap_or_default().iter().copied().collect(),
            },
            member: members
                .iter()
                .map(|member| Member { origin_id: member.origin_id().to_owned() })
                .collect(),
        }
    }

    /// As AWS takes it; `current` is what it has, of which the parts stay that are not modelled here.
    fn to_sdk(&self, current: Option<&sdk::OriginGroup>) -> Result<sdk::OriginGroup, KindError> {
        let codes = &self.failover_criteria.status_codes;
        let codes = sdk::StatusCodes::builder()
            .quantity(codes.len() as i32)
            .set_items(Some(codes.iter().copied().collect()))
            .build()
            .map_err(malformed)?;
        let members = self
            .member
            .iter()
            .map(|member| {
                sdk::OriginGroupMember::builder().origin_id(&member.origin_id).build().map_err(malformed)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let members = sdk::OriginGroupMembers::builder()
            .quantity(members.len() as i32)
            .set_items(Some(members))
            .build()
            .map_err(malformed)?;
        let mut group = match current {
            Some(current) => current.clone(),
            None => sdk::OriginGroup::builder().id(&self.origin_id).build().map_err(malformed)?,
        };
        group.failover_criteria =
            Some(sdk::OriginGroupFailoverCriteria::builder().status_codes(codes).build());
        group.members = Some(members);
        Ok(group)
    }
}

/// The groups as AWS takes them; `current` is what it has.
pub(super) fn to_sdk(
    groups: &[OriginGroup],
    current: Option<&sdk::OriginGroups>,
) -> Result<sdk::OriginGroups, KindError> {
    let current = current.map(sdk::OriginGroups::items).unwrap_or_default();
    let items = groups
        .iter()
        .map(|group| group.to_sdk(current.iter().find(|current| current.id() == group.origin_id)))
        .collect::<Result<Vec<_>, _>>()?;
    sdk::OriginGroups::builder()
        .quantity(items.len() as i32)
        .set_items((!items.is_empty()).then_some(items))
        .build()
        .map_err(malformed)
}

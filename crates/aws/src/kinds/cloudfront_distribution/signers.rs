//! Who can sign, as CloudFront found it: the computed `trusted_key_groups` and `trusted_signers`.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cloudfront::set;

/// The key groups that any behavior trusts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ActiveKeyGroups {
    /// Whether any behavior trusts a key group.
    enabled: bool,
    /// The key groups.
    #[serde(default)]
    items: Vec<ActiveKeyGroup>,
}

/// A key group that a behavior trusts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ActiveKeyGroup {
    /// Id of the key group.
    key_group_id: Option<String>,
    /// Ids of its public keys: what signed URLs name as `Key-Pair-Id`.
    #[serde(default)]
    key_pair_ids: BTreeSet<String>,
}

/// The accounts that any behavior trusts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ActiveSigners {
    /// Whether any behavior trusts an account.
    enabled: bool,
    /// The accounts.
    #[serde(default)]
    items: Vec<ActiveSigner>,
}

/// An account that a behavior trusts.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ActiveSigner {
    /// Number of the account, or `self`.
    aws_account_number: Option<String>,
    /// Ids of its active key pairs.
    #[serde(default)]
    key_pair_ids: BTreeSet<String>,
}

impl ActiveKeyGroups {
    pub(super) fn from_sdk(active: &sdk::ActiveTrustedKeyGroups) -> Self {
        Self {
            enabled: active.enabled(),
            items: active
                .items()
                .iter()
                .map(|group| ActiveKeyGroup {
                    key_group_id: set(group.key_group_id()),
                    key_pair_ids: ids(group.key_pair_ids()),
                })
                .collect(),
        }
    }
}

impl ActiveSigners {
    pub(super) fn from_sdk(active: &sdk::ActiveTrustedSigners) -> Self {
        Self {
            enabled: active.enabled(),
            items: active
                .items()
                .iter()
                .map(|signer| ActiveSigner {
                    aws_account_number: set(signer.aws_account_number()),
                    key_pair_ids: ids(signer.key_pair_ids()),
                })
                .collect(),
        }
    }
}

fn ids(keys: Option<&sdk::KeyPairIds>) -> BTreeSet<String> {
    keys.map(sdk::KeyPairIds::items).unwrap_or_default().iter().cloned().collect()
}

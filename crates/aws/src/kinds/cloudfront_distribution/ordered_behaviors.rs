//! Behaviors for some paths: `ordered_cache_behavior`.
#![expect(
    deprecated,
    reason = "TTLs and forwarded values without a cache policy are the older way, and work"
)]

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::behaviors::Behavior;
use crate::call::malformed;

/// What CloudFront does with requests for some paths.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct OrderedBehavior {
    /// The paths, with `*` and `?` as wildcards: `/videos/*`. The first behavior that fits is taken.
    #[schemars(length(min = 1, max = 255))]
    path_pattern: String,
    /// What it does.
    #[serde(flatten)]
    behavior: Behavior,
}

/// The SDK has two types for behaviors that differ in the path alone: all else goes through the default's.
impl OrderedBehavior {
    fn from_sdk(ordered: &sdk::CacheBehavior) -> Result<Self, KindError> {
        let mut behavior = sdk::DefaultCacheBehavior::builder()
            .target_origin_id(ordered.target_origin_id())
            .viewer_protocol_policy(ordered.viewer_protocol_policy().clone())
            .build()
            .map_err(malformed)?;
        let ordered = ordered.clone();
        behavior.trusted_signers = ordered.trusted_signers;
        behavior.trusted_key_groups = ordered.trusted_key_groups;
        behavior.allowed_methods = ordered.allowed_methods;
        behavior.smooth_streaming = ordered.smooth_streaming;
        behavior.compress = ordered.compress;
        behavior.lambda_function_associations = ordered.lambda_function_associations;
        behavior.function_associations = ordered.function_associations;
        behavior.field_level_encryption_id = ordered.field_level_encryption_id;
        behavior.realtime_log_config_arn = ordered.realtime_log_config_arn;
        behavior.cache_policy_id = ordered.cache_policy_id;
        behavior.origin_request_policy_id = ordered.origin_request_policy_id;
        behavior.response_headers_policy_id = ordered.response_headers_policy_id;
        behavior.grpc_config = ordered.grpc_config;
        behavior.forwarded_values = ordered.forwarded_values;
        behavior.min_ttl = ordered.min_ttl;
        behavior.default_ttl = ordered.default_ttl;
        behavior.max_ttl = ordered.max_ttl;
        Ok(Self { path_pattern: ordered.path_pattern, behavior: Behavior::from_sdk(&behavior) })
    }

    fn to_sdk(&self) -> Result<sdk::CacheBehavior, KindError> {
        let behavior = self.behavior.to_sdk()?;
        let mut ordered = sdk::CacheBehavior::builder()
            .path_pattern(&self.path_pattern)
            .target_origin_id(behavior.target_origin_id)
            .viewer_protocol_policy(behavior.viewer_protocol_policy)
            .build()
            .map_err(malformed)?;
        ordered.trusted_signers = behavior.trusted_signers;
        ordered.trusted_key_groups = behavior.trusted_key_groups;
        ordered.allowed_methods = behavior.allowed_methods;
        ordered.smooth_streaming = behavior.smooth_streaming;
        ordered.compress = behavior.compress;
        ordered.lambda_function_associations = behavior.lambda_function_associations;
        ordered.function_associations = behavior.function_associations;
        ordered.field_level_encryption_id = behavior.field_level_encryption_id;
        ordered.realtime_log_config_arn = behavior.realtime_log_config_arn;
        ordered.cache_policy_id = behavior.cache_policy_id;
        ordered.origin_request_policy_id = behavior.origin_request_policy_id;
        ordered.response_headers_policy_id = behavior.response_headers_policy_id;
        ordered.grpc_config = behavior.grpc_config;
        ordered.forwarded_values = behavior.forwarded_values;
        ordered.min_ttl = behavior.min_ttl;
        ordered.default_ttl = behavior.default_ttl;
        ordered.max_ttl = behavior.max_ttl;
        Ok(ordered)
    }
}

/// The ordered behaviors from what AWS has.
pub(super) fn from_sdk(behaviors: Option<&sdk::CacheBehaviors>) -> Result<Vec<OrderedBehavior>, KindError> {
    let behaviors = behaviors.map(sdk::CacheBehaviors::items).unwrap_or_default();
    behaviors.iter().map(OrderedBehavior::from_sdk).collect()
}

/// The ordered behaviors as AWS takes them.
pub(super) fn to_sdk(behaviors: &[OrderedBehavior]) -> Result<sdk::CacheBehaviors, KindError> {
    let items = behaviors.iter().map(OrderedBehavior::to_sdk).collect::<Result<Vec<_>, _>>()?;
    sdk::CacheBehaviors::builder()
        .quantity(items.len() as i32)
        .set_items((!items.is_empty()).then_some(items))
        .build()
        .map_err(malformed)
}

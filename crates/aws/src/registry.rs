//! The list of all kinds: one line each.

use std::sync::Arc;

use provision_engine::kind::Registry;

use crate::clients::Aws;
use crate::kinds::*;

/// All kinds of this crate, with their clients from `aws`.
pub fn registry(aws: &Arc<Aws>) -> Registry {
    let mut registry = Registry::new();
    registry.data_source::<cloudfront_cache_policy::CachePolicyData>(aws);
    registry.resource::<cloudfront_cache_policy::CachePolicy>(aws);
    registry.resource::<cloudfront_distribution::Distribution>(aws);
    registry.resource::<cloudfront_key_group::KeyGroup>(aws);
    registry.resource::<cloudfront_origin_access_control::OriginAccessControl>(aws);
    registry.resource::<cloudfront_public_key::PublicKey>(aws);
    registry.resource::<cloudwatch_log_group::LogGroup>(aws);
    registry.resource::<s3_bucket::Bucket>(aws);
    registry.resource::<s3_bucket_policy::BucketPolicy>(aws);
    registry
}

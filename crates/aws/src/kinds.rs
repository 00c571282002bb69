pub mod cloudfront_cache_policy;
pub mod cloudfront_distribution;
pub mod cloudfront_key_group;
pub mod cloudfront_origin_access_control;
pub mod cloudfront_public_key;
pub mod cloudwatch_log_group;
pub mod s3_bucket;
pub mod s3_bucket_policy;

pub mod cloudwatch_log_group;
pub mod s3_bucket;
pub mod s3_bucket_policy;

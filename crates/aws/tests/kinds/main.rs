//! Each kind against the local AWS: created, read back, changed, found drifted, deleted.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod account;
mod acm_certificate;
mod acm_certificate_validation;
mod caller_identity;
mod cloudfront;
mod cloudfront_cache_policy;
mod cloudfront_distribution;
mod cloudfront_key_group;
mod cloudfront_origin_access_control;
mod cloudfront_public_key;
mod cloudwatch_event_rule;
mod cloudwatch_event_target;
mod cloudwatch_log_group;
mod iam_policy;
mod iam_role;
mod iam_role_policy;
mod iam_role_policy_attachment;
mod iam_user;
mod iam_user_policy_attachment;
mod kms_alias;
mod kms_key;
mod lab;
mod lambda_function;
mod lambda_permission;
mod lost_replies;
mod media_convert_job_template;
mod media_convert_queue;
mod region;
mod route53_record;
mod route53_zone;
mod s3_bucket;
mod s3_bucket_policy;
mod secretsmanager_secret;
mod secretsmanager_secret_version;

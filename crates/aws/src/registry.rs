//! The list of all kinds: one line each.

use std::sync::Arc;

use provision_engine::kind::Registry;

use crate::clients::Aws;
use crate::kinds::*;

/// All kinds of this crate, with their clients from `aws`.
pub fn registry(aws: &Arc<Aws>) -> Registry {
    let mut registry = Registry::new();
    registry.resource::<acm_certificate::Certificate>(aws);
    registry.data_source::<acm_certificate::data::CertificateData>(aws);
    registry.resource::<acm_certificate_validation::CertificateValidation>(aws);
    registry.data_source::<caller_identity::CallerIdentity>(aws);
    registry.resource::<cloudfront_cache_policy::CachePolicy>(aws);
    registry.data_source::<cloudfront_cache_policy::CachePolicyData>(aws);
    registry.resource::<cloudfront_distribution::Distribution>(aws);
    registry.resource::<cloudfront_function::Function>(aws);
    registry.resource::<cloudfront_key_group::KeyGroup>(aws);
    registry.resource::<cloudfront_monitoring_subscription::MonitoringSubscription>(aws);
    registry.resource::<cloudfront_origin_access_control::OriginAccessControl>(aws);
    registry.resource::<cloudfront_origin_access_identity::OriginAccessIdentity>(aws);
    registry.resource::<cloudfront_origin_request_policy::OriginRequestPolicy>(aws);
    registry.data_source::<cloudfront_origin_request_policy::OriginRequestPolicyData>(aws);
    registry.resource::<cloudfront_public_key::PublicKey>(aws);
    registry.resource::<cloudwatch_event_rule::Rule>(aws);
    registry.resource::<cloudwatch_event_target::EventTarget>(aws);
    registry.resource::<cloudwatch_composite_alarm::CompositeAlarm>(aws);
    registry.resource::<cloudwatch_dashboard::Dashboard>(aws);
    registry.resource::<cloudfront_response_headers_policy::ResponseHeadersPolicy>(aws);
    registry.data_source::<cloudfront_response_headers_policy::ResponseHeadersPolicyData>(aws);
    registry.resource::<cloudwatch_log_group::LogGroup>(aws);
    registry.resource::<cloudwatch_metric_alarm::MetricAlarm>(aws);
    registry.resource::<dynamodb_table::Table>(aws);
    registry.resource::<iam_policy::ManagedPolicy>(aws);
    registry.resource::<iam_role::Role>(aws);
    registry.resource::<iam_role_policy::RolePolicy>(aws);
    registry.resource::<iam_role_policy_attachment::RolePolicyAttachment>(aws);
    registry.resource::<iam_user::User>(aws);
    registry.resource::<iam_user_policy_attachment::UserPolicyAttachment>(aws);
    registry.resource::<kms_alias::Alias>(aws);
    registry.data_source::<kms_alias::data::AliasData>(aws);
    registry.resource::<kms_key::Key>(aws);
    registry.resource::<kms_key_policy::KeyPolicy>(aws);
    registry.resource::<lambda_function::Function>(aws);
    registry.resource::<lambda_permission::Permission>(aws);
    registry.resource::<media_convert_job_template::JobTemplate>(aws);
    registry.resource::<media_convert_queue::Queue>(aws);
    registry.data_source::<region::RegionData>(aws);
    registry.resource::<route53_record::Record>(aws);
    registry.resource::<route53_zone::Zone>(aws);
    registry.data_source::<route53_zone::data::ZoneData>(aws);
    registry.resource::<s3_bucket::Bucket>(aws);
    registry.resource::<s3_bucket_policy::BucketPolicy>(aws);
    registry.resource::<s3_object::Object>(aws);
    registry.resource::<secretsmanager_secret::Secret>(aws);
    registry.resource::<secretsmanager_secret_policy::SecretPolicy>(aws);
    registry.resource::<secretsmanager_secret_version::SecretVersion>(aws);
    registry.resource::<servicecatalog_constraint::Constraint>(aws);
    registry.resource::<servicecatalog_portfolio::Portfolio>(aws);
    registry.resource::<servicecatalog_principal_portfolio_association::PrincipalPortfolioAssociation>(aws);
    registry.resource::<servicecatalog_product::Product>(aws);
    registry.resource::<servicecatalog_product_portfolio_association::ProductPortfolioAssociation>(aws);
    registry.resource::<servicecatalog_provisioned_product::ProvisionedProduct>(aws);
    registry.resource::<sns_topic::Topic>(aws);
    registry.resource::<sns_topic_policy::TopicPolicy>(aws);
    registry.resource::<sns_topic_subscription::Subscription>(aws);
    registry.resource::<sqs_queue::Queue>(aws);
    registry
}

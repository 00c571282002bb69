//! What a resource of the configuration is called in a template, and by what its kind finds what a stack has made.

use std::collections::{BTreeMap, BTreeSet};

use provision_engine::plan::ChangeDocument;

use super::stack::Resource;

/// What kinds are in CloudFormation.
const TYPES: [(&str, &str); 28] = [
    ("aws_acm_certificate", "AWS::CertificateManager::Certificate"),
    ("aws_cloudfront_cache_policy", "AWS::CloudFront::CachePolicy"),
    ("aws_cloudfront_distribution", "AWS::CloudFront::Distribution"),
    ("aws_cloudfront_key_group", "AWS::CloudFront::KeyGroup"),
    ("aws_cloudfront_monitoring_subscription", "AWS::CloudFront::MonitoringSubscription"),
    ("aws_cloudfront_origin_access_control", "AWS::CloudFront::OriginAccessControl"),
    ("aws_cloudfront_origin_request_policy", "AWS::CloudFront::OriginRequestPolicy"),
    ("aws_cloudfront_public_key", "AWS::CloudFront::PublicKey"),
    ("aws_cloudwatch_dashboard", "AWS::CloudWatch::Dashboard"),
    ("aws_cloudwatch_event_rule", "AWS::Events::Rule"),
    ("aws_cloudwatch_log_group", "AWS::Logs::LogGroup"),
    ("aws_cloudwatch_metric_alarm", "AWS::CloudWatch::Alarm"),
    ("aws_dynamodb_table", "AWS::DynamoDB::Table"),
    ("aws_iam_policy", "AWS::IAM::ManagedPolicy"),
    ("aws_iam_role", "AWS::IAM::Role"),
    ("aws_iam_role_policy", "AWS::IAM::RolePolicy"),
    ("aws_kms_alias", "AWS::KMS::Alias"),
    ("aws_kms_key", "AWS::KMS::Key"),
    ("aws_lambda_function", "AWS::Lambda::Function"),
    ("aws_lambda_permission", "AWS::Lambda::Permission"),
    ("aws_media_convert_job_template", "AWS::MediaConvert::JobTemplate"),
    ("aws_media_convert_queue", "AWS::MediaConvert::Queue"),
    ("aws_route53_record", "AWS::Route53::RecordSet"),
    ("aws_route53_zone", "AWS::Route53::HostedZone"),
    ("aws_s3_bucket", "AWS::S3::Bucket"),
    ("aws_s3_bucket_policy", "AWS::S3::BucketPolicy"),
    ("aws_sns_topic", "AWS::SNS::Topic"),
    ("aws_sns_topic_policy", "AWS::SNS::TopicPolicy"),
];

/// A name as CloudFormation has it.
pub(super) fn pascal(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    words
        .map(|word| match word {
            "cloudfront" => "CloudFront".to_owned(),
            word => word[..word.len().min(1)].to_ascii_uppercase() + word.get(1..).unwrap_or_default(),
        })
        .collect()
}

/// The name of a resource in the template: that of its modules, its own unless that is `this`, what it is, and its key.
pub(super) fn logical_id(change: &ChangeDocument) -> String {
    let noun = match TYPES.iter().find(|(kind, _)| *kind == change.kind) {
        Some((_, r#type)) => r#type.rsplit("::").next().unwrap().to_owned(),
        None if change.kind == "aws_secretsmanager_secret" => "Secret".to_owned(),
        None => pascal(change.kind.trim_start_matches("aws_")),
    };
    let (address, key) = match change.address.split_once("[\"") {
        Some((address, key)) => (address, key.trim_end_matches("\"]")),
        None => (&*change.address, ""),
    };
    let names = address.split('.').filter(|name| !["module", "this", &change.kind].contains(name));
    let name: String = names.map(pascal).collect();
    let noun = if name.ends_with(&noun) { String::new() } else { noun };
    name + &noun + &pascal(key)
}

/// What a stack has made, by address, as plans look for it.
pub(super) struct Made<'a> {
    pub(super) stack: &'a BTreeMap<String, Resource>,
    /// All that the template has.
    pub(super) declared: &'a BTreeSet<String>,
    pub(super) changes: &'a [ChangeDocument],
}

impl Made<'_> {
    /// By what its kind finds a resource; `None` if the stack has nothing for it.
    pub(super) fn id(&self, change: &ChangeDocument) -> Option<String> {
        let own = self.stack.get(&logical_id(change)).map(|resource| resource.id.clone());
        let set = |argument: &str| change.after.get(argument).as_str().map(str::to_owned);
        Some(match &*change.kind {
            // What is a resource by itself is no part of its role.
            "aws_iam_role_policy" if self.declared.contains(&logical_id(change)) => own?,
            "aws_iam_role_policy" => format!("{}:{}", set("role")?, set("name")?),
            "aws_kms_key_policy" => self.behind(change, "aws_kms_key")?,
            "aws_s3_bucket_policy" => own.and(self.behind(change, "aws_s3_bucket"))?,
            "aws_sns_topic_policy" => own.and(self.behind(change, "aws_sns_topic"))?,
            "aws_cloudwatch_event_target" => {
                format!("{}/{}", self.behind(change, "aws_cloudwatch_event_rule")?, set("target_id")?)
            }
            "aws_lambda_permission" => format!("{}/{}", self.behind(change, "aws_lambda_function")?, own?),
            "aws_route53_record" => {
                own?;
                let zone = set("zone_id").or_else(|| self.behind(change, "aws_route53_zone"))?;
                format!("{zone}_{}_{}", set("name")?, set("type")?)
            }
            _ => own?,
        })
    }

    /// The id of what it refers to.
    fn behind(&self, change: &ChangeDocument, kind: &str) -> Option<String> {
        let target = change.dependencies.iter().find_map(|address| {
            self.changes.iter().find(|other| other.address == *address && other.kind == kind)
        });
        Some(self.stack.get(&logical_id(target?))?.id.clone())
    }
}

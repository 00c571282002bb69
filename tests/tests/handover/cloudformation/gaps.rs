//! Where a stack on the local AWS is not what the template says.

/// What the local AWS's CloudFormation does not know. `docs/handover.md` has the same list.
pub(super) const NOT_ON_THE_LOCAL_AWS: [&str; 6] = [
    "AWS::CloudFront::KeyGroup",
    "AWS::CloudFront::MonitoringSubscription",
    "AWS::CloudFront::PublicKey",
    "AWS::IAM::RolePolicy",
    "AWS::MediaConvert::JobTemplate",
    "AWS::MediaConvert::Queue",
];

/// What of that others refer to, and what is behind it: `apply` makes it before there is a stack.
pub(super) const MADE_BEFORE: [&str; 6] = [
    "aws_cloudfront_key_group",
    "aws_cloudfront_public_key",
    "aws_media_convert_job_template",
    "aws_media_convert_queue",
    "key_rotation",
    "tls_private_key",
];

/// What a stack has no resource for: it is left to create, or to record.
pub(super) const WITHOUT_RESOURCE: [(&str, &str); 3] = [
    ("aws_acm_certificate_validation", "it waits for the certificate, as CloudFormation does by itself"),
    (
        "aws_secretsmanager_secret_version",
        "the value is in the secret, and what is in a secret is not planned",
    ),
    ("time_static", "the time at which something was done is in the state alone"),
];

/// What differs although the template says it, by kind and argument.
pub(super) const DIFFERENT: [(&str, &str, &str); 9] = [
    (
        "aws_iam_policy",
        "tags.environment",
        "CloudFormation gives managed policies no tags: the template says so",
    ),
    ("aws_iam_policy", "tags.project", "the same"),
    (
        "aws_lambda_function",
        "handler",
        "CloudFormation puts code that is in a template into `index`: the template says so",
    ),
    (
        "aws_lambda_function",
        "logging_config.log_group",
        "what Lambda takes by itself is read as not set at an import",
    ),
    ("aws_lambda_function", "source_code_hash", "the archive has a file of another name"),
    ("aws_lambda_function", "zip_file", "the same"),
    ("aws_lambda_permission", "statement_id", "CloudFormation makes up the ids of statements"),
    ("aws_s3_bucket", "cors_rule[0].max_age_seconds", "the local AWS sets 0 where the template has nothing"),
    ("aws_cloudwatch_metric_alarm", "statistic", "the local AWS sets one beside an extended statistic"),
];

/// What the local AWS's CloudFormation makes up.
pub(super) const OUTPUTS_MADE_UP: [&str; 1] = ["hosted_zone_name_servers"];

#[test]
fn the_guide_says_what_the_local_aws_cannot_do() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/handover.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let (_, section) = guide.split_once("## What the local AWS cannot do").unwrap();
    for r#type in NOT_ON_THE_LOCAL_AWS.iter().chain(super::completion::COMPLETED) {
        assert!(section.contains(&format!("| `{type}` |")), "{type} is in docs/handover.md");
    }
}

//! Names, and prefixes for those that are made up.

use serde_json::json;

use crate::lab::Lab;

#[tokio::test]
async fn a_name_and_a_prefix_for_one_exclude_each_other() {
    let lab = Lab::new().await;
    for (kind, name) in [
        ("aws_cloudfront_public_key", "name"),
        ("aws_cloudwatch_event_rule", "name"),
        ("aws_cloudwatch_log_group", "name"),
        ("aws_iam_policy", "name"),
        ("aws_iam_role", "name"),
        ("aws_iam_role_policy", "name"),
        ("aws_kms_alias", "name"),
        ("aws_lambda_permission", "statement_id"),
        ("aws_s3_bucket", "bucket"),
        ("aws_secretsmanager_secret", "name"),
        ("aws_sns_topic", "name"),
        ("aws_sqs_queue", "name"),
    ] {
        let valid = if kind == "aws_kms_alias" { "alias/abc" } else { "abc" };
        let both = json!({ name: valid, format!("{name}_prefix"): valid });
        let problems = lab.problems(kind, both);
        assert!(
            problems.iter().any(|problem| problem.contains("exclude each other")),
            "{kind}: {problems:?}"
        );
    }
}

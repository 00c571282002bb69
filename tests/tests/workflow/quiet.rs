//! Plans that are quiet about what does not change, down to the elements of policies and dashboards.

use crate::environment::{ENVIRONMENT, world};

const TEXT: &str = r#"[env]
name = "dev"
project = "story"
region = "us-east-1"
tags = { team = "video", cost = "42" }

[resource.aws_iam_policy.upload]
name = "PROJECT-upload"

[resource.aws_iam_policy.upload.policy]
Version = "2012-10-17"

[[resource.aws_iam_policy.upload.policy.Statement]]
Sid = "Upload"
Effect = "Allow"
Action = ["s3:PutObject", "s3:AbortMultipartUpload"]
Resource = "arn:aws:s3:::PROJECT-uploads/*"

[[resource.aws_iam_policy.upload.policy.Statement]]
Sid = "List"
Effect = "Allow"
Action = "s3:ListBucket"
Resource = "arn:aws:s3:::PROJECT-uploads"

[resource.aws_cloudwatch_dashboard.uploads]
dashboard_name = "PROJECT-uploads"

[[resource.aws_cloudwatch_dashboard.uploads.dashboard_body.widgets]]
type = "text"
width = 24
height = 2
properties = { markdown = "Uploads" }

[[resource.aws_cloudwatch_dashboard.uploads.dashboard_body.widgets]]
type = "metric"
width = 12
height = 6
properties = { region = "us-east-1", title = "Waiting", period = 300, metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "uploads"]] }

[resource.aws_cloudwatch_log_group.encoder]
name = "/PROJECT/encoder"
retention_in_days = 30
"#;

#[test]
fn of_a_policy_and_a_dashboard_only_what_changes_is_shown() {
    let world = world();
    let write = |text: &str| world.write(ENVIRONMENT, &text.replace("PROJECT", world.project()));
    write(TEXT);
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    // Other words for the same: an action as a list, statements and keys in another order.
    write(&TEXT.replace("\"s3:ListBucket\"", "[\"s3:ListBucket\"]").replace(
        "[\"s3:PutObject\", \"s3:AbortMultipartUpload\"]",
        "[\"s3:AbortMultipartUpload\", \"s3:PutObject\"]",
    ));
    world.assert_no_changes(ENVIRONMENT);
    write(
        &TEXT
            .replace("\"s3:AbortMultipartUpload\"", "\"s3:AbortMultipartUpload\", \"s3:PutObjectTagging\"")
            .replace("period = 300", "period = 60")
            .replace("cost = \"42\"", "cost = \"43\""),
    );
    insta::assert_snapshot!("elements", world.screens(&["plan", ENVIRONMENT]));
    world.succeed(&["apply"]);
    insta::assert_snapshot!("nothing", world.screens(&["plan", ENVIRONMENT]));
}

#[test]
fn what_others_have_changed_takes_a_line_where_it_makes_no_difference() {
    let world = world();
    let write = |text: &str| world.write(ENVIRONMENT, &text.replace("PROJECT", world.project()));
    write(TEXT);
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.sdk());
    let group = format!("/{}/encoder", world.project());
    world.wait(async {
        logs.put_retention_policy().log_group_name(&group).retention_in_days(60).send().await.unwrap()
    });
    // They have done what the file now asks for.
    write(&TEXT.replace("retention_in_days = 30", "retention_in_days = 60"));
    insta::assert_snapshot!("drift_elsewhere", world.screens(&["plan", ENVIRONMENT]));
}

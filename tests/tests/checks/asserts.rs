//! What must be true of what there is.

use provision_tests::World;
use serde_json::{Value as Json, json};

use crate::environment::{BUCKET, ENVIRONMENT, apply, configure, finding, shown, verify, world};

const CHECKS: &str = r#"
[resource.aws_cloudwatch_log_group.logs]
name = "/${env.project}/logs"
retention_in_days = 30

[variable.sample]
description = "A video to try things with."
default = "${null}"

[check.versions]
description = "Files can be had back"

[[check.versions.assert]]
condition = "${aws_s3_bucket.files.versioning.enabled}"
error_message = "${aws_s3_bucket.files.bucket} keeps no versions"

[[check.versions.assert]]
condition = "${aws_s3_bucket.files.bucket_domain_name != null}"
error_message = "it has no domain name"

[check.logs]
description = "Logs are kept for as long as somebody may ask for them, and not for ever"

[[check.logs.assert]]
condition = "${aws_cloudwatch_log_group.logs.retention_in_days == 30}"
error_message = "logs are kept for ${aws_cloudwatch_log_group.logs.retention_in_days} days, not 30"

[[check.logs.assert]]
condition = "${aws_cloudwatch_log_group.logs.kms_key_id == null}"
error_message = "they are encrypted with a key that nobody here has"

[check.tagged]
description = "The bucket says whose it is"
severity = "warning"

[[check.tagged.assert]]
condition = '${lookup(aws_s3_bucket.files.tags, "team", "") != ""}'
error_message = "${aws_s3_bucket.files.bucket} has no tag `team`"

[check.sample]
description = "The sample is there"
skip = '${var.sample == null ? "there is no sample: give one with --var sample=s3://…" : null}'

[[check.sample.assert]]
condition = "${startswith(var.sample, \"s3://\")}"
error_message = "`${var.sample}` is no object of S3"

[check.never]
description = "Never run"
lifecycle = { enabled = "${env.name == \"prod\"}" }
assert = { condition = false, error_message = "it was run" }
"#;

#[test]
fn the_checklist_tells_what_is_true_now() {
    let world = world(&format!("{BUCKET}{CHECKS}"));
    let refused = verify(&world, &[]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("envs/checks.toml has not been applied"), "{refused}");
    apply(&world);
    let state = world.read(&state_path(&world));
    let good = verify(&world, &[]);
    assert_eq!(good.code, Some(0), "a warning and what is skipped are no failures: {good}");
    insta::assert_snapshot!("good", shown(&world, &good));
    // Somebody else changes what the state has recorded.
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.sdk());
    let group = format!("/{}/logs", world.project());
    world.wait(logs.put_retention_policy().log_group_name(group).retention_in_days(7).send()).unwrap();
    let output = verify(&world, &["--var", "sample=a.mp4"]);
    assert_eq!(output.code, Some(1), "{output}");
    insta::assert_snapshot!("changed", shown(&world, &output));
    assert_eq!(world.read(&state_path(&world)), state, "the state is left as it was");
}

#[test]
fn what_was_not_applied_is_said_to_be_missing() {
    let world = world(BUCKET);
    apply(&world);
    configure(&world, &format!("{BUCKET}{CHECKS}"));
    let (result, reasons) = finding(&world, "logs");
    let why = "its condition cannot be evaluated: aws_cloudwatch_log_group.logs is not there: apply first";
    assert_eq!((result.as_str(), reasons), ("failed", vec![why.to_owned(), why.to_owned()]));
}

#[test]
fn a_few_checks_can_be_named_and_programs_get_json() {
    let world = world(&format!("{BUCKET}{CHECKS}"));
    apply(&world);
    let output = verify(&world, &["tagged", "check.sample", "--json"]);
    let document: Json = serde_json::from_str(&output.stdout).unwrap();
    let project = world.project();
    assert_eq!(
        document,
        json!({
            "format_version": "1",
            "env": { "project": project, "name": "checks", "region": "us-east-1" },
            "checks": [
                {
                    "check": "check.tagged",
                    "description": "The bucket says whose it is",
                    "severity": "warning",
                    "result": "warning",
                    "reasons": [format!("{project}-files has no tag `team`")],
                },
                {
                    "check": "check.sample",
                    "description": "The sample is there",
                    "severity": "error",
                    "result": "skipped",
                    "reasons": ["there is no sample: give one with --var sample=s3://…"],
                },
            ],
            "summary": { "passed": 0, "failed": 0, "skipped": 1, "warning": 1 },
        })
    );
    let refused = verify(&world, &["tagge"]);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("there is no check `tagge`"), "{refused}");
    assert!(refused.stderr.contains("did you mean `tagged`?"), "{refused}");
    // The environment that was used last need not be named.
    world.succeed(&["plan", ENVIRONMENT]);
    assert_eq!(world.succeed(&["verify", "versions"]).stdout, verify(&world, &["versions"]).stdout);
}

#[test]
fn an_environment_without_checks_says_so() {
    let world = world(BUCKET);
    apply(&world);
    let output = verify(&world, &[]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), "There are no checks.\n"));
}

#[test]
fn mistakes_are_found_before_anything_is_applied() {
    let world = world(
        "[check.a]\ndescription = \"A\"\nseverty = \"error\"\nassert = { condition = \"${aws_s3_bucket.file.arn != null}\", error_message = \"x\" }\n[check.b]\ndescription = \"B\"\nhttp = { url = \"https://a\", method = \"FETCH\" }\n",
    );
    let output = world.provision(&["validate", ENVIRONMENT]);
    assert_eq!(output.code, Some(1), "{output}");
    insta::assert_snapshot!("mistakes", output.stderr);
}

fn state_path(world: &World) -> String {
    format!("state/{}-checks.json", world.project())
}

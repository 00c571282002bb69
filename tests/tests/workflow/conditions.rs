//! Conditions that a block states, and resources that must not go.

use crate::environment::{ENVIRONMENT, TEXT, applied, world, write};

#[test]
fn a_condition_that_does_not_hold_stops_the_plan_at_its_line() {
    let world = world();
    let condition = r#"
[[resource.aws_cloudwatch_log_group.encoder.lifecycle.precondition]]
condition = "${var.days >= 30}"
error_message = "logs are kept for 30 days at least, and not for ${var.days}"

[[resource.aws_cloudwatch_log_group.encoder.lifecycle.postcondition]]
condition = '${endswith(self.name, "/encoder")}'
error_message = "the encoder looks for its own group, and not for ${self.name}"
"#;
    write(&world, &format!("{TEXT}{condition}"));
    insta::assert_snapshot!("precondition", world.screens(&["plan", ENVIRONMENT, "--var", "days=7"]));
    world.edit(ENVIRONMENT, "/encoder\"\nretention", "/transcoder\"\nretention");
    insta::assert_snapshot!("postcondition", world.screens(&["plan", ENVIRONMENT]));
}

#[test]
fn what_must_not_go_stays_also_without_its_block() {
    let world = world();
    let lifecycle = "\n[resource.aws_s3_bucket.uploads.lifecycle]\nprevent_destroy = true\n";
    write(&world, &format!("{TEXT}{lifecycle}"));
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    let (env, rest) = TEXT.split_once("[resource.aws_s3_bucket.uploads]").unwrap();
    let (_, queue) = rest.split_once("[resource.aws_sqs_queue.uploads]").unwrap();
    let (queue, _) = queue.split_once("[output").unwrap();
    write(&world, &format!("{env}[resource.aws_sqs_queue.uploads]{queue}"));
    insta::assert_snapshot!("prevented", world.screens(&["plan", ENVIRONMENT]));
    assert_eq!(world.provision(&["destroy", ENVIRONMENT, "--auto-approve"]).code, Some(1));
}

#[test]
fn a_protected_environment_loses_nothing_by_accident() {
    let world = applied();
    write(
        &world,
        &TEXT
            .replace("[variable.days]", "protect = true\n[variable.days]")
            .replace("/PROJECT/encoder", "/PROJECT/transcoder"),
    );
    insta::assert_snapshot!("protected", world.screens(&["plan", ENVIRONMENT]));
    let refused = world.provision(&["apply"]);
    assert!(refused.code == Some(1) && refused.stderr.contains("--allow-destroy"), "{refused}");
    world.succeed(&["apply", "--allow-destroy"]);
}

#[test]
fn another_account_is_not_touched() {
    let world = world();
    write(&world, &TEXT.replace("[variable.days]", "account_id = \"123456789012\"\n[variable.days]"));
    insta::assert_snapshot!("other_account", world.screens(&["plan", ENVIRONMENT]));
}

#[test]
fn a_variable_that_must_not_be_is_refused_where_it_is_given() {
    let world = world();
    let validation = "default = 30\nvalidation = { condition = \"${contains([7, 30, 60, 90], var.days)}\", error_message = \"CloudWatch keeps logs for 7, 30, 60 or 90 days\" }";
    write(&world, &TEXT.replace("default = 30", validation));
    world.succeed(&["validate", ENVIRONMENT]);
    insta::assert_snapshot!("validation", world.screens(&["plan", ENVIRONMENT, "--var", "days=31"]));
}

//! Plans of a part of the environment, and plans of more than its configuration demands.

use crate::environment::{ENVIRONMENT, TEXT, applied, changes, world, write};

#[test]
fn a_target_comes_with_what_it_needs() {
    let world = world();
    let alarm = "aws_cloudwatch_metric_alarm.backlog";
    insta::assert_snapshot!("target", world.screens(&["plan", ENVIRONMENT, "--target", alarm]));
    let called = changes(&world, || drop(world.succeed(&["apply"])));
    assert_eq!(called, ["CreateQueue", "PutMetricAlarm"]);
    insta::assert_snapshot!(
        "no_target",
        world.screens(&["plan", ENVIRONMENT, "--target", "aws_cloudwatch_metric_alarm.backlg"])
    );
}

#[test]
fn what_is_excluded_is_named() {
    let world = applied();
    write(&world, &TEXT.replace("86400", "3600").replace("default = 30", "default = 60"));
    let excluded = ["plan", ENVIRONMENT, "--exclude", "aws_sqs_queue.uploads"];
    insta::assert_snapshot!("exclude", world.screens(&excluded));
    assert_eq!(changes(&world, || drop(world.succeed(&["apply"]))), ["PutRetentionPolicy"]);
    let destroyed =
        world.succeed(&["destroy", ENVIRONMENT, "--auto-approve", "--target", "aws_sqs_queue.uploads"]);
    assert!(destroyed.stdout.contains("2 to delete"), "the alarm goes first: {destroyed}");
}

#[test]
fn what_is_asked_for_is_made_anew() {
    let world = applied();
    let replaced = ["plan", ENVIRONMENT, "--replace", "aws_cloudwatch_log_group.encoder"];
    insta::assert_snapshot!("replace", world.screens(&replaced));
    let called = changes(&world, || drop(world.succeed(&["apply"])));
    assert_eq!(called, ["DeleteLogGroup", "CreateLogGroup", "PutRetentionPolicy"]);
    world.assert_no_changes(ENVIRONMENT);
}

#[test]
fn a_replacement_says_which_line_did_it() {
    let world = applied();
    write(&world, &TEXT.replace("/PROJECT/encoder", "/PROJECT/transcoder"));
    insta::assert_snapshot!("because", world.screens(&["plan", ENVIRONMENT]));
}

#[test]
fn a_refresh_brings_the_state_to_what_is_there() {
    let world = applied();
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.sdk());
    let group = format!("/{}/encoder", world.project());
    world.wait(async {
        logs.put_retention_policy().log_group_name(&group).retention_in_days(7).send().await.unwrap()
    });
    let alarms = aws_sdk_cloudwatch::Client::new(&world.sdk());
    let alarm = format!("{}-backlog", world.project());
    world.wait(async { alarms.delete_alarms().alarm_names(&alarm).send().await.unwrap() });
    insta::assert_snapshot!("refresh_only", world.screens(&["plan", ENVIRONMENT, "--refresh-only"]));
    assert_eq!(changes(&world, || drop(world.succeed(&["apply"]))), [""; 0]);
    let state = world.succeed(&["show", ENVIRONMENT, "--json"]).stdout;
    assert!(
        !state.contains("metric_alarm.backlog\"") && state.contains("\"retention_in_days\": 7"),
        "{state}"
    );
    let again = world.succeed(&["refresh", ENVIRONMENT, "--auto-approve"]);
    assert!(again.stdout.contains("No changes."), "{again}");
    insta::assert_snapshot!("after_refresh", world.screens(&["plan", ENVIRONMENT]));
}

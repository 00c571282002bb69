//! How resources may change: made before they are deleted, left alone in part, replaced with others.

use crate::environment::{ENVIRONMENT, TEXT, applied, apply, changes, world, write};

#[test]
fn what_is_made_before_it_is_deleted_is_never_missing() {
    let world = world();
    let before = TEXT.replace(
        "name = \"/PROJECT/encoder\"",
        "name = \"/PROJECT/encoder\"\nlifecycle = { create_before_destroy = true }",
    );
    write(&world, &before);
    apply(&world, &[]);
    write(&world, &before.replace("/PROJECT/encoder", "/PROJECT/transcoder"));
    insta::assert_snapshot!("create_before_destroy", world.screens(&["plan", ENVIRONMENT]));
    let called = changes(&world, || drop(world.succeed(&["apply"])));
    assert_eq!(called, ["CreateLogGroup", "PutRetentionPolicy", "DeleteLogGroup"]);
    world.assert_no_changes(ENVIRONMENT);
}

#[test]
fn what_is_ignored_is_left_to_others() {
    let world = applied();
    let logs = aws_sdk_cloudwatchlogs::Client::new(&world.sdk());
    let group = format!("/{}/encoder", world.project());
    world.wait(async {
        logs.put_retention_policy().log_group_name(&group).retention_in_days(7).send().await.unwrap()
    });
    insta::assert_snapshot!("drift", world.screens(&["plan", ENVIRONMENT]));
    let ignoring = "retention_in_days = \"${var.days}\"\nlifecycle = { ignore_changes = '${env.name == \"dev\" ? [\"retention_in_days\"] : []}' }";
    write(&world, &TEXT.replace("retention_in_days = \"${var.days}\"", ignoring));
    insta::assert_snapshot!("ignored", world.screens(&["plan", ENVIRONMENT]));
}

#[test]
fn what_is_replaced_with_another_says_with_which() {
    let world = world();
    let triggered = "name = \"/PROJECT/encoder\"\nlifecycle = { replace_triggered_by = [\"aws_sqs_queue.uploads.message_retention_seconds\"] }";
    let text = TEXT.replace("name = \"/PROJECT/encoder\"", triggered);
    write(&world, &text);
    apply(&world, &[]);
    write(&world, &text.replace("86400", "3600"));
    insta::assert_snapshot!("triggered", world.screens(&["plan", ENVIRONMENT]));
    world.succeed(&["apply"]);
    world.assert_no_changes(ENVIRONMENT);
}

//! Blocks that get other names, and blocks that go while what they made stays.

use crate::environment::{ENVIRONMENT, TEXT, applied, apply, changes, write};

#[test]
fn a_block_with_another_name_is_the_same_resource() {
    let world = applied();
    let renamed = TEXT.replace("aws_s3_bucket.uploads", "aws_s3_bucket.incoming").replace("86400", "3600");
    let moved = "\n[[moved]]\nfrom = \"aws_s3_bucket.uploads\"\nto = \"aws_s3_bucket.incoming\"\n";
    write(&world, &format!("{renamed}{moved}"));
    insta::assert_snapshot!("moved", world.screens(&["plan", ENVIRONMENT]));
    // As it was shown.
    assert_eq!(changes(&world, || drop(world.succeed(&["apply"]))), ["SetQueueAttributes"]);
    world.assert_no_changes(ENVIRONMENT);
    let list = world.succeed(&["state", "list", ENVIRONMENT]).stdout;
    assert!(list.contains("aws_s3_bucket.incoming") && !list.contains("aws_s3_bucket.uploads"), "{list}");
    write(&world, &renamed);
    world.assert_no_changes(ENVIRONMENT);
}

#[test]
fn a_block_that_goes_can_leave_its_resource_behind() {
    let world = applied();
    let (before, _) = TEXT.split_once("[resource.aws_cloudwatch_metric_alarm").unwrap();
    let removed =
        "[[removed]]\nfrom = \"aws_cloudwatch_log_group.encoder\"\nlifecycle = { destroy = false }\n";
    write(&world, &format!("{before}{removed}"));
    insta::assert_snapshot!("removed", world.screens(&["plan", ENVIRONMENT]));
    assert_eq!(changes(&world, || drop(apply(&world, &[]))), ["DeleteAlarms"]);
    world.assert_no_changes(ENVIRONMENT);
    let kinds: Vec<String> = world.resources().into_iter().map(|resource| resource.kind).collect();
    assert!(kinds.iter().any(|kind| kind.contains("log_group")), "it is there still: {kinds:?}");
}

#[test]
fn a_move_that_cannot_be_points_at_its_line() {
    let world = applied();
    let moved = "\n[[moved]]\nfrom = \"aws_sqs_queue.uploads\"\nto = \"aws_sqs_queue.incoming\"\n";
    write(&world, &format!("{TEXT}{moved}"));
    insta::assert_snapshot!("impossible", world.screens(&["plan", ENVIRONMENT]));
}

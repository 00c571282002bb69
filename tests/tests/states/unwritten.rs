//! A run whose state can be written no more: it stops, and what it knew is in a file on this machine.

use provision_sandbox::{Effect, Fault};
use provision_tests::World;

use crate::small::{APPLY, SMALL, lock, log_groups, state, world};

/// From then on S3 says that the credentials have ended. `writes`: how many it takes before.
fn credentials_end_after(world: &World, writes: u32) {
    let effect = Effect::Error {
        status: 400,
        code: "ExpiredToken".to_owned(),
        message: "The provided token has expired.".to_owned(),
    };
    let fault = Fault {
        service: Some("s3".to_owned()),
        operation: Some("PutObject".to_owned()),
        skip: writes,
        ..Fault::new(effect)
    };
    world.wait(world.control().inject(&fault)).unwrap();
}

fn errored(world: &World) -> String {
    format!("state/{}-small.errored.json", world.project())
}

#[test]
fn what_a_run_knew_when_its_credentials_ended_is_kept_and_pushed() {
    let world = world(false);
    // The lock, the state as it was, and the intent of the first log group.
    credentials_end_after(&world, 3);
    let output = world.provision(&APPLY);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.stderr.contains("ExpiredToken") && output.stderr.contains("state push"), "{output}");
    assert_eq!(log_groups(&world), ["/story/first"], "nothing was begun after that");
    world.wait(world.control().clear_faults()).unwrap();
    assert_eq!(lock(&world), None, "the lock was given back");
    assert!(
        state(&world)["resources"].as_object().unwrap().is_empty(),
        "the state knows of nothing but the intent"
    );

    let pushed = world.succeed(&["state", "push", &errored(&world), SMALL]);
    assert!(pushed.stdout.contains("aws_cloudwatch_log_group.first: as that run left it"), "{pushed}");
    assert!(!world.directory().join(errored(&world)).exists(), "it has served");
    let output = world.succeed(&APPLY);
    assert!(!output.stdout.contains("+ aws_cloudwatch_log_group.first"), "it is known: {output}");
    assert_eq!(log_groups(&world), ["/story/first", "/story/second-30"]);
}

#[test]
fn what_a_run_knew_is_found_again_without_a_push() {
    let world = world(false);
    credentials_end_after(&world, 3);
    assert_eq!(world.provision(&APPLY).code, Some(1));
    world.wait(world.control().clear_faults()).unwrap();
    world.succeed(&APPLY);
    assert_eq!(log_groups(&world), ["/story/first", "/story/second-30"]);
    // To push it now adds nothing, and harms nothing.
    let before = state(&world)["resources"].clone();
    world.succeed(&["state", "push", &errored(&world), SMALL]);
    assert_eq!(state(&world)["resources"], before);
}

#[test]
fn nothing_is_begun_when_the_state_cannot_be_written_at_all() {
    let world = world(false);
    credentials_end_after(&world, 0);
    let output = world.provision(&APPLY);
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.stderr.contains("ExpiredToken"), "{output}");
    assert_eq!(log_groups(&world), Vec::<String>::new());
    assert!(!world.directory().join(errored(&world)).exists(), "there is nothing to keep");
}

//! Ctrl-C: once, and what is under way is waited for; twice, and the run ends at once.

use std::process::Command;

use provision_sandbox::{Effect, Fault};
use provision_tests::{Run, World};

use crate::killing::{clear, eventually, wait_until_held};
use crate::storytime::{APPLY, assert_whole, state};

const DISTRIBUTION: &str = "module.storytime.module.cloudfront.aws_cloudfront_distribution.this";
const BUCKET_POLICY: &str = "module.storytime.module.cloudfront.aws_s3_bucket_policy.this";

/// An apply whose distribution was created, and which has not heard of that yet.
fn held_apply(world: &World) -> Run {
    let fault = Fault {
        operation: Some("CreateDistributionWithTags".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::Hold)
    };
    world.wait(world.control().inject(&fault)).unwrap();
    let mut run = world.spawn(&APPLY);
    assert!(wait_until_held(world, &mut run), "a distribution is created");
    run
}

fn interrupt(run: &Run) {
    let sent = Command::new("kill").args(["-INT", &run.process().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn an_interrupted_run_finishes_what_is_under_way() {
    let world = World::new();
    let run = held_apply(&world);
    interrupt(&run);
    eventually("the run says that it was interrupted", || run.stderr().contains("Interrupted"));
    clear(&world);
    let output = run.wait();
    assert_eq!(output.code, Some(1), "{output}");
    let state = state(&world);
    assert_ne!(state["resources"][DISTRIBUTION]["attributes"]["arn"], serde_json::Value::Null, "{state:#}");
    assert_eq!(state["resources"].get(BUCKET_POLICY), None, "nothing new was begun: {output}");
    world.succeed(&APPLY);
    assert_whole(&world);
}

#[test]
fn a_run_that_is_interrupted_twice_ends_at_once() {
    let world = World::new();
    let run = held_apply(&world);
    interrupt(&run);
    eventually("the run says that it was interrupted", || run.stderr().contains("Interrupted"));
    interrupt(&run);
    let output = run.wait();
    assert_eq!(output.code, Some(130), "{output}");
    clear(&world);
    world.succeed(&APPLY);
    assert_whole(&world);
}

//! What a plan asks of AWS.

use std::collections::HashMap;

use provision_sandbox::Call;
use provision_tests::World;

const ENVIRONMENT: &str = "envs/prod.toml";

/// What a command asked.
fn asked(world: &World, arguments: &[&str]) -> Vec<Call> {
    let calls = || {
        let control = world.control();
        world.wait(async move { control.calls().await }).unwrap()
    };
    let before = calls().len();
    world.succeed(arguments);
    calls().split_off(before)
}

/// Fails if anything was asked more than once.
fn assert_nothing_twice(calls: &[Call], what: &str) {
    let mut times: HashMap<_, usize> = HashMap::new();
    for call in calls {
        *times.entry((&call.region, &call.service, &call.operation, call.digest)).or_default() += 1;
    }
    let again: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(again.is_empty(), "{what} asks again what it knows: {again:#?}");
}

#[test]
fn a_plan_asks_nothing_twice() {
    let world = World::new();
    let zone = format!("{}.example", world.project());
    let world = world
        .with_variable("PROVISION_VAR_domain_name", &format!("cdn.{zone}"))
        .with_variable("PROVISION_VAR_hosted_zone_name", &zone);
    let made = asked(&world, &["plan", ENVIRONMENT]);
    assert_nothing_twice(&made, "a plan of what is to be made");
    world.succeed(&["apply"]);

    let unchanged = asked(&world, &["plan", ENVIRONMENT]);
    assert_nothing_twice(&unchanged, "a plan of what is there");
    let times = |operation: &str| unchanged.iter().filter(|call| call.operation == operation).count();
    assert_eq!(times("GetCallerIdentity"), 1);
    assert_eq!(times("HeadBucket"), 2, "two buckets are read, and both are in the log");

    let destroyed = asked(&world, &["plan", ENVIRONMENT, "--destroy"]);
    assert_nothing_twice(&destroyed, "a plan that takes it away again");
    let lists = destroyed.iter().filter(|call| call.operation == "ListDistributions").count();
    assert_eq!(lists, 1, "several kinds look for what holds on to them");
}

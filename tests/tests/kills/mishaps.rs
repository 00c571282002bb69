//! A fifth of all calls is throttled, fails, is cut or is delayed, before it takes effect or after.

use std::panic::{AssertUnwindSafe, catch_unwind};

use provision_sandbox::{Effect, Fault};
use provision_tests::World;

use crate::killing::{calls, clear};
use crate::storytime::{
    APPLY, APPLY_PROD, DESTROY, DESTROY_PROD, assert_gone, assert_gone_from, assert_prod_whole, assert_whole,
    world_with_domain, world_with_state_in_s3,
};

const PERCENT: u8 = 20;
/// How often a command that fails is repeated.
const RERUNS: usize = 10;

/// Runs a command while calls are hit, and again while it fails.
fn succeeds_at_last(world: &World, arguments: &[&str], seed: u64) {
    let before = calls(world).len();
    let fault = Fault::new(Effect::Random { percent: PERCENT, seed });
    world.wait(world.control().inject(&fault)).unwrap();
    let mut failed = Vec::new();
    loop {
        let output = world.provision(arguments);
        if output.code == Some(0) {
            break;
        }
        assert_eq!(output.code, Some(1), "it fails in good order: {output}");
        failed.push(output.to_string());
        assert!(failed.len() <= RERUNS, "it converges: {}", failed.join("\n"));
    }
    clear(world);
    let (calls, reruns) = (calls(world).len() - before, failed.len());
    println!("seed {seed}: {} took {calls} calls and {reruns} reruns", arguments.join(" "));
}

/// Tells a story for each seed, all at a time: most of their time goes by between the attempts of calls.
fn with_seeds(seeds: std::ops::Range<u64>, story: impl Fn(u64) + Sync) {
    let failures: Vec<u64> = std::thread::scope(|scope| {
        let told = seeds.map(|seed| {
            let story = &story;
            (seed, scope.spawn(move || catch_unwind(AssertUnwindSafe(|| story(seed)))))
        });
        let told: Vec<_> = told.collect();
        told.into_iter().filter_map(|(seed, thread)| thread.join().unwrap().err().map(|_| seed)).collect()
    });
    assert_eq!(failures, [0_u64; 0], "with these seeds it does not converge (see above)");
}

fn dev_converges(world: &World, seed: u64) {
    succeeds_at_last(world, &APPLY, seed);
    assert_whole(world);
    succeeds_at_last(world, &DESTROY, seed);
    assert_gone(world);
}

#[test]
fn dev_converges_though_a_fifth_of_all_calls_goes_wrong() {
    with_seeds(0..4, |seed| dev_converges(&World::new(), seed));
}

/// Calls for the state go wrong as often as any other.
#[test]
fn dev_converges_with_its_state_in_s3_too() {
    with_seeds(300..304, |seed| {
        let world = world_with_state_in_s3();
        // What is repeated so often takes longer than a second.
        world.edit("envs/dev.toml", "lock_lease = 1", "lock_lease = 5");
        dev_converges(&world, seed);
    });
}

/// With so few attempts there are calls that never succeed, and runs that fail because of them.
#[test]
fn dev_converges_with_fewer_attempts_too() {
    with_seeds(200..206, |seed| {
        dev_converges(&World::new().with_variable("AWS_MAX_ATTEMPTS", "3"), seed);
    });
}

#[test]
fn prod_converges_though_a_fifth_of_all_calls_goes_wrong() {
    with_seeds(100..101, |seed| {
        let world = world_with_domain();
        succeeds_at_last(&world, &APPLY_PROD, seed);
        assert_prod_whole(&world);
        succeeds_at_last(&world, &DESTROY_PROD, seed);
        assert_gone_from(&world, "prod");
    });
}

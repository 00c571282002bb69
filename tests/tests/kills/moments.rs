//! Kills at moments that are no call: while files are read and written, keys made, plans drawn.

use std::time::Duration;

use provision_tests::World;

use crate::killing::{calls, eventually};
use crate::secrets::assert_no_private_key;
use crate::storytime::{APPLY, DESTROY, assert_gone, assert_whole};

/// Runs a command that is killed twenty times, each time somewhat later, and then runs it to its end.
fn killed_again_and_again(world: &World, arguments: &[&str], seed: u64) {
    let mut random = seed;
    for attempt in 0..20 {
        // Knuth's MMIX generator: as random as needed, and the same each time.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let run = world.spawn(arguments);
        std::thread::sleep(Duration::from_millis(20 + (random >> 33) % (60 * (attempt + 1))));
        run.kill();
        assert_no_private_key(world);
        eventually("what was sent has taken effect", || {
            calls(world).iter().all(|call| call.status.is_some())
        });
    }
    world.succeed(arguments);
}

#[test]
fn a_run_that_is_killed_twenty_times_in_a_row_is_finished_by_the_next() {
    for seed in 0..4 {
        let world = World::new();
        killed_again_and_again(&world, &APPLY, seed);
        assert_whole(&world);
        killed_again_and_again(&world, &DESTROY, seed);
        assert_gone(&world);
    }
}

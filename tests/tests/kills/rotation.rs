//! The key pair is changed for another, with other things on the way, and the run is killed: whoever signs meanwhile is
//! trusted at every moment, and the next run finishes what was begun.

use provision_tests::{Signer, World};

use crate::killing::{Moment, at_each_call, kill};
use crate::storytime::{APPLY, assert_whole, world_with_quick_keys};

const ROTATE: [&str; 5] = ["rotate", "envs/dev.toml", "--auto-approve", "--lock-timeout", "60s"];

fn sign(world: &World) -> provision_tests::Signature {
    let signer = Signer::new(world, format!("{}/dev/cloudfront_private_key", world.project()));
    world.wait(async move { signer.sign().await })
}

/// Lets the overlap be over, and the old key go.
fn end_overlap(world: &World) {
    world.edit("envs/dev.toml", "key_overlap = \"24h\"", "key_overlap = \"0s\"");
}

fn begun_and_killed_at_each_call(moment: Moment) {
    at_each_call(|number| {
        let world = world_with_quick_keys();
        world.succeed(&APPLY);
        let old = sign(&world).key_pair_id;
        world.edit("modules/storytime/module.toml", "\"Signed cookies of", "\"Cookies of");
        let module = "modules/cloudfront_hls/module.toml";
        world.edit(module, "signing_behavior = \"always\"", "signing_behavior = \"no-override\"");
        world.edit(module, "min_ttl = 1\n", "min_ttl = 2\n");
        let call = kill(&world, &ROTATE, moment, number);
        sign(&world);
        if let Some(call) = &call {
            println!("{number}: the rotation was killed at {} {}", call.service, call.operation);
            world.succeed(&ROTATE);
        }
        let signed = sign(&world);
        assert_ne!(signed.key_pair_id, old, "the new key is in use");
        assert_eq!(signed.trusted.len(), 2, "and the old one is trusted for a while: {signed:?}");
        assert!(signed.trusted.contains(&old), "{signed:?}");
        end_overlap(&world);
        world.succeed(&APPLY);
        assert_whole(&world);
        call.is_some()
    });
}

#[test]
fn a_rotation_that_was_killed_at_any_call_is_finished_by_the_next_run() {
    begun_and_killed_at_each_call(Moment::AfterAnyCall);
}

#[test]
fn a_rotation_that_was_killed_before_any_change_arrived_is_finished_by_the_next_run() {
    begun_and_killed_at_each_call(Moment::BeforeAnyChange);
}

#[test]
fn an_old_key_goes_although_the_run_that_lets_it_go_is_killed() {
    for moment in [Moment::AfterAnyChange, Moment::BeforeAnyChange] {
        at_each_call(|number| {
            let world = world_with_quick_keys();
            world.succeed(&APPLY);
            world.succeed(&ROTATE);
            let signed = sign(&world);
            end_overlap(&world);
            let call = kill(&world, &APPLY, moment, number);
            sign(&world);
            if let Some(call) = &call {
                println!("{number}: the end was killed at {} {}", call.service, call.operation);
                world.succeed(&APPLY);
            }
            assert_eq!(sign(&world).trusted, [signed.key_pair_id], "the new key alone is trusted");
            assert_whole(&world);
            call.is_some()
        });
    }
}

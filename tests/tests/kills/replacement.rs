//! The key pair is replaced, which makes a new public key before the old one goes, and the run is killed.

use crate::killing::{Moment, at_each_call, kill};
use crate::storytime::{APPLY, assert_whole, world_with_quick_keys};

fn killed_at_each_call(moment: Moment) {
    at_each_call(|number| {
        let world = world_with_quick_keys();
        world.succeed(&APPLY);
        let module = "modules/cloudfront_hls/module.toml";
        world.edit("envs/dev.toml", "generated_key_version = 1", "generated_key_version = 2");
        world.edit(module, "comment = \"Signed cookies of", "comment = \"Cookies of");
        world.edit(module, "signing_behavior = \"always\"", "signing_behavior = \"no-override\"");
        world.edit(module, "min_ttl = 1\n", "min_ttl = 2\n");
        let call = kill(&world, &APPLY, moment, number);
        if let Some(call) = &call {
            println!("{number}: the apply was killed at {} {}", call.service, call.operation);
            world.succeed(&APPLY);
        }
        assert_whole(&world);
        call.is_some()
    });
}

#[test]
fn a_replacement_that_was_killed_at_any_call_is_finished_by_the_next_run() {
    killed_at_each_call(Moment::AfterAnyCall);
}

#[test]
fn a_replacement_that_was_killed_before_any_change_arrived_is_finished_by_the_next_run() {
    killed_at_each_call(Moment::BeforeAnyChange);
}

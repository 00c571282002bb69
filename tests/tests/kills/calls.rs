//! Storytime is applied, and killed meanwhile; applied; destroyed, and killed meanwhile; destroyed.

use crate::killing::{Moment, at_each_call, kill};
use crate::storytime::{APPLY, DESTROY, assert_gone, assert_whole, world_with_quick_keys};

fn killed_at_each_call(moment: Moment) {
    at_each_call(|number| {
        let world = world_with_quick_keys();
        let apply = kill(&world, &APPLY, moment, number);
        if let Some(call) = &apply {
            println!("{number}: the apply was killed at {} {}", call.service, call.operation);
            world.succeed(&APPLY);
        }
        assert_whole(&world);
        let destroy = kill(&world, &DESTROY, moment, number);
        if let Some(call) = &destroy {
            println!("{number}: the destroy was killed at {} {}", call.service, call.operation);
            world.succeed(&DESTROY);
        }
        assert_gone(&world);
        apply.is_some() || destroy.is_some()
    });
}

#[test]
fn a_run_that_was_killed_at_any_call_whose_reply_it_never_saw_is_finished_by_the_next() {
    killed_at_each_call(Moment::AfterAnyCall);
}

#[test]
fn a_run_that_was_killed_before_any_change_arrived_is_finished_by_the_next() {
    killed_at_each_call(Moment::BeforeAnyChange);
}

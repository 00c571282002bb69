//! The reply to a change is lost, and the SDK repeats the change, which AWS has made already: the run goes on as if
//! nothing had happened.

use provision_sandbox::{Call, Effect, Fault};
use provision_tests::World;

use crate::killing::{at_each_call, calls, clear};
use crate::storytime::{APPLY, DESTROY, assert_gone, assert_whole};

/// Runs a command that does not hear of its change number `number`. Says which change that was; if there were fewer,
/// none.
fn disturbed(world: &World, arguments: &[&str], number: u32) -> Option<Call> {
    let before = calls(world).len();
    let fault = Fault { mutating_only: true, skip: number, times: Some(1), ..Fault::new(Effect::LoseReply) };
    world.wait(world.control().inject(&fault)).unwrap();
    world.succeed(arguments);
    clear(world);
    calls(world).into_iter().skip(before).filter(|call| call.mutating).nth(number as usize)
}

#[test]
fn a_run_does_not_mind_that_the_reply_to_any_change_is_lost() {
    at_each_call(|number| {
        let world = World::new();
        let apply = disturbed(&world, &APPLY, number);
        assert_whole(&world);
        let destroy = disturbed(&world, &DESTROY, number);
        assert_gone(&world);
        for call in apply.iter().chain(&destroy) {
            println!("{number}: the reply to {} {} was lost", call.service, call.operation);
        }
        apply.is_some() || destroy.is_some()
    });
}

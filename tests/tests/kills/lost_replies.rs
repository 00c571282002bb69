//! The reply to a change is lost, and the SDK repeats the change, which AWS has made already: the run goes on as if
//! nothing had happened.

use provision_sandbox::{Call, Effect, Fault};
use provision_tests::World;

use crate::killing::{at_each_call, calls, clear};
use crate::storytime::{APPLY, DESTROY, assert_gone, assert_whole, world_with_quick_keys};

/// A fault for each change that a command makes: the reply to that one is lost. A run makes its changes in any order,
/// so they go by operation, and among those of an operation by number.
fn losses(world: &World, arguments: &[&str]) -> Vec<Fault> {
    let before = calls(world).len();
    world.succeed(arguments);
    let mut losses: Vec<Fault> = Vec::new();
    for call in calls(world).into_iter().skip(before).filter(|call| call.mutating) {
        let (service, operation) = (Some(call.service), Some(call.operation));
        let alike = losses.iter().filter(|loss| (&loss.service, &loss.operation) == (&service, &operation));
        let skip = u32::try_from(alike.count()).unwrap();
        losses.push(Fault { service, operation, skip, times: Some(1), ..Fault::new(Effect::LoseReply) });
    }
    losses
}

/// The operations by which a state and its lock are written.
fn is_of_state(operation: &str) -> bool {
    ["PutObject", "DeleteObject"].contains(&operation)
}

/// Whether a call changes something other than the state.
fn is_counted(call: &Call) -> bool {
    call.mutating && !is_of_state(&call.operation)
}

/// Runs a command that does not hear of one of its changes, of which it makes so many, and says of which.
fn succeeds_without(world: &World, arguments: &[&str], loss: &Fault, changes: usize) {
    let before = calls(world).len();
    world.wait(world.control().inject(loss)).unwrap();
    world.succeed(arguments);
    clear(world);
    let sent = calls(world).into_iter().skip(before).filter(is_counted).count();
    // How often a state is written depends on what ends at the same time.
    assert!(
        sent > changes || loss.operation.as_deref().is_some_and(is_of_state),
        "what was not heard of was sent again"
    );
    println!("the reply to {} number {} was lost", loss.operation.as_deref().unwrap(), loss.skip);
}

#[test]
fn a_run_does_not_mind_that_the_reply_to_any_change_is_lost() {
    let undisturbed = world_with_quick_keys();
    let changes = |losses: &[Fault]| {
        losses.iter().filter(|loss| !loss.operation.as_deref().is_some_and(is_of_state)).count()
    };
    let (applies, destroys) = (losses(&undisturbed, &APPLY), losses(&undisturbed, &DESTROY));
    at_each_call(|number| {
        let world = world_with_quick_keys();
        let number = number as usize;
        match applies.get(number) {
            Some(loss) => succeeds_without(&world, &APPLY, loss, changes(&applies)),
            None => drop(world.succeed(&APPLY)),
        }
        assert_whole(&world);
        if let Some(loss) = destroys.get(number) {
            succeeds_without(&world, &DESTROY, loss, changes(&destroys));
            assert_gone(&world);
        }
        number + 1 < applies.len().max(destroys.len())
    });
}

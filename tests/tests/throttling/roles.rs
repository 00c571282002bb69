//! More resources than a service takes calls for at once.

use std::fmt::Write as _;

use provision_sandbox::Effect;

use crate::environment::{
    APPLY, DESTROY, ENVIRONMENT, calls, clear, existing, head, inject, is_throttled, roles, world,
};
use provision_tests::World;

/// How many calls a second pass, and how many at once before that.
const RATE: usize = 20;

/// Runs a command that succeeds, and of whose calls few are refused: of those that are under way before anything is known,
/// as many as do not pass, and after that one in ten. `at_once`: how many are asked at once.
fn few_refusals(world: &World, arguments: &[&str], at_once: usize) {
    let before = calls(world).len();
    world.succeed(arguments);
    let calls = calls(world).split_off(before);
    let refused = calls.iter().filter(|call| is_throttled(call)).count();
    println!("{}: {} calls, {refused} of them refused", arguments.join(" "), calls.len());
    assert!(refused > 0, "the service was not too slow");
    let passed = calls.len() - refused;
    let bound = at_once - RATE + passed / 10;
    assert!(refused < bound, "{refused} of {} calls were refused, and not {bound}", calls.len());
}

#[test]
fn forty_roles_come_and_go_though_twenty_calls_pass_a_second() {
    let world = world(40);
    inject(&world, None, Effect::RateLimit(20));
    // Whether each of their names is free.
    few_refusals(&world, &APPLY, 40);
    clear(&world);
    assert_eq!(existing(&world), (0..40).map(|index| format!("role-{index}")).collect());
    world.assert_no_changes(ENVIRONMENT);
    inject(&world, None, Effect::RateLimit(20));
    // What each is, and the policies of two sorts that it has.
    few_refusals(&world, &DESTROY, 120);
    clear(&world);
    assert!(existing(&world).is_empty());
    assert!(world.resources().is_empty());
}

#[test]
fn other_services_are_not_held_up() {
    const EACH: usize = 20;
    let world = World::new();
    let mut text = head(&world) + &roles(EACH);
    for index in 0..EACH {
        let name = format!("/{}/{index}", world.project());
        write!(text, "\n[resource.aws_cloudwatch_log_group.g{index}]\nname = \"{name}\"\n").unwrap();
    }
    world.write(ENVIRONMENT, &text);
    inject(&world, None, Effect::RateLimit(10));
    world.succeed(&APPLY);
    let calls = calls(&world);
    let last_group = calls.iter().rposition(|call| call.operation == "CreateLogGroup").unwrap();
    let made_later =
        calls[last_group..].iter().filter(|call| call.operation == "CreateRole" && !is_throttled(call));
    let made_later = made_later.count();
    assert!(made_later > EACH / 2, "{made_later} of {EACH} roles were made after the last log group");
}

//! The lease of a run that is dead, or asleep.

use std::time::Instant;

use provision_sandbox::{Effect, Fault};
use provision_tests::{Run, World};

use crate::small::{APPLY, SMALL, lock, log_groups, state, states, world};

const AFTER: [&str; 5] = ["apply", SMALL, "--auto-approve", "--lock-timeout", "30s"];

/// An apply that waits for the reply to the creation of its first log group, which has been created.
fn held_apply(world: &World) -> Run {
    let fault =
        Fault { operation: Some("CreateLogGroup".to_owned()), times: Some(1), ..Fault::new(Effect::Hold) };
    world.wait(world.control().inject(&fault)).unwrap();
    let mut run = world.spawn(&APPLY);
    let begin = Instant::now();
    while world.wait(world.control().held()).unwrap() == 0 {
        assert!(!run.has_ended() && begin.elapsed().as_secs() < 60, "the creation is held: {}", run.stderr());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    run
}

fn let_go(world: &World) {
    world.wait(world.control().clear_faults()).unwrap();
}

fn assert_whole(world: &World) {
    assert_eq!(log_groups(world), ["/story/first", "/story/second-30"], "each exists once");
    let plan = world.provision(&["plan", SMALL, "--detailed-exitcode"]);
    assert_eq!(plan.code, Some(0), "{plan}");
    assert_eq!(state(world).get("intents"), None, "nothing is pending");
    assert_eq!(lock(world), None, "the lock is given back");
}

fn a_lease_keeps_others_away_while_its_holder_lives(table: bool) {
    let world = world(table);
    // Long enough to be renewed in time on a machine that is busy with something else.
    world.edit(SMALL, "lock_lease = 1", "lock_lease = 4");
    let run = held_apply(&world);
    // Longer than the lease: it is renewed.
    std::thread::sleep(std::time::Duration::from_millis(6000));
    let refused = world.provision(&APPLY);
    assert_eq!(refused.code, Some(1), "{refused}");
    let holder = format!("process {} (apply, since", run.process());
    assert!(refused.stderr.contains(&holder) && refused.stderr.contains("--lock-timeout"), "{refused}");
    let waiting = world.spawn(&AFTER);
    crate::small::eventually(|| {
        let said = waiting.stderr();
        said.contains("Waiting: the state is locked by") && said.contains(&holder)
    });
    let_go(&world);
    let first = run.wait();
    assert_eq!(first.code, Some(0), "{first}");
    let second = waiting.wait();
    assert_eq!(second.code, Some(0), "{second}");
    assert!(second.stdout.contains("No changes."), "{second}");
    if !table {
        assert_whole(&world);
    }
}

#[test]
fn a_lease_in_s3_keeps_others_away_while_its_holder_lives() {
    a_lease_keeps_others_away_while_its_holder_lives(false);
}

#[test]
fn a_lease_in_dynamodb_keeps_others_away_while_its_holder_lives() {
    a_lease_keeps_others_away_while_its_holder_lives(true);
}

#[test]
fn the_lease_of_the_dead_ends_by_itself() {
    for table in [false, true] {
        let world = world(table);
        let run = held_apply(&world);
        let holder = format!("process {} (apply, since", run.process());
        run.kill();
        let_go(&world);
        let output = world.provision(&AFTER);
        assert_eq!(output.code, Some(0), "{output}");
        assert!(output.stderr.contains("whose lease has ended: taken over"), "{output}");
        assert!(output.stderr.contains(&holder), "it says whose: {output}");
        assert_whole(&world);
    }
}

#[test]
fn a_run_that_wakes_up_after_its_lease_stops_and_keeps_what_it_knows() {
    let world = world(false);
    let run = held_apply(&world);
    run.pause();
    // The other finds what the first has made, takes it over, and makes the rest.
    let other = world.provision(&AFTER);
    assert_eq!(other.code, Some(0), "{other}");
    let written = states(&world).len();
    let_go(&world);
    let done = changes_done(&world);
    run.wake();
    let first = run.wait();
    assert_eq!(first.code, Some(1), "{first}");
    assert!(first.stderr.contains("no longer holds the state"), "{first}");
    let errored = format!("state/{}-small.errored.json", world.project());
    assert!(
        first.stderr.contains("provision state push") && first.stderr.contains(&errored),
        "it says what to do: {first}"
    );
    assert_eq!(states(&world).len(), written, "nothing was written");
    let done: Vec<String> = changes_done(&world).split_off(done.len());
    assert_eq!(done, [""; 0], "whatever was sent, the state and its lock among them, was refused");
    assert_whole(&world);
    let pushed = world.succeed(&["state", "push", &errored, SMALL]);
    assert!(pushed.stdout.contains("The state knows all that"), "{pushed}");
    assert_whole(&world);
    let history = world.succeed(&["state", "history", SMALL]);
    assert!(history.stdout.contains("state push: pushed what an interrupted run knew"), "{history}");
}

/// What was called that has changed something.
fn changes_done(world: &World) -> Vec<String> {
    let calls = world.wait(world.control().calls()).unwrap();
    let done =
        calls.into_iter().filter(|call| call.mutating && call.status.is_some_and(|status| status < 400));
    done.map(|call| call.operation).collect()
}

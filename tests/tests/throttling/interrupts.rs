//! A run that is interrupted while a service holds it up.

use std::process::Command;
use std::time::{Duration, Instant};

use provision_sandbox::Effect;

use crate::environment::{APPLY, DESTROY, calls, clear, existing, inject, is_throttled, world};

#[test]
fn an_interrupted_run_does_not_wait_for_calls_that_have_to_wait() {
    const ROLES: usize = 60;
    let world = world(ROLES);
    // Those that are under way would take a minute.
    inject(&world, Some("CreateRole"), Effect::RateLimit(1));
    let mut run = world.spawn(&APPLY);
    let made = || {
        let calls = calls(&world);
        calls.iter().filter(|call| call.operation == "CreateRole" && !is_throttled(call)).count()
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    while made() < 2 {
        assert!(Instant::now() < deadline && !run.has_ended(), "roles are made: {}", run.stderr());
        std::thread::sleep(Duration::from_millis(20));
    }
    let interrupted = Instant::now();
    let sent = Command::new("kill").args(["-INT", &run.process().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = run.wait();
    assert!(interrupted.elapsed() < Duration::from_secs(30), "it took {:?}", interrupted.elapsed());
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.stderr.contains("interrupted: iam is throttling"), "{output}");
    assert!(made() < ROLES / 2, "{} roles were made", made());
    clear(&world);
    world.succeed(&APPLY);
    assert_eq!(existing(&world).len(), ROLES);
    world.succeed(&DESTROY);
    assert!(existing(&world).is_empty());
}

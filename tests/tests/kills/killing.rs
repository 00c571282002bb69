//! Killing a run at a call of one's choice.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use provision_sandbox::{Call, Effect, Fault};
use provision_tests::{Run, World};

use crate::secrets::assert_no_private_key;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// At which calls runs are killed, and whether those have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// At any call, which has taken effect, and whose reply is lost.
    AfterAnyCall,
    /// At a call that changes something, has taken effect, and whose reply is lost.
    AfterAnyChange,
    /// At a call that would have changed something, and never arrived.
    BeforeAnyChange,
}

impl Moment {
    fn fault(self, number: u32) -> Fault {
        let effect = match self {
            Self::BeforeAnyChange => Effect::HoldBefore,
            Self::AfterAnyCall | Self::AfterAnyChange => Effect::Hold,
        };
        Fault { mutating_only: self != Self::AfterAnyCall, skip: number, ..Fault::new(effect) }
    }
}

/// Tells a story for each call that a run can be disturbed at, several at a time, until one ends whose runs were not
/// disturbed any more: `story` says whether they were.
pub(crate) fn at_each_call(story: impl Fn(u32) -> bool + Sync) {
    const AT_A_TIME: usize = 16;
    let (next, over) = (AtomicU32::new(0), AtomicBool::new(false));
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let number = next.fetch_add(1, Ordering::SeqCst);
                    match catch_unwind(AssertUnwindSafe(|| story(number))) {
                        Ok(true) => {}
                        Ok(false) => over.store(true, Ordering::SeqCst),
                        Err(_) => failures.lock().unwrap().push(number),
                    }
                }
            });
        }
    });
    let calls = next.into_inner();
    println!("disturbed at {calls} calls");
    let mut failures = failures.into_inner().unwrap();
    failures.sort_unstable();
    assert!(calls > 5, "there are calls to be disturbed at");
    assert_eq!(failures, [0_u32; 0], "at these calls it does not converge (see above)");
}

/// Starts a command and kills it when it has sent so many calls. Says at which call that was; if it ended well
/// before, at none.
pub(crate) fn kill(world: &World, arguments: &[&str], moment: Moment, number: u32) -> Option<Call> {
    let before = calls(world).len();
    world.wait(world.control().inject(&moment.fault(number))).unwrap();
    let mut run = world.spawn(arguments);
    if !wait_until_held(world, &mut run) {
        clear(world);
        let output = run.wait();
        assert_eq!(output.code, Some(0), "with no call held, it ends well: {output}");
        return None;
    }
    run.kill();
    assert_no_private_key(world);
    // What was sent takes effect even though its sender is dead, unless it is held back.
    eventually("what was sent has taken effect", || {
        let held = if moment == Moment::BeforeAnyChange { held(world) } else { 0 };
        calls(world).iter().skip(before).filter(|call| call.status.is_none()).count() == held
    });
    clear(world);
    let is_counted = |call: &Call| call.mutating || moment == Moment::AfterAnyCall;
    calls(world).into_iter().skip(before).filter(is_counted).nth(number as usize)
}

/// Waits until a call is held, or the run has ended; says whether one is held.
pub(crate) fn wait_until_held(world: &World, run: &mut Run) -> bool {
    let mut is_held = false;
    eventually("a call is held", || {
        is_held = held(world) > 0;
        is_held || run.has_ended()
    });
    is_held
}

/// How many calls are held.
pub(crate) fn held(world: &World) -> usize {
    world.wait(world.control().held()).unwrap()
}

/// The calls of the account so far.
pub(crate) fn calls(world: &World) -> Vec<Call> {
    world.wait(world.control().calls()).unwrap()
}

/// Ends the faults, and lets go of what they hold.
pub(crate) fn clear(world: &World) {
    world.wait(world.control().clear_faults()).unwrap();
    eventually("nothing is held", || held(world) == 0);
}

/// Waits for a condition, and fails if it does not come true.
pub(crate) fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !condition() {
        assert!(begin.elapsed() < PATIENCE, "{what}, after {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

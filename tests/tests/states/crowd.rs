//! Eight processes apply to one state at once. Some are stopped for longer than their lease lasts, and go on when
//! others have taken the state over; some are killed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use provision_tests::{Run, World};
use serde_json::Value;

use crate::small::{key, states};

const CROWD: &str = "envs/crowd.toml";
const PROCESSES: usize = 8;
const SCHEDULES: u64 = 200;
/// More than the lease of a second.
const LONG: u64 = 1400;

/// Knuth's MMIX generator: as random as needed, and the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn world() -> World {
    let world = World::new();
    let project = world.project();
    world.write(
        CROWD,
        &format!(
            "[env]\nname = \"small\"\nproject = \"{project}\"\nregion = \"us-east-1\"\n\n[variable.who]\ntype = \"string\"\n\n\
             [resource.terraform_data.mark]\ntriggers_replace = \"${{var.who}}\"\n\n\
             [resource.terraform_data.after]\ninput = \"${{terraform_data.mark.id}} of ${{var.who}}\"\n",
        ),
    );
    world.with_state_in_s3(&[CROWD], false)
}

/// What a schedule has come to: how many runs did all, and how many found the state taken over.
fn tell(seed: u64) -> (usize, usize) {
    let world = world();
    let mut random = Random(seed);
    let mut runs: Vec<(String, Option<Run>)> = (0..PROCESSES)
        .map(|number| {
            let who = format!("p{number}");
            let variable = format!("who={who}");
            let run =
                world.spawn(&["apply", CROWD, "--auto-approve", "--lock-timeout", "60s", "--var", &variable]);
            (who, Some(run))
        })
        .collect();
    let mut asleep = Vec::new();
    for _ in 0..6 {
        std::thread::sleep(Duration::from_millis(random.below(120)));
        let number = usize::try_from(random.below(8)).unwrap();
        let Some(run) = &mut runs[number].1 else { continue };
        match random.below(8) {
            0 => drop(runs[number].1.take()),
            _ if !asleep.contains(&number) && !run.has_ended() => {
                run.pause();
                asleep.push(number);
            }
            _ => {}
        }
    }
    std::thread::sleep(Duration::from_millis(LONG));
    for number in asleep {
        if let Some(run) = &runs[number].1 {
            run.wake();
        }
    }
    let (mut done, mut fenced_off) = (Vec::new(), 0);
    for (who, run) in runs {
        let Some(run) = run else { continue };
        let output = run.wait();
        match output.code {
            Some(0) => done.push(who),
            Some(1) if output.stderr.contains("no longer holds the state") => fenced_off += 1,
            _ => panic!("{who} ends well, or because its state was taken over: {output}"),
        }
    }
    check(&world, &done);
    (done.len(), fenced_off)
}

/// The chain of states has no gap, no fork and nothing forgotten.
fn check(world: &World, done: &[String]) {
    // Each can be read whole, or this fails.
    let states = states(world);
    let serials: Vec<u64> = states.iter().map(|state| state["serial"].as_u64().unwrap()).collect();
    let expected: Vec<u64> = (1..=u64::try_from(states.len()).unwrap()).collect();
    assert_eq!(serials, expected, "each serial is written once, one after another");
    for pair in states.windows(2) {
        if pair[0]["run"] != pair[1]["run"] {
            let what = format!("what serial {} has is there when another run begins", pair[0]["serial"]);
            assert_eq!(pair[0]["resources"], pair[1]["resources"], "{what}");
        }
    }
    let marks: Vec<&Value> = states
        .iter()
        .map(|state| &state["resources"]["terraform_data.mark"]["attributes"]["triggers_replace"])
        .collect();
    for who in done {
        assert!(
            marks.iter().any(|mark| *mark == who.as_str()),
            "{who} ended well, and its mark is in some state"
        );
    }
    let log = world.state_object(&key(world, ".log")).unwrap();
    let logged = log["runs"].as_array().unwrap();
    assert!(logged.len() >= done.len(), "each run that ended well is in the history: {log:#}");
    for run in logged {
        assert!(serials.contains(&run["serial"].as_u64().unwrap()), "{run}");
    }
}

#[test]
fn eight_processes_lose_nothing_on_any_of_two_hundred_schedules() {
    const AT_A_TIME: usize = 16;
    let (next, done, fenced_off) = (AtomicU64::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= SCHEDULES {
                        break;
                    }
                    match catch_unwind(AssertUnwindSafe(|| tell(seed))) {
                        Ok((well, fenced)) => {
                            done.fetch_add(well, Ordering::SeqCst);
                            fenced_off.fetch_add(fenced, Ordering::SeqCst);
                        }
                        Err(_) => failures.lock().unwrap().push(seed),
                    }
                }
            });
        }
    });
    let (done, fenced_off) = (done.into_inner(), fenced_off.into_inner());
    println!("{done} runs ended well, {fenced_off} found their state taken over");
    assert_eq!(failures.into_inner().unwrap(), [0_u64; 0], "these seeds fail (see above)");
    assert!(done > 800, "most runs end well: {done}");
    assert!(fenced_off > 0, "some woke up too late");
}

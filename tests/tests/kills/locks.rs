//! Two runs on one environment: the second is refused; a lock of the dead holds nobody.

use provision_sandbox::{Effect, Fault};
use provision_tests::World;

use crate::killing::{clear, wait_until_held};
use crate::storytime::{APPLY, assert_whole};

#[test]
fn a_second_run_is_refused_until_the_first_is_dead() {
    let world = World::new();
    world.wait(world.control().inject(&Fault { skip: 20, ..Fault::new(Effect::Hold) })).unwrap();
    let mut first = world.spawn(&APPLY);
    assert!(wait_until_held(&world, &mut first), "the first run is under way");
    let holder = format!("process {}", first.process());
    for command in ["apply", "destroy"] {
        let second = world.provision(&[command, "envs/dev.toml", "--auto-approve"]);
        assert_eq!(second.code, Some(1), "{second}");
        assert!(second.stderr.contains("is locked"), "it says why: {second}");
        assert!(second.stderr.contains(&holder), "it names {holder}: {second}");
    }
    first.kill();
    clear(&world);
    world.succeed(&APPLY);
    assert_whole(&world);
}

//! `envs/dev.toml`, once through.

use provision_tests::{World, actions};

use crate::cloud::Cloud;
use crate::requirements::{Expected, assert_met};

#[test]
fn dev_has_what_the_specification_asks_for_and_leaves_nothing() {
    let world = World::new();
    let plan = world.plan(&["envs/dev.toml"]);
    assert!(actions(&plan).values().all(|action| action == "create"), "{:?}", actions(&plan));
    assert_eq!(world.resources(), [], "a plan makes nothing");
    world.succeed(&["apply"]);
    world.assert_no_changes("envs/dev.toml");
    let expected = Expected {
        project: world.project(),
        environment: "dev",
        region: "us-east-1",
        account: world.account(),
        admin_origins: &["http://localhost:3000"],
        glacier_after_days: 30,
        domain: None,
        private_key_is_stored: true,
    };
    assert_met(&world, &Cloud::of(&world, "us-east-1"), &expected);
    world.succeed(&["destroy", "envs/dev.toml", "--auto-approve"]);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn dev_is_gone_and_made_again_on_the_same_day() {
    let world = World::new();
    for _ in 0..2 {
        world.succeed(&["apply", "envs/dev.toml", "--auto-approve"]);
        world.assert_no_changes("envs/dev.toml");
        world.succeed(&["destroy", "envs/dev.toml", "--auto-approve"]);
        assert_eq!(world.resources(), [], "nothing is left");
    }
}

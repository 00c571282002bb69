//! The three environments, each once through, with no variable given.

use provision_tests::{World, actions};

use crate::cloud::Cloud;
use crate::requirements::{Access, Expected, assert_met};

/// Plans and applies an environment as it stands, after which there is nothing left to do, and all that is asked for
/// is there.
fn begin(environment: &str, domain: &str) -> World {
    let world = World::new();
    let path = format!("envs/ebook-delivery/{environment}.toml");
    let plan = world.plan(&[&path]);
    let made = ["create", "read"];
    assert!(actions(&plan).values().all(|action| made.contains(&action.as_str())), "{:?}", actions(&plan));
    assert_eq!(world.resources(), [], "a plan makes nothing");
    world.succeed(&["apply"]);
    world.assert_no_changes(&path);
    let expected = Expected {
        project: world.project(),
        environment,
        region: "us-east-1",
        account: world.account(),
        domain: Some(domain),
        zone: None,
        access: Access::Control { given_key: None },
    };
    assert_met(&world, &Cloud::of(&world, "us-east-1"), &expected);
    world
}

#[test]
fn dev_has_what_the_specification_asks_for_and_leaves_nothing() {
    let world = begin("dev", "ebooks-dev.publisher.com");
    world.succeed(&["destroy", "envs/ebook-delivery/dev.toml", "--auto-approve"]);
    assert_eq!(world.resources(), [], "nothing is left");
    // On the same day.
    world.succeed(&["apply", "envs/ebook-delivery/dev.toml", "--auto-approve"]);
    world.succeed(&["destroy", "envs/ebook-delivery/dev.toml", "--auto-approve"]);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn test_has_what_the_specification_asks_for_and_leaves_nothing() {
    let world = begin("test", "ebooks-test.publisher.com");
    world.succeed(&["destroy", "envs/ebook-delivery/test.toml", "--auto-approve"]);
    assert_eq!(world.resources(), [], "nothing is left");
}

#[test]
fn prod_has_what_the_specification_asks_for_is_protected_and_leaves_nothing() {
    let world = begin("prod", "ebooks.publisher.com");
    let destroy = ["destroy", "envs/ebook-delivery/prod.toml", "--auto-approve"];
    let refused = world.provision(&destroy);
    assert_eq!(refused.code, Some(1), "it is protected: {refused}");
    world.assert_no_changes("envs/ebook-delivery/prod.toml");
    world.succeed(&[&destroy[..], &["--allow-destroy"]].concat());
    assert_eq!(world.resources(), [], "nothing is left");
}

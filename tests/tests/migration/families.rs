//! The kinds, a family at a time: an environment makes them, and a state of Terraform's of the same is taken over.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use provision_tests::World;

use crate::terraform::{fixture, take_over_and_destroy, write_state};

/// The environment that makes what Terraform's state is of.
pub(crate) const MADE: &str = "envs/made.toml";

/// A package of Python for Lambda.
const PACKAGE: &str = include_str!("../../fixtures/terraform/reporter.zip.base64");

/// A world in which the environment of a family was made.
pub(crate) fn made(world: World, family: &str) -> World {
    let text = fixture(&format!("{family}.toml"));
    world.write(MADE, &text.replace("\"PROJECT\"", &format!("\"{}\"", world.project())));
    world.write("notes/file.txt", "A file.\n");
    std::fs::create_dir(world.directory().join("build")).unwrap();
    let package = BASE64_STANDARD.decode(PACKAGE.trim_end()).unwrap();
    std::fs::write(world.directory().join("build/reporter.zip"), package).unwrap();
    world.succeed(&["apply", MADE, "--auto-approve"]);
    world
}

fn taken_over(family: &str, arguments: &[&str]) {
    let world = made(World::new(), family);
    let state = write_state(&world, MADE, &format!("{family}.tfstate"));
    take_over_and_destroy(world, &state, arguments);
}

#[test]
fn alarms_queues_and_functions_are_taken_over() {
    taken_over("monitoring", &[]);
}

#[test]
fn distributions_and_their_policies_are_taken_over() {
    taken_over("delivery", &[]);
}

#[test]
fn buckets_secrets_and_tables_are_taken_over() {
    taken_over("storage", &[]);
}

#[test]
fn zones_and_certificates_are_taken_over() {
    taken_over("names", &[]);
}

#[test]
fn portfolios_and_products_are_taken_over() {
    taken_over("catalog", &[]);
}

#[test]
fn roles_and_users_are_taken_over() {
    // All of it is in no region.
    taken_over("identities", &["--region", "us-east-1"]);
}

#[test]
fn what_is_nowhere_but_in_the_state_is_taken_over() {
    taken_over("local", &["--region", "us-east-1"]);
}

//! The same blocks, written for what exists without any state: `provision import --generate`.

use provision_tests::{World, actions};
use serde_json::Value;

use crate::families::{MADE, made};

/// The environment that imports all of it.
const FOUND: &str = "envs/found.toml";

/// What only a file or a person knows is in no block: code, content and secrets.
const INCOMPLETE: [&str; 3] = ["aws_lambda_function", "aws_s3_object", "aws_secretsmanager_secret_version"];

/// Writes a block for each resource that the environment of a family has made, and fails if a plan of these blocks would
/// change one.
fn written(family: &str) {
    let world = made(World::new(), family);
    let pulled = world.succeed(&["state", "pull", MADE]);
    let state: Value = serde_json::from_str(&pulled.stdout).unwrap();
    let region = state["region"].as_str().unwrap();
    let project = world.project();
    let text = format!("[env]\nname = \"found\"\nproject = \"{project}\"\nregion = \"{region}\"\n");
    world.write(FOUND, &text);
    let mut count = 0;
    for resource in state["resources"].as_object().unwrap().values() {
        let kind = resource["kind"].as_str().unwrap();
        let is_certificate_of_ones_own = !resource["attributes"]["certificate_body"].is_null();
        if INCOMPLETE.contains(&kind) || is_certificate_of_ones_own {
            continue;
        }
        let (address, id) = (format!("{kind}.found_{count}"), resource["id"].as_str().unwrap());
        let mut arguments = vec!["import", FOUND, &address, id, "--generate", "--out", FOUND];
        if let Some(region) = resource["region"].as_str() {
            arguments.extend(["--region", region]);
        }
        world.succeed(&arguments);
        count += 1;
    }
    assert!(count > 3, "{family} has something to write");
    let plan = world.plan(&[FOUND]);
    let actions = actions(&plan);
    assert!(actions.len() == count && actions.values().all(|action| action == "adopt"), "{actions:?}");
}

#[test]
fn alarms_and_queues_are_written_down() {
    written("monitoring");
}

#[test]
fn distributions_and_their_policies_are_written_down() {
    written("delivery");
}

#[test]
fn portfolios_and_products_are_written_down() {
    written("catalog");
}

#[test]
fn buckets_and_tables_are_written_down() {
    written("storage");
}

#[test]
fn zones_and_records_are_written_down() {
    written("names");
}

#[test]
fn roles_and_users_are_written_down() {
    written("identities");
}

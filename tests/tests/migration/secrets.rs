//! A secret in Terraform's state ends there.

use std::fs;
use std::path::{Path, PathBuf};

use provision_tests::World;
use serde_json::Value;

use crate::families::{MADE, made};
use crate::storytime;
use crate::terraform::{MIGRATED, STATE, migrate, with_secrets, write_state};

/// The beginning of all secrets in the fixtures, and of those that are bytes.
const PLANTED: [&str; 2] = ["planted-secret", "cGxhbnRlZC1zZWNyZXQ"];

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// Fails if a secret of Terraform's state is anywhere after a migration, a plan and an apply, with all that can be logged.
/// `told`: the files that have been told.
fn assert_kept_secret(world: World, state: &Value, told: &[&str], secrets: &[&str], arguments: &[&str]) {
    let has_one = |text: &str| secrets.iter().any(|secret| text.contains(secret));
    assert!(has_one(&world.read(STATE)), "Terraform's state has a secret");
    let world = world.with_variable("PROVISION_LOG", "trace");
    let output = migrate(&world, arguments);
    let is_asked_of_aws = !world.resources().is_empty();
    assert_eq!(output.stderr.contains("TRACE"), is_asked_of_aws, "there is a log to look at");
    let world = with_secrets(world, state);
    world.succeed(&["plan", MIGRATED]);
    world.succeed(&["apply", MIGRATED, "--auto-approve"]);
    let told: Vec<PathBuf> = told.iter().map(|path| world.directory().join(path)).collect();
    let mut looked_at = 0;
    for path in files(world.directory()).into_iter().filter(|path| !told.contains(path)) {
        let bytes = fs::read(&path).unwrap();
        assert!(!has_one(&String::from_utf8_lossy(&bytes)), "{} tells a secret", path.display());
        looked_at += 1;
    }
    assert!(looked_at > 4, "environment, state, plan and outputs are looked at");
}

fn assert_family_kept_secret(family: &str, arguments: &[&str]) {
    let world = made(World::new(), family);
    let state = write_state(&world, MADE, &format!("{family}.tfstate"));
    assert_kept_secret(world, &state, &[STATE, MADE], &PLANTED, arguments);
}

#[test]
fn the_values_of_secrets_end_in_terraforms_state() {
    assert_family_kept_secret("storage", &[]);
}

#[test]
fn private_keys_of_certificates_end_in_terraforms_state() {
    assert_family_kept_secret("names", &[]);
}

#[test]
fn private_keys_end_in_terraforms_state() {
    assert_family_kept_secret("local", &["--region", "us-east-1"]);
}

#[test]
fn the_key_that_cookies_are_signed_with_ends_in_terraforms_state() {
    let world = storytime::dev();
    let state = write_state(&world, "envs/dev.toml", "storytime.tfstate");
    let key = state["outputs"]["cloudfront_private_key"]["value"].as_str().unwrap();
    let line = key.lines().nth(1).unwrap();
    assert_eq!(line.len(), 64, "it is one of the PEM's");
    assert_kept_secret(world, &state, &[STATE], &[PLANTED[0], line], &[]);
}

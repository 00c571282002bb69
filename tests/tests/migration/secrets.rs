//! A secret in Terraform's state ends there.

use std::fs;
use std::path::{Path, PathBuf};

use provision_tests::World;

use crate::families::{MADE, made};
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

fn assert_kept_secret(family: &str, arguments: &[&str]) {
    let world = made(World::new(), family);
    let state = write_state(&world, MADE, &format!("{family}.tfstate"));
    let told = [world.directory().join(STATE), world.directory().join(MADE)];
    assert!(PLANTED.iter().any(|secret| fs::read_to_string(&told[0]).unwrap().contains(secret)));
    let world = world.with_variable("PROVISION_LOG", "trace");
    let output = migrate(&world, arguments);
    let is_asked_of_aws = family != "local";
    assert_eq!(output.stderr.contains("TRACE"), is_asked_of_aws, "there is a log to look at");
    let world = with_secrets(world, &state);
    world.succeed(&["plan", MIGRATED]);
    world.succeed(&["apply", MIGRATED, "--auto-approve"]);
    let mut looked_at = 0;
    for path in files(world.directory()).into_iter().filter(|path| !told.contains(path)) {
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        for secret in PLANTED {
            assert!(!text.contains(secret), "{} tells a secret", path.display());
        }
        looked_at += 1;
    }
    assert!(looked_at > 4, "environment, state, plan and outputs are looked at");
}

#[test]
fn the_values_of_secrets_end_in_terraforms_state() {
    assert_kept_secret("storage", &[]);
}

#[test]
fn private_keys_of_certificates_end_in_terraforms_state() {
    assert_kept_secret("names", &[]);
}

#[test]
fn private_keys_end_in_terraforms_state() {
    assert_kept_secret("local", &["--region", "us-east-1"]);
}

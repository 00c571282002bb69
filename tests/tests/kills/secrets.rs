//! No secret is in any file of the project: neither in state, journal and plan, nor in what was written to the
//! terminal or to the most talkative log.

use std::fs;
use std::path::Path;

use provision_tests::World;

use crate::killing::{Moment, kill};
use crate::storytime::{APPLY, assert_whole, private_key, world_with_state_in_s3};

const PLANTED: &str = "planted-hunter2-secret";

/// An environment whose secret is given from outside.
const ENVIRONMENT: &str = r#"
[env]
name = "dev"
project = "PROJECT"
region = "us-east-1"

[variable.token]
description = "What nobody may see."
type = "string"
sensitive = true

[resource.aws_secretsmanager_secret.token]
name = "${env.project}-token"
recovery_window_in_days = 0

[resource.aws_secretsmanager_secret_version.token]
secret_id = "${aws_secretsmanager_secret.token.id}"
secret_string = "${var.token}"

[resource.terraform_data.token]
input = "the token is ${var.token}"

[output.token]
value = "${var.token}"
sensitive = true
"#;

/// Asserts that no file has any of these texts in it.
fn assert_in_no_file(directory: &Path, texts: &[&str]) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_in_no_file(&path, texts);
            continue;
        }
        // The file can be one that the run has just replaced.
        let Ok(bytes) = fs::read(&path) else { continue };
        let content = String::from_utf8_lossy(&bytes);
        for text in texts {
            if let Some(position) = content.find(text) {
                let line = content[..position].lines().count();
                panic!("{} has a secret in line {line}", path.display());
            }
        }
    }
}

/// Asserts that no file of the project has a private key in it.
pub(crate) fn assert_no_private_key(world: &World) {
    assert_in_no_file(world.directory(), &["PRIVATE KEY"]);
}

/// Asserts that nothing that was ever in the bucket of states has any of these texts in it: no state, no lock, no
/// history.
fn assert_in_no_state(world: &World, texts: &[&str]) {
    let versions = world.state_versions("");
    for suffix in [".json", ".lock", ".log"] {
        assert!(versions.iter().any(|version| version.key.ends_with(suffix)), "there was a {suffix}");
    }
    for version in versions {
        for text in texts {
            assert!(!version.text.contains(text), "{} has had a secret in it", version.key);
        }
    }
}

/// A secret as it is, and as it would be in Base64, at each of the three offsets.
fn forms(secret: &str) -> Vec<String> {
    let encoded = |text: &str| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD_NO_PAD.encode(text)
    };
    vec![secret.to_owned(), encoded(secret), encoded(&secret[1..]), encoded(&secret[2..])]
        .into_iter()
        .map(|form| form[..form.len() - 2].to_owned())
        .collect()
}

#[test]
fn a_private_key_that_was_made_is_in_no_file() {
    let world = world_with_state_in_s3().with_variable("PROVISION_LOG", "trace");
    for number in [30, 55, 80] {
        kill(&world, &APPLY, Moment::AfterAnyCall, number);
    }
    world.succeed(&["plan", "envs/dev.toml", "--out", "dev.plan"]);
    world.succeed(&APPLY);
    assert_whole(&world);
    world.succeed(&["output", "envs/dev.toml", "--json"]);
    world.succeed(&["show", "envs/dev.toml", "--json"]);
    let key = world.wait(private_key(&world.sdk(), world.project()));
    let lines: Vec<&str> = key.lines().filter(|line| !line.starts_with("-----")).collect();
    assert!(lines.len() > 10, "the secret is a private key");
    assert_in_no_file(world.directory(), &lines);
    assert_no_private_key(&world);
    assert_in_no_state(&world, &lines);
    assert_in_no_state(&world, &["PRIVATE KEY"]);
}

#[test]
fn a_secret_that_was_given_is_in_no_file() {
    let world = World::new().with_variable("PROVISION_LOG", "trace");
    world.write("envs/token.toml", &ENVIRONMENT.replace("PROJECT", world.project()));
    let world = world.with_state_in_s3(&["envs/token.toml"], false);
    let given = format!("token={PLANTED}");
    let with = |arguments: &[&'static str]| [arguments, &["--var"]].concat();
    let run = |arguments: &[&'static str]| {
        let mut arguments = with(arguments);
        let given = given.clone();
        let mut all: Vec<&str> = std::mem::take(&mut arguments);
        all.push(&given);
        world.succeed(&all);
    };
    run(&["plan", "envs/token.toml", "--out", "token.plan"]);
    kill(&world, &["apply", "token.plan", "--var", &given], Moment::AfterAnyChange, 1);
    run(&["apply", "envs/token.toml", "--auto-approve", "--lock-timeout", "60s"]);
    run(&["plan", "envs/token.toml", "--json", "--detailed-exitcode"]);
    world.succeed(&["output", "envs/token.toml"]);
    world.succeed(&["show", "envs/token.toml", "--json"]);
    let changed = format!("token=another-{PLANTED}");
    world.succeed(&["apply", "envs/token.toml", "--auto-approve", "--json", "--var", &changed]);
    let forms = forms(PLANTED);
    let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
    assert_in_no_file(world.directory(), &forms);
    run(&["destroy", "envs/token.toml", "--auto-approve"]);
    assert_in_no_file(world.directory(), &forms);
    assert_in_no_state(&world, &forms);
    assert_eq!(world.resources(), []);
}

//! An environment with checks, and what `verify` says of it.

use provision_tests::{Output, World};
use serde_json::Value as Json;

pub(crate) const ENVIRONMENT: &str = "envs/checks.toml";

/// A bucket that keeps versions.
pub(crate) const BUCKET: &str = r#"
[resource.aws_s3_bucket.files]
bucket = "${env.project}-files"
versioning = { enabled = true }
"#;

/// A world with an environment that says this.
pub(crate) fn world(text: &str) -> World {
    let world = World::new();
    configure(&world, text);
    world
}

pub(crate) fn configure(world: &World, text: &str) {
    let project = world.project();
    let head = format!("[env]\nname = \"checks\"\nproject = \"{project}\"\nregion = \"us-east-1\"\n");
    world.write(ENVIRONMENT, &format!("{head}{text}"));
}

pub(crate) fn apply(world: &World) {
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
}

/// A run of `verify` with these arguments behind the environment.
pub(crate) fn verify(world: &World, arguments: &[&str]) -> Output {
    world.provision(&[&["verify", ENVIRONMENT], arguments].concat())
}

/// What has come of a check, and why.
pub(crate) fn finding(world: &World, check: &str) -> (String, Vec<String>) {
    let output = verify(world, &["--json", check]);
    let document: Json =
        serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"));
    let [finding] = &document["checks"].as_array().unwrap()[..] else { panic!("one check: {output}") };
    let reasons = finding["reasons"].as_array().unwrap().iter();
    let reasons = reasons.map(|reason| reason.as_str().unwrap().to_owned()).collect();
    let result = finding["result"].as_str().unwrap().to_owned();
    assert_eq!(output.code, Some(i32::from(result == "failed")), "{output}");
    (result, reasons)
}

/// What `verify` prints, without what differs from world to world.
pub(crate) fn shown(world: &World, output: &Output) -> String {
    let text = output.stdout.replace(world.project(), "story");
    let address = regex::Regex::new(r"http://127\.0\.0\.1:\d+").unwrap();
    address.replace_all(&text, "http://127.0.0.1:PORT").into_owned()
}

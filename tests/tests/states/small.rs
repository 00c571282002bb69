//! A small environment whose state is in S3, and what is in its bucket.

use provision_tests::World;
use serde_json::Value;

pub(crate) const SMALL: &str = "envs/small.toml";
pub(crate) const APPLY: [&str; 3] = ["apply", SMALL, "--auto-approve"];

/// Two things with names, of which the second waits for the first.
const TEXT: &str = r#"[env]
name = "small"
project = "PROJECT"
region = "us-east-1"

[variable.days]
type = "number"
default = 30

[resource.aws_cloudwatch_log_group.first]
name = "/story/first"
retention_in_days = "${var.days}"

[resource.terraform_data.mark]
input = "${aws_cloudwatch_log_group.first.retention_in_days}"

[resource.aws_cloudwatch_log_group.second]
name = "/story/second-${terraform_data.mark.output}"

[output.days]
value = "${var.days}"
"#;

/// A world with the small environment in it, whose state is in S3.
pub(crate) fn world(table: bool) -> World {
    let world = World::new();
    world.write(SMALL, &TEXT.replace("PROJECT", world.project()));
    world.with_state_in_s3(&[SMALL], table)
}

/// The object of the state, without and with something behind it.
pub(crate) fn key(world: &World, suffix: &str) -> String {
    format!("{}/small.json{suffix}", world.project())
}

/// Every state that was ever written.
pub(crate) fn states(world: &World) -> Vec<Value> {
    world.states("small")
}

/// The state as it is.
pub(crate) fn state(world: &World) -> Value {
    states(world).pop().unwrap_or_default()
}

/// The lock, if there is one.
pub(crate) fn lock(world: &World) -> Option<Value> {
    world.state_object(&key(world, ".lock"))
}

/// The log groups that exist, by name.
pub(crate) fn log_groups(world: &World) -> Vec<String> {
    let groups = world.resources().into_iter().filter(|resource| resource.kind == "log_group");
    groups.map(|resource| resource.id).collect()
}

/// Waits for a condition, and fails if it does not come true.
pub(crate) fn eventually(mut condition: impl FnMut() -> bool) {
    let begin = std::time::Instant::now();
    while !condition() {
        assert!(begin.elapsed().as_secs() < 60, "it comes true within a minute");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

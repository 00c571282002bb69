//! A small environment: what a plan needs, and no more.

use std::process::Command;

use provision_sandbox::Call;
use provision_tests::{Output, World};

pub(crate) const SMALL: &str = "envs/small.toml";

/// A log group and what is said of it, through a module and a file.
const TEXT: &str = r#"[env]
name = "small"
project = "story"
region = "us-east-1"

[variable.days]
type = "number"
default = 30

[variable.note]
description = "Shown in the output."
default = "none"

[module.logs]
source = "../modules/logs"
name = "small"
days = "${var.days}"

[resource.terraform_data.note]
input = { text = '${file("note.txt")}', note = "${var.note}" }

[output.arn]
value = "${module.logs.arn}"

[output.days]
value = "${var.days}"

[output.note]
value = "${terraform_data.note.output.note}"
"#;

const MODULE: &str = r#"[variable.name]
type = "string"

[variable.days]
type = "number"

[resource.aws_cloudwatch_log_group.this]
name = "/story/${var.name}"
retention_in_days = "${var.days}"

[output.arn]
value = "${aws_cloudwatch_log_group.this.arn}"
"#;

/// A world with the small environment in it.
pub(crate) fn world() -> World {
    let world = World::new();
    world.write(SMALL, TEXT);
    world.write("modules/logs/module.toml", MODULE);
    world.write("envs/note.txt", "first\n");
    world
}

/// What was called.
pub(crate) fn calls(world: &World) -> Vec<Call> {
    world.wait(world.control().calls()).unwrap()
}

/// The operations that were called and change something.
pub(crate) fn changing(world: &World) -> Vec<String> {
    calls(world).into_iter().filter(|call| call.mutating).map(|call| call.operation).collect()
}

/// What exists, as text.
pub(crate) fn existing(world: &World) -> Vec<String> {
    world.resources().into_iter().map(|resource| format!("{} {}", resource.kind, resource.id)).collect()
}

/// Fails unless a run was refused with these words.
pub(crate) fn assert_refused(output: &Output, words: &[&str]) {
    assert_eq!(output.code, Some(1), "{output}");
    for words in words {
        assert!(output.stderr.contains(words), "`{words}`: {output}");
    }
}

/// What a shell makes of a script.
pub(crate) fn shell(script: &str) -> String {
    let output = Command::new("sh").args(["-euc", script]).output().unwrap();
    assert!(output.status.success(), "{script}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

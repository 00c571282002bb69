//! `provision schema --json-schema`: what editors know of environments and modules, tried with taplo.

use std::path::Path;

use provision_tests::World;

use crate::taplo::taplo;

/// A world as an editor sees it: with the schemas, and with what associates them with files.
fn world() -> World {
    let world = World::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::copy(root.join(".taplo.toml"), world.directory().join(".taplo.toml")).unwrap();
    world.succeed(&["schema", "--json-schemas", "docs/schema"]);
    world
}

/// The first of what taplo says to the files of a world; nothing, if nothing is wrong. What is wrong with a table it
/// says of all that is in it, too.
fn lint(world: &World, files: &[&str]) -> String {
    let output = taplo(world.directory(), &[&["lint"], files].concat());
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.success(), complaints.is_empty(), "{complaints}");
    complaints.split("\n\n").next().unwrap().replace(&world.directory().display().to_string(), "")
}

#[test]
fn all_environments_and_modules_fit() {
    let world = world();
    assert_eq!(lint(&world, &[]), "");
    // The same without the association.
    let schema =
        |name: &str| format!("file://{}/docs/schema/{name}.schema.json", world.directory().display());
    let url = schema("environment");
    let arguments = ["lint", "--no-auto-config", "--schema", &url];
    for file in ["envs/dev.toml", "envs/ebook-storage/test.toml"] {
        assert!(taplo(world.directory(), &[&arguments[..], &[file]].concat()).status.success(), "{file}");
    }
    let module = [&arguments[..], &["modules/mediaconvert/module.toml"]].concat();
    assert!(!taplo(world.directory(), &module).status.success(), "a module is no environment");
}

const GOOD: &str = r#"[env]
name = "dev"
project = "story"
region = "us-east-1"

[state]
backend = "s3"
bucket = "states"

[variable.days]
type = "number"
default = 30

[[moved]]
from = "aws_cloudwatch_log_group.old"
to = "aws_cloudwatch_log_group.this"

[[removed]]
from = "aws_cloudwatch_log_group.gone"
lifecycle = { destroy = false }

[[import]]
to = "aws_cloudwatch_log_group.this"
id = "/story"

[resource.aws_cloudwatch_log_group.this]
name = "/story/${env.name}"
retention_in_days = "${var.days}"

[resource.aws_cloudwatch_log_group.this.lifecycle]
enabled = "${var.days > 3}"
prevent_destroy = true
create_before_destroy = false
ignore_changes = ["tags"]
replace_triggered_by = ["terraform_data.x"]
precondition = { condition = "${var.days > 6}", error_message = "a week is the least" }

[[resource.aws_cloudwatch_log_group.this.lifecycle.postcondition]]
condition = true
error_message = "never"

[resource.aws_s3_bucket.videos]
bucket = "videos"
versioning = { enabled = true }
lifecycle_rule = '${[for days in [3] : { id = "x", enabled = true, expiration = { days = days } }]}'

[resource.terraform_data.x]
for_each = ["a", "b"]
input = { anything = [1, "b"] }

[check.logs]
description = "There are logs."
severity = "warning"
assert = { condition = "${true}", error_message = "there are none" }

[[check.logs.http]]
url = "https://example.com"
expect_status = [200]
"#;

#[test]
fn what_is_wrong_is_said_where_it_is() {
    let world = world();
    world.write("envs/good.toml", GOOD);
    assert_eq!(lint(&world, &["envs/good.toml"]), "");
    let mistakes = [
        ("an unknown section", "[[moved]]", "[[move]]"),
        ("an unknown kind", "[resource.aws_s3_bucket.videos]", "[resource.aws_s3_buckets.videos]"),
        ("an unknown argument", "retention_in_days =", "retention_days ="),
        ("an argument that cannot be set", "bucket = \"videos\"", "bucket = \"videos\"\narn = \"a\""),
        ("a wrong type", "versioning = { enabled = true }", "versioning = { enabled = 1 }"),
        (
            "text in place of a number",
            "retention_in_days = \"${var.days}\"",
            "retention_in_days = \"thirty\"",
        ),
        (
            "what can be none of the values",
            "\"${var.days}\"\n\n[resource.aws_cloudwatch_log_group.this.l",
            "31\n\n[resource.aws_cloudwatch_log_group.this.l",
        ),
        ("a missing argument", "bucket = \"states\"\n", ""),
        ("a missing name", "project = \"story\"\n", ""),
        ("a region that is none", "us-east-1", "us east"),
        ("an unknown severity", "\"warning\"", "\"warn\""),
        ("an unknown member of lifecycle", "prevent_destroy", "prevent_destruction"),
        ("what is neither a list nor all", "[\"tags\"]", "\"everything\""),
        ("a condition without a message", ", error_message = \"there are none\"", ""),
        ("a check of nothing", "expect_status", "expected_status"),
        ("a type that is none", "type = \"number\"", "type = \"integer\""),
    ];
    let mut said = String::new();
    for (what, from, to) in mistakes {
        assert!(GOOD.contains(from), "{from}");
        world.write("envs/good.toml", &GOOD.replacen(from, to, 1));
        let complaints = lint(&world, &["envs/good.toml"]);
        assert_ne!(complaints, "", "{what}");
        said.push_str(&format!("# {what}\n{}\n\n", complaints.trim_end()));
    }
    insta::assert_snapshot!("mistakes", said);
}

#[test]
fn a_schema_is_printed_too() {
    let world = world();
    for (which, name) in [("env", "environment"), ("module", "module")] {
        let printed = world.succeed(&["schema", "--json-schema", which]).stdout;
        assert_eq!(printed, world.read(&format!("docs/schema/{name}.schema.json")));
    }
}

//! `provision fmt`: files get their form, and keep their meaning.

use provision_tests::World;

use crate::taplo::taplo;
use crate::{WIDTHS, with_input};

const UNTIDY: &str = r#"
[env]
name="dev"     # becomes part of names
project  = "story"
  region = "us-east-1"


# The logs of everything.
[resource . aws_cloudwatch_log_group . this]
name = "/story/${env.name}"
tags = {team="video",cost   = "low" }

[output.names]
value = [ "a",
  "b"  # the second
]
"#;

const TIDY: &str = r#"[env]
name = "dev" # becomes part of names
project = "story"
region = "us-east-1"

# The logs of everything.
[resource.aws_cloudwatch_log_group.this]
name = "/story/${env.name}"
tags = { team = "video", cost = "low" }

[output.names]
value = [
    "a",
    "b", # the second
]
"#;

#[test]
fn the_files_of_this_project_are_in_form() {
    let world = World::new();
    let output = world.provision(&["fmt", "--check", "--diff"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), ""), "`provision fmt` brings them into it");
}

#[test]
fn an_untidy_file_is_shown_named_and_brought_into_form() {
    let world = World::new();
    world.write("envs/untidy.toml", UNTIDY);
    for columns in WIDTHS {
        let shown = with_input(&world, &["fmt", "--check", "--diff"], "", columns);
        assert_eq!((shown.code, shown.stderr.as_str()), (Some(1), ""));
        insta::assert_snapshot!("what_fmt_would_change", shown.stdout);
    }
    let checked = world.provision(&["fmt", "--check"]);
    assert_eq!((checked.code, checked.stdout.as_str()), (Some(1), "envs/untidy.toml\n"));
    assert_eq!(world.read("envs/untidy.toml"), UNTIDY, "to check writes nothing");

    let before = world.succeed(&["plan", "envs/untidy.toml", "--json"]).stdout;
    assert_eq!(world.succeed(&["fmt"]).stdout, "envs/untidy.toml\n");
    assert_eq!(world.read("envs/untidy.toml"), TIDY);
    assert_eq!(world.succeed(&["fmt", "--check"]).stdout, "");
    let changes = |plan: &str| serde_json::from_str::<serde_json::Value>(plan).unwrap()["changes"].clone();
    assert_eq!(changes(&world.succeed(&["plan", "envs/untidy.toml", "--json"]).stdout), changes(&before));
}

#[test]
fn a_file_comes_through_a_pipe() {
    let world = World::new();
    let output = with_input(&world, &["fmt", "-"], UNTIDY, "80");
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), TIDY));
    let output = with_input(&world, &["fmt", "-", "--check"], UNTIDY, "80");
    assert_eq!((output.code, output.stdout.as_str()), (Some(1), "<stdin>\n"));
    let output = with_input(&world, &["fmt", "-", "--check"], TIDY, "80");
    assert_eq!((output.code, output.stdout.as_str()), (Some(0), ""));
}

#[test]
fn what_is_no_toml_is_said_and_the_others_get_their_form() {
    let world = World::new();
    world.write("a/broken.toml", "[env]\nname = dev\n");
    world.write("a/untidy.toml", UNTIDY);
    for columns in WIDTHS {
        world.write("a/untidy.toml", UNTIDY);
        let output = with_input(&world, &["fmt", "a"], "", columns);
        assert_eq!((output.code, output.stdout.as_str()), (Some(1), "a/untidy.toml\n"));
        assert_eq!(world.read("a/untidy.toml"), TIDY);
        insta::assert_snapshot!("what_is_no_toml", output.stderr);
    }
    let nothing = world.provision(&["fmt", "missing.toml"]);
    assert_eq!(nothing.code, Some(1));
    assert!(nothing.stderr.contains("missing.toml cannot be read"), "{nothing}");
}

#[test]
fn editors_give_the_same_form() {
    let world = World::new();
    std::fs::copy(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../.taplo.toml"),
        world.directory().join(".taplo.toml"),
    )
    .unwrap();
    world.write("envs/untidy.toml", TIDY);
    let output = taplo(world.directory(), &["format", "--check"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    world.write("envs/untidy.toml", UNTIDY.trim_start());
    assert!(!taplo(world.directory(), &["format", "--check"]).status.success(), "it looks at environments");
    assert!(taplo(world.directory(), &["format"]).status.success());
    assert_eq!(world.read("envs/untidy.toml"), TIDY);
}

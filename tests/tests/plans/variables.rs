//! Where the values of variables come from.

use provision_tests::World;

use crate::small::{SMALL, assert_refused, calls};

const TEXT: &str = r#"[env]
name = "small"
project = "story"
region = "us-east-1"

[variable.days]
type = "number"
default = 30

[[variable.days.validation]]
condition = "${var.days > 0}"
error_message = "there is no less than a day"

[variable.names]
type = "list(string)"
default = []

[variable.note]
default = "default"

[output.all]
value = '${format("%s, %d days, %s", var.note, var.days, join("+", var.names))}'
"#;

fn world() -> World {
    let world = World::new();
    world.write(SMALL, TEXT);
    world.write("values.toml", "note = \"file\"\ndays = 14\nnames = [\"a\", \"b\"]\n");
    world.write("more.toml", "days = 15\n");
    world
}

/// What the output would be.
fn planned(world: &World, arguments: &[&str]) -> String {
    let plan = world.plan(&[&[SMALL], arguments].concat());
    plan.outputs["all"].value.as_str().unwrap().to_owned()
}

#[test]
fn each_source_of_values_goes_before_the_one_before_it() {
    let world = world();
    assert_eq!(planned(&world, &[]), "default, 30 days, ");
    let world =
        world.with_variable("PROVISION_VAR_note", "environment").with_variable("PROVISION_VAR_days", "13");
    assert_eq!(planned(&world, &[]), "environment, 13 days, ");
    let file = ["--var-file", "values.toml"];
    assert_eq!(planned(&world, &file), "file, 14 days, a+b");
    let files = ["--var-file", "values.toml", "--var-file", "more.toml"];
    assert_eq!(planned(&world, &files), "file, 15 days, a+b");
    let given = ["--var", "note=a=b", "--var", "names=[\"c\"]", "--var-file", "values.toml"];
    assert_eq!(planned(&world, &given), "a=b, 14 days, c");
}

#[test]
fn values_that_cannot_be_are_refused() {
    let world = world();
    world.edit(SMALL, "default = \"default\"", "type = \"string\"");
    let run = |arguments: &[&str]| world.provision(&[&["plan", SMALL], arguments].concat());
    assert_refused(&run(&[]), &["the variable `note` has no value", "envs/small.toml:18:11"]);
    let note = ["--var", "note=x"];
    let with_note = |arguments: &[&str]| run(&[&note, arguments].concat());
    assert_eq!(with_note(&[]).code, Some(0));
    assert_refused(&with_note(&["--var", "days=many"]), &["`days`", "expected a number"]);
    assert_refused(&with_note(&["--var", "days=0"]), &["there is no less than a day"]);
    assert_refused(
        &with_note(&["--var", "dais=1"]),
        &["`dais`, which is no variable", "did you mean `days`?"],
    );
    assert_refused(&with_note(&["--var", "days"]), &["--var NAME=VALUE"]);
    assert_refused(&with_note(&["--var-file", "none.toml"]), &["none.toml cannot be read"]);
    world.write("values.toml", "dais = 1\n");
    assert_refused(&with_note(&["--var-file", "values.toml"]), &["values.toml gives `dais`", "`days`?"]);
    assert_eq!(calls(&world), []);
}

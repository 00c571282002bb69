//! Runs that are about a part of the environment, or about more than its configuration says.

use crate::world::{Run, World};

/// Three in a row, and one beside them.
const ROW: &str = r#"
[resource.fake_key.a]
size = 1
[resource.fake_key.b]
size = 1
uses = ["${fake_key.a.id}"]
[resource.fake_key.c]
size = 1
uses = ["${fake_key.b.id}"]
[resource.fake_key.d]
size = 1
[output.c]
value = "${fake_key.c.id}"
"#;

fn sizes(size: u8) -> String {
    ROW.replace("size = 1", &format!("size = {size}"))
}

#[test]
fn a_target_comes_with_what_it_depends_on() {
    let mut world = World::with(ROW);
    world.aim.targets = vec!["fake_key.b".into()];
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_key.a create", "fake_key.b create"]);
    assert_eq!(ran.plan.left_out, ["fake_key.c".into(), "fake_key.d".into()]);
    assert_eq!(world.state().outputs.len(), 0, "what is not there gives nothing");
    world.configure(&sizes(2));
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_key.a update", "fake_key.b update"]);
    world.aim = Default::default();
    assert_eq!(world.apply().actions(), ["fake_key.c create", "fake_key.d create"]);
    world.assert_settled();
}

#[test]
fn what_is_excluded_is_left_out_with_what_depends_on_it() {
    let mut world = World::with(ROW);
    world.aim.excludes = vec!["fake_key.b".into()];
    assert_eq!(world.apply().actions(), ["fake_key.a create", "fake_key.d create"]);
    world.aim = Default::default();
    world.apply();
    world.configure(&sizes(2));
    world.aim.excludes = vec!["fake_key.b".into()];
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_key.a update", "fake_key.d update"]);
    assert_eq!(world.state().outputs.len(), 1, "what stays gives what it gave");
    world.aim = Default::default();
    assert_eq!(world.apply().actions(), ["fake_key.b update", "fake_key.c update"]);
}

#[test]
fn a_destroy_of_a_target_takes_what_depends_on_it() {
    let mut world = World::with(ROW);
    world.apply();
    world.aim.targets = vec!["fake_key.b".into()];
    let mut actions = world.destroy().actions();
    actions.sort();
    assert_eq!(actions, ["fake_key.b delete", "fake_key.c delete"]);
    world.aim.targets = Vec::new();
    world.aim.excludes = vec!["fake_key.d".into()];
    assert_eq!(world.destroy().actions(), ["fake_key.a delete"]);
    assert_eq!(world.cloud.objects().len(), 1);
}

#[test]
fn an_exclude_of_a_destroy_keeps_what_it_depends_on() {
    let mut world = World::with(ROW);
    world.apply();
    world.aim.excludes = vec!["fake_key.b".into()];
    let mut actions = world.destroy().actions();
    actions.sort();
    assert_eq!(actions, ["fake_key.c delete", "fake_key.d delete"]);
}

#[test]
fn an_address_that_is_none_is_refused() {
    let mut world = World::with(ROW);
    world.aim.targets = vec!["fake_key.bb".into()];
    world.aim.excludes = vec!["module.nothing".into()];
    world.aim.replace = vec!["fake_key.ab".into()];
    let problems = world.plan().err().map(|diagnostics| world.shown(&diagnostics)).unwrap();
    insta::assert_snapshot!(problems);
}

#[test]
fn what_is_asked_for_is_made_anew() {
    let mut world = World::with(ROW);
    world.apply();
    world.aim.replace = vec!["fake_key.c".into()];
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_key.c replace"]);
    let replaced = ran.document.effective().next().unwrap();
    assert_eq!(replaced.replace_because, ["it was asked for: --replace"]);
    world.aim = Default::default();
    world.assert_settled();
}

#[test]
fn a_refresh_tells_the_state_and_nobody_else() {
    let mut world = World::with(ROW);
    world.apply();
    world.cloud.calls();
    let id = |address: &str| world.state().resources[&address.into()].id.clone();
    world.cloud.tamper(&id("fake_key.d"), |attributes| attributes["size"] = 9.into());
    world.cloud.lose(&id("fake_key.c"));
    world.configure(&sizes(2));
    let ran = world.run(Run::Refresh).unwrap();
    let mut actions = ran.actions();
    actions.sort();
    assert_eq!(actions, ["fake_key.c refresh", "fake_key.d refresh"]);
    let change = ran.document.changes.iter().find(|change| change.address == "fake_key.d").unwrap();
    assert_eq!((change.before.get("size").as_i64(), change.after.get("size").as_i64()), (Some(1), Some(9)));
    assert_eq!(world.cloud.calls(), [""; 0]);
    let state = world.state();
    assert_eq!(state.resources[&"fake_key.d".into()].attributes.get("size").as_i64(), Some(9));
    assert!(!state.resources.contains_key(&"fake_key.c".into()));
    assert_eq!(world.run(Run::Refresh).unwrap().actions(), [""; 0]);
    world.apply();
    world.assert_settled();
}

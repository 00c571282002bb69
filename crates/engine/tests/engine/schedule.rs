//! What is known beforehand of an apply: which steps there are, which wait for which, and what depends on what.

use provision_engine::graph::Graph;
use provision_engine::plan::Action;

use crate::world::{Ran, World};

const CHAIN: &str = r#"
[resource.fake_bucket.first]
bucket = "first"
comment = "COMMENT"
[resource.fake_key.between]
uses = ["${fake_bucket.first.arn}"]
[resource.fake_bucket.last]
bucket = "last"
comment = "COMMENT"
depends_on = ["fake_key.between"]
[resource.fake_bucket.apart]
bucket = "apart"
"#;

/// The steps that change something, each with those that it waits for.
fn schedule(ran: &Ran) -> Vec<String> {
    let changes = &ran.plan.changes;
    let steps = Graph::of(&ran.plan).schedule(|step| changes[step.change()].action != Action::NoOp);
    let name = |position: &usize| changes[steps[*position].0.change()].address.to_string();
    let line = |waits_for: &Vec<usize>| waits_for.iter().map(name).collect::<Vec<_>>().join(", ");
    (0..steps.len()).map(|at| format!("{} after [{}]", name(&at), line(&steps[at].1))).collect()
}

#[test]
fn a_step_waits_through_what_does_not_change() {
    let mut world = World::with(&CHAIN.replace("COMMENT", "old"));
    assert_eq!(
        schedule(&world.apply()),
        [
            "fake_bucket.first after []",
            "fake_key.between after [fake_bucket.first]",
            "fake_bucket.last after [fake_key.between]",
            "fake_bucket.apart after []",
        ]
    );
    world.configure(&CHAIN.replace("COMMENT", "new"));
    assert_eq!(
        schedule(&world.apply()),
        ["fake_bucket.first after []", "fake_bucket.last after [fake_bucket.first]"]
    );
}

#[test]
fn a_plan_says_what_depends_on_what() {
    let mut world = World::with(CHAIN);
    let dependencies = |ran: &Ran, address: &str| -> Vec<String> {
        let change = ran.document.changes.iter().find(|change| change.address == address).unwrap();
        change.dependencies.iter().cloned().collect()
    };
    let ran = world.apply();
    assert_eq!(dependencies(&ran, "fake_bucket.last"), ["fake_key.between"]);
    assert!(ran.document.data.is_empty());

    let data = "[data.fake_bucket.apart]\nbucket = \"apart\"\n";
    let reader = "[resource.fake_key.reader]\nuses = [\"${data.fake_bucket.apart.id}\"]\n";
    world.configure(&format!("{CHAIN}{data}{reader}"));
    let ran = world.plan().unwrap();
    assert_eq!(dependencies(&ran, "fake_key.reader"), ["data.fake_bucket.apart"]);
    let read: Vec<&String> = ran.document.data.keys().collect();
    assert_eq!(read, ["data.fake_bucket.apart"], "it was read already, and is no change");

    let ran = world.destroy();
    assert_eq!(dependencies(&ran, "fake_bucket.last"), ["fake_key.between"], "as the state has recorded");
}

#[test]
fn where_not_all_can_begin_at_once_the_longest_way_does() {
    let apart = |name: &str| format!("[resource.fake_bucket.{name}]\nbucket = \"{name}\"\n");
    let mut world = World::with(&format!("{}{}{CHAIN}", apart("a"), apart("b")));
    world.options.parallelism = 1;
    world.apply();
    let calls = world.cloud.calls();
    let creates: Vec<&str> =
        calls.iter().filter_map(|call| call.strip_prefix("create fake_bucket ")).collect();
    assert_eq!(creates, ["first", "a", "b", "last", "apart"], "of equals, the first comes first");

    let last = world.state().resources[&"fake_bucket.last".into()].id.clone();
    world.destroy();
    assert_eq!(world.cloud.calls()[0], format!("delete {last}"), "two more wait for that");
}

#[test]
fn a_run_writes_its_state_once_for_all_that_is_about_to_be_made_at_a_time() {
    let many: String =
        (0..1000).map(|at| format!("[resource.fake_bucket.b{at}]\nbucket = \"b{at}\"\n")).collect();
    let mut world = World::with(&many);
    let ran = world.apply();
    assert_eq!(ran.report().created, 1000);
    assert!(world.writes <= 50, "{} writes", world.writes);
    world.destroy();
    assert!(world.writes <= 50, "{} writes", world.writes);
}

//! Steps fail, and runs are interrupted: what can go on does, and all that happened is recorded.

use std::sync::atomic::Ordering;

use provision_engine::kind::KindError;
use provision_engine::plan::{Aim, Inputs, plan};
use provision_engine::refresh::Observation;
use serde_json::json;

use crate::world::{Run, World};

const TREE: &str = r#"
[resource.fake_key.root]
[resource.fake_key.left]
uses = ["${fake_key.root.id}"]
[resource.fake_bare.leaf]
name = "leaf"
uses = ["${fake_key.left.id}"]
[resource.fake_bucket.right]
bucket = "right"
comment = "${fake_key.root.id}"
[output.left]
value = "${fake_key.left.id}"
[output.leaf]
value = "${fake_bare.leaf.name}"
[output.right]
value = "${fake_bucket.right.arn}"
"#;

fn refused() -> KindError {
    KindError { code: Some("AccessDenied".to_owned()), ..KindError::new("no") }
}

fn lost() -> KindError {
    KindError::new("the connection was cut")
}

#[test]
fn a_failure_skips_what_waits_for_it_and_nothing_else() {
    let mut world = World::with(TREE);
    world.cloud.fail("create fake_key token-1", refused());
    let ran = world.run(Run::Apply).unwrap();
    let report = ran.report();
    assert_eq!((report.created, report.failed.len()), (2, 1));
    assert_eq!(report.failed[0].0.as_str(), "fake_key.left");
    assert_eq!(report.skipped, ["fake_bare.leaf".into()]);
    assert!(!report.is_success());
    let state = world.state();
    assert_eq!(state.resources.len(), 2);
    assert!(state.intents.is_empty(), "what was refused never happened");
    let outputs: Vec<&String> = state.outputs.keys().collect();
    assert_eq!(outputs, ["right"], "what is not there gives nothing, also where the plan knew what it would");
    world.cloud.fail_no_more();
    assert_eq!(world.apply().report().created, 2);
    world.assert_settled();
}

#[test]
fn a_create_of_which_nothing_is_known_is_looked_for() {
    for kind in ["create fake_key token-1", "create fake_bare leaf", "update fake_bare"] {
        let mut world = World::with(TREE);
        world.cloud.fail(kind, lost());
        let ran = world.run(Run::Apply).unwrap();
        assert_eq!(ran.report().failed.len(), 1, "{kind}");
        world.cloud.fail_no_more();
        world.apply();
        world.assert_settled();
        assert!(world.state().intents.is_empty());
        assert_eq!(world.cloud.objects().len(), 4, "{kind}");
    }
}

#[test]
fn a_create_is_looked_for_if_only_its_repetition_was_refused() {
    let mut world = World::with(TREE);
    world.cloud.fail("create fake_key token-1", refused().undecided());
    world.run(Run::Apply).unwrap();
    assert_eq!(world.state().intents.len(), 1, "the first attempt may have made it");
    world.cloud.fail_no_more();
    world.apply();
    world.assert_settled();
    assert!(world.state().intents.is_empty());
}

#[test]
fn a_create_that_was_never_sent_is_not_looked_for() {
    let mut world = World::with(TREE);
    world.cloud.fail("create fake_key token-1", lost().unsent());
    world.run(Run::Apply).unwrap();
    assert!(world.state().intents.is_empty(), "what bears its name is someone else's");
    world.cloud.fail_no_more();
    world.apply();
    world.assert_settled();
}

#[test]
fn what_bears_the_name_already_is_not_taken_over() {
    let mut world = World::with("[resource.fake_bucket.it]\nbucket = \"it\"\n");
    world.cloud.plant("fake_bucket-9999", "fake_bucket", "it", json!({ "bucket": "it" }));
    let ran = world.run(Run::Apply).unwrap();
    let (_, error) = &ran.report().failed[0];
    assert!(error.message.contains("already: fake_bucket-9999"), "{error}");
    assert!(world.state().intents.is_empty());
    assert!(world.state().resources.is_empty());
    assert_eq!(world.plan().unwrap().actions(), ["fake_bucket.it create"]);
}

#[test]
fn a_failed_update_is_made_again() {
    let mut world = World::with(TREE);
    world.apply();
    world.configure(&TREE.replace("bucket = \"right\"", "bucket = \"right\"\nclass = \"cold\""));
    world.cloud.fail("update", lost());
    let ran = world.run(Run::Apply).unwrap();
    assert_eq!((ran.report().updated, ran.report().failed.len()), (0, 1));
    world.cloud.fail_no_more();
    assert_eq!(world.apply().actions(), ["fake_bucket.right update"]);
    world.assert_settled();
}

#[test]
fn a_failed_delete_keeps_what_it_refers_to() {
    let mut world = World::with(TREE);
    world.apply();
    world.cloud.fail("delete fake_key-0002", refused());
    let left = world.state().resources[&"fake_key.left".into()].id.clone();
    world.cloud.fail_no_more();
    world.cloud.fail(&format!("delete {left}"), refused());
    let ran = world.run(Run::Destroy).unwrap();
    assert_eq!((ran.report().deleted, ran.report().failed.len()), (2, 1));
    assert_eq!(ran.report().skipped, ["fake_key.root".into()]);
    assert_eq!(world.state().resources.len(), 2);
    world.cloud.fail_no_more();
    world.destroy();
    assert!(world.cloud.objects().is_empty());
}

#[test]
fn a_replacement_whose_delete_fails_has_left_something_to_delete() {
    let configuration =
        "[resource.fake_key.it]\ncolor = \"red\"\nlifecycle = { create_before_destroy = true }\n";
    let mut world = World::with(configuration);
    world.apply();
    world.cloud.fail("delete", refused());
    for color in ["green", "blue"] {
        world.configure(&configuration.replace("red", color));
        let ran = world.run(Run::Apply).unwrap();
        assert_eq!(ran.report().created, 1);
    }
    assert_eq!(world.state().resources[&"fake_key.it".into()].deposed.len(), 2);
    world.cloud.fail_no_more();
    let ran = world.apply();
    assert_eq!(ran.document.changes[0].deposed.len(), 2);
    assert_eq!((ran.document.summary.delete, ran.report().deleted), (2, 2));
    assert_eq!(world.cloud.only("fake_key")["color"], "blue");
    world.assert_settled();
}

#[test]
fn what_was_left_is_deleted_with_what_is_configured_no_more() {
    let configuration =
        "[resource.fake_key.it]\ncolor = \"red\"\nlifecycle = { create_before_destroy = true }\n";
    let mut world = World::with(configuration);
    world.apply();
    world.cloud.fail("delete", refused());
    world.configure(&configuration.replace("red", "blue"));
    world.run(Run::Apply).unwrap();
    world.cloud.fail_no_more();
    world.cloud.lose("fake_key-0002");
    world.configure("");
    let ran = world.apply();
    assert_eq!(ran.report().deleted, 1);
    assert!(world.cloud.objects().is_empty());
    assert!(world.state().resources.is_empty());
}

#[test]
fn an_interrupted_run_begins_nothing_new() {
    let mut world = World::with(TREE);
    world.interrupted.store(true, Ordering::SeqCst);
    let ran = world.run(Run::Apply).unwrap();
    assert_eq!(ran.report().not_begun.len(), 4);
    assert!(!ran.report().is_success());
    assert_eq!(world.cloud.calls(), [""; 0]);
    assert!(world.state().intents.is_empty());
    world.interrupted.store(false, Ordering::SeqCst);
    world.apply();
    world.assert_settled();
}

#[test]
fn what_is_wrong_only_when_it_is_known_fails_its_step() {
    let configuration = r#"
        [resource.fake_key.first]
        [resource.fake_bucket.index]
        bucket = "index"
        comment = '${split("-", fake_key.first.id)[7]}'
        [resource.fake_bucket.type]
        bucket = "type"
        rule = [{ prefix = "x", days = "${length(fake_key.first.id) * 1000}" }]
        [module.inner]
        source = "inner"
        name = "${fake_key.first.id}"
        [resource.fake_bucket.fine]
        bucket = "fine"
    "#;
    let mut world = World::with(configuration);
    world.write(
        "inner/module.toml",
        "[variable.name]\nvalidation = { condition = \"${length(var.name) < 3}\", error_message = \"too long\" }\n\
         [resource.fake_bare.it]\nname = \"${var.name}\"\n[resource.fake_bare.other]\nname = \"other ${var.name}\"\n",
    );
    let ran = world.run(Run::Apply).unwrap();
    let mut failed: Vec<String> =
        ran.report().failed.iter().map(|(address, error)| format!("{address}: {}", error.message)).collect();
    failed.sort();
    assert_eq!(
        failed,
        [
            "fake_bucket.index: `comment` is still not known",
            "fake_bucket.type: rule[0].days: `days` is at most 365",
            "module.inner.fake_bare.it: `name` is still not known",
            "module.inner.fake_bare.other: `name` is still not known",
        ]
    );
    let said: Vec<&str> =
        ran.report().diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert_eq!(said, ["there is no such element in a list of 2", "the variable `name`: too long"]);
    assert_eq!(world.cloud.objects().len(), 2);
}

#[test]
fn nothing_is_planned_while_nobody_has_looked_for_what_was_begun() {
    let mut world = World::with(TREE);
    world.cloud.fail("create fake_key", lost());
    world.run(Run::Apply).unwrap();
    let (configuration, state) = (world.load().unwrap(), world.state());
    let observation = Observation::default();
    let inputs = Inputs {
        configuration: &configuration,
        registry: &world.registry,
        variables: &world.variables,
        state: &state,
        observation: &observation,
        aim: &Aim::default(),
        offline: false,
    };
    let refused = plan(&inputs).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "an interrupted run may have made fake_key.root, and nobody has looked (refresh first)"
    );
}

#[test]
fn what_cannot_be_read_is_told_in_the_order_of_the_addresses() {
    let mut world = World::with("[module.a]\nsource = \"./a\"\n[module.b]\nsource = \"./b\"\n");
    world.write("a/module.toml", "[resource.fake_key.it]\n");
    world.write("b/module.toml", "[resource.fake_bucket.it]\nbucket = \"it\"\n");
    world.apply();
    // Those of a kind are read together, and buckets come before keys.
    world.cloud.fail("read", refused());
    let Err(failures) = world.plan() else { panic!("nothing can be read") };
    let told: Vec<&str> = failures.0.iter().map(|failure| failure.message.as_str()).collect();
    let expected = [
        "module.a.fake_key.it cannot be read: AccessDenied: no",
        "module.b.fake_bucket.it cannot be read: AccessDenied: no",
    ];
    assert_eq!(told, expected);
}

//! What exists already: imported by its id, or adopted by its name.

use provision_engine::plan::Adoption;
use serde_json::json;

use crate::world::{Run, World};

fn world(text: &str) -> World {
    let world = World::with(text);
    world.cloud.plant(
        "b-1",
        "fake_bucket",
        "logs",
        json!({ "bucket": "logs", "comment": "theirs", "class": "standard" }),
    );
    world
}

#[test]
fn what_exists_is_imported_and_made_what_is_configured() {
    let mut world = world(
        "[resource.fake_bucket.logs]\nbucket = \"logs\"\ncomment = \"ours\"\n[[import]]\nto = \"fake_bucket.logs\"\nid = \"b-1\"\n",
    );
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.logs update"]);
    assert_eq!(ran.change("fake_bucket.logs").adopted, Some(Adoption::Imported));
    assert_eq!(ran.document.changes[0].changed, ["comment"]);
    assert_eq!(world.cloud.calls(), ["update b-1"]);
    world.assert_settled();
    world.destroy();
    assert_eq!(world.cloud.objects().len(), 0, "it is ours now");
}

#[test]
fn an_import_that_changes_nothing_is_an_adoption() {
    let mut world = world(
        "[variable.ids]\ndefault = { logs = \"b-1\" }\n\
         [resource.fake_bucket.it]\nfor_each = [\"logs\"]\nbucket = \"${each.key}\"\ncomment = \"theirs\"\n\
         [[import]]\nfor_each = \"${var.ids}\"\nto = 'fake_bucket.it[\"${each.key}\"]'\nid = \"${each.value}\"\n",
    );
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.it[\"logs\"] adopt"]);
    assert_eq!(ran.report().adopted, 1);
    assert_eq!(world.cloud.calls(), [""; 0]);
    world.assert_settled();
}

#[test]
fn an_import_that_cannot_be_is_refused() {
    let bucket = "[resource.fake_bucket.logs]\nbucket = \"logs\"\n";
    let problems = |text: &str| {
        let mut world = world(text);
        match world.plan() {
            Ok(_) => "nothing".to_owned(),
            Err(diagnostics) => world.shown(&diagnostics),
        }
    };
    let import = |to: &str, id: &str| {
        format!("{bucket}[resource.fake_key.k]\n[[import]]\nto = \"{to}\"\nid = \"{id}\"\n")
    };
    insta::assert_snapshot!(
        [
            problems(&import("fake_bucket.logs", "b-2")),
            problems(&import("fake_bucket.other", "b-1")),
            problems(&import("fake_bucket.logs", "${fake_key.k.id}")),
            problems(&format!("{bucket}[[import]]\nto = \"fake_bucket.logs\"\n")),
        ]
        .join("\n---\n")
    );
}

#[test]
fn an_import_by_command_records_and_changes_nothing() {
    let mut world = world(
        "[resource.fake_bucket.logs]\nbucket = \"logs\"\ncomment = \"ours\"\n[resource.fake_key.k]\nsize = 1\n",
    );
    world.aim.targets = vec!["fake_bucket.logs".into()];
    world.aim.imports = vec![("fake_bucket.logs".into(), "b-1".to_owned())];
    let ran = world.run(Run::Refresh).unwrap();
    assert_eq!(ran.actions(), ["fake_bucket.logs adopt"]);
    assert_eq!(world.cloud.calls(), [""; 0]);
    world.aim = Default::default();
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.logs update", "fake_key.k create"]);
}

#[test]
fn what_bears_the_name_is_adopted_if_that_is_asked_for() {
    let text =
        "[resource.fake_bucket.logs]\nbucket = \"logs\"\ncomment = \"theirs\"\n[resource.fake_key.k]\n";
    let mut world = world(text);
    let failed = world.run(Run::Apply).unwrap();
    assert!(failed.report().failed[0].1.message.contains("already"), "{:?}", failed.report());
    world.aim.adopt = vec!["fake_bucket.logs".into()];
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.logs adopt"]);
    world.aim.adopt = vec!["fake_key.k".into()];
    let problem = world.plan().err().map(|diagnostics| world.shown(&diagnostics));
    assert!(problem.is_some_and(|problem| problem.contains("nothing to adopt")));
}

//! Resources come, change, and go.

use provision_engine::apply::Report;

use crate::world::{Run, World};

const BUCKET: &str = r#"
[resource.fake_bucket.logs]
bucket = "logs"
comment = "old"
readers = ["b", "a"]
versioning = { enabled = true }
[[resource.fake_bucket.logs.rule]]
prefix = "tmp/"
"#;

fn counts(report: &Report) -> (usize, usize, usize) {
    (report.created, report.updated, report.deleted)
}

#[test]
fn a_resource_is_created_once() {
    let mut world = World::with(BUCKET);
    let ran = world.apply();
    assert_eq!(counts(ran.report()), (1, 0, 0));
    assert_eq!(world.cloud.calls(), ["create fake_bucket logs"]);
    assert_eq!(world.cloud.only("fake_bucket")["rule"][0]["days"], 30, "defaults are filled in");
    world.assert_settled();
    let ran = world.apply();
    assert_eq!(ran.actions(), [""; 0]);
    assert_eq!(world.cloud.calls(), [""; 0]);
}

#[test]
fn a_resource_is_updated_in_place() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.cloud.calls();
    world.configure(&BUCKET.replace("old", "new"));
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.logs update"]);
    assert_eq!(ran.document.changes[0].changed, ["comment"]);
    assert!(ran.change("fake_bucket.logs").after.get("etag").is_unknown(), "it changes with each change");
    assert_eq!(world.cloud.calls(), ["update fake_bucket-0001"]);
    assert_eq!(counts(ran.report()), (0, 1, 0));
    world.assert_settled();
}

#[test]
fn the_order_of_a_set_makes_no_difference() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.configure(&BUCKET.replace(r#"["b", "a"]"#, r#"["a", "b", "a"]"#));
    world.assert_settled();
}

#[test]
fn a_resource_is_replaced() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.cloud.calls();
    world.configure(&BUCKET.replace("\"logs\"", "\"journal\""));
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.logs replace"]);
    assert_eq!(ran.document.changes[0].replace_because, ["bucket"]);
    assert_eq!(world.cloud.calls(), ["delete fake_bucket-0001", "create fake_bucket journal"]);
    assert_eq!(counts(ran.report()), (1, 0, 1));
    world.assert_settled();
}

#[test]
fn a_replacement_can_be_made_first() {
    let configuration =
        format!("{BUCKET}\n[resource.fake_bucket.logs.lifecycle]\ncreate_before_destroy = true\n");
    let mut world = World::with(&configuration);
    world.apply();
    world.cloud.calls();
    world.configure(&configuration.replace("\"logs\"", "\"journal\""));
    let ran = world.apply();
    assert_eq!(world.cloud.calls(), ["create fake_bucket journal", "delete fake_bucket-0001"]);
    assert_eq!(counts(ran.report()), (1, 0, 1));
    assert!(world.state().resources.values().all(|resource| resource.deposed.is_empty()));
    world.assert_settled();
}

#[test]
fn what_is_configured_no_more_is_deleted() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.configure("");
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.logs delete"]);
    assert_eq!(counts(ran.report()), (0, 0, 1));
    assert!(world.cloud.objects().is_empty());
    assert!(world.state().resources.is_empty());
}

#[test]
fn drift_is_shown_and_repaired() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.cloud.tamper("fake_bucket-0001", |attributes| attributes["versioning"]["enabled"] = false.into());
    let ran = world.apply();
    assert_eq!(ran.document.changes[0].drift, ["versioning.enabled"]);
    assert_eq!(ran.document.changes[0].changed, ["versioning.enabled"]);
    assert_eq!(world.cloud.only("fake_bucket")["versioning"]["enabled"], true);
    world.assert_settled();
}

#[test]
fn what_is_gone_is_created_again() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.cloud.lose("fake_bucket-0001");
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.logs create"]);
    assert_eq!(world.cloud.objects().len(), 1);
    world.assert_settled();
}

#[test]
fn what_is_gone_and_configured_no_more_is_forgotten() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.cloud.lose("fake_bucket-0001");
    world.configure("");
    let ran = world.apply();
    assert_eq!(ran.actions(), [""; 0]);
    assert!(world.state().resources.is_empty());
}

#[test]
fn without_a_refresh_the_state_is_believed() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.cloud.tamper("fake_bucket-0001", |attributes| attributes["comment"] = "drifted".into());
    let ran = world.run(Run::ApplyUnread).unwrap();
    assert_eq!(ran.actions(), [""; 0]);
    assert_eq!(world.cloud.only("fake_bucket")["comment"], "drifted");
}

#[test]
fn a_value_that_aws_chooses_is_no_difference() {
    let mut world = World::with(BUCKET);
    let ran = world.apply();
    assert!(ran.change("fake_bucket.logs").after.get("class").is_unknown());
    world.assert_settled();
    world.configure(&BUCKET.replace("comment", "class = \"cold\"\ncomment"));
    assert_eq!(world.apply().document.changes[0].changed, ["class"]);
    world.configure(BUCKET);
    world.assert_settled();
}

#[test]
fn everything_is_destroyed_in_order() {
    let mut world = World::with(
        r#"
        [resource.fake_key.first]
        [resource.fake_key.second]
        uses = ["${fake_key.first.id}"]
        [resource.fake_bare.third]
        name = "third"
        uses = ["${fake_key.second.id}", "${fake_key.first.id}"]
        "#,
    );
    world.apply();
    world.cloud.calls();
    let ran = world.destroy();
    assert_eq!(
        world.cloud.calls(),
        ["delete fake_bare-0003", "delete fake_key-0002", "delete fake_key-0001"]
    );
    assert_eq!(counts(ran.report()), (0, 0, 3));
    assert!(world.state().resources.is_empty());
    assert!(world.cloud.objects().is_empty());
}

#[test]
fn tags_of_the_environment_are_merged_under_those_of_a_resource() {
    let configuration = "tags = { team = \"video\", tier = \"1\" }\n".to_owned() + BUCKET;
    let mut world = World::with(&configuration.replace("comment", "tags = { tier = \"2\" }\ncomment"));
    world.apply();
    let tags = world.cloud.only("fake_bucket")["tags"].clone();
    assert_eq!(tags, serde_json::json!({ "team": "video", "tier": "2" }));
    world.assert_settled();
}

//! What is in the way of a plan, and what only seems to be.

use serde_json::json;

use crate::world::World;

const BUCKET: &str = "[resource.fake_bucket.logs]\nbucket = \"logs\"\n";

#[test]
fn a_name_that_somebody_else_has_is_in_the_way() {
    let mut world = World::with(BUCKET);
    assert_eq!(world.obstacles(), [""; 0]);
    world.cloud.plant("b-1", "fake_bucket", "logs", json!({ "bucket": "logs" }));
    assert_eq!(world.obstacles(), ["there is one of that name already: b-1"]);
}

#[test]
fn a_name_that_the_plan_sets_free_is_not() {
    let mut world = World::with(BUCKET);
    world.apply();
    world.configure(&BUCKET.replace("fake_bucket.logs", "fake_bucket.journal"));
    assert_eq!(world.obstacles(), [""; 0], "what has it is deleted first");
    world.configure(BUCKET);
    world.aim.replace = vec!["fake_bucket.logs".into()];
    assert_eq!(world.obstacles(), [""; 0], "and so is what is replaced");
    world.configure(&format!("{BUCKET}lifecycle = {{ create_before_destroy = true }}\n"));
    assert_eq!(world.obstacles(), ["its replacement is made before it is deleted, and bears the same name"]);
}

#[test]
fn a_name_that_is_not_known_yet_is_not_looked_for() {
    let text = "[resource.fake_key.k]\n[resource.fake_bucket.logs]\nbucket = \"${fake_key.k.id}\"\n";
    let mut world = World::with(text);
    world.cloud.plant("b-1", "fake_bucket", "", json!({ "bucket": "" }));
    assert_eq!(world.obstacles(), [""; 0]);
}

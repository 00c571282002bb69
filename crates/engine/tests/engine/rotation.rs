//! A key is changed for another, and whoever signs with the one that is in use is trusted at every moment.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::world::{Moment, Run, World};

const KEYS: &str = r#"
[resource.key_rotation.this]
overlap = "1h"
handover = "time_static.handover"
[resource.fake_secret.pair]
for_each = "${key_rotation.this.trusted}"
version = 1
[resource.fake_key.public]
for_each = "${key_rotation.this.trusted}"
lifecycle = { create_before_destroy = true }
color = "${fake_secret.pair[each.key].public}"
[resource.fake_bare.group]
name = "group"
uses = "${[for key in fake_key.public : key.id]}"
[resource.fake_bare.private]
name = "private"
depends_on = ["fake_bare.group"]
uses = ["${fake_key.public[tostring(key_rotation.this.generation)].id}"]
secret = "${fake_secret.pair[tostring(key_rotation.this.generation)].private}"
[resource.time_static.handover]
depends_on = ["fake_bare.private"]
triggers = { generation = "${key_rotation.this.generation}" }
"#;
const OVERLAP: i64 = 3600;

/// The key that is in use, and those that are trusted.
fn keys(world: &World) -> (String, BTreeSet<String>) {
    let objects = world.cloud.objects();
    let uses = |name: &str| -> BTreeSet<String> {
        let object = objects.values().find(|object| object.name.as_deref() == Some(name)).unwrap();
        object.attributes["uses"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect()
    };
    (uses("private").pop_first().unwrap(), uses("group"))
}

fn assert_trusted(world: &World, context: &str) {
    let (in_use, trusted) = keys(world);
    assert!(trusted.contains(&in_use), "{context}: {in_use} is in use, and trusted are {trusted:?}");
    // The secret that is in use is the private half of the key that it names.
    let objects = world.cloud.objects();
    let private = objects.values().find(|object| object.name.as_deref() == Some("private")).unwrap();
    let secret = private.attributes["secret"].as_str().unwrap();
    let public = objects[&in_use].attributes["color"].as_str().unwrap();
    assert_eq!(secret.replace("hunter2 of", "public of"), public, "{context}");
}

fn rotated(world: &mut World, run: Run) {
    let ran = world.run(run).unwrap_or_else(|diagnostics| panic!("{}", world.shown(&diagnostics)));
    assert!(ran.report().is_success(), "{:?}", ran.report());
    world.assert_settled();
    assert_eq!(world.cloud.refusals(), [""; 0]);
}

#[test]
fn begins_is_handed_over_and_ends() {
    let mut world = World::with(KEYS);
    world.apply();
    world.assert_settled();
    let (first, trusted) = keys(&world);
    assert_eq!(trusted.len(), 1);

    world.pass(10);
    rotated(&mut world, Run::Rotate);
    let (second, trusted) = keys(&world);
    assert_ne!(first, second, "the new one is in use");
    assert_eq!(trusted, BTreeSet::from([first, second.clone()]), "and the old one trusted");
    let again = world.run(Run::Rotate).unwrap();
    assert_eq!(again.actions(), [""; 0], "one rotation at a time");

    world.pass(OVERLAP - 1);
    world.assert_settled();
    world.pass(1);
    rotated(&mut world, Run::Apply);
    assert_eq!(keys(&world), (second.clone(), BTreeSet::from([second])), "the old one has gone");
}

#[test]
fn is_trusted_at_every_moment_whenever_it_is_killed() {
    for side in [Moment::Before, Moment::After] {
        for moment in 0.. {
            let mut world = World::with(KEYS);
            world.apply();
            let (first, _) = keys(&world);
            world.cloud.calls();
            let was_killed = world.run_and_die(Run::Rotate, moment, side);
            let context = format!("killed {side:?} {moment}");
            assert_trusted(&world, &context);
            // However long nobody comes back to it, the old key is good while it is in use.
            world.pass(10 * OVERLAP);
            rotated(&mut world, Run::Rotate);
            assert_trusted(&world, &context);
            let (second, trusted) = keys(&world);
            assert_ne!(first, second, "{context}");
            assert!(trusted.len() <= 2, "{context}: {trusted:?}");
            if !was_killed {
                assert!(moment > 5, "it was never killed");
                break;
            }
        }
    }
}

#[test]
fn ends_however_often_it_is_killed() {
    for side in [Moment::Before, Moment::After] {
        for moment in 0.. {
            let mut world = World::with(KEYS);
            world.apply();
            rotated(&mut world, Run::Rotate);
            world.pass(OVERLAP);
            world.cloud.calls();
            let was_killed = world.run_and_die(Run::Apply, moment, side);
            let context = format!("killed {side:?} {moment}");
            assert_trusted(&world, &context);
            rotated(&mut world, Run::Apply);
            assert_trusted(&world, &context);
            assert_eq!(keys(&world).1.len(), 1, "{context}");
            let public = world.cloud.objects().values().filter(|object| object.kind == "fake_key").count();
            assert_eq!(public, 1, "{context}: what is trusted no more is deleted");
            if !was_killed {
                break;
            }
        }
    }
}

#[test]
fn is_known_from_the_state() {
    let mut world = World::with(KEYS);
    world.apply();
    world.pass(100);
    rotated(&mut world, Run::Rotate);
    let status = provision_engine::builtin::rotations(&world.state()).pop().unwrap();
    assert_eq!((status.generation, status.older), (2, vec![1]));
    assert_eq!(status.handed_over.map(|time| time.unix_timestamp()), Some(100));
    assert_eq!(status.ends.map(|time| time.unix_timestamp()), Some(100 + OVERLAP));
    let attributes: Json = world.state().resources[&"key_rotation.this".into()].attributes.to_json();
    assert_eq!(attributes["trusted"], serde_json::json!(["1", "2"]));
}

//! A process can be killed at any moment: before a call takes effect, after it did and before its reply, before a
//! record is durable and after. Whatever it was doing, the same command run again ends where it would have ended.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::world::{Moment, Run, World};

const CHAIN: &str = r#"
[resource.fake_secret.pair]
version = 1
[resource.fake_bucket.logs]
bucket = "logs"
password = "${fake_secret.pair.private}"
[resource.fake_key.first]
color = "green"
uses = ["${fake_bucket.logs.id}"]
secret = "${fake_secret.pair.private}"
[resource.fake_key.second]
built_on = ["${fake_key.first.id}"]
[resource.fake_bare.third]
name = "third"
size = 3
secret = "planted ${fake_key.second.id}"
uses = ["${fake_key.second.id}", "${fake_key.first.id}"]
[resource.fake_key.alone]
size = 1
[output.first]
value = "${fake_key.first.id}"
"#;

#[test]
fn of_a_first_apply() {
    survives(&[CHAIN], Run::Apply);
}

#[test]
fn of_a_destroy() {
    survives(&[CHAIN], Run::Destroy);
}

#[test]
fn of_an_update() {
    let changed =
        CHAIN.replace("size = 3", "size = 4").replace("size = 1", "size = 2").replace("planted", "other");
    survives(&[CHAIN, &changed], Run::Apply);
}

#[test]
fn of_replacements() {
    let changed = CHAIN.replace("\"third\"", "\"fourth\"").replace("size = 1", "color = \"blue\"");
    survives(&[CHAIN, &changed], Run::Apply);
}

#[test]
fn of_replacements_all_along_a_chain() {
    // What refers to something else in place keeps it from being replaced; what is replaced too does not.
    let chain = CHAIN.replace(", \"${fake_key.first.id}\"]", "]").replace(
        "name = \"third\"\nsize = 3",
        "name = \"third\"\nlifecycle = { replace_triggered_by = [\"fake_key.second\"] }",
    );
    survives(&[&chain, &chain.replace("green", "blue")], Run::Apply);
}

#[test]
fn of_replacements_that_are_made_first() {
    let chain = format!("{CHAIN}\n[resource.fake_key.first.lifecycle]\ncreate_before_destroy = true\n")
        + "[resource.fake_key.second.lifecycle]\ncreate_before_destroy = true\n";
    survives(&[&chain, &chain.replace("green", "blue")], Run::Apply);
}

#[test]
fn of_replacements_that_are_made_first_under_their_old_name() {
    let chain = format!("{CHAIN}\n[resource.fake_bare.third.lifecycle]\ncreate_before_destroy = true\n");
    survives(&[&chain, &chain.replace("\"third\"", "\"fourth\"")], Run::Apply);
}

#[test]
fn of_a_change_of_the_secret_that_others_need() {
    survives(&[CHAIN, &CHAIN.replace("version = 1", "version = 2")], Run::Apply);
}

#[test]
fn of_removals() {
    let (kept, _) = CHAIN.split_once("[resource.fake_key.second]").unwrap();
    survives(&[CHAIN, kept], Run::Apply);
    survives(&[CHAIN, ""], Run::Apply);
}

#[test]
fn of_a_move_to_another_name_in_the_configuration() {
    let moved = CHAIN.replace("fake_key.alone", "fake_key.lonely");
    survives(&[CHAIN, &moved], Run::Apply);
}

#[test]
fn of_a_secret_that_is_needed_by_something_new() {
    let more = "[resource.fake_key.more]\nsecret = \"${fake_secret.pair.private}\"\n";
    survives(&[CHAIN, &format!("{CHAIN}{more}")], Run::Apply);
}

#[test]
fn of_a_replacement_that_something_else_triggers() {
    let configuration = "[resource.fake_bucket.logs]\nbucket = \"logs\"\ncomment = \"old\"\n\
                         [resource.fake_key.first]\n\
                         lifecycle = { replace_triggered_by = [\"fake_bucket.logs\"] }\n";
    let changed = configuration.replace("old", "new");
    let mut world = World::new();
    for side in [Moment::Before, Moment::After] {
        for moment in 0.. {
            prepare(&mut world, &[configuration, &changed], Run::Apply);
            let old = world.state().resources[&"fake_key.first".into()].id.clone();
            if !world.run_and_die(Run::Apply, moment, side) {
                break;
            }
            world.apply();
            let new = world.state().resources[&"fake_key.first".into()].id.clone();
            assert_ne!(old, new, "killed {side:?} {moment}: {:#?}", world.cloud.calls());
            world.assert_settled();
        }
    }
}

#[test]
fn of_two_runs_one_after_the_other() {
    let small = "[resource.fake_key.first]\n[resource.fake_bare.second]\nname = \"second\"\nsize = 1\n\
                 secret = \"planted\"\nuses = [\"${fake_key.first.id}\"]\n";
    let mut world = World::new();
    let expected = reference(&mut world, &[small], Run::Apply);
    for (first, second) in (0..16).flat_map(|first| (0..16).map(move |second| (first, second))) {
        for sides in [[Moment::Before; 2], [Moment::After; 2], [Moment::After, Moment::Before]] {
            world.begin_anew();
            world.run_and_die(Run::Apply, first, sides[0]);
            world.run_and_die(Run::Apply, second, sides[1]);
            converges(&mut world, Run::Apply, &expected, &format!("{first} {second} {sides:?}"));
        }
    }
}

/// Runs all configurations but the last one; then the last one in a process that is killed, at each moment at which
/// it can be, and once more.
#[test]
fn takes_over_nothing_that_bears_its_name() {
    const TAKEN: &str = "[resource.fake_bucket.logs]\nbucket = \"logs\"\n";
    let mut world = World::with(TAKEN);
    for moment in 0.. {
        world.begin_anew();
        world.cloud.plant("theirs", "fake_bucket", "logs", json!({ "bucket": "logs" }));
        let was_killed = world.run_and_die(Run::Apply, moment, Moment::Before);
        let ran = world.run(Run::Apply).unwrap();
        let (_, error) = &ran.report().failed[0];
        assert!(error.message.contains("already: theirs"), "{error}");
        assert!(world.state().resources.is_empty() && world.state().intents.is_empty(), "after {moment}");
        if !was_killed {
            break;
        }
    }
}

fn survives(configurations: &[&str], run: Run) {
    let mut world = World::new();
    let expected = reference(&mut world, configurations, run);
    for parallelism in [1, 64] {
        for side in [Moment::Before, Moment::After] {
            for moment in 0.. {
                world.options.parallelism = parallelism;
                prepare(&mut world, configurations, run);
                if !world.run_and_die(run, moment, side) {
                    assert!(moment > 1, "it was never killed");
                    break;
                }
                let context = format!("killed {side:?} {moment}, {parallelism} at a time");
                converges(&mut world, run, &expected, &context);
            }
        }
    }
}

fn prepare(world: &mut World, configurations: &[&str], run: Run) {
    world.begin_anew();
    let (last, before) = configurations.split_last().unwrap();
    for configuration in before {
        world.configure(configuration);
        world.apply();
    }
    world.configure(last);
    if matches!(run, Run::Destroy) {
        world.apply();
    }
    world.cloud.calls();
}

fn reference(world: &mut World, configurations: &[&str], run: Run) -> Vec<String> {
    prepare(world, configurations, run);
    let ran = world.run(run).unwrap();
    assert!(ran.report().is_success(), "{:?}", ran.report());
    contents(world)
}

fn converges(world: &mut World, run: Run, expected: &[String], context: &str) {
    let before =
        format!("{:#?}\n{}", world.cloud.calls(), serde_json::to_string_pretty(&world.state()).unwrap());
    let ran = world.run(run).unwrap_or_else(|error| panic!("{context}: {}", world.shown(&error)));
    let after = format!("{before}\nthen {:#?} {:#?}", ran.actions(), world.cloud.calls());
    assert!(ran.report().is_success(), "{context}: {:?}\n{after}", ran.report());
    assert_eq!(world.cloud.refusals(), [""; 0], "{context}\n{after}");
    assert_eq!(contents(world), expected, "{context}\n{after}");
    let state = world.state();
    let known: Vec<&str> = state
        .resources
        .iter()
        .filter(|(address, _)| !address.as_str().contains("fake_secret"))
        .map(|(_, resource)| resource.id.as_str())
        .collect();
    let mut known: Vec<String> = known.into_iter().map(str::to_owned).collect();
    known.sort();
    let there: Vec<String> = world.cloud.objects().into_keys().collect();
    assert_eq!(known, there, "{context}: the state knows all that there is\n{after}");
    assert!(state.intents.is_empty(), "{context}: {:?}", state.intents);
    assert!(state.resources.values().all(|resource| resource.deposed.is_empty()), "{context}");
    if matches!(run, Run::Apply) {
        let plan = world.plan().unwrap();
        assert!(
            plan.plan.is_empty(),
            "{context}: {:#?}\n{after}",
            plan.document.effective().collect::<Vec<_>>()
        );
    }
}

/// What is in the cloud, in a form in which neither ids nor tokens matter.
fn contents(world: &World) -> Vec<String> {
    let objects = world.cloud.objects();
    let names: BTreeMap<&String, String> =
        objects.iter().map(|(id, object)| (id, format!("{} {:?}", object.kind, object.name))).collect();
    let mut contents: Vec<String> = objects
        .iter()
        .map(|(id, object)| format!("{}: {}", names[id], general(&object.attributes, &names)))
        .collect();
    contents.sort();
    contents
}

fn general(attributes: &Json, names: &BTreeMap<&String, String>) -> Json {
    match attributes {
        Json::String(text) => {
            let text = names.iter().fold(text.clone(), |text, (id, name)| text.replace(id.as_str(), name));
            match text.split_once("token-") {
                Some((before, _)) => format!("{before}token").into(),
                None => text.into(),
            }
        }
        Json::Array(items) => {
            let mut items: Vec<Json> = items.iter().map(|item| general(item, names)).collect();
            items.sort_by_key(ToString::to_string);
            items.into()
        }
        Json::Object(map) => {
            Json::Object(map.iter().map(|(key, value)| (key.clone(), general(value, names))).collect())
        }
        other => other.clone(),
    }
}

/// What was there instead of something that a killed run has made is gone when the next run looks: it has deleted it
/// itself, and was killed, or somebody else has. What was made is no less there for that.
#[test]
fn a_replacement_survives_what_it_replaces() {
    let text = |built_on: &str| {
        format!(
            "[resource.fake_bucket.a]\nbucket = \"a\"\n[resource.fake_bucket.b]\nbucket = \"b\"\n\
             [resource.fake_key.it]\nbuilt_on = [\"${{fake_bucket.{built_on}.id}}\"]\n\
             lifecycle = {{ create_before_destroy = true }}\n"
        )
    };
    for moment in 0..10 {
        for side in [Moment::Before, Moment::After] {
            let mut world = World::with(&text("a"));
            world.apply();
            let old = world.state().resources[&"fake_key.it".into()].id.clone();
            world.configure(&text("b"));
            if !world.run_and_die(Run::Apply, moment, side) {
                continue;
            }
            if world.cloud.objects().contains_key(&old) {
                world.cloud.lose(&old);
            }
            world.configure(&text("a"));
            world.apply();
            assert!(world.plan().unwrap().plan.is_empty(), "killed at {moment}");
            assert_eq!(world.cloud.objects().len(), 3, "killed at {moment}");
        }
    }
}

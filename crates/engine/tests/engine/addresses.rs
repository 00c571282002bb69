//! What the configuration says of addresses: `[[moved]]` and `[[removed]]`.

use crate::world::{Moment, Run, World};

const TWO: &str = r#"
[resource.fake_bucket.logs]
bucket = "logs"
[resource.fake_key.reader]
uses = ["${fake_bucket.logs.arn}"]
"#;

fn addresses(world: &World) -> Vec<String> {
    world.state().resources.keys().map(ToString::to_string).collect()
}

#[test]
fn what_is_called_otherwise_stays_what_it_is() {
    let mut world = World::with(TWO);
    world.apply();
    world.cloud.calls();
    let renamed = TWO.replace("fake_bucket.logs", "fake_bucket.journal");
    let moved = "[[moved]]\nfrom = \"fake_bucket.logs\"\nto = \"fake_bucket.journal\"\n";
    world.configure(&format!("{renamed}{moved}"));
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.journal no-op"]);
    assert_eq!(ran.change("fake_bucket.journal").moved_from, Some("fake_bucket.logs".into()));
    assert_eq!(world.cloud.calls(), [""; 0]);
    assert_eq!(addresses(&world), ["fake_bucket.journal", "fake_key.reader"]);
    let state = world.state();
    assert_eq!(state.resources[&"fake_key.reader".into()].dependencies, ["fake_bucket.journal".into()]);
    world.assert_settled();
    // Once it is recorded, the statement has nothing more to say.
    world.configure(&renamed);
    world.assert_settled();
}

#[test]
fn a_move_and_a_change_are_one_plan() {
    let mut world = World::with(TWO);
    world.apply();
    world.configure(&format!(
        "{}[[moved]]\nfrom = \"fake_bucket.logs\"\nto = \"fake_bucket.journal\"\n",
        TWO.replace("fake_bucket.logs]\n", "fake_bucket.journal]\ncomment = \"new\"\n")
            .replace("fake_bucket.logs", "fake_bucket.journal")
    ));
    assert_eq!(world.apply().actions(), ["fake_bucket.journal update"]);
    world.assert_settled();
}

#[test]
fn moves_go_on_from_one_another_and_through_modules() {
    let mut world = World::with("[resource.fake_key.a]\nsize = 1\n");
    world.apply();
    world.write(
        "inner/module.toml",
        "[resource.fake_key.c]\nsize = 1\n[[moved]]\nfrom = \"fake_key.b\"\nto = \"fake_key.c\"\n",
    );
    world.configure(
        "[module.inner]\nsource = \"inner\"\nfor_each = [\"x\", \"y\"]\n\
         [[moved]]\nfrom = \"module.inner.fake_key.b\"\nto = 'module.inner[\"x\"].fake_key.b'\n\
         [[moved]]\nfrom = \"fake_key.a\"\nto = \"module.inner.fake_key.b\"\n",
    );
    let ran = world.apply();
    let there = ["module.inner[\"x\"].fake_key.c no-op", "module.inner[\"y\"].fake_key.c create"];
    assert_eq!(ran.actions(), there);
    assert_eq!(ran.change("module.inner[\"x\"].fake_key.c").moved_from, Some("fake_key.a".into()));
    world.assert_settled();
}

#[test]
fn one_becomes_an_instance_of_several() {
    let mut world = World::with("[resource.fake_key.a]\nsize = 1\n");
    world.apply();
    world.configure(
        "[resource.fake_key.a]\nsize = 1\nfor_each = [\"x\", \"y\"]\n\
         [[moved]]\nfrom = \"fake_key.a\"\nto = 'fake_key.a[\"x\"]'\n",
    );
    assert_eq!(world.apply().actions(), ["fake_key.a[\"x\"] no-op", "fake_key.a[\"y\"] create"]);
    world.assert_settled();
}

#[test]
fn a_run_that_dies_leaves_everything_at_one_address() {
    for moment in 0.. {
        let mut world = World::with(TWO);
        world.apply();
        let renamed = TWO.replace("fake_bucket.logs", "fake_bucket.journal").replace("logs\"", "other\"");
        world.configure(&format!(
            "{renamed}[[moved]]\nfrom = \"fake_bucket.logs\"\nto = \"fake_bucket.journal\"\n"
        ));
        let died = world.run_and_die(Run::Apply, moment, Moment::After);
        world.apply();
        world.assert_settled();
        assert_eq!(addresses(&world), ["fake_bucket.journal", "fake_key.reader"]);
        assert_eq!(world.cloud.objects().len(), 2);
        if !died {
            break;
        }
    }
}

#[test]
fn a_move_that_cannot_be_is_refused() {
    let mut world = World::with(TWO);
    world.apply();
    let mut problems = |text: &str| {
        world.configure(text);
        match world.plan() {
            Ok(_) => "nothing".to_owned(),
            Err(diagnostics) => world.shown(&diagnostics),
        }
    };
    let moved = |from: &str, to: &str| format!("[[moved]]\nfrom = \"{from}\"\nto = \"{to}\"\n");
    insta::assert_snapshot!(
        [
            problems(&format!("{TWO}{}", moved("fake_bucket.logs", "fake_bucket.journal"))),
            problems(&format!("{TWO}{}", moved("fake_key.reader", "fake_bucket.logs"))),
            problems(&format!(
                "{TWO}[resource.fake_key.other]\n{}",
                moved("fake_key.other", "fake_key.reader")
            )),
            problems(&format!("{TWO}{}", moved("fake_key", "module.x"))),
            problems(&format!("{TWO}[[moved]]\nform = \"fake_key.a\"\n[moved.x]\n")),
            problems(&format!("{TWO}[[removed]]\nfrom = \"fake_key.reader\"\n")),
            problems(&format!(
                "{TWO}[[removed]]\nfrom = \"data.fake_key.reader\"\nlifecycle = {{ destroy = 1 }}\n"
            )),
        ]
        .join("\n---\n")
    );
}

#[test]
fn what_is_removed_can_be_forgotten_instead() {
    let mut world =
        World::with(&format!("{TWO}[resource.fake_bucket.logs.lifecycle]\nprevent_destroy = true\n"));
    world.apply();
    world.cloud.calls();
    world.configure("[[removed]]\nfrom = \"fake_bucket.logs\"\nlifecycle = { destroy = false }\n[[removed]]\nfrom = \"fake_key.reader\"\n");
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.logs forget", "fake_key.reader delete"]);
    assert_eq!(world.cloud.calls(), ["delete fake_key-0002"], "what is forgotten is left as it is");
    assert_eq!(world.cloud.only("fake_bucket")["bucket"], "logs");
    assert_eq!(addresses(&world), [""; 0]);
    world.assert_settled();
}

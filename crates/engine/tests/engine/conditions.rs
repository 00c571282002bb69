//! Conditions that blocks state of themselves, and settings that are computed.

use crate::world::{Run, World};

const CHECKED: &str = r#"
[variable.size]
default = 1
[resource.fake_key.base]
size = 5
[resource.fake_key.it]
size = "${var.size}"
[[resource.fake_key.it.lifecycle.precondition]]
condition = "${var.size < 10}"
error_message = "the size is less than 10, and not ${var.size}"
[[resource.fake_key.it.lifecycle.postcondition]]
condition = "${self.size != 7 || self.id == fake_key.base.id}"
error_message = "7 brings bad luck: ${self.size}"
"#;

#[test]
fn what_is_known_is_said_while_planning() {
    let mut world = World::with(CHECKED);
    world.variable("size", 12);
    let problem = world.plan().err().map(|diagnostics| world.shown(&diagnostics)).unwrap();
    assert_eq!(problem, "env.toml:13:13: the size is less than 10, and not 12");
    world.variable("size", 7);
    let problem = world.plan().err().map(|diagnostics| world.shown(&diagnostics));
    assert_eq!(problem, None, "the id is not known yet");
    let ran = world.run(Run::Apply).unwrap();
    let (address, error) = &ran.report().failed[0];
    assert_eq!((address.as_str(), error.message.as_str()), ("fake_key.it", "7 brings bad luck: 7"));
    assert_eq!(error.hint.as_deref().unwrap().rsplit('/').next(), Some("env.toml:16"));
    assert!(world.state().resources.contains_key(&"fake_key.it".into()), "it was made all the same");
    let problem = world.plan().err().map(|diagnostics| world.shown(&diagnostics)).unwrap();
    assert_eq!(problem, "env.toml:16:13: 7 brings bad luck: 7");
    world.variable("size", 8);
    world.apply();
    world.assert_settled();
    world.variable("size", 12);
    world.destroy();
}

#[test]
fn a_precondition_that_is_only_known_later_stops_the_step() {
    let mut world = World::with(
        "[resource.fake_bucket.b]\nbucket = \"b\"\n[resource.fake_key.it]\n\
         lifecycle = { precondition = { condition = \"${fake_bucket.b.arn == 'x'}\", error_message = \"it is ${fake_bucket.b.arn}\" } }\n"
            .replace('\'', "\\\"")
            .as_str(),
    );
    let ran = world.run(Run::Apply).unwrap();
    assert_eq!(ran.report().failed[0].1.message, "it is arn:fake:b");
    assert_eq!(world.cloud.objects().len(), 1, "the step was not begun");
}

#[test]
fn self_is_known_in_postconditions_alone() {
    let mut world = World::with(
        "[resource.fake_key.it]\nsize = \"${self.size}\"\n\
         [[resource.fake_key.it.lifecycle.postcondition]]\ncondition = \"${self.sise == 1}\"\nerror_message = \"x\"\n",
    );
    insta::assert_snapshot!(world.problems());
}

#[test]
fn what_is_ignored_can_be_computed() {
    let text = "[variable.frozen]\ndefault = false\n[resource.fake_bucket.b]\nbucket = \"b\"\ncomment = \"old\"\n\
         lifecycle = { ignore_changes = '${var.frozen ? [\"comment\"] : []}' }\n";
    let mut world = World::with(text);
    world.apply();
    world.configure(&text.replace("old", "new"));
    world.variable("frozen", true);
    world.assert_settled();
    world.variable("frozen", false);
    assert_eq!(world.apply().actions(), ["fake_bucket.b update"]);
}

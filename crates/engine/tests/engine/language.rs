//! What the blocks of the language do: repetition, modules, lifecycles, references.

use serde_json::json;

use crate::world::{Run, World};

#[test]
fn keys_of_for_each_come_and_go() {
    let configuration = |keys: &str| {
        format!(
            r#"
            [resource.fake_bucket.each]
            for_each = {keys}
            bucket = "${{each.key}}"
            comment = "${{each.value}}"
            [resource.fake_key.all]
            uses = "${{[for key, bucket in fake_bucket.each : bucket.id]}}"
            [output.arns]
            value = "${{{{ for key, bucket in fake_bucket.each : key => bucket.arn }}}}"
            "#
        )
    };
    let mut world = World::with(&configuration(r#"{ a = "1", "b.c" = "2" }"#));
    world.apply();
    assert_eq!(
        world.state().outputs["arns"].value.to_json(),
        json!({ "a": "arn:fake:a", "b.c": "arn:fake:b.c" })
    );
    world.configure(&configuration(r#"{ a = "1", d = "3" }"#));
    let ran = world.apply();
    assert_eq!(
        ran.actions(),
        ["fake_bucket.each[\"d\"] create", "fake_key.all update", "fake_bucket.each[\"b.c\"] delete"]
    );
    assert_eq!(world.cloud.refusals(), [""; 0]);
    world.assert_settled();
}

#[test]
fn unknown_values_are_carried_through() {
    let mut world = World::with(
        r#"
        [locals]
        id = "${fake_key.first.id}"
        text = "the id is ${local.id}"
        list = ["${local.text}", "known"]
        [resource.fake_key.first]
        [resource.fake_bucket.second]
        bucket = "second"
        comment = "${upper(local.list[0])}"
        tags = { known = "${local.list[1]}", unknown = "${local.id}" }
        [output.arn]
        value = "${fake_bucket.second.arn}"
        "#,
    );
    let ran = world.apply();
    let after = &ran.change("fake_bucket.second").after;
    assert!(after.get("comment").is_unknown());
    assert_eq!(after.get("tags").get("known").as_str(), Some("known"));
    assert!(after.get("tags").get("unknown").is_unknown());
    assert_eq!(ran.document.changes[1].after_unknown["tags"], json!({ "unknown": true }));
    assert!(ran.plan.outputs["arn"].value.is_unknown());
    let bucket = world.cloud.only("fake_bucket");
    assert_eq!(bucket["comment"], "THE ID IS FAKE_KEY-0001");
    assert_eq!(bucket["tags"]["unknown"], "fake_key-0001");
    assert_eq!(world.state().outputs["arn"].value.as_str(), Some("arn:fake:second"));
    world.assert_settled();
}

const INNER: &str = r#"
[variable.name]
[variable.uses]
default = []
[resource.fake_bare.it]
name = "${var.name}"
uses = "${var.uses}"
[output.id]
value = "${fake_bare.it.id}"
[output.name]
value = "${fake_bare.it.name}"
"#;

const OUTER: &str = r#"
[variable.names]
[module.inner]
source = "../inner"
for_each = "${toset(var.names)}"
name = "${each.key}"
[output.ids]
value = "${[for name, inner in module.inner : inner.id]}"
"#;

#[test]
fn modules_are_nested_and_repeated() {
    let configuration = r#"
        [module.outer]
        source = "outer"
        names = ["a", "b"]
        [resource.fake_key.it]
        uses = "${module.outer.ids}"
    "#;
    let mut world = World::with(configuration);
    world.write("inner/module.toml", INNER);
    world.write("outer/module.toml", OUTER);
    let ran = world.apply();
    assert_eq!(
        ran.actions(),
        [
            "module.outer.module.inner[\"a\"].fake_bare.it create",
            "module.outer.module.inner[\"b\"].fake_bare.it create",
            "fake_key.it create",
        ]
    );
    world.assert_settled();
    world.configure(&configuration.replace(r#""a", "b""#, r#""b", "c""#));
    let ran = world.apply();
    assert_eq!(
        ran.actions(),
        [
            "module.outer.module.inner[\"c\"].fake_bare.it create",
            "fake_key.it update",
            "module.outer.module.inner[\"a\"].fake_bare.it delete",
        ]
    );
    assert_eq!(world.cloud.refusals(), [""; 0]);
    world.assert_settled();
    world.destroy();
    assert_eq!(world.cloud.refusals(), [""; 0]);
}

#[test]
fn a_module_waits_for_what_it_depends_on() {
    let mut world = World::with(
        r#"
        [module.first]
        source = "outer"
        names = ["a", "b"]
        [module.second]
        source = "inner"
        name = "c"
        depends_on = ["module.first", "fake_key.zero"]
        [resource.fake_key.zero]
        "#,
    );
    world.write("inner/module.toml", INNER);
    world.write("outer/module.toml", OUTER);
    world.apply();
    let calls = world.cloud.calls();
    let at = |call: &str| calls.iter().position(|made| made == call).unwrap();
    for first in ["create fake_bare a", "create fake_bare b", "create fake_key token-0"] {
        assert!(at(first) < at("create fake_bare c"), "{calls:#?}");
    }
    world.destroy();
    let calls = world.cloud.calls();
    assert!(calls[0].starts_with("delete fake_bare"), "{calls:#?}");
    assert_eq!(calls.len(), 4);
}

#[test]
fn what_is_disabled_is_null_to_others() {
    let configuration = r#"
        [resource.fake_key.maybe]
        lifecycle = { enabled = true }
        [module.maybe]
        source = "inner"
        name = "maybe"
        lifecycle = { enabled = true }
        [resource.fake_bucket.it]
        bucket = "it"
        comment = "${fake_key.maybe.id}"
        tags = { name = '${module.maybe == null ? "none" : module.maybe.name}' }
    "#;
    let mut world = World::with(configuration);
    world.write("inner/module.toml", INNER);
    world.apply();
    assert_eq!(world.cloud.only("fake_bucket")["tags"]["name"], "maybe");
    world.configure(&configuration.replace("enabled = true", "enabled = false"));
    let ran = world.apply();
    assert_eq!(
        ran.actions(),
        ["fake_bucket.it update", "fake_key.maybe delete", "module.maybe.fake_bare.it delete"]
    );
    assert_eq!(world.cloud.only("fake_bucket").get("comment"), None);
    assert_eq!(world.cloud.only("fake_bucket")["tags"]["name"], "none");
    assert_eq!(world.cloud.refusals(), [""; 0]);
    world.assert_settled();
}

#[test]
fn a_resource_is_replaced_with_what_it_names() {
    let configuration = r#"
        [resource.fake_bucket.it]
        bucket = "it"
        comment = "old"
        tags = { a = "old" }
        [resource.fake_key.any]
        lifecycle = { replace_triggered_by = ["fake_bucket.it"] }
        [resource.fake_key.comment]
        lifecycle = { replace_triggered_by = ["fake_bucket.it.comment"] }
    "#;
    let mut world = World::with(configuration);
    world.apply();
    world.configure(&configuration.replace("a = \"old\"", "a = \"new\""));
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.it update", "fake_key.any replace"]);
    world.assert_settled();
    world.configure(&configuration.replace("old", "new"));
    let ran = world.apply();
    assert_eq!(ran.actions(), ["fake_bucket.it update", "fake_key.any replace", "fake_key.comment replace"]);
    let because = &ran
        .document
        .changes
        .iter()
        .find(|change| change.address == "fake_key.comment")
        .unwrap()
        .replace_because;
    assert_eq!(because, &["replace_triggered_by fake_bucket.it"]);
    world.assert_settled();
}

#[test]
fn ignored_changes_are_left_alone() {
    let configuration = r#"
        [resource.fake_bucket.it]
        bucket = "it"
        comment = "configured"
        class = "cold"
        versioning = { enabled = true, mode = "soft" }
        lifecycle = { ignore_changes = ["comment", "versioning.mode", "tags"] }
    "#;
    let mut world = World::with(configuration);
    world.apply();
    world.cloud.tamper("fake_bucket-0001", |attributes| {
        attributes["comment"] = "theirs".into();
        attributes["versioning"]["mode"] = "hard".into();
        attributes["tags"] = json!({ "theirs": "too" });
    });
    world.assert_settled();
    world.configure(&configuration.replace("cold", "warm"));
    assert_eq!(world.apply().document.changes[0].changed, ["class"]);
    let bucket = world.cloud.only("fake_bucket");
    assert_eq!(bucket["comment"], "theirs");
    assert_eq!(bucket["versioning"]["mode"], "hard");
    assert_eq!(bucket["tags"], json!({ "theirs": "too" }));
    world.assert_settled();
    // A new object has nothing that could be left alone.
    world.configure(&configuration.replace("bucket = \"it\"", "bucket = \"other\""));
    let ran = world.apply();
    assert_eq!(ran.change("fake_bucket.it").after.get("comment").as_str(), Some("configured"));
    assert_eq!(world.cloud.only("fake_bucket")["comment"], "configured");
    world.assert_settled();
}

#[test]
fn all_changes_can_be_ignored() {
    let configuration =
        "[resource.fake_key.it]\nsize = 1\nsecret = \"a\"\nlifecycle = { ignore_changes = \"all\" }\n";
    let mut world = World::with(configuration);
    world.apply();
    world.configure(&configuration.replace("size = 1", "size = 2").replace("\"a\"", "\"b\""));
    world.assert_settled();
}

#[test]
fn what_must_not_be_destroyed_is_not() {
    let configuration =
        "[resource.fake_bucket.it]\nbucket = \"it\"\nlifecycle = { prevent_destroy = true }\n";
    let mut world = World::with(configuration);
    world.apply();
    world.configure(&configuration.replace("bucket = \"it\"", "bucket = \"other\""));
    insta::assert_snapshot!(world.problems(), @"env.toml:5:23: this would replace fake_bucket.it, which has prevent_destroy (take lifecycle.prevent_destroy away, and apply that, before you do this)");
    world.configure("");
    insta::assert_snapshot!(world.problems(), @"this would destroy fake_bucket.it, which has prevent_destroy (take lifecycle.prevent_destroy away, and apply that, before you do this)");
    world.configure(configuration);
    let refused = world.run(Run::Destroy).err().unwrap();
    insta::assert_snapshot!(world.shown(&refused), @"this would destroy fake_bucket.it, which has prevent_destroy (take lifecycle.prevent_destroy away, and apply that, before you do this)");
    // Taking it away is no change of the resource, and yet has to be applied.
    world.configure("[resource.fake_bucket.it]\nbucket = \"it\"\n");
    let ran = world.apply();
    assert!(ran.plan.is_empty() && ran.plan.settings_change);
    world.destroy();
}

#[test]
fn a_data_source_is_read_when_what_it_asks_for_is_known() {
    let data = r#"
        [data.fake_bucket.old]
        bucket = "${fake_bucket.it.bucket}"
        [resource.fake_key.it]
        uses = ["${data.fake_bucket.old.id}"]
        [resource.fake_bucket.each]
        for_each = "${toset(data.fake_bucket.old.readers)}"
        bucket = "${each.key}"
    "#;
    let configuration =
        format!("[resource.fake_bucket.it]\nbucket = \"it\"\nreaders = [\"a\", \"b\"]\n{data}");
    let mut world = World::with("[resource.fake_bucket.it]\nbucket = \"it\"\nreaders = [\"a\", \"b\"]\n");
    world.apply();
    world.configure(&configuration);
    let ran = world.apply();
    assert_eq!(
        ran.actions(),
        ["fake_bucket.each[\"a\"] create", "fake_bucket.each[\"b\"] create", "fake_key.it create"]
    );
    world.assert_settled();
    world.destroy();
    assert_eq!(world.cloud.refusals(), [""; 0]);
}

#[test]
fn a_data_source_waits_for_what_it_depends_on() {
    let configuration = r#"
        [resource.fake_bucket.it]
        bucket = "it"
        comment = "old"
        [data.fake_bucket.it]
        bucket = "it"
        depends_on = ["fake_bucket.it"]
        [resource.fake_bucket.copy]
        bucket = "copy"
        comment = "${data.fake_bucket.it.comment}"
        [output.comment]
        value = "${data.fake_bucket.it.comment}"
    "#;
    let mut world = World::with(configuration);
    let ran = world.apply();
    assert_eq!(
        ran.actions(),
        ["fake_bucket.it create", "data.fake_bucket.it read", "fake_bucket.copy create"]
    );
    world.assert_settled();
    world.configure(&configuration.replace("old", "new"));
    let ran = world.apply();
    assert_eq!(
        ran.actions(),
        ["fake_bucket.it update", "data.fake_bucket.it read", "fake_bucket.copy update"]
    );
    assert!(world.cloud.objects().values().all(|object| object.attributes["comment"] == "new"));
    assert_eq!(world.state().outputs["comment"].value.as_str(), Some("new"));
    world.assert_settled();
    world.destroy();
}

#[test]
fn a_chain_of_references_can_be_long() {
    let mut text =
        "[resource.fake_key.first]\n[module.inner]\nsource = \"inner\"\nname = \"${local.l999}\"\n\
                    [locals]\nl0 = \"${fake_key.first.id}\"\n"
            .to_owned();
    for index in 1..1000 {
        // Each twice: what is not kept is evaluated two to the thousandth times.
        text.push_str(&format!("l{index} = \"${{try(local.l{0}, local.l{0})}}\"\n", index - 1));
    }
    let mut world = World::with(&text);
    world.write("inner/module.toml", INNER);
    world.apply();
    assert_eq!(world.cloud.only("fake_bare")["name"], "fake_key-0001");
    world.assert_settled();
}

//! Checks: evaluated on what there is, module by module, and never in the way of anything else.

use provision_engine::checklist::{Attempt, Check, Severity};
use provision_engine::value::Value;
use serde_json::json;

use crate::world::World;

const BUCKET: &str = "[resource.fake_bucket.it]\nbucket = \"it\"\ncomment = \"as configured\"\n";

fn assert(condition: &str) -> String {
    format!(
        "{BUCKET}[check.a]\ndescription = \"A\"\n[[check.a.assert]]\ncondition = '${{{condition}}}'\nerror_message = \"not so: ${{fake_bucket.it.comment}}\"\n"
    )
}

/// The id of the one thing there is.
fn id(world: &World) -> String {
    world.cloud.objects().into_keys().next().unwrap()
}

fn only(world: &World) -> Check {
    let [check] = <[Check; 1]>::try_from(world.checks()).unwrap();
    check
}

#[test]
fn what_was_read_decides_and_not_what_is_configured_or_recorded() {
    let mut world = World::with(&assert("fake_bucket.it.comment == \"as configured\""));
    world.apply();
    let check = only(&world);
    assert_eq!((check.address.as_str(), check.description.as_str()), ("check.a", "A"));
    assert_eq!((check.passed, check.failures), (vec!["its condition holds".to_owned()], vec![]));
    world.cloud.tamper(&id(&world), |attributes| attributes["comment"] = json!("changed"));
    let check = only(&world);
    assert_eq!((check.passed, check.failures), (vec![], vec!["not so: changed".to_owned()]));
}

#[test]
fn what_cannot_be_evaluated_has_failed_and_says_why() {
    let mut world = World::with(&assert("fake_bucket.it.arn != \"\""));
    let failures = |world: &World| only(world).failures;
    let absent = "its condition cannot be evaluated: fake_bucket.it is not there: apply first";
    assert_eq!(failures(&world), [absent]);
    world.apply();
    assert_eq!(failures(&world), [""; 0]);
    world.cloud.lose(&id(&world));
    assert_eq!(failures(&world), [absent]);
    world.apply();
    world.configure(&assert("fake_bucket.it.rule[3].days == 1"));
    let [failure] = &failures(&world)[..] else { panic!("one failure") };
    assert!(
        failure.starts_with("its condition cannot be evaluated: ") && failure.contains("env.toml:11:"),
        "{failure}"
    );
    world.configure(&assert("fake_bucket.it.comment"));
    assert_eq!(failures(&world), ["its condition cannot be evaluated: it is a string"]);
}

#[test]
fn checks_hold_up_neither_plans_nor_applies() {
    let mut world = World::with(&assert("fake_bucket.it.rule[3].days == 1"));
    world.apply();
    world.assert_settled();
    world.destroy();
}

#[test]
fn modules_bring_their_checks_along_for_each_use() {
    let mut world = World::with(
        "[module.one]\nsource = \"inner\"\nname = \"one\"\n[module.several]\nsource = \"inner\"\nfor_each = [\"x\", \"y\"]\nname = \"${each.key}\"\n[module.none]\nsource = \"inner\"\nname = \"none\"\nlifecycle = { enabled = false }\n[check.own]\ndescription = \"Own\"\nassert = { condition = \"${module.one.name == \\\"one\\\"}\", error_message = \"no\" }\n",
    );
    world.write(
        "inner/module.toml",
        "[variable.name]\n[resource.fake_bucket.it]\nbucket = \"${var.name}\"\n[output.name]\nvalue = \"${fake_bucket.it.bucket}\"\n[check.name]\ndescription = \"Named\"\nseverity = \"warning\"\nassert = { condition = \"${fake_bucket.it.bucket != \\\"y\\\"}\", error_message = \"${fake_bucket.it.bucket}\" }\n",
    );
    world.apply();
    let found: Vec<_> = world
        .checks()
        .into_iter()
        .map(|check| (check.address, check.severity == Severity::Warning, check.failures))
        .collect();
    assert_eq!(
        found,
        [
            ("check.own".to_owned(), false, vec![]),
            ("module.one.check.name".to_owned(), true, vec![]),
            ("module.several[\"x\"].check.name".to_owned(), true, vec![]),
            ("module.several[\"y\"].check.name".to_owned(), true, vec!["y".to_owned()]),
        ]
    );
}

#[test]
fn a_check_can_be_left_out_or_skipped_with_a_reason() {
    let text = |lifecycle: &str, skip: &str| {
        format!(
            "[variable.sample]\ndefault = \"${{null}}\"\n{BUCKET}[check.a]\ndescription = \"A\"\nlifecycle = {{ enabled = {lifecycle} }}\nskip = '{skip}'\nassert = {{ condition = false, error_message = \"no\" }}\n"
        )
    };
    let skip = "${var.sample == null ? \"give one\" : null}";
    let mut world = World::with(&text("\"${var.sample != null}\"", skip));
    assert_eq!(world.checks(), []);
    world.configure(&text("true", skip));
    let check = only(&world);
    assert_eq!((check.skip, check.failures), (Some("give one".to_owned()), vec![]));
    world.variable("sample", "s3://a/b");
    let check = only(&world);
    assert_eq!((check.skip, check.failures), (None, vec!["no".to_owned()]));
    world.configure(&text("\"${fake_bucket.it.arn != null}\"", "plain"));
    let absent = "whether there is this check cannot be evaluated: fake_bucket.it is not there: apply first";
    assert_eq!(only(&world).failures, [absent]);
}

#[test]
fn what_is_tried_is_filled_from_what_there_is() {
    let mut world = World::with(&format!(
        "{BUCKET}[check.a]\ndescription = \"A\"\n[check.a.s3]\nbucket = \"${{fake_bucket.it.bucket}}\"\nkey = \"a\"\n[[check.a.http]]\nurl = \"https://${{fake_bucket.it.bucket}}/a\"\nexpect_status = [403, \"404\"]\n[[check.a.http]]\nurl = \"http://b\"\nmethod = \"HEAD\"\n"
    ));
    let absent =
        |name: &str| format!("`{name}` cannot be evaluated: fake_bucket.it is not there: apply first");
    assert_eq!(only(&world).failures, [absent("s3"), absent("http")]);
    world.apply();
    let check = only(&world);
    assert_eq!(check.failures, [""; 0]);
    let [Attempt::S3(object), Attempt::Http(first), Attempt::Http(second)] =
        &check.probes.iter().map(|probe| probe.attempt.clone()).collect::<Vec<_>>()[..]
    else {
        panic!("{:?}", check.probes)
    };
    assert_eq!((object.bucket.as_str(), object.key.as_str(), object.presigned), ("it", "a", false));
    assert_eq!((first.url.as_str(), first.method.as_str()), ("https://it/a", "GET"));
    assert_eq!((first.expect_status.clone(), first.timeout, first.attempts), (vec![403, 404], 10, 3));
    assert_eq!((second.method.as_str(), second.expect_status.clone()), ("HEAD", vec![200]));
}

#[test]
fn secrets_are_not_said() {
    let mut world = World::with(
        "[variable.word]\nsensitive = true\n[resource.fake_bucket.it]\nbucket = \"it\"\npassword = \"${var.word}\"\n[resource.fake_key.it]\nsecret = \"${var.word}\"\n[check.a]\ndescription = \"A\"\nassert = { condition = false, error_message = \"${var.word}\" }\n[check.b]\ndescription = \"B\"\nhttp = { url = \"https://a/${var.word}\" }\n[check.c]\ndescription = \"C\"\nassert = { condition = \"${fake_key.it.secret == var.word}\", error_message = \"x\" }\n",
    );
    world.variable("word", Value::from("hunter2"));
    world.apply();
    let checks = world.checks();
    assert_eq!(checks[0].failures, ["it does not hold; the message comes from something sensitive"]);
    assert!(checks[1].probes[0].sensitive);
    assert_eq!(
        checks[2].failures,
        ["its condition cannot be evaluated: it depends on a secret, which is kept nowhere"]
    );
}

#[test]
fn that_nothing_would_change_can_be_checked() {
    let text = |comment: &str| {
        format!(
            "[resource.fake_bucket.it]\nbucket = \"it\"\ncomment = \"{comment}\"\n[data.fake_bucket.it]\nbucket = \"it\"\ndepends_on = [\"fake_bucket.it\"]\n[check.a]\ndescription = \"A\"\nno_changes = true\n"
        )
    };
    let mut world = World::with(&text("first"));
    world.apply();
    assert_eq!(only(&world).passed, ["an apply would change nothing"]);
    world.configure(&(text("second") + "[resource.fake_key.other]\n"));
    let check = only(&world);
    assert_eq!(check.passed, [""; 0]);
    assert!(
        check.failures.contains(&"an apply would update fake_bucket.it".to_owned()),
        "{:?}",
        check.failures
    );
    assert!(
        check.failures.contains(&"an apply would create fake_key.other".to_owned()),
        "{:?}",
        check.failures
    );
    world.configure(&(text("first") + "[output.x]\nvalue = 1\n"));
    assert_eq!(only(&world).failures, ["an apply would change outputs"]);
}

#[test]
fn data_sources_are_read_for_checks() {
    let mut world = World::with(&format!(
        "{BUCKET}[data.fake_bucket.it]\nbucket = \"${{fake_bucket.it.id == null ? null : fake_bucket.it.bucket}}\"\n[check.a]\ndescription = \"A\"\nassert = {{ condition = \"${{data.fake_bucket.it.comment == \\\"as configured\\\"}}\", error_message = \"${{data.fake_bucket.it.comment}}\" }}\n"
    ));
    world.apply();
    assert_eq!(only(&world).failures, [""; 0]);
}

//! No secret is written down or shown: neither in states nor records, neither in plans nor reports nor messages.

use serde_json::json;

use crate::world::{Run, World};

const SECRET: &str = "hunter2";

/// A world with a sensitive variable, and with this configuration.
fn world(text: &str) -> World {
    let mut world = World::with(&format!("[variable.secret]\nsensitive = true\n{text}"));
    world.variable("secret", SECRET);
    world
}

fn assert_no_trace(world: &World) {
    if let Some(place) = world.traces().find(SECRET) {
        let start = world.traces()[..place].rfind('\n').unwrap_or(0);
        panic!("{}", &world.traces()[start..(place + 200).min(world.traces().len())]);
    }
}

/// Applies, plans and destroys, and expects no trace of the secret, which was in the cloud.
fn goes_through_life(mut world: World) {
    world.apply();
    let objects = format!("{:?}", world.cloud.objects());
    assert!(objects.contains(SECRET), "it has been sent: {objects}");
    world.assert_settled();
    assert_eq!(world.run(Run::ApplyUnread).unwrap().actions(), [""; 0]);
    assert_no_trace(&world);
    world.destroy();
    assert_no_trace(&world);
}

#[test]
fn of_a_write_only_argument() {
    goes_through_life(world("[resource.fake_key.it]\nsecret = \"${var.secret}\"\n"));
    goes_through_life(world("[resource.fake_key.it]\nsecret = \"hunter2 itself\"\n"));
    goes_through_life(world("[resource.fake_bare.it]\nname = \"it\"\nsecret = \"${var.secret}\"\n"));
}

#[test]
fn of_a_sensitive_argument() {
    goes_through_life(world("[resource.fake_bucket.it]\nbucket = \"it\"\npassword = \"hunter2 itself\"\n"));
}

#[test]
fn of_a_sensitive_variable_in_any_argument() {
    for argument in [
        "comment = \"so ${var.secret}\"",
        "tags = { plain = \"x\", secret = \"${var.secret}\" }",
        "tags = '${{ plain = \"x\", secret = var.secret }}'",
        "rule = [{ prefix = \"a\" }, { prefix = \"${var.secret}\" }]",
        "versioning = { enabled = true, mode = \"${var.secret}\" }",
        "policy = { Statement = [{ Sid = \"${var.secret}\" }] }",
    ] {
        goes_through_life(world(&format!("[resource.fake_bucket.it]\nbucket = \"it\"\n{argument}\n")));
    }
}

#[test]
fn of_a_secret_among_the_elements_of_a_set() {
    goes_through_life(world(
        "[resource.fake_bucket.it]\nbucket = \"it\"\nreaders = [\"z\", \"x\", \"${var.secret}\"]\n",
    ));
}

#[test]
fn of_what_was_filled_from_something_sensitive_and_is_configured_no_more() {
    let configuration = "[resource.fake_bucket.it]\nbucket = \"it\"\ncomment = \"${var.secret}\"\n";
    let mut world = world(configuration);
    world.apply();
    world.configure(&format!(
        "[variable.secret]\nsensitive = true\n{}",
        configuration.replace("${var.secret}", "public")
    ));
    assert_eq!(world.apply().actions(), ["fake_bucket.it update"]);
    assert_eq!(
        world.state().resources[&"fake_bucket.it".into()].attributes.get("comment").as_str(),
        Some("public")
    );
    world.assert_settled();
    assert_no_trace(&world);

    let mut world = self::world(configuration);
    world.apply();
    world.configure("");
    world.apply();
    assert_no_trace(&world);
}

#[test]
fn of_the_elements_of_for_each() {
    let mut world =
        world("[resource.fake_key.it]\nfor_each = { a = \"${var.secret}\" }\nsecret = \"${each.value}\"\n");
    insta::assert_snapshot!(world.problems(), @"env.toml:8:12: `for_each` comes from something sensitive, and its keys would be shown (go over names, and look the secrets up by each.key)");
    assert_no_trace(&world);
}

#[test]
fn of_the_arguments_of_another_resource() {
    for reference in [
        "${fake_bucket.it.comment}",
        "${fake_bucket.it[\"comment\"]}",
        "${fake_bucket.it.password}",
        "${jsonencode(fake_bucket.it)}",
        "${jsonencode(fake_bucket.it.versioning)}",
        "${fake_bucket.it.versioning.mode}",
        "${local.whole.comment}",
        "${values(fake_bucket.each)[0].comment}",
        "${fake_bucket.each[\"a\"].comment}",
        "${module.inner.secret}",
        "${nonsensitive(\"plain\")}${var.secret}${nonsensitive(\"plain\")}",
    ] {
        let world = world(&format!(
            r#"
            [locals]
            whole = "${{fake_bucket.it}}"
            [module.inner]
            source = "inner"
            secret = "${{var.secret}}"
            [resource.fake_bucket.it]
            bucket = "it"
            comment = "${{var.secret}}"
            password = "hunter2 itself"
            versioning = {{ enabled = true, mode = "${{var.secret}}" }}
            [resource.fake_bucket.each]
            for_each = {{ a = "x" }}
            bucket = "${{each.key}}"
            comment = "${{var.secret}}"
            [resource.fake_bare.other]
            name = "other"
            [resource.fake_bucket.other]
            bucket = "other"
            comment = '{reference}'
            "#
        ));
        world.write("inner/module.toml", "[variable.secret]\n[output.secret]\nvalue = \"${var.secret}\"\n");
        goes_through_life(world);
    }
}

#[test]
fn of_an_attribute_that_repeats_an_argument() {
    for input in ["\"${var.secret}\"", "{ plain = \"x\", secret = \"${var.secret}\" }"] {
        goes_through_life(world(&format!(
            r#"
            [resource.terraform_data.it]
            input = {input}
            [resource.fake_bucket.it]
            bucket = "it"
            comment = "${{jsonencode(terraform_data.it.output)}}"
            "#
        )));
    }
}

#[test]
fn of_what_a_data_source_answers() {
    goes_through_life(world(
        r#"
        [resource.fake_bucket.it]
        bucket = "it"
        password = "${var.secret}"
        [data.fake_bucket.it]
        bucket = "${fake_bucket.it.bucket}"
        depends_on = ["fake_bucket.it"]
        [resource.fake_bucket.other]
        bucket = "other"
        comment = "${data.fake_bucket.it.password}"
        "#,
    ));
}

#[test]
fn of_an_output() {
    let mut world = world("[output.it]\nvalue = \"so ${var.secret}\"\n");
    insta::assert_snapshot!(world.problems(), @"env.toml:7:9: the output `it` comes from something sensitive (say so: sensitive = true)");
    world.configure("[variable.secret]\nsensitive = true\n[output.it]\nvalue = { a = [\"${var.secret}\"] }\nsensitive = true\n");
    world.apply();
    assert_no_trace(&world);
    world.assert_settled();
    world.variable("secret", "hunter2 is new");
    assert!(world.plan().unwrap().plan.outputs_change);
}

#[test]
fn of_a_change_of_it() {
    for configuration in [
        "[resource.fake_key.it]\nsecret = \"${var.secret}\"\n",
        "[resource.fake_bucket.it]\nbucket = \"it\"\npassword = \"${var.secret}\"\ncomment = \"x\"\n",
        "[resource.fake_bucket.it]\nbucket = \"it\"\ntags = { a = \"${var.secret}\", b = \"b\" }\ncomment = \"x\"\n",
    ] {
        let mut world = world(configuration);
        world.apply();
        world.variable("secret", "hunter2 is new");
        assert_eq!(world.apply().document.summary.update, 1);
        assert!(format!("{:?}", world.cloud.objects()).contains("hunter2 is new"));
        world.assert_settled();
        world.destroy();
        assert_no_trace(&world);
    }
}

#[test]
fn an_update_of_something_else_leaves_a_secret_as_it_is() {
    let configuration = "[resource.fake_bucket.it]\nbucket = \"it\"\npassword = \"${var.secret}\"\ncomment = \"old\"\n\
                         tags = { a = \"${var.secret}\" }\n[resource.fake_key.it]\nsize = 1\nsecret = \"${var.secret}\"\n";
    let mut world = world(configuration);
    world.apply();
    let variable = "[variable.secret]\nsensitive = true\n".to_owned();
    world.configure(&(variable + &configuration.replace("old", "new").replace("size = 1", "size = 2")));
    assert_eq!(world.apply().document.summary.update, 2);
    let bucket = world.cloud.only("fake_bucket");
    assert_eq!(bucket["password"], SECRET);
    assert_eq!(bucket["tags"], json!({ "a": SECRET }));
    assert_eq!(world.cloud.only("fake_key")["secret"], SECRET);
}

#[test]
fn drift_of_a_secret_is_seen() {
    let mut world = world("[resource.fake_bucket.it]\nbucket = \"it\"\npassword = \"${var.secret}\"\n");
    world.apply();
    assert_eq!(world.plan().unwrap().document.changes[0].drift, [""; 0]);
    world.cloud.tamper("fake_bucket-0001", |attributes| attributes["password"] = "stolen".into());
    let ran = world.apply();
    assert_eq!(ran.document.changes[0].drift, ["password"]);
    assert_eq!(world.cloud.only("fake_bucket")["password"], SECRET);
}

#[test]
fn a_lost_secret_is_made_anew_for_who_needs_it() {
    let pair = "[resource.fake_secret.pair]\nversion = 1\n[resource.fake_key.first]\n\
                secret = \"${fake_secret.pair.private}\"\n[output.private]\nvalue = \"${fake_secret.pair.private}\"\n\
                sensitive = true\n[output.more]\nvalue = \"more ${fake_secret.pair.private}\"\nsensitive = true\n";
    let mut world = World::with(pair);
    world.apply();
    world.assert_settled();
    let first = world.cloud.only("fake_key");
    world.configure(&format!(
        "{pair}[resource.fake_key.second]\nsecret = \"${{fake_secret.pair.private}}\"\n"
    ));
    let ran = world.apply();
    assert_eq!(
        ran.actions(),
        ["fake_secret.pair replace", "fake_key.first update", "fake_key.second create"]
    );
    assert_eq!(
        ran.document.changes[0].replace_because,
        ["its secret is needed by fake_key.second, and exists only in the run that makes it"]
    );
    let secrets: Vec<_> =
        world.cloud.objects().into_values().map(|key| key.attributes["secret"].clone()).collect();
    assert_eq!(secrets[0], secrets[1]);
    assert_ne!(secrets[0], first["secret"]);
    world.assert_settled();
    assert_no_trace(&world);
}

#[test]
fn a_secret_that_the_configuration_has_is_not_lost() {
    let first = "[resource.fake_key.first]\nsecret = \"${var.secret}\"\n";
    let mut world = world(first);
    world.apply();
    world.configure(&format!(
        "[variable.secret]\nsensitive = true\n{first}[resource.fake_key.second]\nsecret = \"${{fake_key.first.secret}}\"\n"
    ));
    assert_eq!(world.apply().actions(), ["fake_key.second create"]);
    assert!(world.cloud.objects().values().all(|key| key.attributes["secret"] == SECRET));
    assert_no_trace(&world);
}

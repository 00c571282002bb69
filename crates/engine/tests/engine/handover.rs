//! An environment is handed over to Terraform: with its references, without its secrets, and the same each time.

use serde_json::{Value as Json, json};

use crate::world::World;

fn exported(world: &World) -> Json {
    let export = world.export().unwrap_or_else(|diagnostics| panic!("{}", world.shown(&diagnostics)));
    assert_eq!(world.export().unwrap().text, export.text, "it is the same each time");
    serde_json::from_str(&export.text).unwrap()
}

fn of<'j>(exported: &'j Json, kind: &str, name: &str) -> &'j Json {
    &exported["resource"][kind][name]
}

const REFERENCES: &str = r#"
[locals]
arns = "${[for bucket in fake_bucket.each : bucket.arn]}"
policy = { Statement = [{ Resource = "${fake_bucket.a.arn}/*", Condition = "$${aws:username}" }] }

[resource.fake_bucket.a]
bucket = "a"
comment = "100%%{} of $${x}, at $"

[resource.fake_bucket.each]
for_each = ["eu", "us-1"]
bucket = "${each.key}-${fake_bucket.a.bucket}"
comment = '${jsonencode({ of = fake_bucket.a.arn })}'
policy = "${local.policy}"
tags = { price = "$${fake_bucket.a.id}", of = '${"costs $"}${fake_bucket.a.id}' }

[resource.fake_bare.b]
name = "b"
uses = "${local.arns}"
depends_on = ["fake_bucket.a"]
lifecycle = { prevent_destroy = true, create_before_destroy = true, ignore_changes = ["size"] }

[output.arns]
value = "${local.arns}"
"#;

#[test]
fn references_survive_whatever_puts_texts_together() {
    // Before it is applied and after, what is written is the same, but for what there is to import.
    let mut world = World::with(REFERENCES);
    let before = exported(&world);
    world.apply();
    let mut after = exported(&world);
    let imports = after.as_object_mut().unwrap().remove("import").unwrap();
    assert_eq!(before, after);

    assert_eq!(of(&after, "fake_bucket", "a")["comment"], "100%%{} of $${x}, at $");
    let each = of(&after, "fake_bucket", "each_us_1");
    assert_eq!(each["//"], "fake_bucket.each[\"us-1\"]");
    assert_eq!(each["bucket"], "us-1-${fake_bucket.a.bucket}");
    assert_eq!(each["comment"], r#"{"of":"${fake_bucket.a.arn}"}"#);
    assert_eq!(
        each["policy"],
        r#"{"Statement":[{"Condition":"$${aws:username}","Resource":"${fake_bucket.a.arn}/*"}]}"#
    );
    assert_eq!(each["tags"]["price"], "$${fake_bucket.a.id}");
    assert_eq!(each["tags"]["of"], "costs ${\"$\"}${fake_bucket.a.id}");
    let arns = json!(["${fake_bucket.each_eu.arn}", "${fake_bucket.each_us_1.arn}"]);
    assert_eq!(after["output"]["arns"]["value"], arns);
    let bare = of(&after, "fake_bare", "b");
    assert_eq!(bare["uses"], arns);
    assert_eq!(bare["depends_on"], json!(["fake_bucket.a"]));
    assert_eq!(
        bare["lifecycle"],
        json!({ "create_before_destroy": true, "prevent_destroy": true, "ignore_changes": ["size"] })
    );
    let state = world.state();
    for (address, name) in
        [("fake_bare.b", "fake_bare.b"), ("fake_bucket.each[\"eu\"]", "fake_bucket.each_eu")]
    {
        let import = json!({ "to": name, "id": state.resources[&address.into()].id });
        assert!(imports.as_array().unwrap().contains(&import), "{import} is in {imports}");
    }
}

#[test]
fn what_is_looked_into_is_written_as_it_is() {
    let configuration = r#"
[resource.fake_bucket.a]
bucket = "a"

[resource.fake_bucket.b]
bucket = "${upper(fake_bucket.a.arn)}"
comment = '${split(":", fake_bucket.a.arn)[2]}'
tags = { known = "${length(fake_bucket.a.bucket)}" }
"#;
    let mut world = World::with(configuration);
    let refused = world.shown(&world.export().unwrap_err());
    for line in ["env.toml:10:10: ", "env.toml:11:11: "] {
        assert!(refused.contains(&format!("{line}Terraform cannot be told this")), "{refused}");
    }
    assert_eq!(refused.lines().count(), 2, "what is known can be looked into: {refused}");
    world.apply();
    let after = exported(&world);
    let bucket = of(&after, "fake_bucket", "b");
    assert_eq!(bucket["bucket"], "ARN:FAKE:A");
    assert_eq!(bucket["comment"], "a");
    assert_eq!(bucket["tags"]["known"], 1);
    // What is not named any more comes first all the same.
    assert_eq!(bucket["depends_on"], json!(["fake_bucket.a"]));
}

#[test]
fn modules_are_flat_and_how_often_there_is_something_is_decided() {
    let world = World::with(
        r#"
[module.cdn]
source = "./cdn"
for_each = { eu = "one", us = "two" }
comment = "${each.value} of ${fake_bucket.root.arn}"

[resource.fake_bucket.root]
bucket = "root"

[resource.fake_bucket.cdn_eu]
bucket = "taken"

[output.first]
value = '${module.cdn["eu"].arn}'
"#,
    );
    world.write(
        "cdn/module.toml",
        r#"
[variable.comment]
type = "string"

[[variable.comment.validation]]
condition = '${startswith(var.comment, "one of arn:") || startswith(var.comment, "two of arn:")}'
error_message = "no"

[resource.fake_bucket.this]
bucket = "it"
comment = "${var.comment}"

[resource.fake_bucket.off]
lifecycle = { enabled = false }
bucket = "off"

[output.arn]
value = "${fake_bucket.this.arn}"
"#,
    );
    let exported = exported(&world);
    let names: Vec<&String> = exported["resource"]["fake_bucket"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["cdn_eu", "cdn_eu_2", "cdn_us", "root"]);
    let called = |name: &str| of(&exported, "fake_bucket", name)["//"].as_str().unwrap();
    let eu = if called("cdn_eu").starts_with("module") { "cdn_eu" } else { "cdn_eu_2" };
    assert_eq!(of(&exported, "fake_bucket", eu)["comment"], "one of ${fake_bucket.root.arn}");
    assert_eq!(exported["output"]["first"]["value"], format!("${{fake_bucket.{eu}.arn}}"));
}

#[test]
fn secrets_become_variables() {
    let mut world = World::with(
        r#"
[variable.password]
type = "string"
sensitive = true

[resource.fake_secret.key]
version = 1

[resource.fake_bucket.a]
bucket = "a"
password = "hunter2 itself"
comment = "with ${var.password}"
tags = { public = "${fake_secret.key.public}" }

[resource.fake_key.b]
secret = "${var.password}"

[resource.fake_bare.c]
name = "c"
secret = "${fake_secret.key.private}"

[output.private]
value = "${fake_secret.key.private}"
sensitive = true

[output.open]
value = "${nonsensitive(var.password)}"
"#,
    );
    world.variable("password", "hunter2");
    let before = exported(&world);
    assert_eq!(of(&before, "fake_bare", "c")["secret"], "${fake_secret.key.private}");
    assert_eq!(before["output"]["private"]["value"], "${fake_secret.key.private}");
    // Terraform takes it for a secret all the same.
    assert_eq!(before["output"]["open"], json!({ "value": "${var.password}", "sensitive": true }));

    world.apply();
    let export = world.export().unwrap();
    assert!(!export.text.contains("hunter2"), "{}", export.text);
    assert_eq!(export.secrets, ["a_comment", "a_password", "password"]);
    let after = exported(&world);
    assert_eq!(of(&after, "fake_key", "b")["secret"], "${var.password}");
    assert_eq!(of(&after, "fake_bucket", "a")["password"], "${var.a_password}");
    assert_eq!(
        after["variable"]["a_password"],
        json!({
            "description": "`password` of fake_bucket.a", "type": "string", "sensitive": true
        })
    );
}

#[test]
fn what_is_only_in_a_state_and_cannot_be_imported_is_written_as_it_is() {
    let mut world = World::with(
        r#"
[resource.tls_private_key.key]
algorithm = "ED25519"

[resource.fake_bucket.a]
bucket = "a"
comment = "${tls_private_key.key.public_key_openssh}"

[resource.fake_key.b]
secret = "${tls_private_key.key.private_key_pem}"

[output.key]
value = "${tls_private_key.key.private_key_pem}"
sensitive = true
"#,
    );
    let before = exported(&world);
    assert_eq!(of(&before, "fake_key", "b")["secret"], "${tls_private_key.key.private_key_pem}");
    assert_eq!(before["terraform"]["required_providers"]["tls"]["source"], "hashicorp/tls");
    world.apply();
    let export = world.export().unwrap();
    let after = exported(&world);
    assert!(after["resource"].get("tls_private_key").is_none());
    assert!(of(&after, "fake_bucket", "a")["comment"].as_str().unwrap().starts_with("ssh-ed25519 "));
    assert_eq!(of(&after, "fake_key", "b")["secret"], "${var.b_secret}");
    let left_out: Vec<&str> = export.left_out.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(left_out, ["tls_private_key.key", "output.key"]);
}

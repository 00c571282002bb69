use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::*;
use crate::config::tree;
use crate::kind::{Computed, Policy, WriteOnly};
use crate::source::{Diagnostics, SourceFile};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Thing {
    name: String,
    #[serde(default = "three")]
    size: i64,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    rule: Vec<Rule>,
    policy: Option<Policy>,
    #[serde(default)]
    secret: WriteOnly<String>,
    #[schemars(extend("computed" = true, "usual" = "STANDARD"))]
    class: Option<String>,
    #[schemars(extend("computed" = true))]
    options: Option<Options>,
    shape: Option<Shape>,
    #[schemars(extend("tells" = ["secret"]))]
    digest: Option<String>,
    #[schemars(extend("sensitive" = true))]
    password: Option<String>,
    #[serde(default)]
    arn: Computed<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Rule {
    prefix: String,
    days: Option<i64>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Options {
    #[schemars(extend("computed" = true, "usual" = true))]
    logged: Option<bool>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Shape {
    inner: Inner,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Inner {
    one: String,
    two: String,
}

fn three() -> i64 {
    3
}

fn written(attributes: serde_json::Value) -> String {
    let schema = Schema::of::<Thing>();
    let arguments = of_block(&schema, &Value::from_json(attributes));
    let text = block(
        &Address::from("module.x.thing.it[\"a\"]"),
        &schema,
        &arguments,
        &MetaArguments { region: Some("eu-west-1"), ..MetaArguments::default() },
        &Spelling::PLAIN,
    );
    let mut diagnostics = Diagnostics::default();
    let file = Arc::new(SourceFile { path: "x.toml".into(), text: text.clone() });
    assert!(tree::parse(&file, &mut diagnostics).is_some(), "{diagnostics}\n{text}");
    text
}

#[test]
fn what_goes_without_saying_is_not_said() {
    let text = written(serde_json::json!({
        "name": "it", "size": 3, "tags": {}, "rule": [], "arn": "arn:x", "secret": null, "policy": null,
        "class": "STANDARD", "options": { "logged": true }, "digest": "d"
    }));
    assert_eq!(text, "[resource.thing.it]\nregion = \"eu-west-1\"\nname = \"it\"\n");
}

#[test]
fn blocks_and_documents_are_written_to_be_read() {
    insta::assert_snapshot!(written(serde_json::json!({
        "name": "a \"name\" with ${no} expression",
        "size": 4,
        "tags": { "team": "video", "a key": "x" },
        "rule": [{ "prefix": "short", "days": 1 }],
        "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Resource\":\"arn:aws:s3:::b/${aws:username}/*\"}]}",
        "password": "hush",
    })));
    insta::assert_snapshot!(written(serde_json::json!({
        "name": "it",
        "tags": { "one": "a value that takes some room on its line", "two": "and another one that takes even more of it" },
        "rule": [
            { "prefix": "a prefix that is rather long, as prefixes can be", "days": 1 },
            { "prefix": "a prefix that is rather long, as prefixes can be, again" },
        ],
    })));
}

#[test]
fn what_aws_does_not_choose_by_itself_is_said() {
    let text = written(serde_json::json!({ "name": "it", "class": "RARE", "options": { "logged": false } }));
    let lines = ["class = \"RARE\"", "name = \"it\"", "options = { logged = false }", ""].join("\n");
    assert_eq!(text, format!("[resource.thing.it]\nregion = \"eu-west-1\"\n{lines}"));
}

#[test]
fn a_table_of_tables_has_no_line_of_its_own() {
    let long = "a value that takes some room on its line";
    let text =
        written(serde_json::json!({ "name": "it", "shape": { "inner": { "one": long, "two": long } } }));
    assert!(text.contains("\n\n[resource.thing.it.shape.inner]\none"), "{text}");
    assert!(!text.contains("[resource.thing.it.shape]"), "{text}");
}

#[test]
fn meta_arguments_come_first() {
    let schema = Schema::of::<Thing>();
    let meta = MetaArguments {
        region: None,
        depends_on: vec!["thing.a".to_owned(), "thing.b".to_owned()],
        create_before_destroy: true,
    };
    let arguments = Value::from_json(serde_json::json!({ "name": "it" }));
    let text = block(&Address::from("thing.it"), &schema, &arguments, &meta, &Spelling::PLAIN);
    let lines = [
        "[resource.thing.it]",
        "depends_on = [\"thing.a\", \"thing.b\"]",
        "lifecycle = { create_before_destroy = true }",
        "name = \"it\"",
        "",
    ];
    assert_eq!(text, lines.join("\n"));
}

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use futures::executor::block_on;
use serde_json::json;

use crate::diff::{create, diff};
use crate::digest::DigestKey;
use crate::kind::{Created, Registry, ResourceKind, Token};
use crate::value::{Path, Value};

fn kind(registry: &mut Registry) -> &dyn ResourceKind {
    *registry = super::super::tests::registry();
    registry.kind("terraform_data").expect("it is registered")
}

fn value(json: serde_json::Value) -> Value {
    Value::from_json(json)
}

fn made(kind: &dyn ResourceKind, desired: &Value) -> Value {
    let token = Token("0f8fad5b-d9cb-469f-a165-70867728950e".to_owned());
    match block_on(kind.create(None, &token, desired)).expect("it is created") {
        Created::Known { id, attributes } if id == token.0 => attributes,
        _ => Value::Null,
    }
}

#[test]
fn the_output_is_the_input() {
    let mut registry = Registry::new();
    let kind = kind(&mut registry);
    assert!(!kind.is_remote());
    let input = json!({ "list": [1, "a", null], "map": { "b": true } });
    let (checked, problems) = kind.schema().check(&value(json!({ "input": input, "triggers_replace": [1] })));
    assert_eq!(problems, []);
    let planned = create(kind.schema(), &checked);
    assert!(planned.get("output").is_unknown());
    let attributes = made(kind, &planned);
    assert_eq!(attributes, value(json!({ "input": input, "output": input, "triggers_replace": [1] })));
}

#[test]
fn a_change_of_the_input_changes_the_output_in_place() {
    let mut registry = Registry::new();
    let kind = kind(&mut registry);
    let before = made(kind, &value(json!({ "input": "old" })));
    let change =
        diff(kind.schema(), &before, &value(json!({ "input": "new" })), &DigestKey::from_random(b"k"));
    assert!(!change.is_empty());
    assert!(change.replace_because().is_empty());
    assert!(change.after.get("output").is_unknown());
    block_on(kind.update(None, "id", &before, &change.after)).expect("it is updated");
    let read = block_on(kind.read(None, "id", &change.after)).expect("it is read");
    assert_eq!(read, Some(value(json!({ "input": "new", "output": "new" }))));
    let again =
        diff(kind.schema(), &before, &value(json!({ "input": "old" })), &DigestKey::from_random(b"k"));
    assert!(again.is_empty());
}

#[test]
fn a_change_of_the_triggers_replaces() {
    let mut registry = Registry::new();
    let kind = kind(&mut registry);
    let before = made(kind, &value(json!({ "triggers_replace": { "a": 1 } })));
    let change = diff(
        kind.schema(),
        &before,
        &value(json!({ "triggers_replace": { "a": 2 } })),
        &DigestKey::from_random(b"k"),
    );
    assert_eq!(change.replace_because(), [Path::from("triggers_replace")]);
}

#[test]
fn a_configuration_cannot_set_the_output() {
    let mut registry = Registry::new();
    let kind = kind(&mut registry);
    let (_, problems) = kind.schema().check(&value(json!({ "output": 1 })));
    assert_eq!(problems.len(), 1);
}

#[test]
fn a_secret_that_is_withheld_stays_so() {
    let mut registry = Registry::new();
    let kind = kind(&mut registry);
    let secret = DigestKey::from_random(b"k").withhold(&Value::from("secret"), "tls_private_key.it");
    let attributes = made(kind, &Value::Map([("input".to_owned(), secret.clone())].into()));
    assert_eq!(attributes.get("output"), &secret);
}

use schemars::JsonSchema;
use serde_json::json;

use super::*;
use crate::kind::WriteOnly;

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Example {
    plain: String,
    #[serde(default)]
    password: WriteOnly<String>,
    block: Option<Block>,
    #[serde(default)]
    blocks: Vec<Block>,
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    set: Vec<String>,
    #[serde(default)]
    map: std::collections::BTreeMap<String, String>,
    any: Option<serde_json::Value>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Block {
    #[schemars(extend("sensitive" = true))]
    token: Option<String>,
    name: Option<String>,
}

fn key() -> DigestKey {
    DigestKey::from_random(b"random")
}

/// The JSON of the redacted value, with `*` for what is withheld.
fn redacted(value: serde_json::Value, sensitive: &[&str]) -> serde_json::Value {
    fn starred(value: &Value) -> serde_json::Value {
        match value {
            Value::Withheld(_) => "*".into(),
            Value::List(items) => items.iter().map(starred).collect(),
            Value::Map(map) => map.iter().map(|(key, item)| (key.clone(), starred(item))).collect(),
            other => other.to_json(),
        }
    }
    let schema = Schema::of::<Example>();
    let sensitive: Vec<Path> =
        sensitive.iter().map(|path| schema.outside_of_sets(&Path::from(*path))).collect();
    starred(&key().redact(&schema, &Value::from_json(value), &sensitive, "fake.it"))
}

#[test]
fn what_the_schema_calls_a_secret_is_withheld() {
    assert_eq!(
        redacted(
            json!({
                "plain": "p", "password": "s", "block": { "token": "s", "name": "n" },
                "blocks": [{ "name": "n" }, { "token": "s" }]
            }),
            &[]
        ),
        json!({
            "plain": "p", "password": "*", "block": { "token": "*", "name": "n" },
            "blocks": [{ "name": "n" }, { "token": "*" }]
        })
    );
}

#[test]
fn what_is_filled_from_something_sensitive_is_withheld() {
    let value = json!({
        "plain": "p", "block": { "name": "n" }, "blocks": [{ "name": "n" }, { "name": "m" }],
        "set": ["a", "b"], "map": { "k": "v", "l": "w" }, "any": { "x": [1] }
    });
    let with = |changes: serde_json::Value| {
        let mut expected = value.clone();
        if let (Some(expected), serde_json::Value::Object(changes)) = (expected.as_object_mut(), changes) {
            expected.extend(changes);
        }
        expected
    };
    for (path, changes) in [
        ("plain", json!({ "plain": "*" })),
        ("block", json!({ "block": "*" })),
        ("block.name", json!({ "block": { "name": "*" } })),
        ("blocks[1].name", json!({ "blocks": [{ "name": "n" }, { "name": "*" }] })),
        ("blocks[1]", json!({ "blocks": [{ "name": "n" }, "*"] })),
        ("set[1]", json!({ "set": "*" })),
        ("map.l", json!({ "map": { "k": "v", "l": "*" } })),
        ("any.x", json!({ "any": "*" })),
        ("nothing.here", json!({})),
    ] {
        assert_eq!(redacted(value.clone(), &[path]), with(changes), "{path}");
    }
}

#[test]
fn a_digest_tells_values_apart_and_not_what_they_are() {
    let one = key().digest(&"secret".into());
    assert_eq!(one, key().digest(&"secret".into()));
    assert_ne!(one, key().digest(&"secret2".into()));
    assert_ne!(one, DigestKey::from_random(b"other").digest(&"secret".into()));
    assert!(!one.contains("secret"));
    assert_eq!(format!("{:?}", key()), "(digest key)");
}

#[test]
fn what_is_made_of_a_digest_has_none() {
    let secret = key().withhold(&"secret".into(), "fake.it");
    assert_eq!(key().withhold(&secret, "other"), secret, "it stays what it is");
    let made = key().withhold(&Value::List(vec![secret, "plain".into()]), "other");
    let derived = Withheld { digest: None, source: Some("fake.it".to_owned()) };
    assert_eq!(made, Value::from(derived));
    assert_eq!(key().withhold(&Value::Unknown, "fake.it"), Value::Unknown);
}

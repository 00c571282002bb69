use schemars::JsonSchema;
use serde_json::json;

use super::*;
use crate::kind::WriteOnly;

#[derive(JsonSchema)]
struct Policy {
    #[expect(dead_code, reason = "only its schema is used")]
    cookies: Option<Names>,
}

#[derive(JsonSchema)]
struct Names {
    #[expect(dead_code, reason = "only its schema is used")]
    #[schemars(default)]
    items: Vec<String>,
}

#[test]
fn a_block_with_nothing_in_it_is_no_difference() {
    let schema = Schema::of::<Policy>();
    let key = DigestKey::from_random(b"test");
    let changes = |configuration| {
        diff(&schema, &Value::Map(Map::new()), &Value::from_json(configuration), &key).changes.len()
    };
    assert_eq!(changes(json!({ "cookies": { "items": [] } })), 0);
    assert_eq!(changes(json!({ "cookies": {} })), 0);
    assert_eq!(changes(json!({ "cookies": { "items": ["session"] } })), 1);
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Certificate {
    body: String,
    #[schemars(extend("resent" = true))]
    #[serde(default)]
    key: WriteOnly<String>,
    #[serde(default)]
    password: WriteOnly<String>,
}

#[test]
fn what_is_resent_goes_with_any_change() {
    let schema = Schema::of::<Certificate>();
    let digest_key = DigestKey::from_random(b"test");
    let configured = |body: &str| Value::from_json(json!({ "body": body, "key": "k", "password": "p" }));
    let before = digest_key.redact(&schema, &configured("old"), &[], "here");

    let changed = diff(&schema, &before, &configured("new"), &digest_key);
    assert_eq!(changed.changes, [Difference { path: Path::from("body"), forces_replacement: false }]);
    assert_eq!(changed.after.get("key"), &Value::from("k"), "sent though it is the same");
    assert!(matches!(changed.after.get("password"), Value::Withheld(_)), "not sent, being the same");

    let same = diff(&schema, &before, &configured("old"), &digest_key);
    assert!(same.is_empty());
    assert!(matches!(same.after.get("key"), Value::Withheld(_)), "nothing to send");
}

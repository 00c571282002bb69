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

mod branches {
    use std::collections::BTreeMap;

    use crate::kind::{Computed, WriteOnly};
    use crate::value::Withheld;

    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Example {
        #[schemars(extend("forces_replacement" = true))]
        name: String,
        comment: Option<String>,
        #[serde(default)]
        list: Vec<Item>,
        #[serde(default)]
        #[schemars(extend("uniqueItems" = true))]
        set: Vec<Item>,
        #[serde(default)]
        map: BTreeMap<String, String>,
        block: Option<Item>,
        #[schemars(extend("computed" = true))]
        class: Option<String>,
        #[serde(default)]
        secret: WriteOnly<String>,
        #[serde(default)]
        arn: Computed<String>,
        #[serde(default)]
        #[schemars(extend("volatile" = true))]
        etag: Computed<String>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Item {
        key: String,
        value: Option<i64>,
        #[schemars(extend("forces_replacement" = true))]
        fixed: Option<String>,
        #[serde(default)]
        id: Computed<String>,
        #[schemars(extend("computed" = true))]
        chosen: Option<String>,
    }

    fn key() -> DigestKey {
        DigestKey::from_random(b"test")
    }

    /// A value in which the string "?" is unknown.
    fn value(json: serde_json::Value) -> Value {
        fn with_unknown(value: Value) -> Value {
            match value {
                Value::String(text) if text == "?" => Value::Unknown,
                Value::List(items) => Value::List(items.into_iter().map(with_unknown).collect()),
                Value::Map(map) => {
                    Value::Map(map.into_iter().map(|(key, item)| (key, with_unknown(item))).collect())
                }
                other => other,
            }
        }
        with_unknown(Value::from_json(json))
    }

    fn compared(before: serde_json::Value, configuration: serde_json::Value) -> Diff {
        diff(&Schema::of::<Example>(), &value(before), &value(configuration), &key())
    }

    /// The paths that differ, with `!` after those that force a replacement.
    fn changes(before: serde_json::Value, configuration: serde_json::Value) -> Vec<String> {
        let mark = |change: &Difference| if change.forces_replacement { "!" } else { "" };
        compared(before, configuration)
            .changes
            .iter()
            .map(|change| format!("{}{}", change.path, mark(change)))
            .collect()
    }

    #[test]
    fn of_plain_arguments() {
        assert_eq!(changes(json!({ "name": "a" }), json!({ "name": "a" })), [""; 0]);
        assert_eq!(
            changes(json!({ "name": "a" }), json!({ "name": "b", "comment": "c" })),
            ["comment", "name!"]
        );
        assert_eq!(changes(json!({ "comment": "c" }), json!({})), ["comment"]);
        assert_eq!(changes(json!({ "name": "a" }), json!({ "name": "?" })), ["name!"]);
    }

    #[test]
    fn of_what_aws_computes() {
        let before = json!({ "name": "a", "class": "x", "arn": "arn", "etag": "1" });
        let same = compared(before.clone(), json!({ "name": "a" }));
        assert!(same.is_empty());
        assert_eq!(same.after, value(before.clone()));
        let other = compared(before.clone(), json!({ "name": "a", "comment": "c" }));
        assert_eq!(
            other.after,
            value(json!({ "name": "a", "class": "x", "arn": "arn", "etag": "?", "comment": "c" }))
        );
        assert_eq!(changes(before, json!({ "name": "a", "class": "y" })), ["class"]);
        assert_eq!(
            create(&Schema::of::<Example>(), &value(json!({ "name": "a" }))),
            value(json!({ "name": "a", "class": "?", "arn": "?", "etag": "?" }))
        );
    }

    #[test]
    fn of_lists() {
        let before = json!({ "list": [{ "key": "a", "value": 1, "id": "i" }, { "key": "b" }] });
        assert_eq!(
            changes(before.clone(), json!({ "list": [{ "key": "a", "value": 1 }, { "key": "b" }] })),
            [""; 0]
        );
        assert_eq!(
            changes(
                before.clone(),
                json!({ "list": [{ "key": "a", "value": 2 }, { "key": "b", "fixed": "x" }] })
            ),
            ["list[0].value", "list[1].fixed!"]
        );
        assert_eq!(changes(before.clone(), json!({ "list": [{ "key": "a", "value": 1 }] })), ["list[1]"]);
        assert_eq!(changes(before.clone(), json!({})), ["list"]);
        assert_eq!(changes(json!({}), json!({ "list": [] })), [""; 0]);
        assert_eq!(changes(before, json!({ "list": "?" })), ["list"]);
        let more = compared(json!({}), json!({ "list": [{ "key": "a" }] }));
        assert_eq!(
            more.after,
            value(json!({ "list": [{ "key": "a", "id": "?", "chosen": "?" }], "etag": "?" }))
        );
    }

    #[test]
    fn of_sets() {
        let before = json!({ "set": [
            { "key": "a", "id": "1", "chosen": "x" }, { "key": "b", "id": "2", "chosen": "y" }
        ] });
        let turned = compared(before.clone(), json!({ "set": [{ "key": "b" }, { "key": "a" }] }));
        assert!(turned.is_empty());
        assert_eq!(
            turned.after.get("set").items()[0].get("id").as_str(),
            Some("2"),
            "each is paired with its own"
        );
        assert_eq!(changes(before.clone(), json!({ "set": [{ "key": "a" }, { "key": "c" }] })), ["set"]);
        assert_eq!(changes(before.clone(), json!({ "set": [{ "key": "a" }] })), ["set"]);
        assert_eq!(changes(before.clone(), json!({ "set": [{ "key": "a" }, { "key": "a" }] })), ["set"]);
        assert_eq!(
            changes(before, json!({ "set": [{ "key": "a" }, { "key": "b", "chosen": "z" }] })),
            ["set"]
        );
    }

    #[test]
    fn of_maps() {
        let before = json!({ "map": { "a": "1", "b": "2" } });
        assert_eq!(changes(before.clone(), json!({ "map": { "b": "2", "a": "1" } })), [""; 0]);
        assert_eq!(
            changes(before.clone(), json!({ "map": { "a": "0", "c": "?" } })),
            ["map.b", "map.a", "map.c"]
        );
        assert_eq!(changes(before, json!({})), ["map"]);
        assert_eq!(changes(json!({}), json!({ "map": {} })), [""; 0]);
    }

    #[test]
    fn of_blocks() {
        let before = json!({ "block": { "key": "a", "value": 1, "id": "i", "chosen": "x" } });
        assert_eq!(changes(before.clone(), json!({ "block": { "key": "a", "value": 1 } })), [""; 0]);
        assert_eq!(
            changes(before.clone(), json!({ "block": { "key": "b", "fixed": "x" } })),
            ["block.fixed!", "block.key", "block.value"]
        );
        assert_eq!(changes(before, json!({})), ["block"]);
        assert_eq!(changes(json!({}), json!({ "block": { "key": "a" } })), ["block"]);
    }

    #[test]
    fn of_secrets() {
        let secret = key().withhold(&"s".into(), "fake.it");
        let before = Value::Map(
            [("secret", secret.clone()), ("comment", secret.clone())]
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
        );
        let with = |secret: &Value, comment: &Value| {
            let configuration = Value::Map(
                [("secret", secret.clone()), ("comment", comment.clone())]
                    .map(|(name, value)| (name.to_owned(), value))
                    .into(),
            );
            let diff = diff(&Schema::of::<Example>(), &before, &configuration, &key());
            (diff.changes.iter().map(|change| change.path.to_string()).collect::<Vec<_>>(), diff.after)
        };
        let (changes, after) = with(&"s".into(), &"s".into());
        assert_eq!(changes, [""; 0]);
        assert_eq!(after.get("secret"), &secret, "what is only written is not written again");
        assert_eq!(after.get("comment").as_str(), Some("s"), "what is part of all that is sent is sent");
        assert_eq!(with(&"t".into(), &"t".into()).0, ["comment", "secret"]);
        assert_eq!(with(&Value::Null, &Value::Null).0, ["comment", "secret"]);
        assert_eq!(with(&secret, &secret).0, [""; 0]);
        let other = key().withhold(&"t".into(), "fake.other");
        assert_eq!(with(&other, &other).0, ["comment", "secret"]);
        let derived = Value::from(Withheld::default());
        assert_eq!(with(&derived, &derived).0, [""; 0], "nothing tells that it has changed");
        assert_eq!(with(&Value::Unknown, &Value::Unknown).0, ["comment", "secret"]);
    }

    #[test]
    fn of_what_someone_else_has_changed() {
        let drifted = |recorded, read| -> Vec<String> {
            drift(&Schema::of::<Example>(), &value(recorded), &value(read), &Value::Null, &key())
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        let recorded = json!({
            "comment": "c", "list": [{ "key": "a", "id": "1" }], "map": { "a": "1" }, "etag": "1",
            "block": { "key": "a", "id": "1" }
        });
        assert_eq!(drifted(recorded.clone(), recorded.clone()), [""; 0]);
        let read = json!({
            "comment": "d", "list": [{ "key": "b", "id": "2" }], "map": { "a": "2" }, "etag": "2",
            "block": { "key": "a", "id": "2" }
        });
        assert_eq!(drifted(recorded.clone(), read), ["comment", "list[0].key", "map.a"]);
        assert_eq!(drifted(recorded, json!({})), ["block", "comment", "list", "map"]);
    }
}

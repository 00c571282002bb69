#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use futures::executor::block_on;
use serde_json::{Value as Json, json};

use crate::builtin::tests::registry;
use crate::diff::{create, diff};
use crate::digest::DigestKey;
use crate::kind::{Created, Token};
use crate::value::Value;

fn made(configuration: Json) -> (String, Value) {
    let registry = registry();
    let kind = registry.kind("time_static").expect("it is registered");
    let (checked, problems) = kind.schema().check(&Value::from_json(configuration));
    assert_eq!(problems, []);
    let desired = create(kind.schema(), &checked);
    match block_on(kind.create(None, &Token(String::new()), &desired)).expect("it is created") {
        Created::Known { id, attributes } => {
            let again = diff(kind.schema(), &attributes, &checked, &DigestKey::from_random(b"test"));
            assert_eq!(again.changes, [], "it stays as it is");
            (id, attributes)
        }
        _ => (String::new(), Value::Null),
    }
}

#[test]
fn keeps_the_time_at_which_it_is_made() {
    let (id, attributes) = made(json!({ "triggers": { "generation": 2 } }));
    assert_eq!(id, "2023-11-14T22:13:20Z");
    let expected = json!({
        "triggers": { "generation": "2" },
        "rfc3339": "2023-11-14T22:13:20Z",
        "unix": 1_700_000_000,
        "year": 2023, "month": 11, "day": 14, "hour": 22, "minute": 13, "second": 20,
    });
    assert_eq!(attributes, Value::from_json(expected));
}

#[test]
fn keeps_the_time_that_it_is_given() {
    let (id, attributes) = made(json!({ "rfc3339": "2026-01-31T12:00:00+01:00" }));
    assert_eq!(id, "2026-01-31T12:00:00+01:00");
    assert_eq!(attributes.get("unix").as_i64(), Some(1_769_857_200));
    assert_eq!(attributes.get("hour").as_i64(), Some(11), "the parts are in UTC");
}

#[test]
fn refuses_what_is_no_time() {
    let registry = registry();
    let kind = registry.kind("time_static").expect("it is registered");
    assert_eq!(kind.validate(&Value::from_json(json!({ "rfc3339": "yesterday" }))).len(), 1);
}

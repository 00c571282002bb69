#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn value(json: serde_json::Value) -> Value {
    Value::from_json(json)
}

fn withheld(digest: &str) -> Value {
    Withheld { digest: Some(digest.to_owned()), source: Some("fake.it".to_owned()) }.into()
}

#[test]
fn a_path_is_written_as_it_is_read() {
    for (text, shown) in [
        ("versioning.enabled", "versioning.enabled"),
        ("rule[0].prefix", "rule[0].prefix"),
        ("rule.0.prefix", "rule[0].prefix"),
        ("", ""),
    ] {
        assert_eq!(Path::from(text).to_string(), shown);
    }
    assert_eq!(Path::root().key("tags").key("a b").index(2).to_string(), "tags[\"a b\"][2]");
    assert!(Path::from("a.b[1]").starts_with(&Path::from("a.b")));
    assert!(!Path::from("a.bc").starts_with(&Path::from("a.b")));
}

#[test]
fn a_path_leads_to_a_part() {
    let whole = value(json!({ "a": [{ "b": 1 }], "c": null }));
    assert_eq!(whole.at(&Path::from("a[0].b")), &value(json!(1)));
    assert_eq!(whole.at(&Path::from("a[1].b")), &Value::Null);
    assert_eq!(whole.at(&Path::from("c.d")), &Value::Null);
    assert_eq!(whole.at(&Path::root()), &whole);
}

#[test]
fn whole_numbers_do_not_differ_from_integers() {
    assert_eq!(value(json!(30.0)), value(json!(30)));
    assert_eq!(Value::from(2.0), Value::from(2));
    assert_ne!(Value::from(2.5), Value::from(2));
    assert_eq!(Value::from(f64::NAN), Value::Null);
    assert_eq!(value(json!(u64::MAX)).to_json(), json!(u64::MAX));
}

#[test]
fn a_debug_print_shows_no_values() {
    let secret = value(json!({ "a": ["hunter2", 5, true, null] }));
    assert_eq!(format!("{secret:?}"), r#"{"a": [a string, a number, a boolean, null]}"#);
    assert_eq!(format!("{:?} {:?}", Value::Unknown, withheld("x")), "unknown a withheld secret");
}

#[test]
fn what_is_withheld_is_revealed_by_what_is_known() {
    let kept = Value::Map(
        [("a".to_owned(), withheld("x")), ("b".to_owned(), Value::List(vec![withheld("y"), "plain".into()]))]
            .into(),
    );
    assert_eq!(kept.withheld_paths(), [Path::from("a"), Path::from("b[0]")]);
    let known = value(json!({ "a": "secret", "b": ["other", "ignored"] }));
    assert_eq!(kept.clone().revealed(&known), value(json!({ "a": "secret", "b": ["other", "plain"] })));
    assert_eq!(kept.clone().revealed(&Value::Unknown), kept);
    assert_eq!(kept.clone().revealed(&value(json!({ "b": ["too", "many", "elements"] }))), kept);
}

#[test]
fn secrets_seem_the_same_where_nothing_tells_them_apart() {
    let derived = Value::from(Withheld::default());
    assert!(withheld("x").seems(&withheld("x")));
    assert!(!withheld("x").seems(&withheld("y")));
    assert!(withheld("x").seems(&derived));
    assert!(!withheld("x").seems(&"x".into()));
    let list = |item: &Value| Value::List(vec![item.clone()]);
    assert!(list(&withheld("x")).seems(&list(&derived)));
    assert!(!list(&withheld("x")).seems(&Value::List(Vec::new())));
}

#[test]
fn unknown_parts_are_found() {
    assert!(!Value::List(vec![Value::Map([("a".to_owned(), Value::Unknown)].into())]).is_wholly_known());
    assert!(value(json!([{ "a": null }])).is_wholly_known());
    assert!(withheld("x").is_wholly_known());
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
        ".{0,6}".prop_map(|digest| withheld(&digest)),
        Just(Value::from(Withheld::default())),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map(".{0,3}", inner, 0..4).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn json_keeps_every_value(value in any_value()) {
        let text = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}

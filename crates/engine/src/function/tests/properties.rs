use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{call, function, functions, shown, value};

/// Values of all types, with unknown parts, numbers at the edges and text that means something to some function.
fn any_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        (-3_i64..64).prop_map(|it| json!(it)),
        Just(json!("<unknown>")),
        Just(json!("<withheld>")),
        "[-+0-9.eE%a-z\\[\\]{}()*?~/'\\\\ ä]{0,12}".prop_map(|it| json!(it)),
        ".{0,8}".prop_map(|it| json!(it)),
        Just(json!("2018-01-02T23:12:01Z")),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::Array),
            prop::collection::btree_map(".{0,3}", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

/// Values that JSON can hold: known ones.
fn known_value() -> impl Strategy<Value = Json> {
    any_value().prop_filter("known", |json| {
        let text = json.to_string();
        !text.contains("<unknown>") && !text.contains("<withheld>")
    })
}

/// Whether two values are the same, taking a whole number for the floating-point number that it equals.
fn same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| same(left, right)))
        }
        _ => left == right,
    }
}

/// Values that are lists of known text.
fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[^,]{0,6}", 1..6)
}

proptest! {
    #[test]
    fn no_function_panics(arguments in prop::collection::vec(any_value(), 0..4)) {
        for function in functions() {
            let mut arguments = arguments.clone();
            arguments.resize(arguments.len().max(function.parameters), json!("a"));
            let _either = call(function.name, Json::Array(arguments));
        }
    }

    #[test]
    fn what_is_unknown_stays_unknown(argument in any_value(), rest in any_value()) {
        for function in functions().filter(|function| !function.partial && function.parameters == 2) {
            let arguments = [value(argument.clone()), value(rest.clone())];
            let known = arguments.iter().all(super::Value::is_wholly_known);
            let result = function.call(&arguments, &super::Memory::default());
            prop_assert!(known || result == Ok(super::Value::Unknown));
        }
    }

    #[test]
    fn jsondecode_undoes_jsonencode(json in known_value()) {
        let encoded = call("jsonencode", json!([json])).expect("encoded");
        let decoded = call("jsondecode", json!([shown(&encoded)])).expect("decoded");
        prop_assert!(same(&shown(&decoded), &shown(&value(json))));
    }

    #[test]
    fn base64decode_undoes_base64encode(text in ".*") {
        let arguments = [super::Value::from(text.as_str())];
        let files = super::Memory::default();
        let encoded = function("base64encode").expect("it").call(&arguments, &files).expect("encoded");
        let decoded = function("base64decode").expect("it").call(&[encoded], &files);
        prop_assert_eq!(decoded, Ok(super::Value::from(text)));
    }

    #[test]
    fn split_undoes_join(texts in texts()) {
        let joined = call("join", json!([",", texts])).expect("joined");
        let split = call("split", json!([",", shown(&joined)])).expect("split");
        prop_assert_eq!(shown(&split), json!(texts));
    }

    #[test]
    fn reverse_undoes_reverse(items in prop::collection::vec(known_value(), 0..6)) {
        let reversed = call("reverse", json!([items])).expect("reversed");
        let again = call("reverse", json!([shown(&reversed)])).expect("reversed");
        prop_assert_eq!(shown(&again), shown(&value(json!(items))));
    }

    #[test]
    fn zipmap_undoes_keys_and_values(map in prop::collection::btree_map(".{0,3}", known_value(), 0..5)) {
        let keys = call("keys", json!([map])).expect("keys");
        let values = call("values", json!([map])).expect("values");
        let zipped = call("zipmap", json!([shown(&keys), shown(&values)])).expect("zipped");
        prop_assert_eq!(shown(&zipped), shown(&value(json!(map))));
    }

    #[test]
    fn tonumber_undoes_tostring(number in prop_oneof![
        any::<i64>().prop_map(|it| json!(it)),
        any::<u64>().prop_map(|it| json!(it)),
        prop::num::f64::NORMAL.prop_map(|it| json!(it)),
    ]) {
        let text = call("tostring", json!([number])).expect("text");
        // A whole number beyond 64 bits is not read back, as its digits would be rounded.
        if let Ok(again) = call("tonumber", json!([shown(&text)])) {
            prop_assert!(same(&shown(&again), &number));
        } else {
            prop_assert!(number.as_f64().is_some_and(|it| it.abs() >= 1.8e19));
        }
    }

    #[test]
    fn a_set_is_in_order_and_has_each_element_once(items in prop::collection::vec(known_value(), 0..8)) {
        let set = call("toset", json!([items])).expect("set");
        let again = call("toset", json!([shown(&set)])).expect("set");
        prop_assert_eq!(shown(&again), shown(&set));
        let distinct = call("distinct", json!([shown(&set)])).expect("distinct");
        prop_assert_eq!(shown(&distinct), shown(&set));
    }

    #[test]
    fn parseint_reads_what_format_writes(number in any::<i64>()) {
        let text = call("format", json!(["%x", number])).expect("text");
        let again = call("parseint", json!([shown(&text), 16])).expect("number");
        prop_assert_eq!(shown(&again), json!(number));
    }

    #[test]
    fn timeadd_undoes_timeadd(seconds in -1_000_000_000_i64..1_000_000_000) {
        let start = "2018-01-02T23:12:01Z";
        let there = call("timeadd", json!([start, format!("{seconds}s")])).expect("there");
        let back = call("timeadd", json!([shown(&there), format!("{}s", -seconds)])).expect("back");
        prop_assert_eq!(shown(&back), json!(start));
    }
}

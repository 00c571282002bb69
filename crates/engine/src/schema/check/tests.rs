use schemars::JsonSchema;
use serde_json::json;

use crate::schema::Schema;
use crate::value::Value;

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Example {
    #[schemars(extend("compare" = "arn_or_id"))]
    key: String,
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    force_destroy: bool,
}

#[test]
fn an_arn_is_the_same_as_the_id_at_its_end() {
    let schema = Schema::of::<Example>();
    let key = &schema.attributes["key"];
    let same = |left: &str, right: &str| key.same(&Value::from(left), &Value::from(right));
    let arn = "arn:aws:kms:eu-west-1:123456789012:key/1234-abcd";
    assert!(same(arn, "1234-abcd") && same("1234-abcd", arn));
    assert!(!same(arn, "abcd"), "the end of an id is another id");
    assert!(!same(arn, "arn:aws:kms:us-east-1:123456789012:key/1234-abcd"), "another region");
    assert!(!same("x/1234-abcd", "1234-abcd"), "no ARN");
}

#[test]
fn what_only_the_state_knows_is_carried_over() {
    let schema = Schema::of::<Example>();
    let read = Value::from_json(json!({ "key": "k", "force_destroy": false }));
    let prior = Value::from_json(json!({ "key": "k", "force_destroy": true }));
    assert_eq!(schema.from_read(read.clone(), &prior), prior);
    assert_eq!(schema.from_read(read.clone(), &Value::Null), read, "after an import it is the default");
}

mod values {
    use std::collections::BTreeMap;

    use crate::kind::{Computed, Document, Policy};
    use crate::schema::Problem;

    use super::*;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Example {
        text: String,
        number: Option<f64>,
        #[schemars(range(min = 1, max = 9))]
        integer: Option<i64>,
        boolean: Option<bool>,
        #[schemars(length(max = 2))]
        #[serde(default)]
        list: Vec<String>,
        #[schemars(extend("uniqueItems" = true))]
        #[serde(default)]
        set: Vec<String>,
        #[serde(default)]
        map: BTreeMap<String, i64>,
        block: Option<Block>,
        #[schemars(extend("enum" = ["red", "blue"]))]
        color: Option<String>,
        #[schemars(regex(pattern = "^[a-z]+$"), length(min = 2))]
        word: Option<String>,
        document: Option<Document>,
        policy: Option<Policy>,
        #[serde(default)]
        arn: Computed<String>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Block {
        #[serde(default = "yes")]
        enabled: bool,
        size: i64,
    }

    fn yes() -> bool {
        true
    }

    fn checked(json: serde_json::Value) -> (Value, Vec<String>) {
        let (value, problems) = Schema::of::<Example>().check(&Value::from_json(json));
        let shown = |problem: &Problem| format!("{}: {}", problem.path, problem.message);
        (value, problems.iter().map(shown).collect())
    }

    /// What becomes of one argument.
    fn argument(name: &str, json: serde_json::Value) -> Result<Value, String> {
        let (value, problems) = checked(json!({ "text": "", name: json }));
        match problems.into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(value.get(name).clone()),
        }
    }

    fn value(json: serde_json::Value) -> Result<Value, String> {
        Ok(Value::from_json(json))
    }

    #[test]
    fn are_converted_where_nothing_is_lost() {
        assert_eq!(argument("text", json!(5)), value(json!("5")));
        assert_eq!(argument("text", json!(true)), value(json!("true")));
        assert_eq!(argument("number", json!("1.5")), value(json!(1.5)));
        assert_eq!(argument("integer", json!("7")), value(json!(7)));
        assert_eq!(argument("integer", json!(7.0)), value(json!(7)));
        assert_eq!(argument("boolean", json!("true")), value(json!(true)));
        assert_eq!(argument("list", json!([1, "b"])), value(json!(["1", "b"])));
        assert_eq!(argument("set", json!(["b", "a", "b"])), value(json!(["a", "b"])));
        assert_eq!(argument("map", json!({ "a": "1" })), value(json!({ "a": 1 })));
        assert_eq!(argument("document", json!("{\"a\": [1]}")), value(json!({ "a": [1] })));
    }

    #[test]
    fn of_another_type_are_wrong() {
        for (name, wrong) in [
            ("text", json!([])),
            ("number", json!("x")),
            ("number", json!("NaN")),
            ("integer", json!(1.5)),
            ("boolean", json!(1)),
            ("boolean", json!("yes")),
            ("list", json!("x")),
            ("set", json!({})),
            ("map", json!([])),
            ("block", json!("x")),
            ("document", json!("{")),
            ("document", json!(5)),
            ("arn", json!("x")),
            ("other", json!("x")),
        ] {
            assert!(argument(name, wrong.clone()).is_err(), "{name} = {wrong}");
        }
    }

    #[test]
    fn are_bound_by_constraints() {
        assert_eq!(argument("integer", json!(0)), Err("integer: `integer` is at least 1".to_owned()));
        assert_eq!(argument("integer", json!(10)), Err("integer: `integer` is at most 9".to_owned()));
        assert_eq!(argument("color", json!("rde")), Err("color: `color` is one of red, blue".to_owned()));
        assert_eq!(argument("word", json!("A1")), Err("word: `word` does not match ^[a-z]+$".to_owned()));
        assert!(argument("word", json!("a")).is_err());
        assert!(argument("list", json!(["a", "b", "c"])).is_err());
    }

    #[test]
    fn get_their_defaults_and_are_required() {
        let (value, problems) = checked(json!({ "block": {} }));
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(value.get("block").get("enabled").as_bool(), Some(true));
        let (_, problems) = checked(json!({ "text": null }));
        assert_eq!(problems, ["text: `text` is required"]);
    }

    #[test]
    fn that_are_not_known_are_not_judged() {
        let unknown = |name: &str| (name.to_owned(), Value::Unknown);
        let names = ["text", "number", "integer", "list", "set", "map", "block", "color", "word", "document"];
        let (value, problems) = Schema::of::<Example>().check(&Value::Map(names.map(unknown).into()));
        assert_eq!(problems, []);
        assert!(names.iter().all(|name| value.get(name).is_unknown()));
        let set = Value::List(vec![Value::Unknown, "a".into(), Value::Unknown]);
        let (value, _) = Schema::of::<Example>().check(&Value::Map([("set".to_owned(), set)].into()));
        assert_eq!(value.get("set").items().len(), 3, "two that are unknown may differ");
    }

    #[test]
    fn that_are_read_are_put_into_plain_form() {
        let read = json!({ "text": "t", "list": [], "set": ["b", "a"], "map": {}, "policy": "{\"Version\": \"1\"}" });
        assert_eq!(
            Schema::of::<Example>().from_read(Value::from_json(read), &Value::Null),
            Value::from_json(json!({ "text": "t", "set": ["a", "b"], "policy": { "Version": "1" } }))
        );
    }

    #[test]
    fn fit_the_struct_of_a_kind_whatever_is_missing() {
        let key = crate::digest::DigestKey::from_random(b"test");
        let secret = key.withhold(&"s".into(), "fake.it");
        let kept = Value::Map(
            [
                ("text".to_owned(), secret.clone()),
                ("number".to_owned(), secret.clone()),
                ("map".to_owned(), Value::Map([("a".to_owned(), secret.clone())].into())),
                ("block".to_owned(), Value::Map([("size".to_owned(), secret)].into())),
                ("forgotten".to_owned(), "by this version".into()),
            ]
            .into(),
        );
        assert_eq!(
            Schema::of::<Example>().typed(&kept),
            json!({ "arn": null, "block": { "size": 0 }, "map": { "a": 0 }, "text": "" })
        );
    }
}

mod policies {
    use super::*;
    use crate::kind::Policy;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Example {
        policy: Option<Policy>,
    }

    fn same(left: serde_json::Value, right: serde_json::Value) -> bool {
        let policy = &Schema::of::<Example>().attributes["policy"];
        let (left, right) = (Value::from_json(left), Value::from_json(right));
        assert_eq!(policy.same(&left, &right), policy.same(&right, &left));
        policy.same(&left, &right)
    }

    fn statement(statement: serde_json::Value) -> serde_json::Value {
        json!({ "Version": "2012-10-17", "Statement": statement })
    }

    #[test]
    fn are_the_same_in_any_order_and_with_lists_of_one() {
        let one = json!({ "Effect": "Allow", "Action": "s3:Get", "Resource": ["a", "b"] });
        let other = json!({ "Resource": ["b", "a"], "Effect": "Allow", "Action": ["s3:Get"] });
        assert!(same(statement(one.clone()), statement(json!([other.clone()]))));
        let second = json!({ "Effect": "Deny", "Action": "*", "Resource": "*" });
        assert!(same(statement(json!([one, second.clone()])), statement(json!([second, other.clone()]))));
        assert!(!same(statement(other.clone()), statement(json!({ "Effect": "Deny", "Action": "s3:Get" }))));
        assert!(!same(statement(json!([other.clone(), other])), statement(json!([]))));
    }

    #[test]
    fn name_an_account_or_its_root() {
        let with = |principal: serde_json::Value| statement(json!({ "Principal": principal }));
        assert!(same(
            with(json!({ "AWS": "123456789012" })),
            with(json!({ "AWS": ["arn:aws:iam::123456789012:root"] }))
        ));
        assert!(same(with(json!("*")), with(json!({ "AWS": "*" }))));
        assert!(same(with(json!("*")), with(json!({ "AWS": ["*"] }))));
        assert!(same(
            with(json!({ "AWS": ["b", "a"], "Service": "x" })),
            with(json!({ "Service": ["x"], "AWS": ["a", "b"] }))
        ));
        assert!(!same(with(json!({ "AWS": "a" })), with(json!({ "Service": "a" }))));
    }

    #[test]
    fn compare_conditions_as_text_and_keys_in_any_case() {
        let with = |condition: serde_json::Value| statement(json!({ "Condition": condition }));
        assert!(same(
            with(json!({ "Bool": { "aws:SecureTransport": false } })),
            with(json!({ "Bool": { "AWS:securetransport": ["false"] } }))
        ));
        assert!(same(
            with(json!({ "NumericLessThan": { "x": 5 } })),
            with(json!({ "NumericLessThan": { "x": "5" } }))
        ));
        assert!(!same(with(json!({ "Bool": { "x": true } })), with(json!({ "Bool": { "x": false } }))));
    }
}

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

use schemars::JsonSchema;
use serde_json::json;

use crate::kind::{Computed, Policy};
use crate::schema::Schema;

/// A bucket.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Example {
    /// Its name.
    #[schemars(length(max = 63), extend("forces_replacement" = true))]
    bucket: String,
    /// Its class.
    #[serde(default = "class")]
    #[schemars(extend("enum" = ["STANDARD", "GLACIER"]))]
    class: String,
    #[schemars(range(min = 1))]
    days: Option<i64>,
    rules: Option<Vec<Rule>>,
    policy: Option<Policy>,
    /// Its ARN.
    #[serde(default)]
    arn: Computed<String>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Rule {
    enabled: bool,
}

fn class() -> String {
    "STANDARD".to_owned()
}

#[test]
fn values_and_expressions_are_told_apart_by_their_types() {
    let mut schema = Schema::of::<Example>().json_schema();
    let expression = json!({ "$ref": "#/definitions/expression" });
    let nothing_else = json!({ "$ref": "#/definitions/nothing_else" });
    let expected = json!({
        "type": "object",
        "description": "A bucket.",
        "properties": {
            "bucket": {
                "type": "string",
                "description": "Its name.\n\nRequired. A change of it replaces the resource.",
                "anyOf": [{ "maxLength": 63 }, expression],
            },
            "class": {
                "type": "string",
                "description": "Its class.",
                "anyOf": [{ "enum": ["STANDARD", "GLACIER"] }, expression],
                "default": "STANDARD",
            },
            "days": { "type": ["integer", "string"], "pattern": "\\$\\{|%\\{", "minimum": 1 },
            "policy": { "type": ["object", "array", "string"] },
            "rules": {
                "type": ["array", "string"],
                "pattern": "\\$\\{|%\\{",
                "items": {
                    "type": ["object", "string"],
                    "properties": { "enabled": {
                        "type": ["boolean", "string"],
                        "pattern": "\\$\\{|%\\{",
                        "description": "Required.",
                    } },
                    "required": ["enabled"],
                    "additionalProperties": nothing_else,
                    "pattern": "\\$\\{|%\\{",
                },
            },
        },
        "required": ["bucket"],
        "additionalProperties": nothing_else,
    });
    // What documents say of themselves is theirs.
    if let Some(policy) = schema["properties"]["policy"].as_object_mut() {
        policy.remove("description");
    }
    assert_eq!(schema, expected);
}

//! AWS's schemas of the resources of CloudFormation, and what they say of properties.

use std::path::PathBuf;

use provision_engine::value::{Map, Path, Value};
use serde_json::Value as Json;

/// The schema of one type.
pub(crate) struct Reference(Json);

impl Reference {
    /// The schema of that type, which must be among the fixtures.
    pub(crate) fn of(r#type: &str) -> Self {
        let fixtures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cloudformation");
        let file = fixtures.join(format!("{}.json", r#type.replace("::", "-")));
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Self(serde_json::from_str(&text).unwrap())
    }

    /// Whether that is an attribute for `!GetAtt`.
    pub(crate) fn returns(&self, attribute: &str) -> bool {
        strings(&self.0["readOnlyProperties"]).any(|path| path.replace('/', ".") == attribute)
    }

    /// What is wrong with these properties; what is required of a resource counts if they are all that it has.
    pub(crate) fn complaints(&self, properties: &Map, are_all: bool) -> Vec<String> {
        let mut complaints = Vec::new();
        let mut schema = self.0.clone();
        if !are_all {
            schema["required"] = Json::Null;
        }
        self.check(&Value::Map(properties.clone()), &schema, &Path::root(), &mut complaints);
        let computed = properties.keys().filter(|name| self.returns(name));
        complaints.extend(computed.map(|name| format!("{name} cannot be set")));
        complaints
    }

    fn check(&self, value: &Value, schema: &Json, path: &Path, complaints: &mut Vec<String>) {
        let schema = self.resolved(schema);
        if let Json::Array(choices) = &schema["anyOf"] {
            let found = choices.iter().map(|choice| {
                let mut complaints = Vec::new();
                self.check(value, choice, path, &mut complaints);
                complaints
            });
            return complaints.extend(found.min_by_key(Vec::len).unwrap_or_default());
        }
        let types: Vec<&str> = match &schema["type"] {
            Json::String(name) => vec![name],
            names => strings(names).collect(),
        };
        let can_be = |names: &[&str]| types.is_empty() || names.iter().any(|name| types.contains(name));
        let fits = match value {
            Value::Map(_) => can_be(&["object"]),
            Value::List(_) => can_be(&["array"]),
            // What is not known can be any of these.
            Value::String(text) if text.contains('\u{E000}') => {
                can_be(&["string", "number", "integer", "boolean"])
            }
            Value::String(_) => can_be(&["string"]),
            Value::Number(number) if number.is_f64() => can_be(&["number"]),
            Value::Number(_) => can_be(&["number", "integer"]),
            Value::Bool(_) => can_be(&["boolean"]),
            Value::Null | Value::Unknown | Value::Withheld(_) => false,
        };
        if !fits {
            complaints.push(format!("{path} is {}, and must be {}", value.type_name(), types.join(" or ")));
        }
        match value {
            Value::Map(map) => self.check_members(map, schema, path, complaints),
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.check(item, &schema["items"], &path.index(index), complaints);
                }
            }
            Value::String(text) if !text.contains('\u{E000}') => {
                let choices: Vec<&str> = strings(&schema["enum"]).collect();
                if !choices.is_empty() && !choices.contains(&text.as_str()) {
                    complaints.push(format!("{path} is {text:?}, and must be {}", choices.join(" or ")));
                }
            }
            _ => {}
        }
    }

    fn check_members(&self, map: &Map, schema: &Json, path: &Path, complaints: &mut Vec<String>) {
        let known = schema["properties"].as_object();
        // Names that nobody knows before have one schema for all.
        let other = schema["patternProperties"].as_object().and_then(|patterns| patterns.values().next());
        for (name, member) in map {
            match known.and_then(|known| known.get(name)).or(other) {
                Some(schema) => self.check(member, schema, &path.key(name), complaints),
                // A document.
                None if known.is_none() => {}
                None => complaints.push(format!("there is no {}", path.key(name))),
            }
        }
        let missing = strings(&schema["required"]).filter(|name| !map.contains_key(*name));
        complaints.extend(missing.map(|name| format!("{} is missing", path.key(name))));
    }

    fn resolved<'a>(&'a self, schema: &'a Json) -> &'a Json {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolved(self.0.pointer(reference.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }
}

fn strings(json: &Json) -> impl Iterator<Item = &str> {
    json.as_array().into_iter().flatten().filter_map(Json::as_str)
}

#[test]
fn what_aws_does_not_know_is_found() {
    let found = |properties: Json| {
        let Value::Map(properties) = Value::from_json(properties) else { panic!("a table") };
        Reference::of("AWS::Events::Rule").complaints(&properties, true)
    };
    let target = serde_json::json!({ "Id": "it", "Arn": "arn", "HttpParameters": { "HeaderParameters": { "any": "x" } } });
    assert!(found(serde_json::json!({ "State": "DISABLED", "Targets": [target] })).is_empty());
    let wrong = found(serde_json::json!({
        "Arn": "it",
        "State": "OFF",
        "Targets": [{ "Id": 1, "Input": {}, "EcsParameters": { "TaskDefinition": "it" } }],
        "RoleArn": ["it"],
    }));
    assert_eq!(
        wrong,
        [
            "RoleArn is a list, and must be string",
            "State is \"OFF\", and must be DISABLED or ENABLED or ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            "there is no Targets[0].EcsParameters.TaskDefinition",
            "Targets[0].EcsParameters.TaskDefinitionArn is missing",
            "Targets[0].Id is a number, and must be string",
            "Targets[0].Input is a table, and must be string",
            "Targets[0].Arn is missing",
            "Arn cannot be set",
        ]
    );
}

//! Lambda: functions, the roles that are passed to them, and what else they are given.

use serde_json::Value;

use super::{Call, Need};

pub(super) fn needs(call: &Call<'_>) -> Vec<Need> {
    let body = serde_json::from_slice::<Value>(call.request.body()).unwrap_or_default();
    let segments = call.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let function = |name: &str| {
        let name = name.rsplit(":function:").next().unwrap_or(name);
        call.arn("lambda", &format!("function:{name}"))
    };
    let resource = match parts[..] {
        ["tags", ..] => parts.get(1..).unwrap_or_default().join("/"),
        ["functions"] if call.operation() == "CreateFunction" => {
            function(body["FunctionName"].as_str().unwrap_or_default())
        }
        ["functions", name, ..] => function(name),
        _ => "*".to_owned(),
    };
    let mut needs = vec![match call.operation() {
        "Invoke" => call.need("InvokeFunction", resource.as_str()),
        _ => call.own(resource.as_str()),
    }];
    if let Some(role) = body["Role"].as_str() {
        needs.push(Call::passes(role, "lambda"));
    }
    let has_tags = body["Tags"].as_object().is_some_and(|tags| !tags.is_empty());
    if call.operation() == "CreateFunction" && has_tags {
        needs.push(call.need("TagResource", resource));
    }
    if let Some(config) = body["CodeSigningConfigArn"].as_str()
        && call.operation() == "PutFunctionCodeSigningConfig"
    {
        needs.push(call.own(config));
    }
    needs
}

//! What CloudWatch checks of a dashboard.

use serde_json::{Value, json};

use crate::reply::Refusal;

/// How many widgets a dashboard can have.
const WIDGETS: usize = 500;
/// What each type of widget must say.
const TYPES: [(&str, &[&str]); 6] = [
    ("alarm", &["alarms"]),
    ("custom", &["endpoint"]),
    ("explorer", &["metrics"]),
    ("log", &["query", "region"]),
    ("metric", &["region"]),
    ("text", &["markdown"]),
];

pub(super) fn check(request: &Value) -> Result<(), Refusal> {
    let name = request["DashboardName"].as_str().unwrap_or_default();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !(1..=255).contains(&name.len()) || !name.bytes().all(word) {
        let message = format!(
            "The value {name} for field DashboardName contains invalid characters. It can only contain alphanumerics, \
             dash (-) and underscore (_)."
        );
        return Err(Refusal::new(400, "InvalidParameterValue", message));
    }
    let problems = problems(request["DashboardBody"].as_str().unwrap_or_default());
    if problems.is_empty() {
        return Ok(());
    }
    let listed = Value::from(problems.clone());
    let message =
        format!("The dashboard body is invalid, there are {} validation errors:\n{listed:#}", problems.len());
    Err(Refusal::new(400, "InvalidParameterInput", message))
}

fn problems(body: &str) -> Vec<Value> {
    let problem = |path: &str, message: String| json!({ "dataPath": path, "message": message });
    let Ok(body) = serde_json::from_str::<Value>(body) else {
        return vec![problem("", "The field DashboardBody must be a valid JSON object".to_owned())];
    };
    if !body.is_object() {
        return vec![problem("", "Should be object".to_owned())];
    }
    let Some(widgets) = body["widgets"].as_array() else {
        return vec![problem("", "Should have required property 'widgets'".to_owned())];
    };
    let mut found = Vec::new();
    if widgets.len() > WIDGETS {
        found.push(problem("/widgets", format!("Should NOT have more than {WIDGETS} items")));
    }
    for (index, widget) in widgets.iter().enumerate() {
        let path = format!("/widgets/{index}");
        let Some(kind) = widget["type"].as_str() else {
            found.push(problem(&path, "Should have required property 'type'".to_owned()));
            continue;
        };
        let Some((_, needed)) = TYPES.iter().find(|(known, _)| *known == kind) else {
            found.push(problem(
                &format!("{path}/type"),
                "Should be equal to one of the allowed values".to_owned(),
            ));
            continue;
        };
        if !widget["properties"].is_object() {
            found.push(problem(&path, "Should have required property 'properties'".to_owned()));
            continue;
        }
        for name in needed.iter().filter(|name| widget["properties"][**name].is_null()) {
            found.push(problem(
                &format!("{path}/properties"),
                format!("Should have required property '{name}'"),
            ));
        }
        for (name, least, most) in [("x", 0, 23), ("y", 0, i64::MAX), ("width", 1, 24), ("height", 1, 1000)] {
            let place = format!("{path}/{name}");
            match widget[name].as_i64() {
                Some(number) if number < least => {
                    found.push(problem(&place, format!("Should be >= {least}")))
                }
                Some(number) if number > most => found.push(problem(&place, format!("Should be <= {most}"))),
                _ => {}
            }
        }
        for (series, metric) in widget["properties"]["metrics"].as_array().into_iter().flatten().enumerate() {
            if kind == "metric" && !metric.is_array() {
                found.push(problem(
                    &format!("{path}/properties/metrics/{series}"),
                    "Should be array".to_owned(),
                ));
            }
        }
    }
    found
}

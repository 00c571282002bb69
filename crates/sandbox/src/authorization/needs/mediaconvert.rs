//! MediaConvert: queues and job templates.

use serde_json::Value;

use super::{Call, Need};

pub(super) fn needs(call: &Call<'_>) -> Vec<Need> {
    let body = serde_json::from_slice::<Value>(call.request.body()).unwrap_or_default();
    let segments = call.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let named = |kind: &str, name: &str| call.arn("mediaconvert", &format!("{kind}/{name}"));
    let resource = match parts[..] {
        ["tags"] => body["arn"].as_str().unwrap_or_default().to_owned(),
        ["tags", ..] => parts.get(1..).unwrap_or_default().join("/"),
        [kind, name] => named(kind, name),
        _ => "*".to_owned(),
    };
    let is_create = call.operation().starts_with("Create");
    let mut needs = Vec::new();
    let queue = body["queue"].as_str().map(|queue| match queue.starts_with("arn:") {
        true => queue.to_owned(),
        false => named("queues", queue),
    });
    match (call.operation(), &queue) {
        // A template that is to be made is no resource yet, and the queue that it names is one.
        ("CreateJobTemplate", Some(queue)) => needs.push(call.own(queue.as_str())),
        ("UpdateJobTemplate", Some(queue)) => {
            needs.push(call.own(resource));
            needs.push(call.own(queue.as_str()));
        }
        _ => needs.push(call.own(resource)),
    }
    let has_tags = body["tags"].as_object().is_some_and(|tags| !tags.is_empty());
    if is_create && has_tags {
        let kind = parts.first().copied().unwrap_or_default();
        let name = body["name"].as_str().unwrap_or("*");
        needs.push(call.need("TagResource", named(kind, name)));
    }
    needs
}

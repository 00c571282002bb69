//! What the tests of the CloudFront kinds have in common: a distribution, calls that fail, and configurations with
//! unknown parts.

use std::sync::Arc;

use provision_aws::{Aws, registry};
use provision_engine::kind::{KindError, Registry, Token};
use provision_engine::value::Value;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::Lab;

/// Managed-CachingOptimized.
pub(crate) const MANAGED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// The least that makes a distribution, with some of it changed.
pub(crate) fn distribution(changes: Json) -> Json {
    let mut configuration = json!({
        "enabled": true,
        "origin": [{ "origin_id": "videos", "domain_name": "videos.s3.us-east-1.amazonaws.com" }],
        "default_cache_behavior": behavior("videos", json!({ "cache_policy_id": MANAGED })),
        "restrictions": { "geo_restriction": { "restriction_type": "none" } },
        "viewer_certificate": { "cloudfront_default_certificate": true },
    });
    merge(&mut configuration, changes);
    configuration
}

/// The least that makes a behavior but for what it caches by, with some of it changed.
pub(crate) fn behavior(target: &str, changes: Json) -> Json {
    let mut behavior = json!({
        "target_origin_id": target,
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
    });
    merge(&mut behavior, changes);
    behavior
}

/// Puts changes into a configuration.
pub(crate) fn merge(into: &mut Json, changes: Json) {
    match (into, changes) {
        (Json::Object(into), Json::Object(changes)) => {
            for (key, change) in changes {
                merge(into.entry(key).or_insert(Json::Null), change);
            }
        }
        (into, change) => *into = change,
    }
}

fn kinds(lab: &Lab) -> Registry {
    registry(&Arc::new(Aws::with_config(lab.sdk.clone())))
}

/// The failure of a create that is refused.
pub(crate) async fn create_fails(lab: &Lab, kind: &str, configuration: Json) -> KindError {
    let kinds = kinds(lab);
    let kind = kinds.kind(kind).unwrap();
    let (desired, problems) = kind.schema().check(&Value::from_json(configuration));
    assert_eq!(problems, []);
    let token = Token(uuid::Uuid::new_v4().to_string());
    let created = async {
        // As in a run: a look changes nothing.
        kind.ensure_free(None, &token, &desired).await.map_err(KindError::unsent)?;
        kind.create(None, &token, &desired).await
    };
    created.await.expect_err("the create is refused")
}

/// The failure of a data source that finds nothing.
pub(crate) async fn data_fails(lab: &Lab, kind: &str, configuration: Json) -> KindError {
    let kinds = kinds(lab);
    let data = kinds.data(kind).unwrap();
    let (configuration, problems) = data.schema().check(&Value::from_json(configuration));
    assert_eq!(problems, []);
    data.read(None, &configuration).await.expect_err("nothing is found")
}

/// The messages with which a kind refuses a configuration in which `"?"` stands for what is not known yet.
pub(crate) fn problems_with_unknown(lab: &Lab, kind: &str, configuration: Json) -> Vec<String> {
    let kinds = kinds(lab);
    let kind = kinds.kind(kind).unwrap();
    let (checked, mut problems) = kind.schema().check(&unknown(Value::from_json(configuration)));
    problems.extend(kind.validate(&checked));
    problems.into_iter().map(|problem| format!("{}: {}", problem.path, problem.message)).collect()
}

fn unknown(value: Value) -> Value {
    match value {
        Value::String(text) if text == "?" => Value::Unknown,
        Value::List(items) => Value::List(items.into_iter().map(unknown).collect()),
        Value::Map(map) => Value::Map(map.into_iter().map(|(key, item)| (key, unknown(item))).collect()),
        other => other,
    }
}

/// The next call of that operation takes effect, and its reply is lost.
pub(crate) fn lose_reply(lab: &Lab, operation: &str) {
    lab.inject(Fault {
        operation: Some(operation.to_owned()),
        times: Some(1),
        ..Fault::new(Effect::LoseReply)
    });
}

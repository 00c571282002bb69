//! `aws_cloudfront_function`.

use aws_sdk_cloudfront::primitives::Blob;
use aws_sdk_cloudfront::types::FunctionStage;
use serde_json::{Value as Json, json};

use crate::cloudfront::{create_fails, distribution, lose_reply};
use crate::lab::Lab;

const KIND: &str = "aws_cloudfront_function";
const CODE: &str = "function handler(event) { return event.request }";
const OTHER: &str = "function handler(event) { return event.request /* other */ }";

fn function(code: &str, changes: Json) -> Json {
    let mut function = json!({ "name": "rewrite", "runtime": "cloudfront-js-2.0", "code": code });
    for (name, value) in changes.as_object().unwrap() {
        function[name] = value.clone();
    }
    function
}

/// The code in a stage, if there is one.
async fn code(lab: &Lab, stage: FunctionStage) -> Option<String> {
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let answer = cloudfront.get_function().name("rewrite").stage(stage).send().await.ok()?;
    Some(String::from_utf8(answer.function_code.unwrap().into_inner()).unwrap())
}

/// Changes the code in DEVELOPMENT behind the kind's back, and gives the version that this makes.
async fn change_code(lab: &Lab, code: &str) -> String {
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let describe = cloudfront.describe_function().name("rewrite").stage(FunctionStage::Development);
    let there = describe.send().await.unwrap();
    let update = cloudfront
        .update_function()
        .name("rewrite")
        .set_if_match(there.e_tag)
        .set_function_config(there.function_summary.unwrap().function_config)
        .function_code(Blob::new(code));
    update.send().await.unwrap();
    let describe = cloudfront.describe_function().name("rewrite").stage(FunctionStage::Development);
    describe.send().await.unwrap().e_tag.unwrap()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let mut rewrite = lab.resource(KIND);
    lose_reply(&lab, "CreateFunction");
    let created = rewrite.create(function(CODE, json!({}))).await.clone();
    assert_eq!(rewrite.id, "rewrite");
    let arn = format!("arn:aws:cloudfront::{}:function/rewrite", lab.account());
    assert_eq!(created.get("arn").as_str(), Some(arn.as_str()));
    assert_eq!(created.get("status").as_str(), Some("UNASSOCIATED"));
    for (attribute, stage) in [("etag", FunctionStage::Development), ("live_stage_etag", FunctionStage::Live)]
    {
        let there = cloudfront.describe_function().name("rewrite").stage(stage).send().await.unwrap();
        assert_eq!(created.get(attribute).as_str(), there.e_tag(), "{attribute}");
    }
    assert_ne!(created.get("etag"), created.get("live_stage_etag"));
    assert_eq!(code(&lab, FunctionStage::Live).await.as_deref(), Some(CODE));

    let store = cloudfront.create_key_value_store().name("paths").send().await.unwrap();
    let store = store.key_value_store().unwrap().arn().to_owned();
    let current = function(OTHER, json!({ "comment": "Rewrites", "key_value_store_associations": [store] }));
    rewrite.update(current.clone()).await;
    let live =
        cloudfront.describe_function().name("rewrite").stage(FunctionStage::Live).send().await.unwrap();
    let config = live.function_summary().unwrap().function_config().unwrap();
    assert_eq!(config.comment(), "Rewrites");
    let stores = config.key_value_store_associations().unwrap();
    assert_eq!(stores.items()[0].key_value_store_arn(), store);
    assert_eq!(code(&lab, FunctionStage::Live).await.as_deref(), Some(OTHER));

    // What someone publishes is found in the code.
    let version = change_code(&lab, CODE).await;
    cloudfront.publish_function().name("rewrite").if_match(version).send().await.unwrap();
    rewrite.repair_drift(current.clone(), &["code"]).await;
    assert_eq!(code(&lab, FunctionStage::Live).await.as_deref(), Some(OTHER));
    // And what someone began.
    change_code(&lab, CODE).await;
    rewrite.repair_drift(current, &["code", "publish"]).await;

    rewrite.update(function(OTHER, json!({ "runtime": "cloudfront-js-1.0" }))).await;
    let mut renamed = function(OTHER, json!({ "runtime": "cloudfront-js-1.0" }));
    renamed["name"] = json!("redirect");
    rewrite.replaces(renamed, &["name"]);
    let refused = create_fails(&lab, KIND, function(CODE, json!({}))).await;
    assert!(refused.message.contains("of this name already"), "{refused}");
    rewrite.delete().await;
}

#[tokio::test]
async fn is_published_only_when_it_should_be() {
    let lab = Lab::new().await;
    let unpublished = json!({ "publish": false });
    let mut rewrite = lab.resource(KIND);
    let created = rewrite.create(function(CODE, unpublished.clone())).await;
    assert_eq!(created.get("status").as_str(), Some("UNPUBLISHED"));
    assert!(created.get("live_stage_etag").is_null());
    assert_eq!(code(&lab, FunctionStage::Live).await, None);

    rewrite.update(function(CODE, json!({ "publish": true }))).await;
    assert_eq!(code(&lab, FunctionStage::Live).await.as_deref(), Some(CODE));
    rewrite.update(function(OTHER, unpublished)).await;
    assert_eq!(code(&lab, FunctionStage::Development).await.as_deref(), Some(OTHER));
    assert_eq!(code(&lab, FunctionStage::Live).await.as_deref(), Some(CODE));

    // As after a run that ended between a change and its publication.
    rewrite.update(function(OTHER, json!({}))).await;
    assert_eq!(code(&lab, FunctionStage::Live).await.as_deref(), Some(OTHER));
    rewrite.delete().await;
}

#[tokio::test]
async fn stays_while_a_distribution_runs_it() {
    let lab = Lab::new().await;
    let mut rewrite = lab.resource(KIND);
    let arn = rewrite.create(function(CODE, json!({}))).await.get("arn").as_str().unwrap().to_owned();
    let running = |functions: Json| {
        distribution(json!({ "default_cache_behavior": { "function_association": functions } }))
    };
    let mut cdn = lab.resource("aws_cloudfront_distribution");
    cdn.create(running(json!([{ "event_type": "viewer-request", "function_arn": arn }]))).await;
    // The function can change under the distribution.
    rewrite.update(function(OTHER, json!({}))).await;
    assert_eq!(rewrite.attributes.get("status").as_str(), Some("DEPLOYED"));
    tokio::join!(rewrite.delete(), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        cdn.update(running(json!([]))).await;
    });
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let store = "arn:aws:cloudfront::123456789012:key-value-store/a1b2";
    for (configuration, problem) in [
        (function(&"x".repeat(10_241), json!({})), "code: a function has at most 10240 bytes, not 10241"),
        (
            function(
                CODE,
                json!({ "runtime": "cloudfront-js-1.0", "key_value_store_associations": [store] }),
            ),
            "runtime: cloudfront-js-1.0 knows no key value stores",
        ),
        (
            function(CODE, json!({ "key_value_store_associations": [store, format!("{store}3")] })),
            "key_value_store_associations: `key_value_store_associations` has at most 1 elements, not 2",
        ),
    ] {
        assert_eq!(lab.problems(KIND, configuration), [problem]);
    }
    assert_eq!(lab.problems(KIND, function(CODE, json!({ "name": "no spaces" }))).len(), 1);
    assert_eq!(lab.problems(KIND, function("", json!({ "runtime": "node" }))).len(), 2);
}

//! `aws_cloudfront_cache_policy`.

use serde_json::{Value as Json, json};

use crate::cloudfront::{create_fails, data_fails, lose_reply};
use crate::lab::Lab;

fn policy(name: &str) -> Json {
    json!({
        "name": name,
        "parameters_in_cache_key_and_forwarded_to_origin": {
            "cookies_config": { "cookie_behavior": "none" },
            "headers_config": { "header_behavior": "none" },
            "query_strings_config": { "query_string_behavior": "none", "query_strings": { "items": [] } },
        },
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut kept = lab.resource("aws_cloudfront_cache_policy");
    lose_reply(&lab, "CreateCachePolicy");
    let created = kept.create(policy("videos")).await;
    assert_eq!(created.get("default_ttl").as_i64(), Some(86_400));
    assert_eq!(created.get("max_ttl").as_i64(), Some(31_536_000));
    assert!(created.get("arn").as_str().unwrap().contains(":cache-policy/"));

    let current = json!({
        "name": "videos-2",
        "comment": "For segments",
        "min_ttl": 1,
        "default_ttl": 60,
        "max_ttl": 3600,
        "parameters_in_cache_key_and_forwarded_to_origin": {
            "cookies_config": { "cookie_behavior": "allExcept", "cookies": { "items": ["session", "a"] } },
            "headers_config": { "header_behavior": "whitelist", "headers": { "items": ["Origin"] } },
            "query_strings_config": {
                "query_string_behavior": "whitelist",
                "query_strings": { "items": ["start", "end"] },
            },
            "enable_accept_encoding_brotli": true,
            "enable_accept_encoding_gzip": true,
        },
    });
    kept.update(current.clone()).await;

    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let there = cloudfront.get_cache_policy_config().id(&kept.id).send().await.unwrap();
    let mut config = there.cache_policy_config.clone().unwrap();
    let parameters = config.parameters_in_cache_key_and_forwarded_to_origin().unwrap();
    assert_eq!(parameters.query_strings_config().unwrap().query_strings().unwrap().quantity(), 2);
    assert!(parameters.enable_accept_encoding_gzip());
    config.max_ttl = Some(7200);
    let update =
        cloudfront.update_cache_policy().id(&kept.id).set_if_match(there.e_tag).cache_policy_config(config);
    update.send().await.unwrap();
    kept.repair_drift(current, &["max_ttl"]).await;

    let all = json!({
        "name": "videos-2",
        "min_ttl": 0,
        "default_ttl": 0,
        "max_ttl": 0,
        "parameters_in_cache_key_and_forwarded_to_origin": {
            "cookies_config": { "cookie_behavior": "none" },
            "headers_config": {},
            "query_strings_config": { "query_string_behavior": "none" },
        },
    });
    kept.update(all).await;
    let refused = create_fails(&lab, "aws_cloudfront_cache_policy", policy("videos-2")).await;
    assert!(refused.message.contains("of this name already"), "{refused}");
    kept.delete().await;
}

#[tokio::test]
async fn is_looked_up() {
    let lab = Lab::new().await;
    const KIND: &str = "aws_cloudfront_cache_policy";
    let managed = lab.data(KIND, json!({ "name": "Managed-CachingOptimized" })).await.unwrap();
    assert_eq!(managed.get("id").as_str(), Some("658327ea-f89d-4fab-a63d-7e88639e58f6"));
    assert_eq!(managed.get("min_ttl").as_i64(), Some(1));
    let parameters = managed.get("parameters_in_cache_key_and_forwarded_to_origin");
    assert_eq!(parameters.get("enable_accept_encoding_brotli").as_bool(), Some(true));
    assert_eq!(parameters.get("cookies_config").get("cookie_behavior").as_str(), Some("none"));

    let mut own = lab.resource(KIND);
    own.create(policy("videos")).await;
    let by_id = lab.data(KIND, json!({ "id": own.id })).await.unwrap();
    assert_eq!(by_id.get("name").as_str(), Some("videos"));
    assert_eq!(by_id.get("arn"), own.attributes.get("arn"));
    let by_name = lab.data(KIND, json!({ "name": "videos" })).await.unwrap();
    assert_eq!(by_name.get("id").as_str(), Some(own.id.as_str()));

    let error = data_fails(&lab, KIND, json!({ "name": "CachingOptimised" })).await;
    assert_eq!(error.message, "there is no cache policy named \"CachingOptimised\"");
    assert_eq!(error.hint.as_deref(), Some("did you mean \"Managed-CachingOptimized\"?"));
    let error = data_fails(&lab, KIND, json!({ "id": "none" })).await;
    assert_eq!(error.message, "there is no cache policy with the id none");
}

#[tokio::test]
async fn is_looked_up_past_the_first_page() {
    let lab = Lab::new().await;
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let managed = cloudfront.get_cache_policy_config().id("4135ea2d-6df8-44a3-9df3-4b5a84be39ad");
    let config = managed.send().await.unwrap().cache_policy_config.unwrap();
    for number in 0..105 {
        let mut config = config.clone();
        config.name = format!("policy-{number}");
        cloudfront.create_cache_policy().cache_policy_config(config).send().await.unwrap();
    }
    let found = lab.data("aws_cloudfront_cache_policy", json!({ "name": "policy-104" })).await.unwrap();
    assert_eq!(found.get("max_ttl").as_i64(), Some(0));
    let refused = create_fails(&lab, "aws_cloudfront_cache_policy", policy("policy-104")).await;
    assert!(refused.message.contains("of this name already"), "{refused}");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_cloudfront_cache_policy",
        json!({
            "name": "videos",
            "min_ttl": 10,
            "default_ttl": 5,
            "parameters_in_cache_key_and_forwarded_to_origin": {
                "cookies_config": { "cookie_behavior": "whitelist" },
                "headers_config": { "header_behavior": "none", "headers": { "items": ["Origin"] } },
                "query_strings_config": { "query_string_behavior": "some" },
            },
        }),
    );
    assert_eq!(problems.len(), 4, "{problems:?}");
    let problems = lab.problems(
        "aws_cloudfront_cache_policy",
        json!({
            "name": "off",
            "default_ttl": 0,
            "max_ttl": 0,
            "parameters_in_cache_key_and_forwarded_to_origin": {
                "cookies_config": { "cookie_behavior": "all" },
                "headers_config": {},
                "query_strings_config": { "query_string_behavior": "none" },
                "enable_accept_encoding_gzip": true,
            },
        }),
    );
    assert_eq!(problems.len(), 2, "{problems:?}");
}

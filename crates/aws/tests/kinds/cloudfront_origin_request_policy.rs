//! `aws_cloudfront_origin_request_policy`.

use serde_json::{Value as Json, json};

use crate::cloudfront::{create_fails, data_fails, lose_reply, problems_with_unknown};
use crate::lab::Lab;

const KIND: &str = "aws_cloudfront_origin_request_policy";

fn policy(name: &str) -> Json {
    json!({
        "name": name,
        "cookies_config": { "cookie_behavior": "none" },
        "headers_config": {},
        "query_strings_config": { "query_string_behavior": "none", "query_strings": { "items": [] } },
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut kept = lab.resource(KIND);
    lose_reply(&lab, "CreateOriginRequestPolicy");
    let created = kept.create(policy("books")).await;
    assert!(created.get("arn").as_str().unwrap().contains(":origin-request-policy/"));
    assert_eq!(created.get("headers_config").get("header_behavior").as_str(), Some("none"));

    let current = json!({
        "name": "books-2",
        "comment": "For the search",
        "cookies_config": { "cookie_behavior": "allExcept", "cookies": { "items": ["session", "a"] } },
        "headers_config": {
            "header_behavior": "allViewerAndWhitelistCloudFront",
            "headers": { "items": ["CloudFront-Viewer-Country"] },
        },
        "query_strings_config": {
            "query_string_behavior": "whitelist",
            "query_strings": { "items": ["q", "page"] },
        },
    });
    kept.update(current.clone()).await;

    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let there = cloudfront.get_origin_request_policy_config().id(&kept.id).send().await.unwrap();
    let mut config = there.origin_request_policy_config.clone().unwrap();
    assert_eq!((config.name(), config.comment()), ("books-2", Some("For the search")));
    assert_eq!(config.query_strings_config().unwrap().query_strings().unwrap().quantity(), 2);
    assert_eq!(config.cookies_config().unwrap().cookies().unwrap().items(), ["a", "session"]);
    config.comment = Some("someone else's".to_owned());
    config.headers_config.as_mut().unwrap().header_behavior = "allViewer".into();
    config.headers_config.as_mut().unwrap().headers = None;
    let update = cloudfront.update_origin_request_policy().id(&kept.id).set_if_match(there.e_tag);
    update.origin_request_policy_config(config).send().await.unwrap();
    kept.repair_drift(current, &["comment", "headers_config.header_behavior", "headers_config.headers"])
        .await;

    kept.update(policy("books-2")).await;
    let refused = create_fails(&lab, KIND, policy("books-2")).await;
    assert!(refused.message.contains("of this name already"), "{refused}");
    kept.delete().await;
}

#[tokio::test]
async fn is_looked_up() {
    let lab = Lab::new().await;
    let managed = lab.data(KIND, json!({ "name": "Managed-AllViewerExceptHostHeader" })).await.unwrap();
    assert_eq!(managed.get("id").as_str(), Some("b689b0a8-53d0-40ab-baf2-68738e2966ac"));
    let headers = managed.get("headers_config");
    assert_eq!(headers.get("header_behavior").as_str(), Some("allExcept"));
    assert_eq!(headers.get("headers").get("items").items().len(), 1);
    assert_eq!(managed.get("cookies_config").get("cookie_behavior").as_str(), Some("all"));

    let mut own = lab.resource(KIND);
    own.create(policy("books")).await;
    let by_id = lab.data(KIND, json!({ "id": own.id })).await.unwrap();
    assert_eq!(by_id.get("name").as_str(), Some("books"));
    assert_eq!(by_id.get("arn"), own.attributes.get("arn"));
    let by_name = lab.data(KIND, json!({ "name": "books" })).await.unwrap();
    assert_eq!(by_name.get("id").as_str(), Some(own.id.as_str()));

    let error = data_fails(&lab, KIND, json!({ "name": "AllViewerExceptHostHeaders" })).await;
    assert_eq!(error.message, "there is no origin request policy named \"AllViewerExceptHostHeaders\"");
    assert_eq!(error.hint.as_deref(), Some("did you mean \"Managed-AllViewerExceptHostHeader\"?"));
    let error = data_fails(&lab, KIND, json!({ "id": "none" })).await;
    assert_eq!(error.message, "there is no origin request policy with the id none");
}

#[tokio::test]
async fn is_looked_up_past_the_first_page() {
    let lab = Lab::new().await;
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let managed = cloudfront.get_origin_request_policy_config().id("216adef6-5c7f-47e4-b989-5492eafa07d3");
    let config = managed.send().await.unwrap().origin_request_policy_config.unwrap();
    for number in 0..105 {
        let mut config = config.clone();
        config.name = format!("policy-{number}");
        cloudfront.create_origin_request_policy().origin_request_policy_config(config).send().await.unwrap();
    }
    let found = lab.data(KIND, json!({ "name": "policy-104" })).await.unwrap();
    assert_eq!(found.get("cookies_config").get("cookie_behavior").as_str(), Some("all"));
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let with = |cookies: Json, headers: Json| {
        json!({
            "name": "books",
            "cookies_config": cookies,
            "headers_config": headers,
            "query_strings_config": { "query_string_behavior": "none" },
        })
    };
    let listed = |behavior: &str, header: &str| json!({ "header_behavior": behavior, "headers": { "items": [header] } });
    let none = json!({ "cookie_behavior": "none" });
    for (configuration, problem) in [
        (
            with(json!({ "cookie_behavior": "whitelist" }), json!({})),
            "cookies_config.cookie_behavior: `cookie_behavior` is whitelist, and no names are listed",
        ),
        (
            with(none.clone(), listed("allViewer", "Origin")),
            "headers_config.headers: `header_behavior` is allViewer, so no names can be listed",
        ),
        (
            with(none.clone(), listed("allViewerAndWhitelistCloudFront", "Origin")),
            "headers_config.headers.items: Origin is no header that CloudFront adds",
        ),
        (
            with(none.clone(), listed("whitelist", "Authorization")),
            "headers_config.headers.items: CloudFront does not pass Authorization on by such a list",
        ),
    ] {
        assert_eq!(lab.problems(KIND, configuration), [problem]);
    }
    assert_eq!(
        problems_with_unknown(&lab, KIND, with(json!({ "cookie_behavior": "?" }), listed("whitelist", "?"))),
        [""; 0]
    );
}

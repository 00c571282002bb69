//! `aws_cloudfront_response_headers_policy`.

use serde_json::{Value as Json, json};

use crate::cloudfront::{create_fails, data_fails, lose_reply};
use crate::lab::Lab;

const KIND: &str = "aws_cloudfront_response_headers_policy";

fn policy(name: &str) -> Json {
    json!({
        "name": name,
        "security_headers_config": { "content_type_options": { "override": true } },
    })
}

fn full() -> Json {
    json!({
        "name": "books-2",
        "comment": "For readers",
        "cors_config": {
            "access_control_allow_credentials": true,
            "access_control_allow_headers": { "items": ["Range", "Authorization"] },
            "access_control_allow_methods": { "items": ["HEAD", "GET"] },
            "access_control_allow_origins": { "items": ["https://reader.example.com"] },
            "access_control_expose_headers": { "items": ["ETag"] },
            "access_control_max_age_sec": 600,
            "origin_override": true,
        },
        "custom_headers_config": { "items": [
            { "header": "X-Shelf", "value": "7", "override": false },
            { "header": "Cache-Control", "value": "private", "override": true },
        ] },
        "remove_headers_config": { "items": [{ "header": "Server" }, { "header": "X-Powered-By" }] },
        "security_headers_config": {
            "content_security_policy": { "content_security_policy": "default-src 'self'", "override": true },
            "content_type_options": { "override": false },
            "frame_options": { "frame_option": "DENY", "override": true },
            "referrer_policy": { "referrer_policy": "same-origin", "override": false },
            "strict_transport_security": {
                "access_control_max_age_sec": 63_072_000,
                "include_subdomains": true,
                "preload": true,
                "override": true,
            },
            "xss_protection": {
                "protection": true,
                "report_uri": "https://reports.example.com",
                "override": true,
            },
        },
        "server_timing_headers_config": { "enabled": true, "sampling_rate": 12.5 },
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut kept = lab.resource(KIND);
    lose_reply(&lab, "CreateResponseHeadersPolicy");
    let created = kept.create(policy("books")).await;
    assert!(created.get("arn").as_str().unwrap().contains(":response-headers-policy/"));
    for part in ["cors_config", "custom_headers_config", "remove_headers_config"] {
        assert!(created.get(part).is_null(), "{part}");
    }
    kept.update(full()).await;

    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let there = cloudfront.get_response_headers_policy_config().id(&kept.id).send().await.unwrap();
    let mut config = there.response_headers_policy_config.clone().unwrap();
    assert_eq!((config.name(), config.comment()), ("books-2", Some("For readers")));
    let cors = config.cors_config().unwrap();
    assert_eq!(cors.access_control_allow_headers().unwrap().items(), ["Authorization", "Range"]);
    assert_eq!((cors.access_control_max_age_sec(), cors.origin_override()), (Some(600), true));
    let security = config.security_headers_config().unwrap();
    assert_eq!(security.frame_options().unwrap().frame_option().as_str(), "DENY");
    let transport = security.strict_transport_security().unwrap();
    assert_eq!((transport.access_control_max_age_sec(), transport.preload()), (63_072_000, Some(true)));
    assert_eq!(security.xss_protection().unwrap().report_uri(), Some("https://reports.example.com"));
    assert_eq!(config.custom_headers_config().unwrap().quantity(), 2);
    assert_eq!(config.remove_headers_config().unwrap().items()[0].header(), "Server");
    assert_eq!(config.server_timing_headers_config().unwrap().sampling_rate(), Some(12.5));

    config.comment = None;
    config.cors_config = None;
    config.server_timing_headers_config.as_mut().unwrap().sampling_rate = Some(50.0);
    config.security_headers_config.as_mut().unwrap().frame_options = None;
    let update = cloudfront.update_response_headers_policy().id(&kept.id).set_if_match(there.e_tag);
    update.response_headers_policy_config(config).send().await.unwrap();
    let drifted = [
        "comment",
        "cors_config",
        "security_headers_config.frame_options",
        "server_timing_headers_config.sampling_rate",
    ];
    kept.repair_drift(full(), &drifted).await;

    // Each of its parts can be changed, and each can go.
    let mut less = full();
    less["cors_config"]["access_control_allow_methods"] = json!({ "items": ["ALL"] });
    for optional in ["access_control_expose_headers", "access_control_max_age_sec"] {
        less["cors_config"][optional] = Json::Null;
    }
    less["custom_headers_config"]["items"].as_array_mut().unwrap().pop();
    less["remove_headers_config"] = Json::Null;
    less["security_headers_config"]["strict_transport_security"] =
        json!({ "access_control_max_age_sec": 60, "override": false });
    less["security_headers_config"]["xss_protection"] =
        json!({ "protection": true, "mode_block": true, "override": true });
    less["server_timing_headers_config"]["enabled"] = json!(false);
    kept.update(less.clone()).await;
    // Sets have no order.
    let mut turned = full();
    turned["custom_headers_config"]["items"].as_array_mut().unwrap().reverse();
    kept.update(full()).await;
    kept.unchanged(turned);
    kept.update(policy("books")).await;
    let refused = create_fails(&lab, KIND, policy("books")).await;
    assert!(refused.message.contains("of this name already"), "{refused}");
    kept.delete().await;
}

#[tokio::test]
async fn is_looked_up() {
    let lab = Lab::new().await;
    let managed = lab.data(KIND, json!({ "name": "Managed-SecurityHeadersPolicy" })).await.unwrap();
    assert_eq!(managed.get("id").as_str(), Some("67f7725c-6f97-4210-82d7-5512b31e9d03"));
    let security = managed.get("security_headers_config");
    assert_eq!(security.get("frame_options").get("frame_option").as_str(), Some("SAMEORIGIN"));
    let transport = security.get("strict_transport_security");
    assert_eq!(transport.get("access_control_max_age_sec").as_i64(), Some(31_536_000));
    assert!(managed.get("cors_config").is_null());
    let cors = lab.data(KIND, json!({ "id": "60669652-455b-4ae9-85a4-c4c02393f86c" })).await.unwrap();
    assert_eq!(cors.get("name").as_str(), Some("Managed-SimpleCORS"));
    let origins = cors.get("cors_config").get("access_control_allow_origins").get("items");
    assert_eq!(origins.items()[0].as_str(), Some("*"));

    let mut own = lab.resource(KIND);
    own.create(full()).await;
    let by_name = lab.data(KIND, json!({ "name": "books-2" })).await.unwrap();
    assert_eq!(by_name.get("id").as_str(), Some(own.id.as_str()));
    for attribute in ["arn", "etag", "comment", "custom_headers_config", "server_timing_headers_config"] {
        assert_eq!(by_name.get(attribute), own.attributes.get(attribute), "{attribute}");
    }

    let error = data_fails(&lab, KIND, json!({ "name": "SecurityHeaderPolicy" })).await;
    assert_eq!(error.message, "there is no response headers policy named \"SecurityHeaderPolicy\"");
    assert_eq!(error.hint.as_deref(), Some("did you mean \"Managed-SecurityHeadersPolicy\"?"));
    let error = data_fails(&lab, KIND, json!({ "id": "none" })).await;
    assert_eq!(error.message, "there is no response headers policy with the id none");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let with = |part: &str, value: Json| json!({ "name": "books", part: value });
    let custom = |header: &str| json!({ "items": [{ "header": header, "value": "x", "override": true }] });
    for (configuration, problem) in [
        (json!({ "name": "books" }), "name: this policy neither adds headers nor takes any away"),
        (with("security_headers_config", json!({})), "security_headers_config: this names no header"),
        (
            with("custom_headers_config", custom("X-Frame-Options")),
            "custom_headers_config.items: CloudFront does not take X-Frame-Options for a custom header",
        ),
        (
            with("custom_headers_config", custom("access-control-max-age")),
            "custom_headers_config.items: CloudFront does not take access-control-max-age for a custom header",
        ),
        (
            with("custom_headers_config", json!({ "items": [] })),
            "custom_headers_config.items: `items` has at least 1 elements, not 0",
        ),
        (
            with(
                "security_headers_config",
                json!({ "xss_protection": {
                    "protection": true, "mode_block": true, "report_uri": "https://a", "override": true,
                } }),
            ),
            "security_headers_config.xss_protection.report_uri: `mode_block` and `report_uri` exclude each other",
        ),
        (
            with("server_timing_headers_config", json!({ "enabled": true, "sampling_rate": 101 })),
            "server_timing_headers_config.sampling_rate: `sampling_rate` is at most 100",
        ),
    ] {
        assert_eq!(lab.problems(KIND, configuration), [problem]);
    }
}

//! The lives of the kinds of CloudFront.

use serde_json::{Value as Json, json};

use super::Life;
use crate::cloudfront_public_key::{ANOTHER_RSA, RSA};

pub(super) fn lives() -> Vec<Life> {
    const MANAGED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
    let policy = |name: &str, ttl: u32| {
        json!({
            "name": name,
            "default_ttl": ttl,
            "parameters_in_cache_key_and_forwarded_to_origin": {
                "cookies_config": { "cookie_behavior": "none" },
                "headers_config": { "header_behavior": "none" },
                "query_strings_config": { "query_string_behavior": "none" },
            },
        })
    };
    let control = |signing: &str| {
        json!({
            "name": "videos",
            "origin_access_control_origin_type": "s3",
            "signing_behavior": signing,
            "signing_protocol": "sigv4",
        })
    };
    let distribution = |comment: &str, tags: Json| {
        json!({
            "enabled": true,
            "comment": comment,
            "origin": [{ "origin_id": "videos", "domain_name": "videos.s3.us-east-1.amazonaws.com" }],
            "default_cache_behavior": {
                "target_origin_id": "videos",
                "viewer_protocol_policy": "redirect-to-https",
                "allowed_methods": ["GET", "HEAD"],
                "cached_methods": ["GET", "HEAD"],
                "cache_policy_id": MANAGED,
            },
            "restrictions": { "geo_restriction": { "restriction_type": "none" } },
            "viewer_certificate": { "cloudfront_default_certificate": true },
            "tags": tags,
        })
    };
    let function = |comment: &str, publish: bool| {
        json!({
            "name": "rewrite",
            "runtime": "cloudfront-js-2.0",
            "code": "function handler(event) { return event.request }",
            "comment": comment,
            "publish": publish,
        })
    };
    let subscription = |status: &str| {
        json!({
            "distribution_id": "$0",
            "monitoring_subscription": {
                "realtime_metrics_subscription_config": { "realtime_metrics_subscription_status": status },
            },
        })
    };
    let forwarding = |cookies: &str| {
        json!({
            "name": "forwarding",
            "cookies_config": { "cookie_behavior": cookies },
            "headers_config": {},
            "query_strings_config": { "query_string_behavior": "none" },
        })
    };
    let headers = |frame: &str| {
        json!({
            "name": "headers",
            "security_headers_config": { "frame_options": { "frame_option": frame, "override": true } },
        })
    };
    let key = |comment: &str| json!({ "name": "key", "encoded_key": RSA, "comment": comment });
    vec![
        Life::of("aws_cloudfront_cache_policy", [policy("a", 60), policy("b", 120)]),
        Life::of("aws_cloudfront_origin_access_control", [control("always"), control("no-override")]),
        Life::of("aws_cloudfront_function", [function("a", true), function("b", true), function("b", false)]),
        Life::of(
            "aws_cloudfront_monitoring_subscription",
            [subscription("Enabled"), subscription("Disabled")],
        )
        .with("aws_cloudfront_distribution", distribution("", json!({}))),
        Life::of(
            "aws_cloudfront_origin_access_identity",
            [json!({ "comment": "a" }), json!({ "comment": "b" })],
        ),
        Life::of("aws_cloudfront_origin_request_policy", [forwarding("none"), forwarding("all")]),
        Life::of("aws_cloudfront_response_headers_policy", [headers("DENY"), headers("SAMEORIGIN")]),
        Life::of("aws_cloudfront_public_key", [key("a"), key("b")]),
        Life::of(
            "aws_cloudfront_key_group",
            [json!({ "name": "group", "items": ["$0"] }), json!({ "name": "group", "items": ["$1"] })],
        )
        .with("aws_cloudfront_public_key", json!({ "name": "one", "encoded_key": RSA }))
        .with("aws_cloudfront_public_key", json!({ "name": "two", "encoded_key": ANOTHER_RSA })),
        Life::of(
            "aws_cloudfront_distribution",
            [distribution("a", json!({ "a": "1" })), distribution("b", json!({ "b": "2" }))],
        ),
    ]
}

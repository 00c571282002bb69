//! `aws_cloudfront_distribution`.

use std::sync::Arc;

use aws_sdk_cloudfront::primitives::Blob;
use aws_sdk_cloudfront::types::{CloudFrontOriginAccessIdentityConfig, OriginGroupSelectionCriteria};
use aws_sdk_s3::types::ObjectOwnership;
use provision_aws::{Aws, registry};
use provision_engine::value::Value;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::cloudfront::{MANAGED, behavior, distribution, lose_reply, merge, problems_with_unknown};
use crate::cloudfront_public_key::RSA;
use crate::lab::Lab;

const KIND: &str = "aws_cloudfront_distribution";

fn text<'a>(attributes: &'a Value, name: &str) -> &'a str {
    attributes.get(name).as_str().unwrap()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let mut cdn = lab.resource(KIND);
    let created = cdn.create(distribution(json!({ "tags": { "team": "video" } }))).await;
    assert!(
        text(created, "arn")
            .ends_with(&format!(":distribution/{}", text(created, "arn").rsplit('/').next().unwrap()))
    );
    assert!(text(created, "domain_name").ends_with(".cloudfront.net"));
    assert_eq!(text(created, "hosted_zone_id"), "Z2FDTNDATAQYW2");
    assert_eq!(text(created, "http_version"), "http2");
    assert_eq!(created.get("logging_v1_enabled").as_bool(), Some(false));
    for attribute in ["caller_reference", "etag", "status", "last_modified_time"] {
        assert!(!text(created, attribute).is_empty(), "{attribute}");
    }

    // Tags alone: no new configuration, so no new deployment.
    let before = cloudfront.get_distribution().id(&cdn.id).send().await.unwrap().e_tag;
    cdn.update(distribution(json!({ "tags": { "team": "audio", "cost": "1" } }))).await;
    assert_eq!(cloudfront.get_distribution().id(&cdn.id).send().await.unwrap().e_tag, before);

    let current = distribution(json!({
        "enabled": false,
        "comment": "Videos",
        "default_root_object": "index.html",
        "http_version": "http2and3",
        "is_ipv6_enabled": true,
        "price_class": "PriceClass_100",
        "web_acl_id": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/main/a1",
        "wait_for_deployment": false,
        "retain_on_delete": true,
    }));
    cdn.update(current.clone()).await;
    cdn.replaces(distribution(json!({ "staging": true })), &["staging"]);

    let there = cloudfront.get_distribution_config().id(&cdn.id).send().await.unwrap();
    let mut config = there.distribution_config.clone().unwrap();
    assert_eq!((config.comment(), config.enabled()), ("Videos", false));
    assert_eq!(config.price_class().unwrap().as_str(), "PriceClass_100");
    config.comment = "someone else's".to_owned();
    config.is_ipv6_enabled = Some(false);
    let update =
        cloudfront.update_distribution().id(&cdn.id).set_if_match(there.e_tag).distribution_config(config);
    update.send().await.unwrap();
    cdn.repair_drift(current, &["comment", "is_ipv6_enabled"]).await;
    cdn.update(distribution(json!({}))).await;
    cdn.delete().await;
}

#[tokio::test]
async fn has_origins() {
    let lab = Lab::new().await;
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let mut control = lab.resource("aws_cloudfront_origin_access_control");
    control
        .create(json!({
            "name": "videos",
            "origin_access_control_origin_type": "s3",
            "signing_behavior": "always",
            "signing_protocol": "sigv4",
        }))
        .await;
    let custom = json!({
        "origin_id": "api",
        "domain_name": "api.example.com",
        "custom_origin_config": {
            "http_port": 80,
            "https_port": 443,
            "origin_protocol_policy": "https-only",
            "origin_ssl_protocols": ["TLSv1.2", "TLSv1.1"],
        },
    });
    let bucket = json!({
        "origin_id": "videos",
        "domain_name": "videos.s3.us-east-1.amazonaws.com",
        "origin_access_control_id": control.id,
    });
    let copy = json!({ "origin_id": "copy", "domain_name": "copy.s3.eu-west-1.amazonaws.com" });
    let with =
        |origins: Json, groups: Json| distribution(json!({ "origin": origins, "origin_group": groups }));

    let mut cdn = lab.resource(KIND);
    cdn.create(with(json!([bucket, custom, copy]), json!([]))).await;
    // Their order makes no difference, and defaults need not be written.
    cdn.replaces(with(json!([copy, custom, bucket]), json!([])), &[]);

    let mut changed = custom.clone();
    merge(
        &mut changed,
        json!({
            "domain_name": "api2.example.com",
            "origin_path": "/v2",
            "connection_attempts": 2,
            "connection_timeout": 5,
            "response_completion_timeout": 90,
            "custom_header": [{ "name": "X-Who", "value": "cdn" }, { "name": "A", "value": "b" }],
            "origin_shield": { "enabled": true, "origin_shield_region": "eu-west-1" },
            "custom_origin_config": {
                "http_port": 8080,
                "https_port": 8443,
                "origin_protocol_policy": "match-viewer",
                "origin_ssl_protocols": ["TLSv1.2"],
                "ip_address_type": "dualstack",
                "origin_keepalive_timeout": 30,
                "origin_read_timeout": 45,
            },
        }),
    );
    let identity = cloudfront
        .create_cloud_front_origin_access_identity()
        .cloud_front_origin_access_identity_config(
            CloudFrontOriginAccessIdentityConfig::builder()
                .caller_reference("lab")
                .comment("")
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    let identity = identity.cloud_front_origin_access_identity().unwrap().id();
    let path = format!("origin-access-identity/cloudfront/{identity}");
    let mut identified = copy.clone();
    merge(&mut identified, json!({ "s3_origin_config": { "origin_access_identity": path } }));
    let groups = json!([{
        "origin_id": "both",
        "failover_criteria": { "status_codes": [500, 404] },
        "member": [{ "origin_id": "videos" }, { "origin_id": "copy" }],
    }]);
    let grouped = with(json!([bucket, changed, identified]), groups);
    cdn.update(grouped.clone()).await;

    // What is not modelled stays as it is.
    let there = cloudfront.get_distribution_config().id(&cdn.id).send().await.unwrap();
    let mut config = there.distribution_config.clone().unwrap();
    let group = &mut config.origin_groups.as_mut().unwrap().items.as_mut().unwrap()[0];
    group.selection_criteria = Some(OriginGroupSelectionCriteria::MediaQualityBased);
    let origins = &mut config.origins.as_mut().unwrap().items;
    let shielded = origins.iter_mut().find(|origin| origin.id() == "api").unwrap();
    assert_eq!(shielded.custom_headers().unwrap().quantity(), 2);
    assert_eq!(shielded.origin_shield().unwrap().origin_shield_region(), Some("eu-west-1"));
    shielded.connection_attempts = Some(1);
    let update =
        cloudfront.update_distribution().id(&cdn.id).set_if_match(there.e_tag).distribution_config(config);
    update.send().await.unwrap();
    cdn.repair_drift(grouped, &["origin"]).await;
    let there = cloudfront.get_distribution_config().id(&cdn.id).send().await.unwrap();
    let group = &there.distribution_config().unwrap().origin_groups().unwrap().items()[0];
    assert_eq!(group.selection_criteria(), Some(&OriginGroupSelectionCriteria::MediaQualityBased));

    // Neither does a stale version stop an update, nor a reference that is not visible yet.
    for code in ["PreconditionFailed", "InvalidOriginAccessControl"] {
        let effect = Effect::Error { status: 400, code: code.to_owned(), message: "not yet".to_owned() };
        let operation = Some("UpdateDistribution".to_owned());
        lab.inject(Fault { operation, times: Some(1), ..Fault::new(effect) });
    }
    // A shield that is off may keep its region in the configuration.
    merge(&mut changed, json!({ "origin_shield": { "enabled": false }, "custom_header": [] }));
    cdn.update(with(json!([bucket, changed, copy]), json!([]))).await;
    cdn.update(with(json!([bucket]), json!([]))).await;
    cdn.delete().await;
    control.delete().await;
}

#[tokio::test]
#[expect(deprecated, reason = "that the TTLs of the older way are gone")]
async fn has_behaviors() {
    let lab = Lab::new().await;
    let mut key = lab.resource("aws_cloudfront_public_key");
    key.create(json!({ "name": "playback", "encoded_key": RSA })).await;
    let mut group = lab.resource("aws_cloudfront_key_group");
    group.create(json!({ "name": "playback", "items": [key.id] })).await;
    let mut rewrite = lab.resource("aws_cloudfront_function");
    let code = "function handler(event) { return event.request }";
    rewrite.create(json!({ "name": "rewrite", "runtime": "cloudfront-js-2.0", "code": code })).await;

    let all_methods = json!(["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]);
    let segments = behavior("videos", json!({ "path_pattern": "*.ts", "cache_policy_id": MANAGED }));
    let playlists = behavior(
        "videos",
        json!({
            "path_pattern": "*.m3u8",
            "allowed_methods": ["GET", "HEAD", "OPTIONS"],
            "cached_methods": ["GET", "HEAD", "OPTIONS"],
            "cache_policy_id": MANAGED,
            "trusted_key_groups": [group.id],
        }),
    );
    let with = |ordered: Json| distribution(json!({ "ordered_cache_behavior": ordered }));
    let mut cdn = lab.resource(KIND);
    cdn.create(with(json!([segments, playlists]))).await;
    // The first behavior that fits is taken, so their order does make a difference.
    cdn.update(with(json!([playlists, segments]))).await;
    assert_eq!(
        cdn.attributes.get("ordered_cache_behavior").items()[0].get("path_pattern").as_str(),
        Some("*.m3u8")
    );

    let everything = behavior(
        "videos",
        json!({
            "path_pattern": "api/*",
            "viewer_protocol_policy": "https-only",
            "allowed_methods": all_methods,
            "cached_methods": ["GET", "HEAD", "OPTIONS"],
            "cache_policy_id": MANAGED,
            "origin_request_policy_id": "216adef6-5c7f-47e4-b989-5492eafa07d3",
            "response_headers_policy_id": "67f7725c-6f97-4210-82d7-5512b31e9d03",
            "compress": true,
            "smooth_streaming": true,
            "trusted_signers": ["self"],
            "function_association": [{
                "event_type": "viewer-request",
                "function_arn": rewrite.attributes.get("arn").as_str(),
            }],
            "lambda_function_association": [
                {
                    "event_type": "origin-request",
                    "lambda_arn": "arn:aws:lambda:us-east-1:123456789012:function:sign:3",
                    "include_body": true,
                },
                {
                    "event_type": "origin-response",
                    "lambda_arn": "arn:aws:lambda:us-east-1:123456789012:function:sign:3",
                },
            ],
            "grpc_config": { "enabled": true },
            "field_level_encryption_id": "C3KM2WVD605UAY",
            "realtime_log_config_arn": "arn:aws:cloudfront::123456789012:realtime-log-config/live",
        }),
    );
    cdn.update(with(json!([everything, segments]))).await;
    let mut less = everything.clone();
    merge(
        &mut less,
        json!({ "lambda_function_association": [], "grpc_config": null, "trusted_signers": null }),
    );
    cdn.update(with(json!([less]))).await;

    // The older way and back. What AWS computed for the one means nothing for the other.
    let older = json!({ "default_cache_behavior": {
        "cache_policy_id": null,
        "forwarded_values": {
            "query_string": true,
            "query_string_cache_keys": ["b", "a"],
            "headers": ["Origin"],
            "cookies": { "forward": "whitelist", "whitelisted_names": ["session"] },
        },
        "min_ttl": 1,
        "default_ttl": 60,
        "max_ttl": 3600,
    } });
    cdn.update(distribution(older.clone())).await;
    let mut plain = older.clone();
    merge(
        &mut plain,
        json!({ "default_cache_behavior": {
            "forwarded_values": {
                "query_string": false,
                "query_string_cache_keys": [],
                "headers": [],
                "cookies": { "forward": "none", "whitelisted_names": [] },
            },
            "min_ttl": 0,
            "default_ttl": null,
            "max_ttl": null,
        } }),
    );
    cdn.update(distribution(plain)).await;
    cdn.update(distribution(json!({}))).await;
    let there = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let there = there.get_distribution_config().id(&cdn.id).send().await.unwrap();
    let behavior = there.distribution_config().unwrap().default_cache_behavior().unwrap();
    assert_eq!(behavior.cache_policy_id(), Some(MANAGED));
    assert!(behavior.max_ttl.is_none() && behavior.forwarded_values.is_none());
    cdn.delete().await;
    group.delete().await;
    key.delete().await;
}

#[tokio::test]
async fn has_everything_else() {
    let lab = Lab::new().await;
    let s3 = aws_sdk_s3::Client::new(&lab.sdk);
    s3.create_bucket()
        .bucket("logs")
        .object_ownership(ObjectOwnership::BucketOwnerPreferred)
        .send()
        .await
        .unwrap();
    let imported = aws_sdk_acm::Client::new(&lab.sdk)
        .import_certificate()
        .certificate(Blob::new("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"))
        .private_key(Blob::new("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----"))
        .send()
        .await
        .unwrap();
    let mut cdn = lab.resource(KIND);
    let responses = json!([
        { "error_code": 404, "response_code": 200, "response_page_path": "/index.html", "error_caching_min_ttl": 10 },
        { "error_code": 503 },
    ]);
    cdn.create(distribution(json!({
        "custom_error_response": responses,
        "logging_config": { "bucket": "logs.s3.amazonaws.com", "prefix": "cdn/", "include_cookies": true },
        "restrictions": { "geo_restriction": { "restriction_type": "whitelist", "locations": ["GB", "DE"] } },
        "aliases": ["videos.example.com", "*.example.org"],
        "viewer_certificate": {
            "cloudfront_default_certificate": false,
            "acm_certificate_arn": imported.certificate_arn(),
            "ssl_support_method": "sni-only",
            "minimum_protocol_version": "TLSv1.2_2021",
        },
    })))
    .await;
    assert_eq!(cdn.attributes.get("logging_v1_enabled").as_bool(), Some(true));
    cdn.update(distribution(json!({
        "custom_error_response": [{ "error_code": 404, "error_caching_min_ttl": 5 }],
        "logging_config": { "include_cookies": true },
        "restrictions": { "geo_restriction": { "restriction_type": "blacklist", "locations": ["FR"] } },
        "aliases": ["videos.example.com"],
        "viewer_certificate": {
            "cloudfront_default_certificate": null,
            "iam_certificate_id": "ASCAEXAMPLE",
            "ssl_support_method": "vip",
        },
    })))
    .await;
    assert_eq!(cdn.attributes.get("logging_v1_enabled").as_bool(), Some(false));
    cdn.update(distribution(json!({}))).await;
    cdn.delete().await;
}

#[tokio::test]
async fn is_found_by_its_caller_reference_alone() {
    let lab = Lab::new().await;
    let (mut first, mut second) = (lab.resource(KIND), lab.resource(KIND));
    first.create(distribution(json!({}))).await;
    // The same in all that a list shows: `create` asserts that nothing is found before and the new one after.
    second.create(distribution(json!({}))).await;
    assert_ne!(first.id, second.id);

    // What an attempt has made whose reply was lost is found by it too.
    lose_reply(&lab, "CreateDistributionWithTags");
    let mut third = lab.resource(KIND);
    third.create(distribution(json!({ "comment": "third" }))).await;
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let list = cloudfront.list_distributions().send().await.unwrap();
    assert_eq!(list.distribution_list().unwrap().quantity(), 3);
    first.delete().await;
    second.delete().await;
}

#[tokio::test]
async fn can_be_staged() {
    let lab = Lab::new().await;
    let staging = distribution(json!({ "staging": true, "anycast_ip_list_id": "aip_1" }));
    let mut stage = lab.resource(KIND);
    stage.create(staging).await;
    assert_eq!(stage.attributes.get("staging").as_bool(), Some(true));
    stage.update(distribution(json!({ "staging": true }))).await;

    let mut primary = lab.resource(KIND);
    primary.create(distribution(json!({}))).await;
    primary.update(distribution(json!({ "continuous_deployment_policy_id": "policy-1" }))).await;
    // AWS chooses the policy of a staging distribution, so that none is configured is no difference.
    primary.replaces(distribution(json!({})), &[]);
    // The policy is detached before the distribution is disabled.
    primary.delete().await;
    stage.delete().await;
}

#[tokio::test]
async fn is_deleted_though_someone_changes_it() {
    let lab = Lab::new().await;
    let mut cdn = lab.resource(KIND);
    cdn.create(distribution(json!({}))).await;
    for (operation, code) in
        [("UpdateDistribution", "PreconditionFailed"), ("DeleteDistribution", "InvalidIfMatchVersion")]
    {
        let message = "The request failed because it didn't meet the preconditions".to_owned();
        let effect = Effect::Error { status: 412, code: code.to_owned(), message };
        lab.inject(Fault { operation: Some(operation.to_owned()), times: Some(1), ..Fault::new(effect) });
    }
    cdn.delete().await;
}

#[tokio::test]
async fn is_only_disabled_when_it_should_be_retained() {
    let lab = Lab::new().await;
    let mut cdn = lab.resource(KIND);
    cdn.create(distribution(json!({ "retain_on_delete": true }))).await;
    let kinds = registry(&Arc::new(Aws::with_config(lab.sdk.clone())));
    let kind = kinds.kind(KIND).unwrap();
    kind.delete(None, &cdn.id, &cdn.attributes).await.unwrap();
    let there = kind.read(None, &cdn.id, &cdn.attributes).await.unwrap().unwrap();
    assert_eq!(there.get("enabled").as_bool(), Some(false));
    kind.delete(None, &cdn.id, &cdn.attributes).await.expect("it is disabled already");
}

#[tokio::test]
async fn settles() {
    let lab = Lab::new().await;
    let mut cdn = lab.resource(KIND);
    cdn.create(distribution(json!({}))).await;
    let kinds = registry(&Arc::new(Aws::with_config(lab.sdk.clone())));
    let kind = kinds.kind(KIND).unwrap();
    while !kind.settled(None, &cdn.id, &cdn.attributes).await.unwrap() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    cdn.update(distribution(json!({ "wait_for_deployment": false, "comment": "changed" }))).await;
    assert!(kind.settled(None, &cdn.id, &cdn.attributes).await.unwrap());
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = |changes: Json| lab.problems(KIND, distribution(changes));
    let says = |changes: Json, message: &str| {
        let problems = problems(changes);
        assert!(problems.len() == 1 && problems[0].contains(message), "{message}: {problems:?}");
    };
    let default = |changes: Json| json!({ "default_cache_behavior": changes });
    let origins = |changes: Json| {
        let mut origin = json!({ "origin_id": "videos", "domain_name": "videos.s3.us-east-1.amazonaws.com" });
        merge(&mut origin, changes);
        json!({ "origin": [origin] })
    };
    assert_eq!(problems(json!({})), [""; 0]);

    says(
        default(json!({ "target_origin_id": "vidoes" })),
        "default_cache_behavior.target_origin_id: there is no origin or origin group \"vidoes\"",
    );
    says(default(json!({ "cache_policy_id": null })), "needs a `cache_policy_id` or `forwarded_values`");
    says(default(json!({ "min_ttl": 5 })), "`cache_policy_id` and `min_ttl` exclude each other");
    let values = json!({ "query_string": false, "cookies": { "forward": "none" } });
    says(default(json!({ "forwarded_values": values })), "`cache_policy_id` and `forwarded_values` exclude");
    says(
        default(json!({ "cache_policy_id": null, "forwarded_values": values, "min_ttl": 9, "max_ttl": 3 })),
        "`min_ttl` (9) is greater than `max_ttl` (3)",
    );
    says(
        default(json!({ "cache_policy_id": null, "forwarded_values": {
            "query_string": false, "cookies": { "forward": "whitelist" } } })),
        "`forward` is whitelist, and no cookies are listed",
    );
    says(default(json!({ "allowed_methods": ["GET", "HEAD", "POST"] })), "takes three sets of methods");
    let misspelt = problems(default(json!({ "allowed_methods": ["GET", "HED"] })));
    assert!(
        misspelt[0].starts_with("default_cache_behavior.allowed_methods[1]: this is one of GET"),
        "{misspelt:?}"
    );
    says(default(json!({ "cached_methods": ["GET"] })), "caches one of two sets");
    says(default(json!({ "cached_methods": ["GET", "HEAD", "OPTIONS"] })), "OPTIONS cannot be cached");
    says(default(json!({ "grpc_config": { "enabled": true } })), "gRPC sends POST");
    let function = |event: &str| json!({ "event_type": event, "function_arn": "arn:aws:cloudfront::123456789012:function/f" });
    let lambda = |event: &str, arn: &str| json!({ "event_type": event, "lambda_arn": arn });
    let version = "arn:aws:lambda:us-east-1:123456789012:function:f:1";
    says(
        default(json!({
            "function_association": [function("viewer-request")],
            "lambda_function_association": [lambda("viewer-response", version)],
        })),
        "exclude each other",
    );
    for arn in [
        "arn:aws:lambda:us-east-1:123456789012:function:f",
        "arn:aws:lambda:eu-west-1:123456789012:function:f:1",
    ] {
        says(
            default(json!({ "lambda_function_association": [lambda("origin-request", arn)] })),
            "is no version of a Lambda function in us-east-1",
        );
    }
    let ordered = behavior("videos", json!({ "path_pattern": "/a", "cache_policy_id": MANAGED }));
    says(json!({ "ordered_cache_behavior": [ordered, ordered] }), "ordered_cache_behavior[1].path_pattern: ");

    says(origins(json!({ "domain_name": "api.example.com" })), "is no bucket");
    says(origins(json!({ "domain_name": "videos.s3-website-us-east-1.amazonaws.com" })), "is no bucket");
    says(origins(json!({ "origin_path": "videos/" })), "`origin_path` does not match");
    says(origins(json!({ "origin_shield": { "enabled": true } })), "needs an `origin_shield_region`");
    says(
        origins(json!({ "s3_origin_config": { "origin_access_identity": "E1" } })),
        "is no path of an identity",
    );
    says(
        origins(json!({
            "origin_access_control_id": "E1",
            "s3_origin_config": { "origin_access_identity": "origin-access-identity/cloudfront/E1" },
        })),
        "exclude each other",
    );
    let custom = json!({
        "http_port": 81, "https_port": 443, "origin_protocol_policy": "http-only", "origin_ssl_protocols": ["TLSv1.2"],
    });
    says(
        origins(json!({ "custom_origin_config": custom })),
        "origin \"videos\": `http_port` is 80, 443 or at least 1024",
    );
    says(
        origins(json!({
            "custom_origin_config": { "http_port": 80, "https_port": 443, "origin_protocol_policy": "http-only",
                "origin_ssl_protocols": ["TLSv1.2"] },
            "vpc_origin_config": { "vpc_origin_id": "vo_1" },
        })),
        "`custom_origin_config` and `vpc_origin_config` exclude each other",
    );
    let twice = json!([
        { "origin_id": "videos", "domain_name": "a.s3.us-east-1.amazonaws.com" },
        { "origin_id": "videos", "domain_name": "b.s3.us-east-1.amazonaws.com" },
    ]);
    says(json!({ "origin": twice }), "another origin with this `origin_id`");
    let group = json!([{
        "origin_id": "both",
        "failover_criteria": { "status_codes": [500] },
        "member": [{ "origin_id": "videos" }, { "origin_id": "vidios" }],
    }]);
    says(json!({ "origin_group": group }), "origin group \"both\": there is no origin \"vidios\"");

    let certificate = |changes: Json| json!({ "viewer_certificate": changes });
    let acm = "arn:aws:acm:us-east-1:123456789012:certificate/a1";
    says(certificate(json!({ "cloudfront_default_certificate": null })), "names no certificate");
    says(
        certificate(json!({ "acm_certificate_arn": acm, "ssl_support_method": "sni-only" })),
        "this names several",
    );
    let own = |changes: Json| {
        let mut own = json!({ "cloudfront_default_certificate": false, "acm_certificate_arn": acm, "ssl_support_method": "sni-only" });
        merge(&mut own, changes);
        certificate(own)
    };
    says(own(json!({ "ssl_support_method": null })), "needs an `ssl_support_method`");
    says(own(json!({ "minimum_protocol_version": "SSLv3" })), "knows no `sni-only`");
    says(
        own(json!({ "acm_certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/a1" })),
        "certificates of us-east-1 alone",
    );
    says(certificate(json!({ "minimum_protocol_version": "TLSv1.2_2021" })), "always takes TLSv1");
    says(json!({ "aliases": ["videos.example.com"] }), "aliases: CloudFront's own certificate");

    let geo = |changes: Json| json!({ "restrictions": { "geo_restriction": changes } });
    says(geo(json!({ "locations": ["DE"] })), "no countries can be listed");
    says(geo(json!({ "restriction_type": "whitelist" })), "a whitelist needs countries");
    says(
        geo(json!({ "restriction_type": "blacklist", "locations": ["UK"] })),
        "\"UK\" is no code of a country",
    );
    says(json!({ "logging_config": {} }), "this logs nothing");
    says(json!({ "logging_config": { "bucket": "logs" } }), "\"logs\" is no domain name of a bucket");
    says(json!({ "custom_error_response": [{ "error_code": 404, "response_code": 200 }] }), "but not both");
    says(json!({ "default_root_object": "/index.html" }), "`default_root_object` does not match");

    let mut both = distribution(json!({}));
    both["origin"][0]["origin_id"] = "?".into();
    both["default_cache_behavior"]["cache_policy_id"] = "?".into();
    both["default_cache_behavior"]["target_origin_id"] = "x".into();
    both["default_cache_behavior"]["allowed_methods"] = json!(["GET", "?"]);
    both["viewer_certificate"] = json!({ "acm_certificate_arn": "?", "ssl_support_method": "?" });
    both["aliases"] = json!(["?"]);
    both["restrictions"]["geo_restriction"] = "?".into();
    assert_eq!(problems_with_unknown(&lab, KIND, both), [""; 0], "what is unknown is not judged");
}

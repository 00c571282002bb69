//! The distribution.

use aws_sdk_cloudfront::types::{
    CachePolicyCookieBehavior, CachePolicyHeaderBehavior, CachePolicyQueryStringBehavior, GeoRestrictionType,
    HttpVersion, Method, OriginAccessControlSigningBehaviors, OriginAccessControlSigningProtocols,
    PriceClass, ViewerProtocolPolicy,
};

use super::{Access, Expected};
use crate::cloud::Cloud;

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let (distribution, config) = cloud.distribution().await;
    assert_eq!(distribution.status(), "Deployed", "the apply has waited");
    assert!(config.enabled(), "Components, line 57: there is a distribution");
    let [origin] = config.origins().unwrap().items() else { panic!("Components, line 57: one origin") };
    let domain = format!("{}.s3.{}.amazonaws.com", expected.bucket(), expected.region);
    assert_eq!(origin.domain_name(), domain, "High-level Flow, line 48: the books are the origin");
    if let Access::Control { .. } = expected.access {
        let request = cloud.cloudfront.get_origin_access_control();
        let answer = request.id(origin.origin_access_control_id().unwrap()).send().await.unwrap();
        let control = answer.origin_access_control.unwrap().origin_access_control_config.unwrap();
        let cited = "Functional Requirements, line 23: CloudFront signs its requests, as KMS asks for";
        let always = &OriginAccessControlSigningBehaviors::Always;
        assert_eq!(control.signing_behavior(), always, "{cited}");
        assert_eq!(control.signing_protocol(), &OriginAccessControlSigningProtocols::Sigv4, "{cited}");
    }

    // The edge locations that are used: all for readers all over the world, the nearer ones for developers.
    let all =
        if expected.environment == "dev" { PriceClass::PriceClass100 } else { PriceClass::PriceClassAll };
    let cited = "Goals, line 11, and Non-Functional Requirements, line 32: globally with low latency";
    assert_eq!(config.price_class(), Some(&all), "{cited}");
    assert_eq!(config.http_version(), Some(&HttpVersion::Http2and3), "{cited}");
    assert_eq!(config.is_ipv6_enabled(), Some(true), "{cited}");
    let restriction = config.restrictions().unwrap().geo_restriction().unwrap();
    assert_eq!(restriction.restriction_type(), &GeoRestrictionType::None, "Summary, line 7: worldwide");

    let behavior = config.default_cache_behavior().unwrap();
    assert_eq!(config.cache_behaviors().map(|others| others.quantity()), Some(0), "line 35: one behavior");
    let https = &ViewerProtocolPolicy::HttpsOnly;
    let cited = "Template Structure, line 80, and Security, line 114: HTTPS is enforced";
    assert_eq!(behavior.viewer_protocol_policy(), https, "{cited}");
    let methods = behavior.allowed_methods().unwrap();
    let mut allowed = methods.items().to_vec();
    allowed.sort();
    assert_eq!(allowed, [Method::Get, Method::Head], "Security, line 116: readers read");
    let cited = "Functional Requirements, line 24: nothing is answered without a signature";
    let trusted = behavior.trusted_key_groups().unwrap();
    assert!(trusted.enabled(), "{cited}");
    let groups = cloud.cloudfront.list_key_groups().send().await.unwrap().key_group_list.unwrap();
    let [group] = groups.items() else { panic!("{cited}: one key group") };
    assert_eq!(trusted.items(), [group.key_group().unwrap().id()], "{cited}");

    let request = cloud.cloudfront.get_cache_policy().id(behavior.cache_policy_id().unwrap());
    let policy = request.send().await.unwrap().cache_policy.unwrap().cache_policy_config.unwrap();
    let cited =
        "Implementation Notes, line 96, and Cost Optimization, line 102: cached, and once for everyone";
    let days = policy.default_ttl().unwrap() / 86_400;
    assert_eq!(days, if expected.environment == "dev" { 1 } else { 30 }, "{cited}");
    let key = policy.parameters_in_cache_key_and_forwarded_to_origin().unwrap();
    let headers = key.headers_config().unwrap().header_behavior();
    assert_eq!(headers, &CachePolicyHeaderBehavior::None, "{cited}: whatever headers are sent");
    let queries = key.query_strings_config().unwrap().query_string_behavior();
    assert_eq!(queries, &CachePolicyQueryStringBehavior::None, "{cited}: whatever was signed");
    let cookies = key.cookies_config().unwrap().cookie_behavior();
    assert_eq!(cookies, &CachePolicyCookieBehavior::None, "{cited}: whatever cookies are sent");
    assert_eq!(behavior.compress(), Some(true), "Cost Optimization, line 104: less is transferred");
    let request = cloud.cloudfront.get_response_headers_policy();
    let policy = request.id(behavior.response_headers_policy_id().unwrap()).send().await.unwrap();
    let policy = policy.response_headers_policy.unwrap().response_headers_policy_config.unwrap();
    let transport = policy.security_headers_config().and_then(|it| it.strict_transport_security());
    assert!(transport.is_some(), "Security, line 114: browsers come by HTTPS the next time too");

    let logging = config.logging().unwrap();
    let cited = "Template Structure, line 81, and Monitoring & Alerts, line 110: access logs";
    assert!(logging.enabled(), "{cited}");
    assert_eq!(logging.bucket(), format!("{}.s3.amazonaws.com", expected.log_bucket()), "{cited}");
    assert_eq!(logging.prefix(), "cloudfront/", "{cited}");
}

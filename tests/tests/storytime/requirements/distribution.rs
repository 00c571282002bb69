//! §4.1, §4.3: the distribution, its origin and its behaviours.

use aws_sdk_cloudfront::types::{
    CachePolicyConfig, CachePolicyCookieBehavior, CachePolicyHeaderBehavior, CachePolicyQueryStringBehavior,
    Method, OriginAccessControlOriginTypes, OriginAccessControlSigningBehaviors,
    OriginAccessControlSigningProtocols, TrustedKeyGroups, ViewerProtocolPolicy,
};

use super::Expected;
use crate::cloud::Cloud;

/// What every behaviour has, the default one and the others, which the SDK gives types of their own.
struct Behavior<'a> {
    path: &'a str,
    protocol: &'a ViewerProtocolPolicy,
    allowed: Vec<Method>,
    cached: Vec<Method>,
    compress: Option<bool>,
    cache_policy: Option<&'a str>,
    key_groups: Option<&'a TrustedKeyGroups>,
}

macro_rules! behavior {
    ($path:expr, $behavior:expr) => {{
        let allowed = $behavior.allowed_methods().unwrap();
        Behavior {
            path: $path,
            protocol: $behavior.viewer_protocol_policy(),
            allowed: sorted(allowed.items()),
            cached: sorted(allowed.cached_methods().unwrap().items()),
            compress: $behavior.compress(),
            cache_policy: $behavior.cache_policy_id(),
            key_groups: $behavior.trusted_key_groups(),
        }
    }};
}

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let (distribution, config) = cloud.distribution().await;
    assert_eq!(distribution.status(), "Deployed", "the apply has waited");
    assert!(config.enabled(), "§0, line 24: there is a distribution");
    assert_eq!(config.default_root_object().unwrap_or_default(), "", "§4.3, line 128: default root object");

    let [origin] = config.origins().unwrap().items() else {
        panic!("§0, line 24: one origin, the output bucket")
    };
    let domain = format!("{}.s3.{}.amazonaws.com", expected.output_bucket(), expected.region);
    assert_eq!(origin.domain_name(), domain, "§0, line 24: the output bucket is the origin");
    let no_identity = origin.s3_origin_config().map(|s3| s3.origin_access_identity());
    assert_eq!(no_identity, Some(""), "§0, line 21: an origin access control, and no identity");
    assert_access_control(cloud, origin.origin_access_control_id().unwrap()).await;

    let ordered = config.cache_behaviors().unwrap();
    let mut behaviors: Vec<Behavior<'_>> =
        ordered.items().iter().map(|behavior| behavior!(behavior.path_pattern(), behavior)).collect();
    behaviors.push(behavior!("default", config.default_cache_behavior().unwrap()));
    let paths: Vec<&str> = behaviors.iter().map(|behavior| behavior.path).collect();
    assert_eq!(paths, ["books/*.m3u8", "books/*", "default"], "§0, line 25, and §4.3, line 129: books/*");
    let groups = cloud.cloudfront.list_key_groups().send().await.unwrap().key_group_list.unwrap();
    let [group] = groups.items() else { panic!("§4.4, line 144: one key group") };
    let group = group.key_group().unwrap().id();
    for behavior in &behaviors {
        assert_behavior(behavior, group);
    }

    let mut policies = Vec::new();
    for behavior in &behaviors {
        let request = cloud.cloudfront.get_cache_policy().id(behavior.cache_policy.unwrap());
        let answer = request.send().await.unwrap();
        policies.push(answer.cache_policy.unwrap().cache_policy_config.unwrap());
    }
    for policy in &policies {
        assert_only_the_path_matters(policy);
    }
    let seconds = |policy: &CachePolicyConfig| (policy.default_ttl(), policy.max_ttl());
    assert_eq!(seconds(&policies[0]), (Some(60), Some(60)), "§4.3, line 137: manifests, 60 s");
    assert_eq!(seconds(&policies[1]), (Some(86_400), Some(86_400)), "§4.3, line 138: segments, a day");
}

async fn assert_access_control(cloud: &Cloud, id: &str) {
    let answer = cloud.cloudfront.get_origin_access_control().id(id).send().await.unwrap();
    let control = answer.origin_access_control.unwrap().origin_access_control_config.unwrap();
    let s3 = &OriginAccessControlOriginTypes::S3;
    assert_eq!(control.origin_access_control_origin_type(), s3, "§4.1, line 116: origin type");
    let always = &OriginAccessControlSigningBehaviors::Always;
    assert_eq!(control.signing_behavior(), always, "§4.1, line 117: signing behavior");
    let sigv4 = &OriginAccessControlSigningProtocols::Sigv4;
    assert_eq!(control.signing_protocol(), sigv4, "§4.1, line 118: signing protocol");
}

fn assert_behavior(behavior: &Behavior<'_>, group: &str) {
    let path = behavior.path;
    let https = &ViewerProtocolPolicy::RedirectToHttps;
    assert_eq!(behavior.protocol, https, "§4.3, line 130: viewer protocol of {path}");
    let reads = [Method::Get, Method::Head];
    assert_eq!(behavior.allowed, reads, "§4.3, line 131: allowed methods of {path}");
    assert_eq!(behavior.cached, reads, "§4.3, line 131: cached methods of {path}");
    assert_eq!(behavior.compress, Some(true), "§4.3, line 132: compress {path}");
    let groups = behavior.key_groups.unwrap();
    assert!(groups.enabled(), "§4.4, line 145: a trusted key group for {path}");
    assert_eq!(groups.items(), [group], "§4.4, line 145: a trusted key group for {path}");
}

fn assert_only_the_path_matters(policy: &CachePolicyConfig) {
    let key = policy.parameters_in_cache_key_and_forwarded_to_origin().unwrap();
    let headers = key.headers_config().unwrap().header_behavior();
    assert_eq!(headers, &CachePolicyHeaderBehavior::None, "§4.3, line 134: headers minimal");
    let queries = key.query_strings_config().unwrap().query_string_behavior();
    assert_eq!(queries, &CachePolicyQueryStringBehavior::None, "§4.3, line 135: query strings");
    let cookies = key.cookies_config().unwrap().cookie_behavior();
    assert_eq!(
        cookies,
        &CachePolicyCookieBehavior::None,
        "§4.3, line 135: signed cookies are not part of the key"
    );
    assert!(key.enable_accept_encoding_gzip(), "§4.3, line 132: what compress needs");
    assert_eq!(key.enable_accept_encoding_brotli(), Some(true), "§4.3, line 132: what compress needs");
}

fn sorted(methods: &[Method]) -> Vec<Method> {
    let mut methods = methods.to_vec();
    methods.sort();
    methods
}

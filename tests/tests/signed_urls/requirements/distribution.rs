//! Modules, lines 41 to 51, and epic, story 1: the distribution.

use aws_sdk_cloudfront::types::{
    Method, OriginAccessControlSigningBehaviors, OriginAccessControlSigningProtocols,
    OriginRequestPolicyConfig, TrustedKeyGroups, ViewerProtocolPolicy,
};
use aws_sdk_route53::types::RrType;
use serde_json::json;

use crate::cloud::{Cloud, Outputs};

/// A distribution as it is meant to be.
pub(crate) struct Expected<'a> {
    /// Modules, line 47.
    pub(crate) bucket: &'a str,
    /// Modules, line 48.
    pub(crate) key_group: &'a str,
    /// Modules, lines 45 and 46.
    pub(crate) domain: Option<Domain<'a>>,
}

/// A domain of one's own.
pub(crate) struct Domain<'a> {
    pub(crate) name: &'a str,
    pub(crate) certificate: &'a str,
    /// The zone that it is in, if its records are made there.
    pub(crate) zone: Option<&'a str>,
}

/// The zone that all aliases of CloudFront lead to.
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>, outputs: &Outputs) {
    let (distribution, config) = cloud.distribution().await;
    assert_eq!(outputs["cloudfront_distribution_id"], json!(distribution.id()), "modules, line 50");
    let domain_name = json!(distribution.domain_name());
    assert_eq!(outputs["cloudfront_distribution_domain_name"], domain_name, "modules, line 51");
    assert_eq!(distribution.status(), "Deployed", "the apply has waited");

    let [origin] = config.origins().unwrap().items() else {
        panic!("modules, line 47: one origin, the bucket")
    };
    let bucket = format!("{}.s3.us-east-1.amazonaws.com", expected.bucket);
    assert_eq!(origin.domain_name(), bucket, "modules, line 47: the bucket is the origin");
    let control = origin.origin_access_control_id().unwrap();
    let control = cloud.cloudfront.get_origin_access_control().id(control).send().await.unwrap();
    let control = control.origin_access_control.unwrap().origin_access_control_config.unwrap();
    let always = &OriginAccessControlSigningBehaviors::Always;
    assert_eq!(control.signing_behavior(), always, "modules, line 10: nobody brings credentials along");
    assert_eq!(control.signing_protocol(), &OriginAccessControlSigningProtocols::Sigv4);

    let uploads = config.cache_behaviors().unwrap().items();
    let [uploads] = uploads else {
        panic!("epic, line 10: one behavior beside the default, not {uploads:?}")
    };
    assert_eq!(uploads.path_pattern(), "/uploads/*", "epic, line 10: a behavior for /uploads/*");
    let methods = sorted(uploads.allowed_methods().unwrap().items());
    for method in [Method::Put, Method::Post] {
        assert!(methods.contains(&method), "modules, line 43: uploads, {method} among {methods:?}");
    }
    assert_eq!(uploads.viewer_protocol_policy(), &ViewerProtocolPolicy::HttpsOnly, "modules, line 10");
    assert_eq!(uploads.cache_policy_id(), Some(CACHING_DISABLED), "modules, line 43: uploads are not kept");
    assert_signed(uploads.trusted_key_groups(), expected.key_group, "/uploads/*");
    let policy = cloud.cloudfront.get_origin_request_policy().id(uploads.origin_request_policy_id().unwrap());
    let policy = policy.send().await.unwrap().origin_request_policy.unwrap();
    assert_passes_uploads_on(policy.origin_request_policy_config().unwrap());

    let downloads = config.default_cache_behavior().unwrap();
    let methods = sorted(downloads.allowed_methods().unwrap().items());
    assert_eq!(methods, [Method::Get, Method::Head], "modules, line 43: the rest, /*, is for downloads");
    assert_eq!(
        downloads.viewer_protocol_policy(),
        &ViewerProtocolPolicy::RedirectToHttps,
        "modules, line 10"
    );
    // By this, objects do not differ by their query string, which is the signature.
    assert_eq!(downloads.cache_policy_id(), Some(CACHING_OPTIMIZED), "epic, line 10: a performant CDN");
    assert_signed(downloads.trusted_key_groups(), expected.key_group, "/*");

    let aliases = config.aliases().map(|aliases| aliases.items()).unwrap_or_default();
    let viewer = config.viewer_certificate().unwrap();
    match &expected.domain {
        None => {
            assert_eq!(aliases.len(), 0, "without a domain there is none");
            assert_eq!(viewer.cloud_front_default_certificate(), Some(true));
            assert_eq!(outputs["host"], domain_name);
        }
        Some(domain) => {
            assert_eq!(aliases, [domain.name], "modules, line 45, and epic, line 10: a custom domain");
            assert_eq!(viewer.acm_certificate_arn(), Some(domain.certificate), "modules, line 46");
            assert_eq!(outputs["host"], json!(domain.name), "modules, line 45");
            assert_leads_here(cloud, domain, distribution.domain_name()).await;
        }
    }
}

fn assert_signed(groups: Option<&TrustedKeyGroups>, group: &str, path: &str) {
    let groups = groups.unwrap();
    assert!(groups.enabled(), "modules, line 43: {path} is for signed URLs");
    assert_eq!(groups.items(), [group], "modules, line 48, and epic, line 10: the key group, for {path}");
}

/// What an upload needs goes on to S3, and nothing with which it could be something else.
fn assert_passes_uploads_on(policy: &OriginRequestPolicyConfig) {
    let mut headers: Vec<String> = policy
        .headers_config()
        .and_then(|config| config.headers())
        .map(|headers| headers.items().iter().map(|header| header.to_lowercase()).collect())
        .unwrap_or_default();
    headers.sort_unstable();
    let needed = [
        "access-control-request-headers",
        "access-control-request-method",
        "content-type",
        "origin",
        "x-amz-content-sha256",
    ];
    assert_eq!(headers, needed, "modules, line 10: no x-amz-copy-source, x-amz-acl or authorization");
    let queries = policy.query_strings_config().and_then(|config| config.query_strings());
    let mut queries = queries.map(|queries| queries.items().to_vec()).unwrap_or_default();
    queries.sort_unstable();
    assert_eq!(queries, ["partNumber", "uploadId", "uploads"], "modules, line 43: uploads in parts");
}

async fn assert_leads_here(cloud: &Cloud, domain: &Domain<'_>, target: &str) {
    let Some(zone) = domain.zone else { return };
    let records = cloud.route53.list_resource_record_sets().hosted_zone_id(zone).send().await.unwrap();
    for kind in [RrType::A, RrType::Aaaa] {
        let name = format!("{}.", domain.name);
        let found =
            records.resource_record_sets().iter().find(|set| set.name() == name && *set.r#type() == kind);
        let alias =
            found.and_then(|set| set.alias_target()).expect("modules, line 45: a record for the domain");
        assert_eq!(alias.dns_name().trim_end_matches('.'), target, "modules, line 45: {kind}");
        assert_eq!(alias.hosted_zone_id(), CLOUDFRONT_ZONE);
    }
}

fn sorted(methods: &[Method]) -> Vec<Method> {
    let mut methods = methods.to_vec();
    methods.sort();
    methods
}

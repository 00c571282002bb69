//! The domain.

use aws_sdk_acm::types::CertificateStatus;
use aws_sdk_cloudfront::types::{MinimumProtocolVersion, SslSupportMethod};
use aws_sdk_route53::types::RrType;

use super::Expected;
use crate::cloud::Cloud;

/// The zone that all aliases of CloudFront lead to.
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let (distribution, config) = cloud.distribution().await;
    let aliases = config.aliases().map(|aliases| aliases.items()).unwrap_or_default();
    let viewer = config.viewer_certificate().unwrap();
    let zones = cloud.route53.list_hosted_zones().send().await.unwrap();
    let certificates = cloud.acm.list_certificates().send().await.unwrap();
    let certificates: Vec<&str> =
        certificates.certificate_summary_list().iter().filter_map(|it| it.certificate_arn()).collect();
    let Some(domain) = expected.domain else {
        assert_eq!(aliases.len(), 0, "Functional Requirements, line 25: there is none without a domain");
        assert_eq!(viewer.cloud_front_default_certificate(), Some(true));
        assert_eq!((zones.hosted_zones().len(), certificates.len()), (0, 0), "and nothing for it");
        return;
    };
    let cited = "Functional Requirements, line 25, and Template Structure, line 82";
    assert_eq!(aliases, [domain], "{cited}: the distribution answers to it");
    let arn = viewer.acm_certificate_arn().expect("Security, line 115: a certificate for it");
    assert!(arn.starts_with("arn:aws:acm:us-east-1:"), "where CloudFront looks for it, not {arn}");
    assert_eq!(certificates, [arn], "and no other");
    let answer = cloud.acm.describe_certificate().certificate_arn(arn).send().await.unwrap();
    let certificate = answer.certificate.unwrap();
    assert_eq!(certificate.status(), Some(&CertificateStatus::Issued), "Security, line 115");
    assert_eq!(certificate.domain_name(), Some(domain), "Security, line 115");
    assert_eq!(viewer.ssl_support_method(), Some(&SslSupportMethod::SniOnly), "Security, line 115");
    let least = &MinimumProtocolVersion::TlSv122021;
    assert_eq!(viewer.minimum_protocol_version(), Some(least), "Security, line 115: TLS of today");

    let [zone] = zones.hosted_zones() else { panic!("Components, line 58: one zone") };
    let id = zone.id().trim_start_matches("/hostedzone/");
    match expected.zone {
        Some(given) => assert_eq!(id, given, "Template Structure, line 71: the zone that was given"),
        None => assert_eq!(zone.name(), format!("{domain}."), "Components, line 58: a zone for the domain"),
    }
    let records = cloud.route53.list_resource_record_sets().hosted_zone_id(id).send().await.unwrap();
    for kind in [RrType::A, RrType::Aaaa] {
        let name = format!("{domain}.");
        let record =
            records.resource_record_sets().iter().find(|set| set.name() == name && *set.r#type() == kind);
        let record = record.unwrap_or_else(|| panic!("High-level Flow, line 49: {kind} of {name}"));
        let target = record.alias_target().expect("High-level Flow, line 49: an alias");
        let to = target.dns_name().trim_end_matches('.');
        assert_eq!(to, distribution.domain_name(), "Acceptance, line 125: {kind} leads to CloudFront");
        assert_eq!(target.hosted_zone_id(), CLOUDFRONT_ZONE, "Acceptance, line 125: {kind}");
    }
}

//! §4.5: a domain of one's own.

use aws_sdk_acm::types::CertificateStatus;
use aws_sdk_cloudfront::types::SslSupportMethod;
use aws_sdk_route53::types::RrType;

use super::Expected;
use crate::cloud::Cloud;

/// The zone that all aliases of CloudFront lead to.
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let (distribution, config) = cloud.distribution().await;
    let aliases = config.aliases().map(|aliases| aliases.items()).unwrap_or_default();
    let viewer = config.viewer_certificate().unwrap();
    let Some(domain) = expected.domain else {
        assert_eq!(aliases.len(), 0, "§4.5, line 152: optional");
        assert_eq!(viewer.cloud_front_default_certificate(), Some(true), "§4.5, line 152: optional");
        return;
    };
    assert_eq!(aliases, [domain.name], "§4.5, line 156: the distribution's aliases");

    let arn = viewer.acm_certificate_arn().expect("§4.5, line 155: an ACM certificate");
    assert!(arn.starts_with("arn:aws:acm:us-east-1:"), "§4.5, line 155: in us-east-1, not {arn}");
    if let Some(given) = domain.certificate {
        assert_eq!(arn, given, "§2, line 78: the certificate that was given");
    }
    assert_eq!(viewer.ssl_support_method(), Some(&SslSupportMethod::SniOnly));
    let certificates = cloud.acm.list_certificates().send().await.unwrap();
    let arns: Vec<&str> = certificates
        .certificate_summary_list()
        .iter()
        .filter_map(|summary| summary.certificate_arn())
        .collect();
    assert_eq!(arns, [arn], "§2, line 78: none is requested beside the one that is used");
    let answer = cloud.acm.describe_certificate().certificate_arn(arn).send().await.unwrap();
    let certificate = answer.certificate.unwrap();
    assert_eq!(certificate.status(), Some(&CertificateStatus::Issued), "§4.5, line 155");
    assert_eq!(certificate.domain_name(), Some(domain.name), "§4.5, line 155");

    let records = cloud.route53.list_resource_record_sets().hosted_zone_id(domain.zone).send().await.unwrap();
    for kind in [RrType::A, RrType::Aaaa] {
        let name = format!("{}.", domain.name);
        let record =
            records.resource_record_sets().iter().find(|set| set.name() == name && *set.r#type() == kind);
        let record = record.unwrap_or_else(|| panic!("§4.5, line 154: {kind} of {name}"));
        let target = record.alias_target().expect("§4.5, line 154: an alias");
        let to = target.dns_name().trim_end_matches('.');
        assert_eq!(to, distribution.domain_name(), "§4.5, line 154: {kind} leads to the distribution");
        assert_eq!(target.hosted_zone_id(), CLOUDFRONT_ZONE, "§4.5, line 154: {kind}");
    }
}

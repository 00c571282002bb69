//! The certificate that viewers see: `viewer_certificate`.

use aws_sdk_cloudfront::types as sdk;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cloudfront::set;

/// The certificate that viewers see, and the TLS that they can speak: CloudFront's own for
/// `….cloudfront.net`, or one that is for the aliases.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct ViewerCertificate {
    /// Whether it is CloudFront's own.
    #[serde(default)]
    cloudfront_default_certificate: bool,
    /// ARN of an ACM certificate in us-east-1.
    #[schemars(regex(pattern = r"^arn:[a-z0-9-]+:acm:[a-z0-9-]+:\d{12}:certificate/.+$"))]
    acm_certificate_arn: Option<String>,
    /// Id of a certificate in IAM.
    #[schemars(length(min = 1, max = 32))]
    iam_certificate_id: Option<String>,
    /// How viewers get it: by the name that they ask for (`sni-only`), or at an IP address of its own (`vip`,
    /// at extra cost).
    #[schemars(extend("enum" = ["sni-only", "vip", "static-ip"]))]
    ssl_support_method: Option<String>,
    /// The least security policy that viewers can use.
    #[schemars(extend("enum" = ["SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"]))]
    #[serde(default = "tls")]
    minimum_protocol_version: String,
}

fn tls() -> String {
    "TLSv1".to_owned()
}

impl ViewerCertificate {
    /// The certificate of ACM that it names.
    pub(super) fn acm_certificate_arn(&self) -> Option<&str> {
        self.acm_certificate_arn.as_deref()
    }

    /// From what AWS has. Without a certificate of one's own it is CloudFront's, whose support method has no
    /// meaning.
    pub(super) fn from_sdk(certificate: Option<&sdk::ViewerCertificate>) -> Self {
        let acm = set(certificate.and_then(sdk::ViewerCertificate::acm_certificate_arn));
        let iam = set(certificate.and_then(sdk::ViewerCertificate::iam_certificate_id));
        let own = acm.is_some() || iam.is_some();
        let method = certificate.and_then(sdk::ViewerCertificate::ssl_support_method);
        let version = certificate.and_then(sdk::ViewerCertificate::minimum_protocol_version);
        Self {
            cloudfront_default_certificate: !own,
            acm_certificate_arn: acm,
            iam_certificate_id: iam,
            ssl_support_method: method.filter(|_| own).map(|method| method.as_str().to_owned()),
            minimum_protocol_version: version.map_or_else(tls, |version| version.as_str().to_owned()),
        }
    }

    pub(super) fn to_sdk(&self) -> sdk::ViewerCertificate {
        let own = self.acm_certificate_arn.is_some() || self.iam_certificate_id.is_some();
        sdk::ViewerCertificate::builder()
            .cloud_front_default_certificate(!own)
            .set_acm_certificate_arn(self.acm_certificate_arn.clone())
            .set_iam_certificate_id(self.iam_certificate_id.clone())
            .set_ssl_support_method(
                self.ssl_support_method.as_deref().filter(|_| own).map(sdk::SslSupportMethod::from),
            )
            .minimum_protocol_version(self.minimum_protocol_version.as_str().into())
            .build()
    }
}

/// What is wrong with the configured certificate, and with the aliases that it should be for.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let certificate = configuration.get("viewer_certificate");
    let mut problems = Vec::new();
    if certificate.as_map().is_none() {
        return problems;
    }
    let mut refuse = |key: &str, message: &str, hint: &str| {
        let path = if key.is_empty() {
            "viewer_certificate".to_owned()
        } else {
            format!("viewer_certificate.{key}")
        };
        problems.push(Problem::new(path.as_str(), message).with_hint(hint));
    };
    let (default, acm, iam) = (
        certificate.get("cloudfront_default_certificate"),
        certificate.get("acm_certificate_arn"),
        certificate.get("iam_certificate_id"),
    );
    let is_default = default.as_bool() == Some(true);
    let own = acm.as_str().is_some() || iam.as_str().is_some();
    let sources = [is_default, acm.as_str().is_some(), iam.as_str().is_some()];
    if sources.iter().filter(|is_set| **is_set).count() > 1 {
        refuse("", "a distribution has one certificate, and this names several", "keep one of them");
    } else if default.as_bool() == Some(false) && acm.is_null() && iam.is_null() {
        refuse(
            "",
            "this names no certificate",
            "set `acm_certificate_arn`, or `cloudfront_default_certificate = true`",
        );
    }

    let method = certificate.get("ssl_support_method");
    if own && method.is_null() {
        refuse(
            "ssl_support_method",
            "a certificate of one's own needs an `ssl_support_method`",
            "set it to \"sni-only\", which all viewers of today understand",
        );
    }
    if is_default && !own {
        if method.as_str().is_some() {
            refuse(
                "ssl_support_method",
                "`ssl_support_method` has no meaning with CloudFront's own certificate",
                "remove it",
            );
        }
        if certificate.get("minimum_protocol_version").as_str().is_some_and(|version| version != "TLSv1") {
            refuse(
                "minimum_protocol_version",
                "with CloudFront's own certificate AWS always takes TLSv1",
                "remove it, or use a certificate of your own",
            );
        }
        if !configuration.get("aliases").items().is_empty() {
            problems.push(
                Problem::new("aliases", "CloudFront's own certificate is not for these names")
                    .with_hint("set `viewer_certificate.acm_certificate_arn` to a certificate for them"),
            );
        }
        return problems;
    }
    if method.as_str() == Some("sni-only")
        && certificate.get("minimum_protocol_version").as_str() == Some("SSLv3")
    {
        refuse("minimum_protocol_version", "SSLv3 knows no `sni-only`", "choose at least TLSv1");
    }
    if let Some(arn) = acm.as_str()
        && let Some(region) = arn.strip_prefix("arn:aws:acm:").and_then(|rest| rest.split(':').next())
        && region != "us-east-1"
    {
        refuse(
            "acm_certificate_arn",
            "CloudFront takes certificates of us-east-1 alone",
            "request it there: `region = \"us-east-1\"` on the aws_acm_certificate",
        );
    }
    problems
}

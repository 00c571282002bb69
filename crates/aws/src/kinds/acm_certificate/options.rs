//! The options of a certificate.
#![expect(deprecated, reason = "ACM refuses new opt-outs of the public logs, and still answers the old ones")]

use aws_sdk_acm::types::{CertificateExport, CertificateOptions, CertificateTransparencyLoggingPreference};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What may become of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Options {
    /// Whether it is written into a public log of certificates.
    #[schemars(extend("enum" = ["ENABLED", "DISABLED"], "computed" = true, "usual" = "ENABLED"))]
    certificate_transparency_logging_preference: Option<String>,
    /// Whether it can be exported with its key, to be used outside of AWS.
    #[schemars(extend("enum" = ["ENABLED", "DISABLED"], "computed" = true, "usual" = "DISABLED", "forces_replacement" = true))]
    export: Option<String>,
}

impl Options {
    pub(super) fn read(options: &CertificateOptions) -> Option<Self> {
        let logging = options.certificate_transparency_logging_preference();
        let read = Self {
            certificate_transparency_logging_preference: logging
                .map(|preference| preference.as_str().to_owned()),
            export: options.export().map(|export| export.as_str().to_owned()),
        };
        (read != Self::default()).then_some(read)
    }

    pub(super) fn sdk(&self) -> CertificateOptions {
        let logging = self.certificate_transparency_logging_preference.as_deref();
        CertificateOptions::builder()
            .set_certificate_transparency_logging_preference(
                logging.map(CertificateTransparencyLoggingPreference::from),
            )
            .set_export(self.export.as_deref().map(CertificateExport::from))
            .build()
    }

    /// What to send to come from `prior` to this: all but the log is for good.
    pub(super) fn change(&self, prior: Option<&Self>) -> Option<CertificateOptions> {
        let logging = self.certificate_transparency_logging_preference.as_deref()?;
        let before = prior.and_then(|prior| prior.certificate_transparency_logging_preference.as_deref());
        (before != Some(logging)).then(|| {
            CertificateOptions::builder()
                .certificate_transparency_logging_preference(CertificateTransparencyLoggingPreference::from(
                    logging,
                ))
                .build()
        })
    }
}

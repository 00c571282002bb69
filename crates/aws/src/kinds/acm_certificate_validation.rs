//! `aws_acm_certificate_validation`.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_acm::types::{
    CertificateDetail, CertificateStatus, CertificateType, DomainStatus, ValidationMethod,
};
use provision_engine::behalf;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Created, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::acm_certificate::describe;
use crate::clients::{Reader, Writer};
use crate::dns;
use crate::pauses::Growing;
use crate::permissions::arn;

/// The wait until ACM has issued a certificate. It makes nothing: whatever refers to it comes after the certificate
/// is issued. From the ACM API (`DescribeCertificate`); its id is the certificate's ARN.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct CertificateValidation {
    /// ARN of the certificate that is waited for.
    #[schemars(length(min = 20, max = 2048), extend("forces_replacement" = true))]
    certificate_arn: String,
    /// Names of the records that prove the domains: it is checked that none is missing before the wait begins. Take
    /// them from the records (`fqdn`), so that these are made first.
    #[schemars(extend("kept" = true, "forces_replacement" = true))]
    #[serde(default)]
    validation_record_fqdns: BTreeSet<String>,
}

/// As in Terraform. ACM itself gives up after 72 hours.
const LIMIT: Duration = Duration::from_secs(75 * 60);

#[async_trait]
impl Kind for CertificateValidation {
    const NAME: &'static str = "aws_acm_certificate_validation";
    /// There, a certificate is there when it is issued.
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        ("id", Returned::Argument("certificate_arn")),
        ("certificate_arn", Returned::Argument("certificate_arn")),
    ]));
    /// Until the records are seen, and the certificate is issued.
    const TAKES: Duration = Duration::from_secs(30 * 60);
    type Reader = Reader;
    type Writer = Writer;

    fn id_in_terraform(attributes: &Value) -> Option<String> {
        attributes.get("certificate_arn").as_str().map(str::to_owned)
    }

    /// Terraform cannot import it: it waits anew, for what is there.
    fn terraform_import_id(_id: &str, _attributes: &Value) -> Option<String> {
        None
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let certificate = describe(reader.acm(), id).await?;
        Ok(certificate.filter(is_issued).map(|_| Self {
            certificate_arn: id.to_owned(),
            validation_record_fqdns: prior.validation_record_fqdns.clone(),
        }))
    }

    /// There is nothing to find but that the wait is over.
    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let certificate = describe(reader.acm(), &self.certificate_arn).await?;
        Ok(certificate.filter(is_issued).map(|_| self.certificate_arn.clone()))
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        const SLOWEST: Duration = Duration::from_secs(10);
        let end = Instant::now() + LIMIT;
        let mut pauses = Growing::between(Duration::from_millis(100), SLOWEST);
        let mut certificate = self.certificate(writer).await?;
        self.check(&certificate)?;
        loop {
            if is_issued(&certificate) {
                // All that there is to be read back of it.
                return Ok(Created::Known { id: self.certificate_arn.clone(), attributes: self.clone() });
            }
            if certificate.status() != Some(&CertificateStatus::PendingValidation) {
                return Err(hopeless(&certificate));
            }
            if Instant::now() >= end {
                return Err(overdue(&certificate));
            }
            behalf::idle(tokio::time::sleep(pauses.next())).await;
            certificate = self.certificate(writer).await?;
        }
    }

    async fn update(&self, _writer: &Writer, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    async fn delete(_writer: &Writer, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let every = arn::regional("acm", "certificate/*");
        let certificate = of.text("certificate_arn").unwrap_or(&every);
        of.needs().on(&[Act::Find, Act::Read, Act::Create], certificate, &["acm:DescribeCertificate"]).done()
    }
}

impl CertificateValidation {
    async fn certificate(&self, writer: &Writer) -> Result<CertificateDetail, KindError> {
        describe(writer.acm(), &self.certificate_arn).await?.ok_or_else(|| {
            KindError::new(format!("there is no certificate {}", self.certificate_arn))
                .with_hint("a certificate is in one region: set `region` to that of the certificate")
        })
    }

    /// What makes waiting pointless from the beginning.
    fn check(&self, certificate: &CertificateDetail) -> Result<(), KindError> {
        if let Some(kind) = certificate.r#type().filter(|kind| **kind != CertificateType::AmazonIssued) {
            return Err(KindError::new(format!("a certificate of type {kind} needs no validation"))
                .with_hint("remove this resource"));
        }
        if self.validation_record_fqdns.is_empty() {
            return Ok(());
        }
        let domains = certificate.domain_validation_options();
        let other = domains.iter().filter_map(|domain| domain.validation_method());
        if let Some(method) = other.into_iter().find(|method| **method != ValidationMethod::Dns) {
            return Err(KindError::new(format!("no records validate a certificate by {method}"))
                .with_hint("remove `validation_record_fqdns`"));
        }
        let missing: Vec<String> = domains
            .iter()
            .filter_map(|domain| Some((domain, domain.resource_record()?)))
            .filter(|(_, record)| {
                !self.validation_record_fqdns.iter().any(|name| dns::same(name, &record.name))
            })
            .map(|(domain, record)| format!("{} (for {})", record.name, domain.domain_name))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(KindError::new(format!("`validation_record_fqdns` lacks {}", missing.join(", ")))
            .with_hint("make a record for each of the certificate's `domain_validation_options`"))
    }
}

fn is_issued(certificate: &CertificateDetail) -> bool {
    certificate.status() == Some(&CertificateStatus::Issued)
}

/// The certificate will never be issued.
fn hopeless(certificate: &CertificateDetail) -> KindError {
    let status = certificate.status().map_or("unknown", |status| status.as_str());
    let reason = certificate
        .failure_reason()
        .map(|reason| reason.as_str())
        .or(certificate.revocation_reason().map(|reason| reason.as_str()));
    let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    let error = KindError::new(format!("the certificate is {status}, and will not be issued{reason}"));
    let hint = match certificate.failure_reason().map(|reason| reason.as_str()) {
        Some("CAA_ERROR") => "a CAA record of the domain forbids it: allow amazon.com there",
        Some("ADDITIONAL_VERIFICATION_REQUIRED") => "open a case with AWS Support",
        _ => "mend the cause and replace the certificate with --replace",
    };
    error.with_hint(hint)
}

/// The certificate is not issued in time.
fn overdue(certificate: &CertificateDetail) -> KindError {
    let unproven: Vec<String> = certificate
        .domain_validation_options()
        .iter()
        .filter(|domain| domain.validation_status() != Some(&DomainStatus::Success))
        .map(|domain| match domain.resource_record() {
            Some(record) => format!("{} {} {}", record.name, record.r#type.as_str(), record.value),
            None => domain.domain_name.clone(),
        })
        .collect();
    KindError::new(format!(
        "the certificate is not issued after {} minutes; not proven yet: {}",
        LIMIT.as_secs() / 60,
        unproven.join(", ")
    ))
    .with_hint("check that the records are to be seen from outside (the registrar must know the zone's name servers), and run again")
}

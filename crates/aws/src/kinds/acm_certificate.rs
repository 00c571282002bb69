//! `aws_acm_certificate`.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_acm::Client;
use aws_sdk_acm::types::{
    CertificateDetail, CertificateStatus, CertificateSummary, CertificateType, DomainStatus,
    DomainValidationOption, Filters, KeyAlgorithm, Tag, ValidationMethod,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use futures::future::join;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Kind, KindError, Token, WriteOnly};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, malformed, repeat_while};
use crate::clients::{Reader, Writer};
use crate::dns;
use crate::reads::{Ahead, beside};
use crate::tags::{self, Tags};

pub(super) mod cloudformation;
pub mod data;
mod imported;
mod options;
mod permissions;
mod renewal;
mod validate;

use options::Options;
use renewal::RenewalSummary;

/// A certificate of AWS Certificate Manager: one that ACM issues for a domain, or one that is imported. From the ACM
/// API (`RequestCertificate`, `ImportCertificate`); its id is its ARN.
///
/// A certificate for a CloudFront distribution is made in `us-east-1`: set `region`. One that is requested is issued
/// once the domain is proven to be yours; `aws_acm_certificate_validation` waits for that. Nothing but a tag
/// (`provision:token`) tells one certificate of a domain from another, so each bears one.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// The domain to be certified, such as `www.example.com` or `*.example.com`.
    #[schemars(
        length(min = 1, max = 253),
        regex(pattern = r"[^.]$"),
        extend("computed" = true, "compare" = "dns_name", "forces_replacement" = true)
    )]
    domain_name: Option<String>,
    /// More domains to be certified. ACM adds `domain_name` by itself.
    #[schemars(extend("computed" = true, "forces_replacement" = true))]
    subject_alternative_names: Option<BTreeSet<String>>,
    /// How the domains are proven to be yours: by records in the DNS, or by answering an email.
    #[schemars(extend("enum" = ["DNS", "EMAIL"], "computed" = true, "forces_replacement" = true))]
    validation_method: Option<String>,
    /// To which domain the emails about which domain go.
    #[schemars(extend("kept" = true, "uniqueItems" = true, "forces_replacement" = true))]
    #[serde(default)]
    validation_option: Vec<ValidationOption>,
    /// Algorithm and size of the key.
    #[schemars(extend(
        "enum" = ["EC_prime256v1", "EC_secp384r1", "EC_secp521r1", "RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096"],
        "computed" = true, "usual" = "RSA_2048",
        "forces_replacement" = true
    ))]
    key_algorithm: Option<String>,
    /// What may become of the certificate.
    #[schemars(extend("computed" = true))]
    options: Option<Options>,
    /// ARN of the private certificate authority that issues the certificate; absent: Amazon does.
    #[schemars(
        length(min = 20, max = 2048),
        regex(pattern = r"^arn:[a-z0-9-]+:acm-pca:"),
        extend("forces_replacement" = true)
    )]
    certificate_authority_arn: Option<String>,
    /// How long before its end a private certificate is renewed by an apply: `2160h`, or `P90D` (in which a month
    /// has 30 days, and a year 365). When it is time, this argument is shown to differ.
    early_renewal_duration: Option<String>,
    /// The certificate to import, in PEM.
    #[schemars(length(min = 1, max = 32768), extend("compare" = "trimmed"))]
    certificate_body: Option<String>,
    /// The certificates of those who issued it, in PEM.
    #[schemars(length(min = 1, max = 2_097_152), extend("compare" = "trimmed"))]
    certificate_chain: Option<String>,
    /// The key of the certificate to import, in PEM. Sent whenever the certificate changes.
    #[schemars(length(min = 1, max = 5120), extend("resent" = true))]
    #[serde(default)]
    private_key: WriteOnly<String>,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// The records that prove the domains to be yours, if that goes by the DNS.
    #[schemars(extend("uniqueItems" = true))]
    #[serde(default)]
    domain_validation_options: Computed<Vec<ValidationRecord>>,
    /// The addresses that were written to, if the proof goes by email.
    #[serde(default)]
    validation_emails: Computed<Vec<String>>,
    /// State, such as `PENDING_VALIDATION` or `ISSUED`.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    status: Computed<String>,
    /// Where it comes from: `AMAZON_ISSUED`, `PRIVATE` or `IMPORTED`.
    #[serde(default)]
    r#type: Computed<String>,
    /// Since when it is valid (RFC 3339).
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    not_before: Computed<String>,
    /// Until when it is valid (RFC 3339).
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    not_after: Computed<String>,
    /// Whether ACM can renew it.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    renewal_eligibility: Computed<String>,
    /// The renewal that is going on, or the last one.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    renewal_summary: Computed<RenewalSummary>,
    /// Whether it is time to renew it, by `early_renewal_duration`.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    pending_renewal: Computed<bool>,
}

/// To which domain the emails about a domain go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationOption {
    /// The domain to be certified.
    #[schemars(length(min = 1, max = 253))]
    domain_name: String,
    /// The same, or one above it.
    #[schemars(length(min = 1, max = 253))]
    validation_domain: String,
}

/// A record that proves a domain to be yours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidationRecord {
    /// The domain.
    domain_name: String,
    /// Name of the record.
    resource_record_name: String,
    /// Type of the record.
    resource_record_type: String,
    /// Value of the record.
    resource_record_value: String,
}

pub(super) const ABSENT: &[&str] = &["ResourceNotFoundException"];
/// How long ACM may take to say how to prove a domain.
const ASSIGNMENT: Duration = Duration::from_secs(5 * 60);
/// How long what used a certificate may take to let go of it.
const RELEASE: Duration = Duration::from_secs(20 * 60);
/// Our own code for what is going to happen, and has not yet.
const PENDING: &str = "Pending";

/// What ACM says of a certificate; `None` if it does not know it.
pub(super) async fn describe(acm: &Client, arn: &str) -> Result<Option<CertificateDetail>, KindError> {
    let answer = acm.describe_certificate().certificate_arn(arn).send().await.unless(ABSENT)?;
    Ok(answer.and_then(|answer| answer.certificate))
}

#[async_trait]
impl Kind for Certificate {
    const NAME: &'static str = "aws_acm_certificate";
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        validate::problems(configuration)
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let acm = reader.acm();
        let tags = async { acm.list_tags_for_certificate().certificate_arn(id).send().await.unless(ABSENT) };
        let content = |()| imported::read(acm, id, prior);
        let content_ahead = Ahead::ask(prior.certificate_body.is_some().then_some(()), content);
        let rest = async { Ok(join(tags, content_ahead).await) };
        let Some((detail, (tags, content_ahead))) = beside(describe(acm, id), rest).await? else {
            return Ok(None);
        };
        let Some(tags) = tags? else { return Ok(None) };
        let tags =
            tags.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default()));
        let (body, chain) = match detail.r#type() {
            Some(CertificateType::Imported) => content_ahead.by((), content).await?,
            _ => (None, None),
        };
        let domains = detail.domain_validation_options();
        let own = matches!(detail.r#type(), Some(CertificateType::AmazonIssued));
        let method = domains.iter().find_map(|domain| domain.validation_method()).filter(|_| own);
        let mut certificate = Self {
            domain_name: detail.domain_name.clone(),
            subject_alternative_names: Some(prior.alternatives_of(&detail)),
            validation_method: method.map(|method| method.as_str().to_owned()),
            // As `RSA-2048` in some answers.
            key_algorithm: detail.key_algorithm().map(|algorithm| algorithm.as_str().replace('-', "_")),
            options: detail.options().and_then(Options::read),
            certificate_authority_arn: detail.certificate_authority_arn.clone(),
            certificate_body: body,
            certificate_chain: chain,
            tags: tags::own(tags),
            arn: id.into(),
            domain_validation_options: Some(domains)
                .filter(|domains| !domains.is_empty())
                .map(|domains| domains.iter().filter_map(ValidationRecord::read).collect())
                .into(),
            validation_emails: domains
                .iter()
                .flat_map(|domain| domain.validation_emails().to_vec())
                .collect::<Vec<_>>()
                .into(),
            status: detail.status().map(|status| status.as_str().to_owned()).into(),
            r#type: detail.r#type().map(|kind| kind.as_str().to_owned()).into(),
            not_before: detail.not_before().and_then(written).into(),
            not_after: detail.not_after().and_then(written).into(),
            renewal_eligibility: detail
                .renewal_eligibility()
                .map(|eligibility| eligibility.as_str().to_owned())
                .into(),
            renewal_summary: detail.renewal_summary().map(RenewalSummary::read).into(),
            ..Self::default()
        };
        if let Some(early) = &prior.early_renewal_duration {
            let due = renewal::is_due(&detail, early);
            certificate.pending_renewal = due.into();
            certificate.early_renewal_duration = Some(renewal::marked(early, due));
        }
        Ok(Some(certificate))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let acm = reader.acm();
        let every_key = KeyAlgorithm::values().iter().map(|name| KeyAlgorithm::from(*name)).collect();
        let mut pages = acm
            .list_certificates()
            // RSA keys of 2048 bits at most, if none are asked for.
            .includes(Filters::builder().set_key_types(Some(every_key)).build())
            .into_paginator()
            .items()
            .send();
        while let Some(summary) = pages.next().await {
            let summary = summary.or_fail()?;
            if self.may_be(&summary)
                && let Some(arn) = summary.certificate_arn
                && bears(acm, &arn, token).await?
            {
                return Ok(Some(arn));
            }
        }
        Ok(None)
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let arn = if self.domain_name.is_some() {
            self.request(writer, token).await?
        } else {
            imported::create(self, writer, token).await?
        };
        Ok(Created::bare(arn, self.clone()))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let acm = writer.acm();
        if prior.arn.0.is_none() {
            // It was made a moment ago.
            wait_until_described(acm, id).await?;
        }
        if !imported::same(&self.certificate_body, &prior.certificate_body)
            || !imported::same(&self.certificate_chain, &prior.certificate_chain)
        {
            imported::replace(self, writer, id, prior).await?;
        }
        if let Some(change) = self.options.as_ref().and_then(|options| options.change(prior.options.as_ref()))
        {
            acm.update_certificate_options().certificate_arn(id).options(change).send().await.or_fail()?;
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if !set.is_empty() {
            let tags = sdk_tags(set)?;
            acm.add_tags_to_certificate().certificate_arn(id).set_tags(Some(tags)).send().await.or_fail()?;
        }
        if !remove.is_empty() {
            let tags = remove.into_iter().map(|key| Tag::builder().key(key).build());
            let tags = tags.collect::<Result<Vec<_>, _>>().map_err(malformed)?;
            acm.remove_tags_from_certificate()
                .certificate_arn(id)
                .set_tags(Some(tags))
                .send()
                .await
                .or_fail()?;
        }
        let Some(early) = &self.early_renewal_duration else { return Ok(()) };
        match describe(acm, id).await? {
            Some(detail) if renewal::is_due(&detail, early) => renewal::renew(acm, id).await,
            _ => Ok(()),
        }
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        repeat_while(|error| error.is(&["ResourceInUseException"]), RELEASE, || async {
            writer.acm().delete_certificate().certificate_arn(id).send().await.unless(ABSENT)
        })
        .await
        .map_err(|error| {
            if error.is(&["ResourceInUseException"]) {
                error.with_hint(
                    "`aws acm describe-certificate` lists what uses it (InUseBy): give that another certificate first",
                )
            } else {
                error
            }
        })?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        permissions::needed(of)
    }
}

impl Certificate {
    /// Asks ACM to issue it. The same request under the same token is no second certificate.
    async fn request(&self, writer: &Writer, token: &Token) -> Result<String, KindError> {
        let options = self
            .validation_option
            .iter()
            .map(|option| {
                DomainValidationOption::builder()
                    .domain_name(&option.domain_name)
                    .validation_domain(&option.validation_domain)
                    .build()
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(malformed)?;
        let names = self.subject_alternative_names.as_ref().filter(|names| !names.is_empty());
        let answer = writer
            .acm()
            .request_certificate()
            .set_domain_name(self.domain_name.clone())
            .set_subject_alternative_names(names.map(|names| names.iter().cloned().collect()))
            .set_validation_method(self.validation_method.as_deref().map(ValidationMethod::from))
            .set_domain_validation_options((!options.is_empty()).then_some(options))
            .set_key_algorithm(self.key_algorithm.as_deref().map(KeyAlgorithm::from))
            .set_options(self.options.as_ref().map(Options::sdk))
            .set_certificate_authority_arn(self.certificate_authority_arn.clone())
            .idempotency_token(idempotency_token(token))
            .set_tags(Some(self.tags_with(token)?))
            .send()
            .await
            .or_fail()?;
        answer.certificate_arn.ok_or_else(|| KindError::new("ACM gave no ARN to the certificate"))
    }

    /// The tags of a create, with the one that it is found by.
    fn tags_with(&self, token: &Token) -> Result<Vec<Tag>, KindError> {
        let own = self.tags.clone().into_iter();
        sdk_tags(own.chain([(tags::TOKEN.to_owned(), token.as_str().to_owned())]).collect())
    }

    /// Whether what a list says of a certificate does not exclude that it is this one.
    fn may_be(&self, summary: &CertificateSummary) -> bool {
        match (&self.domain_name, summary.domain_name()) {
            (Some(own), Some(listed)) => dns::same(own, listed),
            (Some(_), None) => true,
            (None, _) => summary.r#type().is_none_or(|kind| *kind == CertificateType::Imported),
        }
    }

    /// The alternative names, without the domain itself unless it was named among them: ACM adds it.
    fn alternatives_of(&self, detail: &CertificateDetail) -> BTreeSet<String> {
        let known = || self.subject_alternative_names.iter().flatten();
        let is_domain = |name: &str| detail.domain_name().is_some_and(|domain| dns::same(domain, name));
        let is_named = known().any(|name| is_domain(name));
        let is_left_to_acm =
            known().next().is_none() && (self.domain_name.is_some() || self.private_key.is_set());
        detail
            .subject_alternative_names()
            .iter()
            .filter(|name| is_named || is_left_to_acm || !is_domain(name))
            .map(|name| known().find(|known| dns::same(known, name)).unwrap_or(name).clone())
            .collect()
    }
}

impl ValidationRecord {
    fn read(domain: &aws_sdk_acm::types::DomainValidation) -> Option<Self> {
        let record = domain.resource_record()?;
        Some(Self {
            domain_name: domain.domain_name.clone(),
            resource_record_name: record.name.clone(),
            resource_record_type: record.r#type.as_str().to_owned(),
            resource_record_value: record.value.clone(),
        })
    }
}

/// What the proof of a domain depends on is there a little later than the certificate.
async fn wait_until_described(acm: &Client, arn: &str) -> Result<(), KindError> {
    repeat_while(
        |error| error.is(&[PENDING]),
        ASSIGNMENT,
        || async {
            match describe(acm, arn).await? {
                Some(detail) if is_described(&detail) => Ok(()),
                _ => Err(KindError {
                    code: Some(PENDING.to_owned()),
                    ..KindError::new("ACM has not said yet how to prove that the domain is yours")
                        .with_hint("run the same command again in a while")
                }),
            }
        },
    )
    .await
    // The code was for ourselves.
    .map_err(|error| if error.is(&[PENDING]) { KindError { code: None, ..error } } else { error })
}

/// Whether ACM says all that there is to say until the certificate is issued.
fn is_described(detail: &CertificateDetail) -> bool {
    let domains = detail.domain_validation_options();
    match detail.r#type() {
        _ if detail.status() != Some(&CertificateStatus::PendingValidation) => true,
        Some(CertificateType::AmazonIssued) => {
            !domains.is_empty()
                && domains.iter().all(|domain| {
                    domain.resource_record().is_some()
                        || !domain.validation_emails().is_empty()
                        || domain.validation_status() == Some(&DomainStatus::Success)
                })
        }
        // The authority has not answered yet.
        _ => false,
    }
}

/// Whether the certificate was made by the create of that token.
async fn bears(acm: &Client, arn: &str, token: &Token) -> Result<bool, KindError> {
    let tags = acm.list_tags_for_certificate().certificate_arn(arn).send().await.unless(ABSENT)?;
    let tags = tags.and_then(|answer| answer.tags).unwrap_or_default();
    Ok(tags.iter().any(|tag| tag.key == tags::TOKEN && tag.value() == Some(token.as_str())))
}

/// As many characters of a token as ACM takes.
fn idempotency_token(token: &Token) -> String {
    token.as_str().chars().filter(char::is_ascii_alphanumeric).take(32).collect()
}

fn sdk_tags(tags: Tags) -> Result<Vec<Tag>, KindError> {
    let tags = tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(malformed)
}

fn written(time: &DateTime) -> Option<String> {
    time.fmt(Format::DateTime).ok()
}

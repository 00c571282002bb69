//! The data source `aws_acm_certificate`.

use async_trait::async_trait;
use aws_sdk_acm::Client;
use aws_sdk_acm::operation::get_certificate::GetCertificateOutput;
use aws_sdk_acm::types::{CertificateDetail, CertificateStatus, Filters, KeyAlgorithm};
use aws_smithy_types::DateTime;
use futures::StreamExt;
use futures::future::join;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Data, KindError};
use provision_engine::permission::Permission;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ABSENT, describe};
use crate::call::Outcome;
use crate::clients::Reader;
use crate::dns;
use crate::given::Given;
use crate::permissions::arn;
use crate::reads::{Ahead, beside};
use crate::tags::{self, Tags};

/// A certificate of AWS Certificate Manager that is managed elsewhere, by its domain or its tags. There must be exactly
/// one, unless the newest is asked for. From the ACM API (`ListCertificates`, `DescribeCertificate`).
///
/// A certificate for a CloudFront distribution is in `us-east-1`: set `region`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct CertificateData {
    /// The domain that it is for: its first name, and not one of the alternatives.
    #[schemars(length(min = 1, max = 253), extend("computed" = true, "compare" = "dns_name"))]
    domain: Option<String>,
    /// States that it may be in.
    #[schemars(extend("items" = { "type": "string", "enum": ["EXPIRED", "FAILED", "INACTIVE", "ISSUED", "PENDING_VALIDATION", "REVOKED", "VALIDATION_TIMED_OUT"] }))]
    #[serde(default = "issued")]
    statuses: Vec<String>,
    /// Where it may come from; none: anywhere.
    #[schemars(extend("items" = { "type": "string", "enum": ["AMAZON_ISSUED", "IMPORTED", "PRIVATE"] }))]
    #[serde(default)]
    types: Vec<String>,
    /// Algorithms and sizes that its key may have; none: any.
    #[schemars(extend("items" = { "type": "string", "enum": ["EC_prime256v1", "EC_secp384r1", "EC_secp521r1", "RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096"] }))]
    #[serde(default)]
    key_types: Vec<String>,
    /// Whether the newest is meant if there are several.
    #[serde(default)]
    most_recent: bool,
    /// Tags that it has; all its tags in the answer.
    #[schemars(extend("computed" = true))]
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// ARN.
    #[serde(default)]
    id: Computed<String>,
    /// State, such as `ISSUED`.
    #[serde(default)]
    status: Computed<String>,
    /// The certificate in PEM, once it is issued.
    #[serde(default)]
    certificate: Computed<String>,
    /// The certificates of those who issued it, in PEM.
    #[serde(default)]
    certificate_chain: Computed<String>,
}

fn issued() -> Vec<String> {
    vec![CertificateStatus::Issued.as_str().to_owned()]
}

#[async_trait]
impl Data for CertificateData {
    const NAME: &'static str = "aws_acm_certificate";
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        (
            "id",
            Returned::ParameterLike(
                "ARN of the certificate; for a distribution, of one in us-east-1",
                "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000",
            ),
        ),
        (
            "arn",
            Returned::ParameterLike(
                "ARN of the certificate; for a distribution, of one in us-east-1",
                "arn:aws:acm:us-east-1:000000000000:certificate/00000000-0000-0000-0000-000000000000",
            ),
        ),
    ]));
    type Reader = Reader;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        if given.lacks("domain") && given.lacks("tags") {
            return vec![
                Problem::new("domain", "nothing says which certificate")
                    .with_hint("give its `domain` or its `tags`"),
            ];
        }
        Vec::new()
    }

    async fn read(&self, reader: &Reader) -> Result<Self, KindError> {
        let acm = reader.acm();
        let found = self.select(self.search(acm).await?, reader.region())?;
        let Found { arn, detail, tags, content } = found;
        let (certificate, certificate_chain) = match detail.status() {
            Some(CertificateStatus::Issued) => {
                let answer = content.by((), |()| content_of(acm, &arn)).await?;
                let chain = answer.certificate_chain.filter(|chain| !chain.is_empty());
                (answer.certificate, chain)
            }
            _ => (None, None),
        };
        Ok(Self {
            domain: detail.domain_name.clone(),
            tags,
            id: arn.clone().into(),
            arn: arn.into(),
            status: detail.status().map(|status| status.as_str().to_owned()).into(),
            certificate: certificate.into(),
            certificate_chain: certificate_chain.into(),
            ..self.clone()
        })
    }

    fn permissions(_configuration: &Value) -> Vec<Permission> {
        let every = arn::regional("acm", "certificate/*");
        let each = ["acm:DescribeCertificate", "acm:ListTagsForCertificate", "acm:GetCertificate"];
        let each = each.map(|action| Permission::new(action, every.as_str()));
        each.into_iter().chain([Permission::new("acm:ListCertificates", "*")]).collect()
    }
}

/// How many certificates are looked at at a time.
const AT_A_TIME: usize = 16;

struct Found {
    arn: String,
    detail: CertificateDetail,
    tags: Tags,
    /// What it is in PEM, where there is no choice.
    content: Ahead<(), GetCertificateOutput>,
}

impl CertificateData {
    /// The certificates that have all that is asked for.
    async fn search(&self, acm: &Client) -> Result<Vec<Found>, KindError> {
        // RSA keys of 2048 bits at most, if none are asked for.
        let key_types = match &self.key_types[..] {
            [] => KeyAlgorithm::values().iter().map(|name| KeyAlgorithm::from(*name)).collect(),
            wanted => wanted.iter().map(|name| KeyAlgorithm::from(name.as_str())).collect(),
        };
        let statuses = self.statuses.iter().map(|status| CertificateStatus::from(status.as_str())).collect();
        let mut pages = acm
            .list_certificates()
            .set_certificate_statuses(Some(statuses))
            .includes(Filters::builder().set_key_types(Some(key_types)).build())
            .into_paginator()
            .items()
            .send();
        let mut listed = Vec::new();
        while let Some(summary) = pages.next().await {
            let summary = summary.or_fail()?;
            let is_other = |own: &str| summary.domain_name().is_some_and(|listed| !dns::same(own, listed));
            if self.domain.as_deref().is_some_and(is_other) {
                continue;
            }
            let Some(arn) = summary.certificate_arn else { continue };
            listed.push((arn, summary.status == Some(CertificateStatus::Issued)));
        }
        let is_the_one = listed.len() == 1;
        let looks =
            listed.into_iter().map(|(arn, is_issued)| self.look_at(acm, arn, is_the_one && is_issued));
        let found = futures::stream::iter(looks).buffered(AT_A_TIME).collect::<Vec<_>>().await;
        found.into_iter().filter_map(Result::transpose).collect()
    }

    /// A certificate, if it has what is asked for. `with_content`: it will most likely be the one.
    async fn look_at(
        &self,
        acm: &Client,
        arn: String,
        with_content: bool,
    ) -> Result<Option<Found>, KindError> {
        let content = Ahead::ask(with_content.then_some(()), |()| content_of(acm, &arn));
        let rest = async { Ok(join(tags_of(acm, &arn), content).await) };
        let Some((detail, (tags, content))) = beside(describe(acm, &arn), rest).await? else {
            return Ok(None);
        };
        let Some(tags) = tags? else { return Ok(None) };
        let is_of_type = |kind: &str| detail.r#type().is_some_and(|own| own.as_str() == kind);
        let is_meant = (self.types.is_empty() || self.types.iter().any(|kind| is_of_type(kind)))
            && self.tags.iter().all(|(key, value)| tags.get(key) == Some(value));
        Ok(is_meant.then_some(Found { arn, detail, tags, content }))
    }

    /// The one that is meant.
    fn select(&self, mut found: Vec<Found>, region: Option<&str>) -> Result<Found, KindError> {
        if self.most_recent {
            found.sort_by_key(|found| found.since());
        } else if found.len() > 1 {
            let arns: Vec<_> = found.iter().map(|found| found.arn.as_str()).collect();
            return Err(KindError::new(format!(
                "there are {} such certificates: {}",
                arns.len(),
                arns.join(", ")
            ))
            .with_hint("set `most_recent = true`, or tell them apart by `tags`, `types` or `key_types`"));
        }
        found.pop().ok_or_else(|| {
            let place = region.map(|region| format!(" in {region}")).unwrap_or_default();
            KindError::new(format!("there is no such certificate{place}"))
                .with_hint("check the domain, the `statuses` and the `region`: CloudFront's are in us-east-1")
        })
    }
}

impl Found {
    /// Since when it is valid, or else there: the greater, the newer.
    fn since(&self) -> Option<DateTime> {
        let detail = &self.detail;
        detail.not_before.or(detail.imported_at).or(detail.created_at)
    }
}

async fn content_of(acm: &Client, arn: &str) -> Result<GetCertificateOutput, KindError> {
    acm.get_certificate().certificate_arn(arn).send().await.or_fail()
}

async fn tags_of(acm: &Client, arn: &str) -> Result<Option<Tags>, KindError> {
    let answer = acm.list_tags_for_certificate().certificate_arn(arn).send().await.unless(ABSENT)?;
    let tags = answer.map(|answer| answer.tags.unwrap_or_default().into_iter());
    Ok(tags.map(|tags| tags::own(tags.map(|tag| (tag.key, tag.value.unwrap_or_default())))))
}

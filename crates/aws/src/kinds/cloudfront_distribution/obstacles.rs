//! What would keep a distribution from being made as it is configured: its certificate, and aliases that another has.

use aws_sdk_acm::types::CertificateStatus;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;

use super::Distribution;
use crate::call::Outcome;
use crate::clients::Reader;

const CERTIFICATE: &str = "viewer_certificate.acm_certificate_arn";

/// `there`: the distribution's own id.
pub(super) async fn of(
    distribution: &Distribution,
    reader: &Reader,
    there: Option<&str>,
) -> Result<Vec<Problem>, KindError> {
    let mut problems = Vec::new();
    if let Some(arn) = distribution.viewer_certificate.acm_certificate_arn().filter(|arn| !arn.is_empty()) {
        problems.extend(with_certificate(reader, arn).await?);
    }
    let wanted: Vec<&str> =
        distribution.aliases.iter().map(String::as_str).filter(|alias| !alias.is_empty()).collect();
    if !wanted.is_empty() {
        problems.extend(with_aliases(reader, &wanted, there).await?);
    }
    Ok(problems)
}

async fn with_certificate(reader: &Reader, arn: &str) -> Result<Option<Problem>, KindError> {
    let answer = reader.acm().describe_certificate().certificate_arn(arn).send().await;
    let Some(answer) = answer.unless(&["ResourceNotFoundException"])? else {
        return Ok(Some(Problem::new(CERTIFICATE, format!("there is no certificate {arn}"))));
    };
    let status = answer.certificate.and_then(|certificate| certificate.status);
    Ok(match status {
        None | Some(CertificateStatus::Issued) => None,
        Some(status) => {
            let message =
                format!("the certificate is {}, and CloudFront takes it once it is issued", status.as_str());
            let hint =
                "wait for it with an aws_acm_certificate_validation, and name that one's certificate_arn";
            Some(Problem::new(CERTIFICATE, message).with_hint(hint))
        }
    })
}

async fn with_aliases(
    reader: &Reader,
    wanted: &[&str],
    there: Option<&str>,
) -> Result<Vec<Problem>, KindError> {
    let mut problems = Vec::new();
    let mut pages = reader.cloudfront().list_distributions().into_paginator().items().send();
    while let Some(other) = pages.next().await {
        let other = other.or_fail()?;
        if Some(other.id()) == there {
            continue;
        }
        let aliases = other.aliases().map(|aliases| aliases.items()).unwrap_or_default();
        for alias in aliases.iter().filter(|alias| wanted.contains(&alias.as_str())) {
            let message = format!("the alias {alias} is on the distribution {} already", other.id());
            let problem = Problem::new("aliases", message);
            problems
                .push(problem.with_hint("take it away from there first: an alias is on one distribution"));
        }
    }
    Ok(problems)
}

//! Certificates that come from elsewhere.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_acm::Client;
use aws_sdk_acm::config::Builder;
use aws_sdk_acm::config::retry::RetryConfig;
use aws_sdk_acm::primitives::Blob;
use provision_engine::behalf;
use provision_engine::kind::{Kind, KindError, Token};

use super::{ABSENT, Certificate};
use crate::call::{Outcome, PROPAGATION, repeat_while};
use crate::clients::Writer;

/// Imports a certificate. Unlike a request, a second import is a second certificate, even under the same tag, so it
/// is not left to the SDK to repeat it: after each failure it is looked for first.
pub(super) async fn create(
    certificate: &Certificate,
    writer: &Writer,
    token: &Token,
) -> Result<String, KindError> {
    const TRANSIENT: &[&str] = &["InternalFailure", "ServiceUnavailable"];
    /// What was made is listed a moment later.
    const LISTED: Duration = Duration::from_secs(2);
    let (body, key) = certificate.parts()?;
    let tags = certificate.tags_with(token)?;
    let may_pass = |error: &KindError| error.code.is_none() || error.is(TRANSIENT);
    let is_open = AtomicBool::new(false);
    let imported = repeat_while(may_pass, PROPAGATION, || async {
        let outcome = writer
            .acm()
            .import_certificate()
            .certificate(body.clone())
            .private_key(key.clone())
            .set_certificate_chain(certificate.chain())
            .set_tags(Some(tags.clone()))
            .customize()
            .config_override(Builder::new().retry_config(RetryConfig::disabled()))
            .send()
            .await
            .or_fail();
        match outcome {
            Ok(answer) => {
                answer.certificate_arn.ok_or_else(|| KindError::new("ACM gave no ARN to the certificate"))
            }
            Err(error) if may_pass(&error) => {
                is_open.store(true, Ordering::Relaxed);
                behalf::idle(tokio::time::sleep(LISTED)).await;
                certificate.find(writer.reader(), token).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    })
    .await;
    imported.map_err(|error| if is_open.into_inner() { error.undecided() } else { error })
}

/// Imports another certificate in place of one, under the same ARN.
pub(super) async fn replace(
    certificate: &Certificate,
    writer: &Writer,
    arn: &str,
    prior: &Certificate,
) -> Result<(), KindError> {
    if certificate.certificate_body.is_none() || prior.certificate_body.is_none() {
        return Err(KindError::new(
            "a certificate that ACM issued cannot become an imported one, nor the reverse",
        )
        .with_hint("replace it with --replace"));
    }
    let (body, key) = certificate.parts()?;
    writer
        .acm()
        .import_certificate()
        .certificate_arn(arn)
        .certificate(body)
        .private_key(key)
        .set_certificate_chain(certificate.chain())
        .send()
        .await
        .or_fail()?;
    Ok(())
}

/// The certificate and its chain as ACM has them, spelled as before if that is the same.
pub(super) async fn read(
    acm: &Client,
    arn: &str,
    prior: &Certificate,
) -> Result<(Option<String>, Option<String>), KindError> {
    let Some(answer) = acm.get_certificate().certificate_arn(arn).send().await.unless(ABSENT)? else {
        return Ok((None, None));
    };
    let spelled = |read: Option<String>, before: &Option<String>| {
        let read = read.filter(|read| !read.trim().is_empty());
        if same(&read, before) { before.clone() } else { read }
    };
    Ok((
        spelled(answer.certificate, &prior.certificate_body),
        spelled(answer.certificate_chain, &prior.certificate_chain),
    ))
}

/// Whether two PEM texts hold the same certificates, whatever is written around and between them.
pub(super) fn same(left: &Option<String>, right: &Option<String>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => left == right || payloads(left) == payloads(right),
        (left, right) => left.is_none() && right.is_none(),
    }
}

fn payloads(pem: &str) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut open = false;
    for line in pem.lines().map(str::trim) {
        if line.starts_with("-----BEGIN ") {
            open = true;
            payloads.push(String::new());
        } else if line.starts_with("-----END ") {
            open = false;
        } else if let Some(payload) = payloads.last_mut().filter(|_| open) {
            payload.push_str(line);
        }
    }
    payloads
}

impl Certificate {
    fn parts(&self) -> Result<(Blob, Blob), KindError> {
        let missing = |what: &str| {
            KindError::new(format!("{what} is not known to this run, and ACM needs it with each import"))
                .with_hint("give both `certificate_body` and `private_key`")
        };
        let body = self.certificate_body.as_ref().ok_or_else(|| missing("the certificate"))?;
        let key = self.private_key.value().ok_or_else(|| missing("the private key"))?;
        Ok((Blob::new(body.as_bytes()), Blob::new(key.as_bytes())))
    }

    fn chain(&self) -> Option<Blob> {
        self.certificate_chain.as_ref().map(|chain| Blob::new(chain.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_certificate_may_be_written_differently() {
        let pem = |text: &str| Some(text.to_owned());
        let plain = pem("-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n");
        let chatty = pem(
            "subject=CN\r\n-----BEGIN CERTIFICATE-----\r\nAAAABBBB\r\n-----END CERTIFICATE-----\r\nissuer=CN",
        );
        assert!(same(&plain, &chatty));
        assert!(!same(&plain, &pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")));
        assert!(!same(&plain, &None));
        assert!(same(&None, &None));
    }
}

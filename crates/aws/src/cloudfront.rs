//! What the CloudFront kinds have in common: versions, ARNs that CloudFront does not tell, and what policies are made of.

use std::future::Future;

use provision_engine::kind::{Computed, KindError};

use crate::account;
use crate::call::eventually;
use crate::clients::Reader;

pub(crate) mod holders;
pub(crate) mod lookup;
pub(crate) mod managed;
pub(crate) mod names;

/// CloudFront's codes for a version (ETag) that is not the newest: someone changed the thing between our read
/// and our write, or the read was answered by a place that the last change has not reached.
pub(crate) const STALE: &[&str] = &["InvalidIfMatchVersion", "PreconditionFailed"];

/// The ARN of something for which CloudFront answers none, such as `cache-policy/658327ea`. An ARN that is known
/// from an earlier read saves the question whose account it is.
pub(crate) async fn arn(
    reader: &Reader,
    known: &Computed<String>,
    resource: &str,
) -> Result<Computed<String>, KindError> {
    if known.as_deref().is_some_and(|arn| arn.ends_with(resource)) {
        return Ok(known.clone());
    }
    let identity = account::caller(reader).await?;
    let partition = identity.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    let account = identity.account().ok_or_else(|| lacking("the number of the account"))?;
    Ok(format!("arn:{partition}:cloudfront::{account}:{resource}").into())
}

/// Deletes something of which CloudFront wants the newest version to be named. `known` is the one that was read last: it is
/// tried first, and mostly right. Where it is not, or what is to go is still in use (the codes `busy` are for both),
/// `current` asks for the version, which is absent if there is nothing to delete any more.
pub(crate) async fn delete<A, B>(
    known: &Computed<String>,
    busy: &[&str],
    current: impl Fn() -> A,
    delete: impl Fn(Option<String>) -> B,
) -> Result<(), KindError>
where
    A: Future<Output = Result<Option<Option<String>>, KindError>>,
    B: Future<Output = Result<(), KindError>>,
{
    if let Some(version) = known.as_deref() {
        match delete(Some(version.to_owned())).await {
            Err(error) if error.is(busy) => tracing::debug!(%error, "not that version"),
            outcome => return outcome,
        }
    }
    eventually(busy, || async {
        match current().await? {
            Some(version) => delete(version).await,
            None => Ok(()),
        }
    })
    .await
}

/// The failure of an answer that lacks a part which AWS documents.
pub(crate) fn lacking(part: &str) -> KindError {
    KindError::new(format!("AWS's answer lacks {part}"))
}

/// What AWS answers, unless it is the empty text that means "not set".
pub(crate) fn set(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

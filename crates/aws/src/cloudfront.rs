//! What the CloudFront kinds have in common: versions, ARNs that CloudFront does not tell, and what policies are made of.

use provision_engine::kind::{Computed, KindError};

use crate::account;
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

/// The failure of an answer that lacks a part which AWS documents.
pub(crate) fn lacking(part: &str) -> KindError {
    KindError::new(format!("AWS's answer lacks {part}"))
}

/// What AWS answers, unless it is the empty text that means "not set".
pub(crate) fn set(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

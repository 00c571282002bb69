//! What queues and job templates of MediaConvert have in common.

use aws_sdk_mediaconvert::Client;
use provision_engine::kind::KindError;

use crate::call::Outcome;
use crate::tags::{self, Tags};

pub(crate) const ABSENT: &[&str] = &["NotFoundException"];
pub(crate) const TAKEN: &[&str] = &["ConflictException"];

/// The tags of what has that ARN; `None` if it is gone.
pub(crate) async fn tags_of(client: &Client, arn: &str) -> Result<Option<Tags>, KindError> {
    let answer = client.list_tags_for_resource().arn(arn).send().await.unless(ABSENT)?;
    let tags =
        answer.map(|answer| answer.resource_tags.and_then(|resource| resource.tags).unwrap_or_default());
    Ok(tags.map(tags::own))
}

pub(crate) async fn change_tags(
    client: &Client,
    arn: &str,
    prior: &Tags,
    desired: &Tags,
) -> Result<(), KindError> {
    let (set, remove) = tags::changes(prior, desired);
    if !set.is_empty() {
        client.tag_resource().arn(arn).set_tags(Some(set.into_iter().collect())).send().await.or_fail()?;
    }
    if !remove.is_empty() {
        client.untag_resource().arn(arn).set_tag_keys(Some(remove)).send().await.or_fail()?;
    }
    Ok(())
}

/// A text as AWS has it, which keeps one that was taken away as an empty one.
pub(crate) fn set(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

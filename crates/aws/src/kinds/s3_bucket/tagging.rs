//! The tags of a bucket, which S3 reads and writes as a whole.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use provision_engine::kind::KindError;

use super::in_turn;
use crate::call::{Outcome, malformed};
use crate::tags::{self, Tags};

async fn read_all(s3: &Client, bucket: &str) -> Result<Vec<types::Tag>, KindError> {
    let answer =
        s3.get_bucket_tagging().bucket(bucket).send().await.unless(&["NoSuchTagSet", "NoSuchBucket"])?;
    Ok(answer.map(|answer| answer.tag_set).unwrap_or_default())
}

pub(super) async fn read(s3: &Client, bucket: &str) -> Result<Tags, KindError> {
    Ok(tags::own(read_all(s3, bucket).await?.into_iter().map(|tag| (tag.key, tag.value))))
}

/// Writes the tags, if they are others. `is_new`: whether the bucket was made a moment ago.
pub(super) async fn update(
    desired: &Tags,
    s3: &Client,
    bucket: &str,
    prior: &Tags,
    is_new: bool,
) -> Result<(), KindError> {
    if desired == prior {
        return Ok(());
    }
    // AWS refuses to take its own tags away, and a write that leaves them out would. A new bucket has none.
    let there = if is_new { Vec::new() } else { read_all(s3, bucket).await? };
    let mut all: Vec<types::Tag> =
        there.into_iter().filter(|tag| tags::own([(tag.key.clone(), String::new())]).is_empty()).collect();
    for (key, value) in desired {
        all.push(types::Tag::builder().key(key).value(value).build().map_err(malformed)?);
    }
    if all.is_empty() {
        in_turn(|| async { s3.delete_bucket_tagging().bucket(bucket).send().await.or_fail() }).await?;
        return Ok(());
    }
    let tagging = types::Tagging::builder().set_tag_set(Some(all)).build().map_err(malformed)?;
    in_turn(|| async {
        s3.put_bucket_tagging().bucket(bucket).tagging(tagging.clone()).send().await.or_fail()
    })
    .await?;
    Ok(())
}

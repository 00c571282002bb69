//! Making a bucket empty, so that it can be deleted: every version of every object, every delete marker, and the
//! parts of every upload that was not completed.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use futures::future::{join, try_join};
use futures::stream::{self, StreamExt, TryStreamExt};
use provision_engine::kind::{Departure, Holder, KindError};

use crate::call::{Outcome, malformed};

/// How many calls on single objects run at once.
const AT_ONCE: usize = 8;

/// `locked`: the bucket has Object Lock. Then the locks that can be overcome are: retention in governance mode and
/// legal holds.
pub(super) async fn empty(s3: &Client, bucket: &str, locked: bool) -> Result<(), KindError> {
    try_join(delete_versions(s3, bucket, locked), abort_uploads(s3, bucket)).await?;
    Ok(())
}

/// What the delete of a bucket takes with it, if that empties it, or is refused for.
pub(super) async fn departure(s3: &Client, bucket: &str, force: bool) -> Result<Departure, KindError> {
    let page = match list_versions(s3, bucket, None).await {
        Err(error) if error.is(&["NoSuchBucket"]) => return Ok(Departure::default()),
        page => page?,
    };
    if force {
        let count = page.objects.len();
        let takes_along = match (count, page.next) {
            (0, _) => Vec::new(),
            (1, None) => vec!["1 version of an object".to_owned()],
            (count, None) => vec![format!("{count} versions of objects")],
            (count, Some(_)) => vec![format!("more than {count} versions of objects")],
        };
        return Ok(Departure { takes_along, ..Departure::default() });
    }
    let keys: BTreeSet<String> = page.objects.into_iter().map(|object| object.key).collect();
    let holder = |key| Holder { kind: "aws_s3_object", ids: vec![format!("{bucket}/{key}")] };
    Ok(Departure {
        held_by: keys.into_iter().map(holder).collect(),
        hint: Some(
            "empty it first; or set force_destroy = true, and apply that: everything in it is lost then"
                .to_owned(),
        ),
        ..Departure::default()
    })
}

/// Up to 1000 versions, and where the next ones begin.
struct Page {
    objects: Vec<types::ObjectIdentifier>,
    next: Option<Marker>,
}

struct Marker {
    key: Option<String>,
    id: Option<String>,
}

/// Deletes one page while the next is listed.
async fn delete_versions(s3: &Client, bucket: &str, locked: bool) -> Result<(), KindError> {
    let mut page = list_versions(s3, bucket, None).await?;
    loop {
        let Page { objects, next } = page;
        let Some(next) = next else { return delete(s3, bucket, objects, locked).await };
        let (deleted, listed) =
            join(delete(s3, bucket, objects, locked), list_versions(s3, bucket, Some(next))).await;
        deleted?;
        page = listed?;
    }
}

async fn list_versions(s3: &Client, bucket: &str, from: Option<Marker>) -> Result<Page, KindError> {
    let Marker { key, id } = from.unwrap_or(Marker { key: None, id: None });
    let answer = s3
        .list_object_versions()
        .bucket(bucket)
        .set_key_marker(key)
        .set_version_id_marker(id)
        .send()
        .await
        .or_fail()?;
    let versions = answer.versions.unwrap_or_default().into_iter().map(|item| (item.key, item.version_id));
    let markers =
        answer.delete_markers.unwrap_or_default().into_iter().map(|item| (item.key, item.version_id));
    let objects = versions
        .chain(markers)
        .map(|(key, version)| {
            types::ObjectIdentifier::builder().set_key(key).set_version_id(version).build().map_err(malformed)
        })
        .collect::<Result<_, _>>()?;
    let next = (answer.is_truncated == Some(true))
        .then_some(Marker { key: answer.next_key_marker, id: answer.next_version_id_marker });
    Ok(Page { objects, next })
}

async fn delete(
    s3: &Client,
    bucket: &str,
    objects: Vec<types::ObjectIdentifier>,
    locked: bool,
) -> Result<(), KindError> {
    let left = delete_batch(s3, bucket, objects, locked).await?;
    let (held, failed): (Vec<_>, Vec<_>) =
        left.into_iter().partition(|error| locked && error.code() == Some("AccessDenied"));
    if let Some(error) = failure(&failed) {
        return Err(error);
    }
    if held.is_empty() {
        return Ok(());
    }
    let mut again = Vec::new();
    for error in held {
        again.push(
            types::ObjectIdentifier::builder()
                .set_key(error.key)
                .set_version_id(error.version_id)
                .build()
                .map_err(malformed)?,
        );
    }
    stream::iter(&again)
        .map(Ok)
        .try_for_each_concurrent(AT_ONCE, |object| async move {
            s3.put_object_legal_hold()
                .bucket(bucket)
                .key(object.key())
                .set_version_id(object.version_id.clone())
                .legal_hold(
                    types::ObjectLockLegalHold::builder()
                        .status(types::ObjectLockLegalHoldStatus::Off)
                        .build(),
                )
                .send()
                .await
                .unless(&["NoSuchKey", "NoSuchVersion"])?;
            Ok::<_, KindError>(())
        })
        .await?;
    let left = delete_batch(s3, bucket, again, locked).await?;
    failure(&left).map_or(Ok(()), Err)
}

/// What S3 would not delete.
async fn delete_batch(
    s3: &Client,
    bucket: &str,
    objects: Vec<types::ObjectIdentifier>,
    locked: bool,
) -> Result<Vec<types::Error>, KindError> {
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    let batch = types::Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(malformed)?;
    let answer = s3
        .delete_objects()
        .bucket(bucket)
        .delete(batch)
        .set_bypass_governance_retention(locked.then_some(true))
        .send()
        .await
        .or_fail()?;
    Ok(answer.errors.unwrap_or_default())
}

fn failure(errors: &[types::Error]) -> Option<KindError> {
    let first = errors.first()?;
    let others = match errors.len() {
        1 => String::new(),
        number => format!(" (and {} others)", number - 1),
    };
    Some(KindError {
        code: first.code.clone(),
        ..KindError::new(format!(
            "the object \"{}\"{others} cannot be deleted: {}",
            first.key().unwrap_or_default(),
            first.message().unwrap_or("AWS gave no message")
        ))
    })
}

async fn abort_uploads(s3: &Client, bucket: &str) -> Result<(), KindError> {
    let mut marker = Marker { key: None, id: None };
    loop {
        let answer = s3
            .list_multipart_uploads()
            .bucket(bucket)
            .set_key_marker(marker.key)
            .set_upload_id_marker(marker.id)
            .send()
            .await
            .or_fail()?;
        stream::iter(answer.uploads.unwrap_or_default())
            .map(Ok)
            .try_for_each_concurrent(AT_ONCE, |upload| async move {
                s3.abort_multipart_upload()
                    .bucket(bucket)
                    .set_key(upload.key)
                    .set_upload_id(upload.upload_id)
                    .send()
                    .await
                    .unless(&["NoSuchUpload"])?;
                Ok::<_, KindError>(())
            })
            .await?;
        if answer.is_truncated != Some(true) {
            return Ok(());
        }
        marker = Marker { key: answer.next_key_marker, id: answer.next_upload_id_marker };
    }
}

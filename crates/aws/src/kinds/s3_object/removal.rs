//! How an object is deleted: with all its versions where the bucket keeps them, since nothing else would be left of it
//! to be managed.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{ObjectLockLegalHold, ObjectLockLegalHoldStatus};
use provision_engine::kind::KindError;
use provision_engine::permission::{Act, Needs, Undertaking};

use super::{ABSENT, Object};
use crate::call::Outcome;

/// Deletes the object of that key; `prior` is what it was.
pub(super) async fn remove(s3: &Client, bucket: &str, key: &str, prior: &Object) -> Result<(), KindError> {
    if prior.version_id.as_deref().is_none() {
        return delete(s3, bucket, key, None, prior.force_destroy).await;
    }
    let (mut key_marker, mut version_marker) = (None, None);
    loop {
        let list = s3
            .list_object_versions()
            .bucket(bucket)
            .prefix(key)
            .set_key_marker(key_marker)
            .set_version_id_marker(version_marker);
        let Some(page) = list.send().await.unless(ABSENT)? else { return Ok(()) };
        let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
        let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
        // The prefix finds others too.
        for (_, version) in versions.chain(markers).filter(|(found, _)| *found == Some(key)) {
            delete(s3, bucket, key, version, prior.force_destroy).await?;
        }
        if page.is_truncated() != Some(true) {
            return Ok(());
        }
        (key_marker, version_marker) = (page.next_key_marker, page.next_version_id_marker);
    }
}

/// Deletes a version, or the only one. `force`: the locks that can be overcome are: retention in governance mode and
/// legal holds.
async fn delete(
    s3: &Client,
    bucket: &str,
    key: &str,
    version: Option<&str>,
    force: bool,
) -> Result<(), KindError> {
    let request = || s3.delete_object().bucket(bucket).key(key).set_version_id(version.map(str::to_owned));
    let refusal = match request().send().await.unless(ABSENT) {
        Err(error) if error.is(&["AccessDenied"]) => error,
        outcome => return outcome.map(drop),
    };
    if !force {
        return Err(refusal.with_hint(
            "if the object is locked: set `force_destroy = true`, apply, and destroy again, or wait until the lock ends",
        ));
    }
    let off = ObjectLockLegalHold::builder().status(ObjectLockLegalHoldStatus::Off).build();
    let hold = s3.put_object_legal_hold().bucket(bucket).key(key).set_version_id(version.map(str::to_owned));
    // A bucket without locks has no holds.
    hold.legal_hold(off).send().await.unless(&["InvalidRequest", "NoSuchKey", "NoSuchVersion"])?;
    request().bypass_governance_retention(true).send().await.unless(ABSENT)?;
    Ok(())
}

/// What it needs to delete an object; `place`: the ARNs of its bucket and of itself.
pub(super) fn permissions<'a>(needs: Needs<'a>, of: Undertaking<'a>, place: [&str; 2]) -> Needs<'a> {
    let [bucket, object] = place;
    let is_deleted = of.act == Act::Delete;
    let has_versions = of.has("version_id");
    let is_locked = ["object_lock_mode", "object_lock_legal_hold_status"].iter().any(|name| of.has(name));
    let is_forced = is_deleted && is_locked && of.has("force_destroy");
    needs
        .when(is_deleted && has_versions, bucket, &["s3:ListBucketVersions"])
        .when(is_deleted && has_versions, object, &["s3:DeleteObjectVersion"])
        .when(is_deleted && !has_versions, object, &["s3:DeleteObject"])
        .when(is_forced, object, &["s3:PutObjectLegalHold", "s3:BypassGovernanceRetention"])
}

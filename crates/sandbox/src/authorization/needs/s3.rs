//! S3, whose actions bear other names than its operations.

use super::{Call, Need};
use crate::{
    call::header,
    query,
    xml::{self, Element},
};

/// The actions of the operations that are not named like them.
const ACTIONS: [(&str, &str); 34] = [
    ("CompleteMultipartUpload", "PutObject"),
    ("CreateMultipartUpload", "PutObject"),
    ("DeleteBucketCors", "PutBucketCORS"),
    ("DeleteBucketEncryption", "PutEncryptionConfiguration"),
    ("DeleteBucketLifecycle", "PutLifecycleConfiguration"),
    ("DeleteBucketOwnershipControls", "PutBucketOwnershipControls"),
    ("DeleteBucketReplication", "PutReplicationConfiguration"),
    ("DeleteBucketTagging", "PutBucketTagging"),
    ("DeletePublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"),
    ("GetBucketCors", "GetBucketCORS"),
    ("GetBucketEncryption", "GetEncryptionConfiguration"),
    ("GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"),
    ("GetBucketReplication", "GetReplicationConfiguration"),
    ("GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
    ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    ("HeadBucket", "ListBucket"),
    ("HeadObject", "GetObject"),
    ("ListBuckets", "ListAllMyBuckets"),
    ("ListMultipartUploads", "ListBucketMultipartUploads"),
    ("ListObjects", "ListBucket"),
    ("ListObjectsV2", "ListBucket"),
    ("ListObjectVersions", "ListBucketVersions"),
    ("ListParts", "ListMultipartUploadParts"),
    ("PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"),
    ("PutBucketCors", "PutBucketCORS"),
    ("PutBucketEncryption", "PutEncryptionConfiguration"),
    ("PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"),
    ("PutBucketReplication", "PutReplicationConfiguration"),
    ("PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("UploadPart", "PutObject"),
    ("UploadPartCopy", "PutObject"),
    ("CopyObject", "PutObject"),
];

/// The actions that have another for a version that is named.
const VERSIONED: [&str; 6] = [
    "GetObject",
    "DeleteObject",
    "GetObjectTagging",
    "PutObjectTagging",
    "DeleteObjectTagging",
    "GetObjectAcl",
];

/// What headers of a write ask for besides it, and of a create of a bucket.
const HEADERS: [(&str, &str, &str); 8] = [
    ("PutObject", "x-amz-acl", "PutObjectAcl"),
    ("PutObject", "x-amz-tagging", "PutObjectTagging"),
    ("PutObject", "x-amz-object-lock-mode", "PutObjectRetention"),
    ("PutObject", "x-amz-object-lock-legal-hold", "PutObjectLegalHold"),
    ("CreateBucket", "x-amz-acl", "PutBucketAcl"),
    ("CreateBucket", "x-amz-bucket-object-lock-enabled", "PutBucketObjectLockConfiguration"),
    ("CreateBucket", "x-amz-bucket-object-lock-enabled", "PutBucketVersioning"),
    ("CreateBucket", "x-amz-object-ownership", "PutBucketOwnershipControls"),
];

pub(super) fn needs(call: &Call<'_>) -> Vec<Need> {
    let operation = call.operation();
    let path = query::percent_decode(call.request.uri().path().trim_start_matches('/'));
    let path = path.trim_end_matches('/');
    if operation == "DeleteObjects" {
        return several(call, path);
    }
    let name = ACTIONS.iter().find(|(name, _)| *name == operation).map_or(operation, |(_, action)| action);
    let version = query::value(call.query(), "versionId");
    let action = action(name, version.is_some());
    let resource = match path {
        "" => "*".to_owned(),
        path => format!("arn:aws:s3:::{path}"),
    };
    let mut needs = vec![call.need(&action, resource.as_str())];
    needs.extend(
        HEADERS
            .iter()
            .filter(|(of, name, _)| *of == operation && header(call.request, name).is_some())
            .map(|(_, _, action)| call.need(action, resource.as_str())),
    );
    if bypasses(call) {
        needs.push(call.need("BypassGovernanceRetention", resource.as_str()));
    }
    if operation == "PutBucketReplication"
        && let Some(role) =
            document(call).and_then(|document| Some(document.descendant("Role")?.text.clone()))
    {
        needs.push(Call::passes(&role, "s3"));
    }
    needs
}

fn action(name: &str, is_versioned: bool) -> String {
    match name.find("Object").filter(|_| is_versioned && VERSIONED.contains(&name)) {
        Some(place) => {
            let (before, after) = name.split_at(place + "Object".len());
            format!("{before}Version{after}")
        }
        None => name.to_owned(),
    }
}

/// What it needs to delete many objects at once: the same as to delete each.
fn several(call: &Call<'_>, bucket: &str) -> Vec<Need> {
    let document = document(call);
    let objects = document.iter().flat_map(|document| document.descendants("Object"));
    let mut needs = Vec::new();
    for object in objects {
        let resource = format!("arn:aws:s3:::{bucket}/{}", object.text_at(&["Key"]));
        let action = action("DeleteObject", object.child("VersionId").is_some());
        needs.push(call.need(&action, resource.as_str()));
        if bypasses(call) {
            needs.push(call.need("BypassGovernanceRetention", resource));
        }
    }
    needs
}

fn bypasses(call: &Call<'_>) -> bool {
    header(call.request, "x-amz-bypass-governance-retention").is_some_and(|value| value == "true")
}

fn document(call: &Call<'_>) -> Option<Element> {
    xml::parse(call.request.body())
}

//! What a bucket needs to be permitted. A create writes what is to be otherwise than in a bucket that was just made.

use provision_engine::permission::{Act, Needs, Permission, Undertaking};
use provision_engine::value::Value;
use serde_json::json;

use super::Bucket;
use crate::permissions::arn;

/// What it needs to read all settings.
const READ: [&str; 15] = [
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLogging",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    // Whether there is a bucket.
    "s3:ListBucket",
];

/// What it needs to write a setting that is not as it was.
const SETTINGS: [(&str, &[&str]); 12] = [
    ("acceleration_status", &["s3:PutAccelerateConfiguration"]),
    ("acl", &["s3:PutBucketAcl"]),
    ("cors_rule", &["s3:PutBucketCORS"]),
    ("grant", &["s3:GetBucketAcl", "s3:PutBucketAcl"]),
    ("lifecycle_rule", &["s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"]),
    ("logging", &["s3:PutBucketLogging"]),
    ("object_lock_configuration", &["s3:PutBucketObjectLockConfiguration"]),
    ("public_access_block", &["s3:PutBucketPublicAccessBlock"]),
    ("request_payer", &["s3:PutBucketRequestPayment"]),
    ("server_side_encryption_configuration", &["s3:PutEncryptionConfiguration"]),
    ("tags", &["s3:GetBucketTagging", "s3:PutBucketTagging"]),
    ("versioning", &["s3:PutBucketVersioning"]),
];

pub(super) fn needed(of: Undertaking<'_>) -> Vec<Permission> {
    let bucket = arn::s3(&arn::name(&of, "bucket", "bucket_prefix"));
    let needs = of
        .needs()
        .on(&[Act::Find, Act::Create], &bucket, &["s3:ListBucket"])
        .read(&bucket, &READ)
        .create(&bucket, &["s3:CreateBucket"])
        .delete(&bucket, &["s3:DeleteBucket"]);
    deletion(changes(needs, of, &bucket), of, &bucket).done()
}

fn changes<'a>(needs: Needs<'a>, of: Undertaking<'a>, bucket: &str) -> Needs<'a> {
    let fresh = fresh();
    let differs = |name: &str| match of.act {
        Act::Create => !of.unsaid.contains(name) && !is_alike(fresh.get(name), of.attributes.get(name)),
        Act::Update => of.differs(name),
        _ => false,
    };
    let mut needs = needs;
    for (name, actions) in SETTINGS {
        needs = needs.when(differs(name), bucket, actions);
    }
    let locks = of.act == Act::Create && of.has("object_lock_enabled");
    let replicates = differs("replication_configuration");
    let is_copied = replicates && of.has("replication_configuration");
    let website = if of.has("website") { "s3:PutBucketWebsite" } else { "s3:DeleteBucketWebsite" };
    let needs = needs
        .when(differs("website"), bucket, &[website])
        .when(differs("ownership_controls"), bucket, &["s3:PutBucketOwnershipControls"])
        .when(locks, bucket, &["s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"])
        .when(replicates, bucket, &["s3:PutReplicationConfiguration"]);
    let role = of.attributes.get("replication_configuration").get("role");
    let roles = if is_copied { arn::roles(&of, role) } else { Vec::new() };
    arn::passing(needs, &roles, "s3")
}

/// With `force_destroy`, what is in a bucket goes with it.
fn deletion<'a>(needs: Needs<'a>, of: Undertaking<'a>, bucket: &str) -> Needs<'a> {
    let is_emptied = of.act == Act::Delete && of.has("force_destroy");
    let is_locked = is_emptied && of.has("object_lock_enabled");
    let objects = format!("{bucket}/*");
    needs
        .when(is_emptied, bucket, &["s3:ListBucketMultipartUploads", "s3:ListBucketVersions"])
        .when(is_emptied, &objects, &["s3:AbortMultipartUpload", "s3:DeleteObjectVersion"])
        .when(is_locked, &objects, &["s3:BypassGovernanceRetention", "s3:PutObjectLegalHold"])
}

/// The settings of a bucket that was just made, as [`Bucket::bare`] takes them to be.
fn fresh() -> Value {
    let bucket = serde_json::from_value::<Bucket>(json!({})).map(|bucket| bucket.bare(String::new()));
    let settings = bucket.and_then(serde_json::to_value);
    settings.map(Value::from_json).unwrap_or_default()
}

/// Whether a setting says the same as another, where what it leaves open is as AWS chooses.
fn is_alike(setting: &Value, other: &Value) -> bool {
    match (setting, other) {
        (Value::Map(setting), Value::Map(other)) => {
            let known = |map: &provision_engine::value::Map, name: &String| {
                map.get(name).cloned().unwrap_or_default()
            };
            let mut names = setting.keys().chain(other.keys());
            names.all(|name| is_alike(&known(setting, name), &known(other, name)))
        }
        (setting, other) => {
            setting == other || (setting.is_empty() && (other.is_empty() || other.is_unknown()))
        }
    }
}

//! The bucket of states. It is an `aws_s3_bucket` with an `aws_s3_bucket_policy` as any other, written by their kinds,
//! but in no state: the configuration is what is there, with what states depend on laid over it.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::head_bucket::HeadBucketError;
use provision_engine::diff::{self, Diff};
use provision_engine::digest::DigestKey;
use provision_engine::kind::{Connect, Created, Kind, KindError, Registry, ResourceKind, Token};
use provision_engine::value::Value;
use serde_json::{Value as Json, json};

use super::super::StateLocation;
use super::Prepared;
use crate::clients::{Aws, Writer};
use crate::kinds::s3_bucket::Bucket;
use crate::kinds::s3_bucket_policy::BucketPolicy;

/// The name of the lifecycle rule that ends old versions.
const OLD_VERSIONS: &str = "provision-old-versions";

/// How many days an old version of a state is kept at least.
const DAYS: u32 = 90;

/// How many old versions of a state are kept however old they are: as many as S3 can be told to.
const VERSIONS: u32 = 100;

/// The name of the statement that closes the bucket to what does not come through TLS.
const TLS_ONLY: &str = "TlsOnly";

pub(super) async fn prepare(
    aws: &Arc<Aws>,
    account: &str,
    location: &StateLocation,
    tags: &BTreeMap<String, String>,
) -> Result<Prepared, KindError> {
    let mut kinds = Registry::new();
    kinds.resource::<Bucket>(aws);
    kinds.resource::<BucketPolicy>(aws);
    let name = location.bucket.as_str();

    let bucket = kind(&kinds, Bucket::NAME)?;
    let bare = checked(bucket, json!({ "bucket": name }))?;
    is_of_account(aws, account, name).await?;
    let found = bucket.read(None, name, &bare).await.map_err(about_states)?;
    let is_new = found.is_none();
    let current = match found {
        Some(current) => current,
        None => create(bucket, &bare).await?,
    };
    let desired = settings(bucket, &current, location, tags);
    let mut changed = update(bucket, name, &current, desired).await?;

    let policy = kind(&kinds, BucketPolicy::NAME)?;
    let arn = format!("arn:{}:s3:::{name}", partition(&current));
    let alone = checked(policy, json!({ "bucket": name, "policy": tls_only(&arn, &Value::Null) }))?;
    match policy.read(None, name, &alone).await? {
        None => {
            policy.create(None, &token(), &alone).await?;
            changed.push("policy".to_owned());
        }
        Some(current) => {
            let desired = json!({ "bucket": name, "policy": tls_only(&arn, current.get("policy")) });
            changed.extend(update(policy, name, &current, desired).await?);
        }
    }
    Ok(Prepared::new(format!("S3 bucket {name}"), is_new, changed))
}

/// What a bucket has, and what one of states has to have.
fn settings(
    bucket: &dyn ResourceKind,
    current: &Value,
    location: &StateLocation,
    tags: &BTreeMap<String, String>,
) -> Json {
    let mut settings = current.to_json();
    if let Json::Object(settings) = &mut settings {
        let told =
            |name: &String| bucket.schema().attributes.get(name).is_some_and(|attribute| attribute.read_only);
        settings.retain(|name, _| !told(name));
    }
    settings["versioning"]["enabled"] = json!(true);
    settings["public_access_block"] = json!({
        "block_public_acls": true,
        "block_public_policy": true,
        "ignore_public_acls": true,
        "restrict_public_buckets": true,
    });
    settings["ownership_controls"] = json!({ "rule": { "object_ownership": "BucketOwnerEnforced" } });
    settings["acl"] = json!("private");
    settings["grant"] = json!([]);
    if let Some(key) = &location.kms_key_id {
        let rule = &mut settings["server_side_encryption_configuration"]["rule"];
        rule["apply_server_side_encryption_by_default"] =
            json!({ "sse_algorithm": "aws:kms", "kms_master_key_id": key });
        rule["bucket_key_enabled"] = json!(true);
    }
    let rule = json!({
        "id": OLD_VERSIONS,
        "enabled": true,
        "abort_incomplete_multipart_upload_days": 1,
        "noncurrent_version_expiration": { "days": DAYS, "newer_noncurrent_versions": VERSIONS },
    });
    settings["lifecycle_rule"] = with(&settings["lifecycle_rule"], "id", rule);
    for (name, value) in tags {
        settings["tags"][name] = json!(value);
    }
    settings
}

/// A policy that has the other statements of `current`, too.
fn tls_only(arn: &str, current: &Value) -> Json {
    let mut policy = current.to_json();
    let statement = json!({
        "Sid": TLS_ONLY,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    });
    let statements = match policy["Statement"].take() {
        single @ Json::Object(_) => json!([single]),
        list => list,
    };
    policy["Statement"] = with(&statements, "Sid", statement);
    if policy["Version"].is_null() {
        policy["Version"] = json!("2012-10-17");
    }
    policy
}

/// A list with `item` in the place of the one of the same name.
fn with(list: &Json, name: &str, item: Json) -> Json {
    let mut items = list.as_array().cloned().unwrap_or_default();
    match items.iter_mut().find(|other| other[name] == item[name]) {
        Some(same) => *same = item,
        None => items.push(item),
    }
    Json::Array(items)
}

async fn create(bucket: &dyn ResourceKind, bare: &Value) -> Result<Value, KindError> {
    match bucket.create(None, &token(), bare).await.map_err(about_states)? {
        Created::Bare { attributes, .. } => Ok(attributes),
        Created::Complete { .. } | Created::Known { .. } => Ok(bare.clone()),
    }
}

/// Says which settings it has changed.
async fn update(
    kind: &dyn ResourceKind,
    id: &str,
    current: &Value,
    desired: Json,
) -> Result<Vec<String>, KindError> {
    let desired = checked(kind, desired)?;
    // Nothing secret is compared, so that the key does not matter.
    let Diff { after, changes } = diff::diff(kind.schema(), current, &desired, &DigestKey::from_random(b""));
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    // What only AWS can tell is left out.
    let after = Value::from_json(after.to_json());
    kind.update(None, id, current, &after).await?;
    let mut settings: Vec<String> = changes
        .iter()
        .filter_map(|change| change.path.to_string().split(['.', '[']).next().map(str::to_owned))
        .collect();
    settings.dedup();
    Ok(settings)
}

/// Fails for a bucket that is someone else's, even one that is open to these credentials: only its owner should set it
/// up. A bucket that is not there is nobody's.
async fn is_of_account(aws: &Aws, account: &str, bucket: &str) -> Result<(), KindError> {
    let writer: Arc<Writer> = aws.connect(None).await?;
    let head = writer.s3().head_bucket().bucket(bucket);
    // A reply to HEAD has no body, so that its status says all there is.
    let is_refused = |error: &SdkError<HeadBucketError>| {
        error.raw_response().is_some_and(|response| response.status().as_u16() == 403)
    };
    if !head.clone().expected_bucket_owner(account).send().await.is_err_and(|error| is_refused(&error)) {
        return Ok(());
    }
    if head.send().await.is_err_and(|error| is_refused(&error)) {
        return Err(KindError::new(format!(
            "the bucket \"{bucket}\" is there, and these credentials have no access to it: it may be of another account"
        ))
        .with_hint(
            "names of buckets are shared by all accounts: name another in [state]; if it is yours, allow s3:ListBucket",
        ));
    }
    Err(KindError::new(format!("the bucket \"{bucket}\" is not of the account {account}")).with_hint(
        "let its owner run this, name another bucket in [state], or set `role_arn` there to a role of its owner",
    ))
}

/// The kind's advice is about resources.
fn about_states(error: KindError) -> KindError {
    let hint = if error.is(&["PermanentRedirect"]) {
        "if it is yours, set `region` in [state]"
    } else if error.is(&["BucketAlreadyExists"]) {
        "names of buckets are shared by all accounts: name another in [state]"
    } else {
        return error;
    };
    error.with_hint(hint)
}

fn partition(bucket: &Value) -> String {
    let arn = bucket.get("arn").as_str().unwrap_or_default();
    arn.split(':').nth(1).unwrap_or("aws").to_owned()
}

fn kind<'a>(kinds: &'a Registry, name: &str) -> Result<&'a dyn ResourceKind, KindError> {
    kinds.kind(name).ok_or_else(|| KindError::new(format!("there is no kind {name}")))
}

fn checked(kind: &dyn ResourceKind, configuration: Json) -> Result<Value, KindError> {
    let (checked, mut problems) = kind.schema().check(&Value::from_json(configuration));
    problems.extend(kind.validate(&checked));
    if let Some(problem) = problems.into_iter().next() {
        let error = KindError::new(format!("{}: {}", problem.path, problem.message));
        return Err(match problem.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        });
    }
    Ok(checked)
}

fn token() -> Token {
    Token(uuid::Uuid::new_v4().to_string())
}

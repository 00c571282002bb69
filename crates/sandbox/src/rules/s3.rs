//! S3 shuts a new bucket to the public, encrypts what nobody asked it to, with a key of its own if nobody names one,
//! forgets the tags of what is overwritten, looks at whose a bucket is if it is told to, and takes a policy only if it
//! is one, and for its bucket.

mod permissions;

use hyper::{Method, body::Bytes, header::HeaderValue};
use serde_json::Value;

use crate::{
    call::{Identity, header},
    front::Front,
    proxy::{Reply, Request},
    query,
    reply::{self, Refusal},
    xml::Element,
};

/// ministack knows the query of GetBucketRequestPayment by another spelling than AWS, and wants to hear of AWS's own key
/// for S3.
pub(super) fn translated(request: &Request, identity: &Identity) -> Option<Request> {
    if identity.operation == "PutObject"
        && header(request, ENCRYPTION) == Some("aws:kms")
        && header(request, ENCRYPTION_KEY).is_none()
    {
        let key = format!("arn:aws:kms:{}:{}:alias/aws/s3", identity.region, identity.account);
        let mut translated = request.clone();
        translated.headers_mut().insert(ENCRYPTION_KEY, HeaderValue::from_str(&key).ok()?);
        return Some(translated);
    }
    let uri = request.uri().to_string();
    if request.method() != Method::GET || !uri.contains("?requestPayment") {
        return None;
    }
    let mut translated = request.clone();
    *translated.uri_mut() = uri.replace("?requestPayment", "?request-payment").parse().ok()?;
    Some(translated)
}

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    is_of_expected_owner(front, request)?;
    permissions::before(front, request, identity).await?;
    if identity.operation == "PutBucketPolicy" { is_policy(request) } else { Ok(()) }
}

/// Refuses a request that says whose bucket it means, if it is another's.
fn is_of_expected_owner(front: &Front, request: &Request) -> Result<(), Refusal> {
    let Some(expected) = header(request, "x-amz-expected-bucket-owner") else { return Ok(()) };
    let bucket = bucket(request);
    match front.kept.find(|account| account.buckets.contains(&bucket)) {
        Some(owner) if owner != expected => Err(Refusal::new(403, "AccessDenied", "Access Denied")),
        _ => Ok(()),
    }
}

/// Refuses what is no policy of its bucket.
fn is_policy(request: &Request) -> Result<(), Refusal> {
    let malformed = |message: &str| Refusal::new(400, "MalformedPolicy", message);
    let policy = serde_json::from_slice::<Value>(request.body())
        .map_err(|_| malformed("This policy contains invalid Json"))?;
    let bucket = format!("arn:aws:s3:::{}", bucket(request));
    let statements = match &policy["Statement"] {
        Value::Array(statements) => statements.iter().collect(),
        Value::Null => return Err(malformed("Missing required field Statement")),
        single => vec![single],
    };
    for statement in statements {
        if statement["Principal"].is_null() && statement["NotPrincipal"].is_null() {
            return Err(malformed("Missing required field Principal"));
        }
        let resources = match &statement["Resource"] {
            Value::Array(resources) => resources.iter().filter_map(Value::as_str).collect(),
            single => single.as_str().into_iter().collect::<Vec<_>>(),
        };
        let fits = |resource: &&str| {
            let rest = resource.strip_prefix(bucket.as_str());
            **resource == *"*" || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '*']))
        };
        if !resources.iter().all(fits) {
            return Err(malformed("Policy has invalid resource"));
        }
    }
    Ok(())
}

/// Adds to a bucket that was made what AWS adds, all four blocks of public access; and says of objects that they are
/// encrypted, which they always are.
pub(super) async fn after(
    front: &Front,
    request: &Request,
    identity: &Identity,
    mut reply: Reply,
) -> Result<Reply, Refusal> {
    let bucket = bucket(request);
    match identity.operation.as_str() {
        "CreateBucket" if reply.status().is_success() => {
            // In us-east-1 a bucket can be created again, which changes nothing about it.
            let is_new = front.kept.with(&identity.account, |kept| kept.buckets.insert(bucket.clone()));
            if is_new {
                let blocks =
                    ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
                let body = Element::new("PublicAccessBlockConfiguration")
                    .with_all(blocks.map(|block| Element::of(block, "true")));
                let ask = front.ask(&identity.account, &identity.region);
                let path = format!("/{bucket}?publicAccessBlock");
                ask.send("s3", Method::PUT, &path, &[], body.document().into()).await?;
            }
        }
        "DeleteBucket" if reply.status().is_success() => {
            front.kept.with(&identity.account, |kept| kept.buckets.remove(&bucket));
        }
        "PutObject" | "GetObject" | "HeadObject" if reply.status().is_success() => {
            let headers = reply.headers();
            let customers = "x-amz-server-side-encryption-customer-algorithm";
            if !headers.contains_key(ENCRYPTION) && !headers.contains_key(customers) {
                reply::set(&mut reply, ENCRYPTION, "AES256");
            }
            let object = request.uri().path().to_owned();
            // What overwrites an object has no tags of it.
            if identity.operation == "PutObject" && header(request, "x-amz-tagging").is_none() {
                let ask = front.ask(&identity.account, &identity.region);
                ask.send("s3", Method::DELETE, &format!("{object}?tagging"), &[], Bytes::new()).await?;
            }
            let has_bucket_key = front.kept.with(&identity.account, |kept| {
                if identity.operation == "PutObject" {
                    kept.bucket_keys.remove(&object);
                    if header(request, BUCKET_KEY) == Some("true") {
                        kept.bucket_keys.insert(object.clone());
                    }
                }
                kept.bucket_keys.contains(&object)
            });
            if has_bucket_key {
                reply::set(&mut reply, BUCKET_KEY, "true");
            }
        }
        _ => {}
    }
    permissions::after(front, request, identity, reply).await
}

/// The header that says how an object is encrypted.
const ENCRYPTION: &str = "x-amz-server-side-encryption";
/// The header that says with which key.
const ENCRYPTION_KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";
/// The header that says whether a key of the bucket's own is in between.
const BUCKET_KEY: &str = "x-amz-server-side-encryption-bucket-key-enabled";

/// The bucket in the path of a request.
fn bucket(request: &Request) -> String {
    query::percent_decode(request.uri().path().split('/').nth(1).unwrap_or_default())
}

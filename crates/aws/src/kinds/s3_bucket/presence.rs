//! Whether there is a bucket of a name, and whose it is. Names of buckets are shared by the whole world.

use aws_sdk_s3::Client;
use provision_engine::kind::KindError;

use crate::call::Outcome;

/// What `HeadBucket` says about a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It is there, and these credentials can use it.
    Here {
        /// The region that it is in.
        region: Option<String>,
    },
    /// There is none.
    Absent,
    /// It is in another region than the one asked.
    Elsewhere {
        /// The region that it is in.
        region: String,
    },
    /// It is there, and these credentials cannot use it: most likely it belongs to someone else.
    Forbidden,
}

/// A reply to HEAD has no body, so that its status and headers say all there is.
pub(super) async fn look(s3: &Client, bucket: &str) -> Result<Presence, KindError> {
    let error = match s3.head_bucket().bucket(bucket).send().await {
        Ok(answer) => return Ok(Presence::Here { region: answer.bucket_region }),
        Err(error) => error,
    };
    let response = error.raw_response();
    let region = response.and_then(|response| response.headers().get("x-amz-bucket-region"));
    match (response.map(|response| response.status().as_u16()), region) {
        (Some(404), _) => Ok(Presence::Absent),
        // Signed for the wrong region: 301 where the endpoint knows better, 400 where the signature is wrong.
        (Some(301 | 307 | 400), Some(region)) => Ok(Presence::Elsewhere { region: region.to_owned() }),
        (Some(403), _) => Ok(Presence::Forbidden),
        _ => Err(error).or_fail(),
    }
}

pub(super) fn elsewhere(bucket: &str, region: &str) -> KindError {
    KindError {
        code: Some("PermanentRedirect".to_owned()),
        ..KindError::new(format!("there is a bucket \"{bucket}\" already, in {region}"))
    }
    .with_hint(format!("if it is yours, add `region = \"{region}\"` to the resource"))
}

pub(super) fn forbidden(bucket: &str) -> KindError {
    KindError {
        code: Some("AccessDenied".to_owned()),
        ..KindError::new(format!("the bucket \"{bucket}\" cannot be read with these credentials"))
    }
    .with_hint("check that it belongs to this account, and that s3:ListBucket is allowed")
}

/// In us-east-1, where S3 began, an owner can create the same bucket again, so that only this tells.
pub(super) fn ours(bucket: &str) -> KindError {
    KindError {
        code: Some("BucketAlreadyOwnedByYou".to_owned()),
        ..KindError::new(format!("the bucket \"{bucket}\" is there already"))
    }
    .with_hint(format!("to manage it from here, import it: its id is {bucket}"))
}

pub(super) fn taken(bucket: &str) -> KindError {
    KindError {
        code: Some("BucketAlreadyExists".to_owned()),
        ..KindError::new(format!("the name \"{bucket}\" is taken, by another account as it seems"))
    }
    .with_hint("names of buckets are shared by all accounts: choose another, or use `bucket_prefix`")
}

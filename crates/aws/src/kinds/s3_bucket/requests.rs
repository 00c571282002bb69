//! How requests reach the bucket, and who pays for them.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::Value;

use super::in_turn;
use crate::call::{Outcome, malformed};

/// How S3 says that a region does not have a feature.
const UNSUPPORTED: [&str; 6] = [
    "MethodNotAllowed",
    "NoSuchBucket",
    "NotImplemented",
    "UnsupportedArgument",
    "UnsupportedOperation",
    "XNotImplemented",
];

pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let accelerated = configuration.get("acceleration_status").as_str() == Some("Enabled");
    let dotted = ["bucket", "bucket_prefix"]
        .iter()
        .any(|name| configuration.get(name).as_str().is_some_and(|name| name.contains('.')));
    if !(accelerated && dotted) {
        return Vec::new();
    }
    vec![
        Problem::new("acceleration_status", "a bucket with a dot in its name cannot be accelerated")
            .with_hint("use hyphens in the name"),
    ]
}

pub(super) fn not_accelerated() -> String {
    types::BucketAccelerateStatus::Suspended.as_str().to_owned()
}

pub(super) fn paid_by_owner() -> String {
    types::Payer::BucketOwner.as_str().to_owned()
}

pub(super) async fn read_acceleration(s3: &Client, bucket: &str) -> Result<String, KindError> {
    let answer = s3.get_bucket_accelerate_configuration().bucket(bucket).send().await.unless(&UNSUPPORTED)?;
    Ok(answer
        .and_then(|answer| answer.status)
        .map_or_else(not_accelerated, |status| status.as_str().to_owned()))
}

pub(super) async fn read_payer(s3: &Client, bucket: &str) -> Result<String, KindError> {
    let answer = s3.get_bucket_request_payment().bucket(bucket).send().await;
    // An emulator that does not know the question answers another one: what is in the bucket. Nobody pays there.
    if answer.as_ref().is_err_and(is_list) {
        return Ok(paid_by_owner());
    }
    let answer = answer.unless(&UNSUPPORTED)?;
    Ok(answer.and_then(|answer| answer.payer).map_or_else(paid_by_owner, |payer| payer.as_str().to_owned()))
}

/// Whether an answer that was not understood is a list of objects. S3 itself never gives one for a setting.
fn is_list<E>(error: &SdkError<E, HttpResponse>) -> bool {
    const LIST: &[u8] = b"<ListBucketResult";
    let body = error.raw_response().and_then(|reply| reply.body().bytes()).unwrap_or_default();
    body.windows(LIST.len()).any(|part| part == LIST)
}

pub(super) async fn update_acceleration(
    status: &str,
    s3: &Client,
    bucket: &str,
    prior: &str,
) -> Result<(), KindError> {
    if status == prior {
        return Ok(());
    }
    let configuration = types::AccelerateConfiguration::builder().status(status.into()).build();
    in_turn(|| async {
        s3.put_bucket_accelerate_configuration()
            .bucket(bucket)
            .accelerate_configuration(configuration.clone())
            .send()
            .await
            .or_fail()
    })
    .await?;
    Ok(())
}

pub(super) async fn update_payer(
    payer: &str,
    s3: &Client,
    bucket: &str,
    prior: &str,
) -> Result<(), KindError> {
    if payer == prior {
        return Ok(());
    }
    let configuration =
        types::RequestPaymentConfiguration::builder().payer(payer.into()).build().map_err(malformed)?;
    in_turn(|| async {
        s3.put_bucket_request_payment()
            .bucket(bucket)
            .request_payment_configuration(configuration.clone())
            .send()
            .await
            .or_fail()
    })
    .await?;
    Ok(())
}

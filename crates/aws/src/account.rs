//! Whose account the credentials are for.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityOutput;
use provision_engine::kind::{Connect, KindError};

use crate::call::Outcome;
use crate::clients::{Aws, Reader};

/// The number of the account that the credentials are for. Says quickly when there are none, or when AWS
/// cannot be reached.
pub async fn account_id(aws: &Aws) -> Result<String, KindError> {
    let reader = aws.connect(None).await?;
    let identity = caller(&reader).await?;
    identity.account.ok_or_else(|| KindError::new("AWS did not say whose account this is"))
}

/// Who calls, asked once: the first thing that is asked of AWS, so whoever waits for it waits for all that can be wrong
/// with the network.
pub(crate) async fn caller(reader: &Reader) -> Result<GetCallerIdentityOutput, KindError> {
    reader.caller().get_or_try_init(|| ask(reader)).await.cloned()
}

async fn ask(reader: &Reader) -> Result<GetCallerIdentityOutput, KindError> {
    let impatient = aws_sdk_sts::config::Config::builder()
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(3))
                .operation_attempt_timeout(Duration::from_secs(5))
                .build(),
        );
    let answer =
        reader.sts().get_caller_identity().customize().config_override(impatient).send().await.or_fail();
    answer.map_err(|error| match (&error.code, &error.hint) {
        (None, None) => KindError::new("what answers in place of AWS is something else")
            .with_hint("check AWS_ENDPOINT_URL, and whether a proxy is in the way"),
        _ => error,
    })
}

//! A failed call in a store's words: what happened, what to do, and whether to try again may help.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use provision_engine::state::store::StoreError;

use crate::call::{self, CREDENTIALS};

/// Codes that ask for patience, whatever status they come with.
const PASSING: [&str; 14] = [
    "BandwidthLimitExceeded",
    "ConditionalRequestConflict",
    "KMS.ThrottlingException",
    "OperationAborted",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestTimeout",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
];

/// Credentials that were good once, or never.
const CREDENTIALS_REFUSED: [&str; 9] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
];

/// What a store says when a call about `location` has failed.
pub(super) fn failure<E>(location: &str, error: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default().to_owned();
    let is_passing = match &error {
        // There may have been no answer because nothing was sent: without credentials, for instance.
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        SdkError::DispatchFailure(failure) => !failure.is_user() && !is_for_want_of_credentials(&error),
        // Not implemented stays so.
        _ => {
            PASSING.contains(&code.as_str())
                || status.is_some_and(|status| status == 429 || (status >= 500 && status != 501))
        }
    };
    let hint = match code.as_str() {
        "NoSuchBucket" | "ResourceNotFoundException" => Some("make it: provision bootstrap ENV".to_owned()),
        "AccessDenied" | "AccessDeniedException" => {
            Some("docs/state.md lists what has to be allowed".to_owned())
        }
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            Some("it may be in another region: set `region` in [state]".to_owned())
        }
        "RequestTimeTooSkewed" => Some("set this machine's clock".to_owned()),
        code if CREDENTIALS_REFUSED.contains(&code) => Some(CREDENTIALS.to_owned()),
        code if code.starts_with("KMS.") => {
            Some("check `kms_key_id` in [state], and that the key is enabled".to_owned())
        }
        _ => None,
    };
    let told = call::failure(error);
    StoreError { message: format!("{location}: {told}"), hint: hint.or(told.hint), is_passing }
}

fn is_for_want_of_credentials(error: &(dyn Error + 'static)) -> bool {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(credentials) = inner.downcast_ref::<CredentialsError>() {
            return !matches!(credentials, CredentialsError::ProviderTimedOut(_));
        }
        cause = inner.source();
    }
    false
}

//! The outcome of an SDK call in the engine's words.

use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use provision_engine::kind::KindError;

/// What to make of a call's result.
pub(crate) trait Outcome<T>: Sized {
    /// The answer, or the failure as a [`KindError`] with AWS's code.
    fn or_fail(self) -> Result<T, KindError>;

    /// The answer, or `None` if AWS says with one of these codes that there is none. An unknown route of an
    /// emulator is a 404 too: only the code tells.
    fn unless(self, codes: &[&str]) -> Result<Option<T>, KindError> {
        match self.or_fail() {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.is(codes) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl<T, E, R> Outcome<T> for Result<T, SdkError<E, R>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug,
{
    fn or_fail(self) -> Result<T, KindError> {
        self.map_err(|error| {
            let hint = hint(&error);
            let service = error.as_service_error();
            let code = service.and_then(ProvideErrorMetadata::code).map(str::to_owned);
            let message = match service.and_then(ProvideErrorMetadata::message) {
                Some(message) => message.to_owned(),
                None if code.is_some() => "AWS gave no message".to_owned(),
                None => DisplayErrorContext(&error).to_string(),
            };
            KindError { code, message, hint }
        })
    }
}

fn hint<E, R>(error: &SdkError<E, R>) -> Option<String> {
    match error {
        SdkError::DispatchFailure(failure) if failure.is_timeout() || failure.is_io() => {
            Some("AWS could not be reached; check the network, or AWS_ENDPOINT_URL if it is set".to_owned())
        }
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) => Some(
            "check the credentials: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY".to_owned(),
        ),
        _ => None,
    }
}

/// Repeats a call while AWS answers with one of these codes: what it depends on was made a moment ago and is not
/// visible everywhere yet. Gives up after about a minute.
pub(crate) async fn eventually<T, F>(codes: &[&str], call: impl FnMut() -> F) -> Result<T, KindError>
where
    F: Future<Output = Result<T, KindError>>,
{
    repeat_while(|error| error.is(codes), PROPAGATION, call).await
}

/// How long a change takes to be visible everywhere, at most.
pub(crate) const PROPAGATION: Duration = Duration::from_secs(60);

/// Repeats a call while its failure is one that passes, with growing pauses that amount to about `patience`.
pub(crate) async fn repeat_while<T, F>(
    passes: impl Fn(&KindError) -> bool,
    patience: Duration,
    mut call: impl FnMut() -> F,
) -> Result<T, KindError>
where
    F: Future<Output = Result<T, KindError>>,
{
    let mut pause = Duration::from_millis(250);
    let mut waited = Duration::ZERO;
    loop {
        match call().await {
            Err(error) if waited < patience && passes(&error) => {
                tracing::debug!(%error, "not visible yet");
                tokio::time::sleep(pause).await;
                waited += pause;
                pause = (pause * 2).min(Duration::from_secs(8));
            }
            outcome => return outcome,
        }
    }
}

/// The failure to build a request: a required part is missing from a configuration that was checked before.
pub(crate) fn malformed(error: impl std::error::Error) -> KindError {
    KindError::new(format!("the request cannot be built: {error}"))
}

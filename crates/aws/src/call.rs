//! The outcome of an SDK call in the engine's words.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use aws_config::imds::client::error::ImdsError;
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::ErrorKind;
use provision_engine::behalf;
use provision_engine::kind::{Kind, KindError, Token};

use crate::attempts;
use crate::clients::Reader;
use crate::pauses::Growing;
use crate::reads::anew;
use crate::throttling::{self, Interrupted};

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

impl<T, E> Outcome<T> for Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn or_fail(self) -> Result<T, KindError> {
        self.map_err(failure)
    }
}

/// A call's failure, in a sentence, with AWS's code if AWS has answered.
pub(crate) fn failure<E>(error: SdkError<E, HttpResponse>) -> KindError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let may_have_acted = match error.raw_response() {
        Some(reply) if attempts::left_open(reply) => Some(true),
        // Nor did any attempt before it.
        Some(reply) if throttling::is_throttled(reply) => Some(false),
        _ => None,
    };
    let service = error.as_service_error();
    let code = service.and_then(ProvideErrorMetadata::code).map(str::to_owned);
    if code.is_none()
        && let Some(trouble) = no_reply(&error)
    {
        return trouble;
    }
    let message = match service.and_then(ProvideErrorMetadata::message) {
        Some(message) => message.to_owned(),
        None if code.is_some() => "AWS gave no message".to_owned(),
        None => DisplayErrorContext(&error).to_string(),
    };
    KindError { code, message, hint: None, may_have_acted }
}

/// What to do when there are no credentials, or none that hold.
pub(crate) const CREDENTIALS: &str = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (with \
    AWS_SESSION_TOKEN for temporary ones), or sign in with `aws sso login`";

/// What kept a call from being answered, in a sentence.
fn no_reply<E: Error + 'static>(error: &SdkError<E, HttpResponse>) -> Option<KindError> {
    let mut cause = error.source();
    let mut root = error.to_string();
    while let Some(inner) = cause {
        match inner.downcast_ref::<CredentialsError>() {
            Some(credentials) => return Some(no_credentials(credentials)),
            None if inner.is::<Interrupted>() => return Some(KindError::new(inner.to_string())),
            None => root = inner.to_string(),
        }
        cause = inner.source();
    }
    let unreachable = match error {
        SdkError::TimeoutError(_) => true,
        SdkError::DispatchFailure(failure) => {
            failure.is_timeout() || failure.is_io() || failure.as_other() == Some(ErrorKind::TransientError)
        }
        _ => false,
    };
    unreachable.then(|| {
        KindError::new(format!("AWS could not be reached: {root}"))
            .with_hint("check the network, or AWS_ENDPOINT_URL if it is set")
    })
}

/// Why there are no credentials to sign with, in a sentence.
fn no_credentials(error: &CredentialsError) -> KindError {
    let mut cause = error.source();
    let mut root = error.to_string();
    // The metadata service is asked last, when nothing is configured, and away from EC2 there is none.
    let mut has_none = matches!(error, CredentialsError::CredentialsNotLoaded(_));
    while let Some(inner) = cause {
        has_none |= inner.is::<ImdsError>();
        root = inner.to_string();
        cause = inner.source();
    }
    let message = match std::env::var("AWS_PROFILE") {
        _ if !has_none => format!("the AWS credentials cannot be used: {root}"),
        Ok(profile) => format!("no AWS credentials were found, and AWS_PROFILE is {profile}"),
        Err(_) => "no AWS credentials were found".to_owned(),
    };
    KindError::new(message).with_hint(CREDENTIALS)
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
    let mut pauses = Growing::between(Duration::from_millis(100), Duration::from_secs(8));
    let mut waited = Duration::ZERO;
    let mut is_undecided = false;
    loop {
        let outcome = match waited {
            Duration::ZERO => call().await,
            // What is remembered would be the same each time.
            _ => anew(call()).await,
        };
        match outcome {
            Err(error) if waited < patience && passes(&error) => {
                tracing::debug!(%error, "not visible yet");
                is_undecided |= error.is_undecided();
                let pause = pauses.next();
                behalf::idle(tokio::time::sleep(pause)).await;
                waited += pause;
            }
            // What an earlier call left open, the last one does not settle.
            Err(error) if is_undecided => return Err(error.undecided()),
            outcome => return outcome,
        }
    }
}

/// Runs a change that looks at what is there, and does what is missing. Where AWS refuses that, and an attempt may have
/// taken effect, the refusal may be of a repetition of what is done already: then it looks once more.
pub(crate) async fn look_again<T, F>(mut change: impl FnMut() -> F) -> Result<T, KindError>
where
    F: Future<Output = Result<T, KindError>>,
{
    match change().await {
        Err(error) if error.is_undecided() && error.code.is_some() => {
            tracing::debug!(%error, "it may be done already");
            change().await.map_err(KindError::undecided)
        }
        outcome => outcome,
    }
}

const CHOOSE: &str = "choose another name, or import the one that is there";

/// [`Kind::ensure_free`] of a kind that is found by its name.
pub(crate) async fn ensure_free<K: Kind<Reader = Reader>>(
    kind: &K,
    reader: &Reader,
    token: &Token,
) -> Result<(), KindError> {
    match kind.find(reader, token).await? {
        Some(id) => {
            Err(KindError::new(format!("the account has one of this name already: {id}")).with_hint(CHOOSE))
        }
        None => Ok(()),
    }
}

/// Runs a create that AWS refuses with one of the codes `taken` if there is one of that name already, and gives the
/// id.
///
/// When the reply to a create is lost, the SDK repeats it and gets that refusal for what it made itself. A name that
/// was free before the call ([`ensure_free`]), and that is taken once an attempt of it may have taken effect, was taken
/// by that attempt. One that the very first attempt finds taken is someone else's.
pub(crate) async fn create_named<K: Kind<Reader = Reader>>(
    kind: &K,
    reader: &Reader,
    token: &Token,
    taken: &[&str],
    create: impl Future<Output = Result<String, KindError>>,
) -> Result<String, KindError> {
    match create.await {
        Err(error) if error.is(taken) && error.is_undecided() => {
            found_again(kind, reader, token, error).await
        }
        Err(error) if error.is(taken) => Err(error.with_hint(CHOOSE)),
        outcome => outcome,
    }
}

/// The id of what a create has made that ended with `error`; `error` if nothing is found that it made, which then stays
/// open. A list may be a little behind.
pub(crate) async fn found_again<K: Kind<Reader = Reader>>(
    kind: &K,
    reader: &Reader,
    token: &Token,
    error: KindError,
) -> Result<String, KindError> {
    const BEHIND: Duration = Duration::from_secs(3);
    const UNLISTED: &str = "Unlisted";
    let unlisted = || KindError { code: Some(UNLISTED.to_owned()), ..KindError::new("not listed yet") };
    let found = repeat_while(
        |error| error.is(&[UNLISTED]),
        BEHIND,
        || async { kind.find(reader, token).await?.ok_or_else(unlisted) },
    );
    match found.await {
        Err(failure) if failure.is(&[UNLISTED]) => Err(error.undecided()),
        outcome => outcome.map_err(KindError::undecided),
    }
}

/// The failure to build a request: a required part is missing from a configuration that was checked before.
pub(crate) fn malformed(error: impl std::error::Error) -> KindError {
    KindError::new(format!("the request cannot be built: {error}"))
}

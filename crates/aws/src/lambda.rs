//! What the kinds of Lambda share: codes, refusals that pass, and waiting until a function takes changes.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, State};
use provision_engine::behalf;
use provision_engine::kind::KindError;

use crate::call::Outcome;
use crate::pauses::Growing;

/// There is none of that name.
pub(crate) const ABSENT: &[&str] = &["ResourceNotFoundException"];
/// There is one of that name, or something else is being done to the function: see [`is_busy`].
pub(crate) const TAKEN: &[&str] = &["ResourceConflictException"];

/// How long Lambda takes to make a function ready after a change, at most. With a network or a large image it is
/// minutes.
pub(crate) const READY: Duration = Duration::from_secs(10 * 60);

/// Whether a call was refused because the function is still being made or changed.
pub(crate) fn is_busy(error: &KindError) -> bool {
    error.is(TAKEN) && error.message.contains("cannot be performed at this time")
}

/// Whether a call was refused because of a role, a permission or a grant that was made a moment ago, and that is not
/// known everywhere yet.
pub(crate) fn passes(error: &KindError) -> bool {
    const YOUNG: [&str; 4] = [
        "cannot be assumed by Lambda",
        "does not have permissions to call",
        "KMS key is invalid for CreateGrant",
        "throttled by EC2",
    ];
    is_busy(error)
        || error.is(&["InvalidParameterValueException"])
            && YOUNG.iter().any(|message| error.message.contains(message))
}

/// Whether a function is neither being made nor being changed.
pub(crate) fn is_ready(function: &FunctionConfiguration) -> bool {
    function.state() != Some(&State::Pending)
        && function.last_update_status() != Some(&LastUpdateStatus::InProgress)
}

/// Waits until a function takes changes. Whether the last one went well does not matter for the next.
pub(crate) async fn wait_until_ready(lambda: &Client, name: &str) -> Result<(), KindError> {
    let mut pauses = Growing::between(Duration::from_millis(100), Duration::from_secs(5));
    let mut waited = Duration::ZERO;
    loop {
        let answer = lambda.get_function().function_name(name).send().await.or_fail()?;
        if answer.configuration().is_none_or(is_ready) {
            return Ok(());
        }
        if waited >= READY {
            return Err(KindError::new(format!("Lambda is still busy with an earlier change of {name}"))
                .with_hint("run the same command again in a while"));
        }
        let pause = pauses.next();
        behalf::idle(tokio::time::sleep(pause)).await;
        waited += pause;
    }
}

//! Keys of KMS that other kinds encrypt with.

use aws_sdk_kms::types::KeyState;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;

use crate::call::Outcome;
use crate::clients::Reader;

/// What is wrong with a key that something is to be encrypted with: it is not there, or is about to go. `argument`: the
/// one that names it, by id, ARN or alias; empty if that is not known yet.
pub(crate) async fn obstacle(
    reader: &Reader,
    argument: &str,
    key: Option<&str>,
) -> Result<Vec<Problem>, KindError> {
    // An alias of AWS's own comes into being when it is first used.
    let Some(key) = key.filter(|key| !key.is_empty() && !key.contains("alias/aws/")) else {
        return Ok(Vec::new());
    };
    let answer = reader.kms().describe_key().key_id(key).send().await.unless(&["NotFoundException"])?;
    let Some(metadata) = answer.and_then(|answer| answer.key_metadata) else {
        return Ok(vec![Problem::new(argument, format!("there is no key {key}"))]);
    };
    let (message, hint) = match metadata.key_state() {
        Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion) => (
            format!("the key {key} is pending deletion, and encrypts nothing"),
            "name another key; or keep this one: aws kms cancel-key-deletion",
        ),
        Some(KeyState::Disabled) => {
            (format!("the key {key} is disabled, and encrypts nothing"), "enable it, or name another key")
        }
        _ => return Ok(Vec::new()),
    };
    Ok(vec![Problem::new(argument, message).with_hint(hint)])
}

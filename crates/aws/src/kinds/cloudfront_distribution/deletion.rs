//! The end of a distribution. AWS deletes one only once it is disabled, and that has reached all edge locations.

use std::time::Duration;

use aws_sdk_cloudfront::types::DistributionConfig;
use provision_engine::kind::KindError;
use tokio::time::{Instant, sleep};

use super::{ABSENT, DEPLOYED};
use crate::call::Outcome;
use crate::clients::Writer;
use crate::cloudfront;
use crate::pauses::Growing;

/// How long a deletion may take. AWS mostly needs five minutes.
const BOUND: Duration = Duration::from_secs(60 * 60);
/// The pauses between looks: short at first, for a local AWS, and then as long as AWS deserves.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// AWS's codes for a deletion that came too early: someone changed the distribution after our look, or "Deployed"
/// is not true everywhere yet.
const TOO_EARLY: &[&str] = &["DistributionNotDisabled", "InvalidIfMatchVersion", "PreconditionFailed"];

/// Disables a distribution, and deletes it unless it should be retained.
pub(super) async fn delete(writer: &Writer, id: &str, retain: bool) -> Result<(), KindError> {
    let deadline = Instant::now() + BOUND;
    let mut pauses = Growing::between(FIRST_PAUSE, LONGEST_PAUSE);
    loop {
        if step(writer, id, retain).await? {
            return Ok(());
        }
        let pause = pauses.next();
        if Instant::now() + pause > deadline {
            return Err(KindError::new(
                "the distribution is disabled, and AWS has not deployed that in an hour",
            )
            .with_hint("run destroy again: it goes on from here"));
        }
        sleep(pause).await;
    }
}

/// Does what can be done now, and says whether that was all.
async fn step(writer: &Writer, id: &str, retain: bool) -> Result<bool, KindError> {
    let answer = writer.cloudfront().get_distribution().id(id).send().await.unless(ABSENT)?;
    let Some(answer) = answer else { return Ok(true) };
    let distribution = answer.distribution.ok_or_else(|| cloudfront::lacking("the distribution"))?;
    let deployed = distribution.status() == DEPLOYED;
    let config = distribution.distribution_config.ok_or_else(|| cloudfront::lacking("the configuration"))?;
    if config.enabled() {
        let disabled = disable(writer, id, config, answer.e_tag).await?;
        return Ok(disabled && retain);
    }
    if retain || !deployed {
        return Ok(retain);
    }
    let delete = writer.cloudfront().delete_distribution().id(id).set_if_match(answer.e_tag);
    match delete.send().await.or_fail() {
        Ok(_) => Ok(true),
        Err(error) if error.is(ABSENT) => Ok(true),
        Err(error) if error.is(TOO_EARLY) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Turns it off; `false` if it was changed since the look and has to be looked at again.
async fn disable(
    writer: &Writer,
    id: &str,
    mut config: DistributionConfig,
    etag: Option<String>,
) -> Result<bool, KindError> {
    // A policy that sends part of the traffic to a staging distribution keeps the primary one in use: it is
    // detached first, and the next look turns the distribution off. A staging distribution cannot be without
    // the policy that names it.
    let policy = cloudfront::set(config.continuous_deployment_policy_id());
    let detach = policy.is_some() && config.staging() != Some(true);
    if detach {
        config.continuous_deployment_policy_id = Some(String::new());
    } else {
        config.enabled = false;
    }
    let update =
        writer.cloudfront().update_distribution().id(id).set_if_match(etag).distribution_config(config);
    match update.send().await.or_fail() {
        Ok(_) => Ok(!detach),
        Err(error) if error.is(cloudfront::STALE) => Ok(false),
        Err(error) => Err(error),
    }
}

//! What can be told of a plan before it is carried out: what would fail, and whether the credentials are enough for it.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use futures::future::join;
use provision_aws::permissions::{Caller, Simulated, caller, simulate};
use provision_engine::config::Backend;
use provision_engine::kind::{ResourceKind, Token};
use provision_engine::permission::{self, Permission};
use provision_engine::plan::Plan;
use provision_engine::preflight::{Obstacle, Preflight, preflight};
use provision_engine::state::State;

use super::{Planned, Session};
use crate::commands::aim::PreflightArguments;
use crate::error::CommandError;
use crate::timings::Phase;

impl Session {
    /// Looks ahead of a plan, if that is asked for and there is something to see.
    pub(crate) async fn preflight(
        &self,
        state: (&State, bool),
        planned: &Planned,
        arguments: &PreflightArguments,
    ) -> Option<Preflight> {
        // On the heap: the futures of commands are deep enough without it.
        Box::pin(self.look_ahead(state, planned, arguments)).await
    }

    async fn look_ahead(
        &self,
        (state, state_exists): (&State, bool),
        planned: &Planned,
        arguments: &PreflightArguments,
    ) -> Option<Preflight> {
        if !arguments.preflight || planned.plan.is_empty() {
            return None;
        }
        let _looking = self.timings.phase(Phase::LookAhead);
        let _reading = self.reading();
        let inputs = self.inputs(state, &planned.observation, &planned.aim);
        let token = Token(uuid::Uuid::new_v4().to_string());
        let looks = preflight(&inputs, &planned.plan, &token);
        let (mut preflight, permitted) = join(looks, self.permitted(state, state_exists, planned)).await;
        match permitted {
            Ok(Simulated::Denied(denied)) => {
                preflight.obstacles.extend(denied.into_iter().map(|denied| Obstacle {
                    address: None,
                    message: match denied.explicitly {
                        true => format!(
                            "these credentials are forbidden {} on {}",
                            denied.action, denied.resource
                        ),
                        false => {
                            format!("these credentials may not {} on {}", denied.action, denied.resource)
                        }
                    },
                    hint: Some("a policy with all that is needed: provision plan --permissions".to_owned()),
                    at: None,
                }));
            }
            Ok(Simulated::Skipped(why)) => {
                preflight.unseen.push(format!("whether these credentials may do all of it: {why}"));
            }
            Err(why) => preflight.unseen.push(format!("whether these credentials may do all of it: {why}")),
        }
        Some(preflight).filter(|preflight| *preflight != Preflight::default())
    }

    /// What of a plan these credentials are not permitted.
    async fn permitted(
        &self,
        state: &State,
        state_exists: bool,
        planned: &Planned,
    ) -> Result<Simulated, String> {
        let is_remote = |kind: &str| self.registry.kind(kind).is_none_or(ResourceKind::is_remote);
        if !planned.plan.effective().any(|change| is_remote(&change.kind)) {
            return Ok(Simulated::Denied(Vec::new()));
        }
        let asked = async {
            let (needed, caller) = self.permissions(state, state_exists, planned).await?;
            self.lacking(&caller, &needed).await
        };
        asked.await.map_err(|error: CommandError| error.to_string())
    }

    /// What the credentials that a plan is carried out with have to be permitted, and whose they are now.
    pub(crate) async fn permissions(
        &self,
        state: &State,
        state_exists: bool,
        planned: &Planned,
    ) -> Result<(BTreeSet<Permission>, Caller), CommandError> {
        let environment = &self.configuration.environment;
        let caller = caller(&self.aws).await?;
        let place = caller.place(&environment.region);
        let inputs = self.inputs(state, &planned.observation, &planned.aim);
        let mut needed = permission::permissions(&planned.plan, &inputs, &place);
        if let Backend::S3(backend) = &environment.backend {
            let location = self.state_location(backend);
            let of_state =
                provision_aws::state::permissions(&location, &self.state_key(backend), state_exists);
            needed.extend(of_state.into_iter().map(|permission| permission.at(&place)));
        }
        Ok((needed, caller))
    }

    /// Which of these permissions the credentials lack.
    pub(crate) async fn lacking(
        &self,
        caller: &Caller,
        needed: &BTreeSet<Permission>,
    ) -> Result<Simulated, CommandError> {
        Ok(simulate(&self.aws, caller, needed).await?)
    }

    /// Refuses to begin what the credentials would not outlive; says so if they may not.
    pub(crate) async fn check_credentials(&self, plan: &Plan) -> Result<Option<String>, CommandError> {
        const SHORTEST: Duration = Duration::from_secs(60);
        let kinds = plan.effective().filter_map(|change| self.registry.kind(&change.kind));
        let Some(takes) = kinds.filter(|kind| kind.is_remote()).map(ResourceKind::takes).max() else {
            return Ok(None);
        };
        let _checking = self.timings.phase(Phase::CheckingCredentials);
        let Some(end) = provision_aws::state::credentials_expiry(&self.aws).await else { return Ok(None) };
        let left = end.duration_since(SystemTime::now()).unwrap_or_default();
        if left < SHORTEST {
            return Err(CommandError::with_hint(
                format!("the AWS credentials end in {} s: this run would outlive them", left.as_secs()),
                "renew them, and run the same command again",
            ));
        }
        Ok((left < takes).then(|| {
            let minutes = |duration: Duration| duration.as_secs().div_ceil(60);
            format!(
                "the AWS credentials end in {} min, and what is to be done may take {} min",
                minutes(left),
                minutes(takes)
            )
        }))
    }
}

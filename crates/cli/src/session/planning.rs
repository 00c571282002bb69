//! What is there, and what it is made of: a plan, or a checklist.

use std::collections::BTreeMap;

use futures::FutureExt;
use futures::future::{join, try_join};
use provision_engine::address::Address;
use provision_engine::checklist::{Check, Checklist, checklist};
use provision_engine::event::{Clock, Events};
use provision_engine::kind::Token;
use provision_engine::plan::{Aim, Outcome, plan};
use provision_engine::refresh::{Found, Observation, Requests, answer, find_existing, refresh};
use provision_engine::source::Diagnostics;
use provision_engine::state::State;

use super::{Planned, Session, TokioClock};
use crate::error::CommandError;
use crate::timings::Phase;

impl Session {
    /// As [`Session::plan`], and [`Session::account`] at the same time. Credentials of another account, or
    /// none, are told before anything else.
    pub(crate) async fn plan_in_account(
        &self,
        state: &State,
        aim: Aim,
        read: bool,
        events: &dyn Events,
    ) -> Result<(Option<String>, Planned), CommandError> {
        let plan = self.plan(state, aim, read, events).map(Ok);
        let (account, planned) = try_join(self.account(state), plan).await?;
        Ok((account, planned?))
    }

    /// Reads what is there, and plans.
    pub(crate) async fn plan(
        &self,
        state: &State,
        aim: Aim,
        read: bool,
        events: &dyn Events,
    ) -> Result<Planned, CommandError> {
        if let Some(planned) = self.planned_already(state, &aim) {
            return Ok(planned);
        }
        let _reading = self.reading();
        let refresh = self.refresh(state, read, events);
        let (observation, foreseen) = join(refresh, self.answers_ahead(state, &aim)).await;
        let Observation { data, imports, .. } = foreseen;
        let mut observation = Observation { data, imports, ..observation? };
        let mut adopt_is_due = !aim.adopt.is_empty();
        loop {
            let planning = self.timings.phase(Phase::Planning);
            let outcome = plan(&self.inputs(state, &observation, &aim))?;
            drop(planning);
            match outcome {
                Outcome::Planned(plan, _) if adopt_is_due => {
                    let _reading = self.timings.phase(Phase::ReadingData);
                    let token = Token(uuid::Uuid::new_v4().to_string());
                    find_existing(&plan, &aim.adopt, &self.registry, &token, &mut observation).await?;
                    adopt_is_due = false;
                }
                Outcome::Planned(plan, files_read) => {
                    return Ok(Planned { plan: *plan, observation, files_read, aim });
                }
                Outcome::Needs(requests) => self.answer(requests, &mut observation).await?,
            }
        }
    }

    /// What is there of what the state knows.
    async fn refresh(
        &self,
        state: &State,
        read: bool,
        events: &dyn Events,
    ) -> Result<Observation, Diagnostics> {
        let _refresh = self.timings.phase(Phase::Refresh);
        refresh(state, &self.registry, read, TokioClock.now(), events).await
    }

    /// Reads what a plan or a check needs beside that.
    pub(super) async fn answer(
        &self,
        requests: Requests,
        observation: &mut Observation,
    ) -> Result<(), Diagnostics> {
        let _reading = self.timings.phase(Phase::ReadingData);
        answer(requests, &self.registry, observation).await
    }

    /// What a plan will have to ask, if all is still as the state says. It does not wait for what all is.
    async fn answers_ahead(&self, state: &State, aim: &Aim) -> Observation {
        let mut observation = Observation { time: Some(TokioClock.now()), ..Observation::default() };
        if !aim.destroys()
            && self.has_data()
            && let Ok(Outcome::Needs(requests)) = plan(&self.inputs(state, &observation, aim))
        {
            // What fails is asked again, and told, if it is still to be asked then.
            let _ = self.answer(requests, &mut observation).await;
        }
        observation
    }

    /// Plans to take over what was found to exist already, and has no name yet. Reads nothing.
    pub(crate) fn plan_adoption(
        &self,
        state: &State,
        found: BTreeMap<Address, Option<Found>>,
        aim: Aim,
    ) -> Result<Planned, CommandError> {
        let imports = found.into_iter().filter(|(_, found)| found.is_some()).collect();
        let observation = Observation { time: Some(TokioClock.now()), imports, ..Observation::default() };
        match plan(&self.inputs(state, &observation, &aim))? {
            Outcome::Planned(plan, files_read) => Ok(Planned { plan: *plan, observation, files_read, aim }),
            Outcome::Needs(_) => Err(CommandError::new("something has to be read first")),
        }
    }

    /// Reads what is there, and evaluates the checks on it.
    pub(crate) async fn checklist(
        &self,
        state: &State,
        events: &dyn Events,
    ) -> Result<Vec<Check>, CommandError> {
        let _reading = self.reading();
        let mut observation = self.refresh(state, true, events).await?;
        loop {
            match checklist(&self.inputs(state, &observation, &Aim::default())) {
                Checklist::Checks(checks) => return Ok(checks),
                Checklist::Needs(requests) => self.answer(requests, &mut observation).await?,
            }
        }
    }
}

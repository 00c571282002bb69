//! What is wrong with a configuration, which is told before anything is asked; and the plan that comes of that.

use std::sync::{MutexGuard, PoisonError};

use provision_engine::config::Backend;
use provision_engine::event::Clock;
use provision_engine::plan::{Aim, Inputs, Outcome, PlanDocument, plan};
use provision_engine::refresh::Observation;
use provision_engine::source::{Diagnostic, Diagnostics};
use provision_engine::state::State;

use super::{Planned, Session, TokioClock};
use crate::error::CommandError;
use crate::timings::Phase;

/// A plan for an environment that has nothing, and the state that it begins with.
pub(super) struct First {
    state: State,
    planned: Planned,
}

impl Session {
    /// Refuses a configuration that is wrong: all that is, with what planning finds wrong with no state at all.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        let _checking = self.timings.phase(Phase::Checking);
        let state = self.new_state()?;
        let observation = Observation { time: Some(TokioClock.now()), ..Observation::default() };
        let planned = self.plan_with_no_state(&state, observation)?;
        if let Some(planned) = planned.filter(|_| self.is_first() && !self.asks()) {
            *self.first() = Some(First { state, planned });
        }
        Ok(())
    }

    /// What checking has planned, if it is the plan that is wanted: nothing is there, and nothing is to be asked.
    pub(super) fn planned_already(&self, state: &State, aim: &Aim) -> Option<Planned> {
        let first = self.first().take_if(|first| first.state == *state && first.planned.aim == *aim)?;
        Some(first.planned)
    }

    /// The state that what checking has planned begins with.
    pub(super) fn state_of_first(&self) -> Option<State> {
        self.first().as_ref().map(|first| first.state.clone())
    }

    fn first(&self) -> MutexGuard<'_, Option<First>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan of the configuration by itself: with no state, and nothing asked. Refuses a configuration that is wrong.
    pub(crate) fn plan_offline(&self) -> Result<Option<PlanDocument>, Diagnostics> {
        let state = State::new(&self.configuration.environment, String::new(), &[]);
        let planned = self.plan_with_no_state(&state, Observation::default())?;
        Ok(planned.map(|planned| {
            let inputs = self.inputs(&state, &planned.observation, &planned.aim);
            PlanDocument::new(&planned.plan, &Inputs { offline: true, ..inputs })
        }))
    }

    fn plan_with_no_state(
        &self,
        state: &State,
        observation: Observation,
    ) -> Result<Option<Planned>, Diagnostics> {
        let mut diagnostics = self.diagnostics.clone();
        let aim = Aim::default();
        let mut planned = None;
        match plan(&Inputs { offline: true, ..self.inputs(state, &observation, &aim) }) {
            Ok(Outcome::Planned(plan, files_read)) => {
                planned = Some(Planned { plan: *plan, observation, files_read, aim });
            }
            // An offline plan asks for nothing.
            Ok(Outcome::Needs(_)) => {}
            Err(more) => {
                // What is wrong with a reference shows again in its value.
                let known: Vec<_> = diagnostics.0.iter().filter_map(|known| known.place.clone()).collect();
                let is_new = |diagnostic: &Diagnostic| {
                    !diagnostic.place.as_ref().is_some_and(|place| known.contains(place))
                };
                more.0.into_iter().filter(is_new).for_each(|diagnostic| diagnostics.push(diagnostic));
            }
        }
        diagnostics.into_result().map(|()| planned)
    }

    /// Whether this environment's state would be on this machine, and is not.
    fn is_first(&self) -> bool {
        let environment = &self.configuration.environment;
        match &environment.backend {
            Backend::Local { path } => !self.project.state(environment, path.as_deref()).exists(),
            Backend::S3(_) => false,
        }
    }

    /// Whether a plan has something to ask, whatever the state is.
    fn asks(&self) -> bool {
        self.has_data() || self.configuration.modules.iter().any(|path| !path.module.imports.is_empty())
    }

    pub(super) fn has_data(&self) -> bool {
        self.configuration.blocks.iter().any(|block| block.name.data)
    }
}

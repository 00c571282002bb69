//! Events as JSON, for programs.

use std::time::Duration;

use provision_engine::event::{Event, ScheduledStep, StepAction};
use serde_json::{Value as Json, json};

/// An event as a JSON object. `elapsed` is how long what it ends has taken.
pub(super) fn of(event: &Event<'_>, elapsed: Duration) -> Json {
    let elapsed = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    match event {
        Event::RefreshStarted { resources } => json!({ "event": "refresh_started", "resources": resources }),
        Event::Refreshed { address } => json!({ "event": "refreshed", "address": address }),
        Event::ApplyStarted { steps } => json!({
            "event": "apply_started",
            "steps": steps.len(),
            "schedule": steps.iter().map(scheduled).collect::<Vec<_>>(),
        }),
        Event::StepStarted { address, action } => {
            json!({ "event": "step_started", "address": address, "action": name(*action) })
        }
        Event::StepFinished { address, action, id } => json!({
            "event": "step_finished",
            "address": address,
            "action": name(*action),
            "id": id,
            "elapsed_ms": elapsed,
        }),
        Event::StepFailed { address, action, message, hint } => json!({
            "event": "step_failed",
            "address": address,
            "action": name(*action),
            "message": message,
            "hint": hint,
            "elapsed_ms": elapsed,
        }),
        Event::StepSkipped { address, action, because } => json!({
            "event": "step_skipped",
            "address": address,
            "action": name(*action),
            "because": because,
        }),
        Event::Settling { address } => json!({ "event": "settling", "address": address }),
        Event::Settled { address } => {
            json!({ "event": "settled", "address": address, "elapsed_ms": elapsed })
        }
        Event::Interrupted { running } => json!({ "event": "interrupted", "running": running }),
    }
}

/// A step that is going to be taken. It waits for those at these positions.
fn scheduled(step: &ScheduledStep) -> Json {
    json!({ "address": step.address, "action": name(step.action), "waits_for": step.waits_for })
}

/// The name of an action, as in plan documents.
fn name(action: StepAction) -> &'static str {
    match action {
        StepAction::Create => "create",
        StepAction::Update => "update",
        StepAction::Delete => "delete",
        StepAction::Read => "read",
        StepAction::Adopt => "adopt",
    }
}

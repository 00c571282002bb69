//! What has come of checks.

use futures::StreamExt;
use futures::future::BoxFuture;

use super::{Check, Severity};

/// How many checks run at a time.
const CHECKS_AT_A_TIME: usize = 4;

/// What has come of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check's address.
    pub address: String,
    /// Its line in the checklist.
    pub description: String,
    /// What it means that it does not hold.
    pub severity: Severity,
    /// What has come of it.
    pub result: CheckResult,
    /// Why, or what was seen.
    pub reasons: Vec<String>,
}

/// What comes of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckResult {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It does not, and is of [`Severity::Warning`].
    Warning,
    /// It was not tried, or not wholly.
    Skipped,
}

impl CheckResult {
    /// The name in tables and documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Warning => "warning",
            Self::Skipped => "skipped",
        }
    }
}

/// What has come of a probe, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It went as it should.
    Passed(String),
    /// It did not.
    Failed(String),
    /// It cannot be tried here.
    Skipped(String),
}

/// Who tries what checks want tried.
pub trait Prober: Send + Sync {
    /// Tries all probes of a check, in their order, up to one that fails.
    fn probe<'a>(&'a self, check: &'a Check) -> BoxFuture<'a, Vec<Outcome>>;
}

/// Runs checks, and says what has come of each, in their order.
pub async fn run(checks: &[Check], prober: &dyn Prober) -> Vec<Finding> {
    futures::stream::iter(checks)
        .map(|check| async move {
            let outcomes = match check.skip.is_none() && check.failures.is_empty() && !check.probes.is_empty()
            {
                true => prober.probe(check).await,
                // Where something is wrong already, there is nothing to try.
                false => Vec::new(),
            };
            Finding::of(check, outcomes)
        })
        .buffered(CHECKS_AT_A_TIME)
        .collect()
        .await
}

impl Finding {
    fn of(check: &Check, outcomes: Vec<Outcome>) -> Self {
        let (mut passed, mut failed, mut skipped) =
            (check.passed.clone(), check.failures.clone(), Vec::new());
        skipped.extend(check.skip.clone());
        for outcome in outcomes {
            match outcome {
                Outcome::Passed(seen) => passed.push(seen),
                Outcome::Failed(why) => failed.push(why),
                Outcome::Skipped(why) => skipped.push(why),
            }
        }
        let result = match (failed.is_empty(), skipped.is_empty(), check.severity) {
            (false, _, Severity::Error) => CheckResult::Failed,
            (false, _, Severity::Warning) => CheckResult::Warning,
            (true, false, _) => CheckResult::Skipped,
            (true, true, _) => CheckResult::Passed,
        };
        let reasons = match result {
            CheckResult::Passed => passed,
            CheckResult::Skipped => skipped,
            CheckResult::Failed | CheckResult::Warning => failed,
        };
        Self {
            address: check.address.clone(),
            description: check.description.clone(),
            severity: check.severity,
            result,
            reasons,
        }
    }
}

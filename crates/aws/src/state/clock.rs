//! The clock of a service, as its answers tell it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

/// The local clock, set right by the `Date` of the last answer. A lease is the same time for all who look at it then,
/// however wrong their own clocks are.
#[derive(Debug, Clone, Default)]
pub(super) struct ServiceClock {
    /// By how many milliseconds the service is ahead.
    ahead: Arc<AtomicI64>,
}

/// Less than this is no difference: `Date` has whole seconds, and an answer takes a while to arrive.
const PRECISION: Duration = Duration::from_secs(2);

impl ServiceClock {
    pub(super) fn now(&self) -> SystemTime {
        let ahead = self.ahead.load(Ordering::Relaxed);
        let difference = Duration::from_millis(ahead.unsigned_abs());
        let now = SystemTime::now();
        let corrected = if ahead < 0 { now.checked_sub(difference) } else { now.checked_add(difference) };
        corrected.unwrap_or(now)
    }

    fn hear(&self, date: &str, now: SystemTime) {
        let Some(told) =
            DateTime::from_str(date, Format::HttpDate).ok().and_then(|date| date.to_millis().ok())
        else {
            return;
        };
        let Ok(now) = DateTime::from(now).to_millis() else { return };
        let ahead = told.saturating_sub(now);
        let counts = u128::from(ahead.unsigned_abs()) >= PRECISION.as_millis();
        self.ahead.store(if counts { ahead } else { 0 }, Ordering::Relaxed);
    }
}

impl Intercept for ServiceClock {
    fn name(&self) -> &'static str {
        "ServiceClock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _configuration: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            self.hear(date, SystemTime::now());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    const SECONDS: u64 = 784_111_777;

    fn ahead_of(local: u64) -> i64 {
        let clock = ServiceClock::default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(local);
        clock.hear("Sun, 06 Nov 1994 08:49:37 GMT", now);
        clock.ahead.load(Ordering::Relaxed)
    }

    #[test]
    fn a_clock_that_is_wrong_is_set_right() {
        assert_eq!(ahead_of(SECONDS - 3600), 3_600_000);
        assert_eq!(ahead_of(SECONDS + 90), -90_000);
    }

    #[test]
    fn one_that_is_right_is_left_alone() {
        assert_eq!(ahead_of(SECONDS - 1), 0);
        assert_eq!(ahead_of(SECONDS + 1), 0);
    }

    #[test]
    fn the_last_answer_counts_and_nonsense_does_not() {
        let clock = ServiceClock::default();
        let local = SystemTime::UNIX_EPOCH + Duration::from_secs(SECONDS - 60);
        clock.hear("Sun, 06 Nov 1994 08:49:37 GMT", local);
        clock.hear("yesterday", local);
        assert_eq!(clock.ahead.load(Ordering::Relaxed), 60_000);
        clock.hear("Sun, 06 Nov 1994 08:48:37 GMT", local);
        assert_eq!(clock.ahead.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn now_is_the_services() {
        let clock = ServiceClock::default();
        clock.ahead.store(-3_600_000, Ordering::Relaxed);
        let behind = SystemTime::now().duration_since(clock.now()).unwrap_or_default();
        assert!(behind >= Duration::from_secs(3599) && behind <= Duration::from_secs(3601), "{behind:?}");
    }
}

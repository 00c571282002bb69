//! One call: its turns, and whether it is tried again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_smithy_types::retry::RetryConfig;

use super::pace::Turn;
use super::{ATTEMPTS, JITTER, TIME_TO_FAIL};

/// A call that is under way.
#[derive(Debug)]
pub(super) struct Call {
    /// Its place among all calls, in the order in which they were made.
    pub(super) number: u64,
    began: Instant,
    /// How the SDK repeats it where it fails.
    retries: RetryConfig,
    course: Mutex<Course>,
}

/// How often and how long throttled calls are tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// How many attempts a call has, throttled or not, if somebody has said so.
    pub(super) attempts: Option<u32>,
    /// How long a call is repeated otherwise that is throttled again and again.
    pub(super) patience: Duration,
}

/// What has come of a call so far.
#[derive(Debug, Default)]
struct Course {
    /// The turn of the attempt under way.
    turn: Turn,
    waited: Duration,
    refusals: u32,
    first_refusal: Option<Instant>,
}

/// What the SDK is to be told of the attempts that there were, and of those that are left.
#[derive(Debug)]
pub(super) struct Next {
    pub(super) attempts: u32,
    pub(super) retries: RetryConfig,
}

impl Call {
    pub(super) fn new(retries: RetryConfig) -> Self {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        let number = CALLS.fetch_add(1, Ordering::Relaxed);
        Self { number, began: Instant::now(), retries, course: Mutex::default() }
    }

    /// An attempt begins, whose turn was waited for so long.
    pub(super) fn begins(&self, turn: Turn, waited: Duration) {
        let mut course = self.course();
        course.turn = turn;
        course.waited += waited;
    }

    /// The turn of the attempt under way.
    pub(super) fn turn(&self) -> Turn {
        self.course().turn
    }

    /// The `attempt`, by its number, was throttled: it has done nothing. It is made again, unless the `bounds` are
    /// reached or the run `is_over`.
    pub(super) fn throttled(&self, attempt: u32, bounds: Bounds, is_over: bool) -> Next {
        let mut course = self.course();
        course.refusals += 1;
        let since = *course.first_refusal.get_or_insert_with(Instant::now);
        let may_repeat = match bounds.attempts {
            Some(attempts) => attempt < attempts,
            None => course.refusals < ATTEMPTS || since.elapsed() < bounds.patience,
        };
        let attempts = if may_repeat && !is_over { attempt.saturating_add(1) } else { attempt };
        let retries = self.retries.clone().with_max_attempts(attempts);
        // The next attempt waits for its turn: all that the SDK adds to that is chance.
        Next { attempts: attempt, retries: retries.with_initial_backoff(JITTER).with_max_backoff(JITTER) }
    }

    /// The `attempt`, by its number, was not throttled. If it failed, the SDK repeats it as often as without the
    /// throttled attempts before it, unless that takes too long.
    pub(super) fn ended(&self, attempt: u32, bounds: Bounds) -> Next {
        let course = self.course();
        let attempts = match bounds.attempts {
            Some(_) => attempt,
            None => attempt.saturating_sub(course.refusals).max(1),
        };
        let is_late = self.began.elapsed().saturating_sub(course.waited) >= TIME_TO_FAIL;
        let retries = self.retries.clone();
        Next { attempts, retries: if is_late { retries.with_max_attempts(attempts) } else { retries } }
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENT: Bounds = Bounds { attempts: None, patience: Duration::from_secs(300) };
    const THREE: Bounds = Bounds { attempts: Some(3), ..PATIENT };

    /// How many attempts the SDK would make after this one.
    fn left(next: &Next) -> u32 {
        next.retries.max_attempts().saturating_sub(next.attempts)
    }

    #[test]
    fn throttled_attempts_take_nothing_from_the_others() {
        let call = Call::new(RetryConfig::standard().with_max_attempts(3));
        for attempt in 1..=20 {
            assert_eq!(left(&call.throttled(attempt, PATIENT, false)), 1);
        }
        assert_eq!([21, 22, 23].map(|attempt| left(&call.ended(attempt, PATIENT))), [2, 1, 0]);
    }

    #[test]
    fn a_call_that_is_not_to_be_repeated_is_repeated_where_it_was_throttled_alone() {
        let call = Call::new(RetryConfig::disabled());
        assert_eq!(left(&call.throttled(1, PATIENT, false)), 1);
        assert_eq!(left(&call.ended(2, PATIENT)), 0);
    }

    #[test]
    fn what_somebody_has_set_bounds_attempts_of_all_sorts() {
        let call = Call::new(RetryConfig::standard().with_max_attempts(3));
        assert_eq!(left(&call.throttled(1, THREE, false)), 1);
        assert_eq!(left(&call.ended(2, THREE)), 1);
        assert_eq!(left(&call.throttled(3, THREE, false)), 0);
        assert_eq!(
            left(&Call::new(RetryConfig::disabled()).throttled(
                1,
                Bounds { attempts: Some(1), ..PATIENT },
                false
            )),
            0
        );
    }

    #[test]
    fn patience_ends() {
        let after = |refusals, seconds| {
            let call = Call::new(RetryConfig::standard().with_max_attempts(3));
            let first_refusal = Instant::now().checked_sub(Duration::from_secs(seconds));
            *call.course() = Course { refusals, first_refusal, ..Course::default() };
            call
        };
        assert_eq!(left(&after(10, 299).throttled(11, PATIENT, false)), 1);
        assert_eq!(left(&after(10, 300).throttled(11, PATIENT, false)), 0);
        assert_eq!(left(&after(1, 300).throttled(2, PATIENT, false)), 1, "it was hardly tried");
        assert_eq!(left(&after(1, 0).throttled(2, PATIENT, true)), 0, "the run is to end");
    }

    #[test]
    fn a_failing_call_ends_in_time_but_for_what_it_has_waited_for_its_turn() {
        let late = |waited| {
            let mut call = Call::new(RetryConfig::standard().with_max_attempts(3));
            call.began -= TIME_TO_FAIL;
            call.begins(Turn::default(), waited);
            left(&call.ended(1, PATIENT))
        };
        assert_eq!((late(Duration::ZERO), late(Duration::from_secs(60))), (0, 2));
    }
}

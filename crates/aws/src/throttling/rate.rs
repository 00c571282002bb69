//! How many calls a second a service is sent: as many as it lets pass, found by trying.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What is left of a rate that was too high.
const CUT: f64 = 0.8;

/// What a rate gains in a second of calls that pass, of what it was when it was last too high.
const STEP: f64 = 0.05;

/// What a rate gains with each call that passes, in calls a second, until it is too high again: after the first refusal
/// nobody knows yet what the service takes, since a bucket of its own may have been full or empty.
const SEARCH: f64 = 1.0;

/// What a service is taken to let pass at least when it first throttles, in calls a second: where few calls were made,
/// few can have passed. Route 53 has this limit, and few are lower.
const AT_FIRST: f64 = 5.0;

/// The lowest rate, in calls a second, and the smallest step.
const LOWEST: f64 = 0.5;
const SMALLEST_STEP: f64 = 0.02;

/// What the first rate is the number of calls of that passed.
const LOOK_BACK: Duration = Duration::from_secs(1);

/// How late a call may be sent without delaying those behind it: timers are not exact.
const SLACK: Duration = Duration::from_millis(20);

/// The rate of a service's calls. There is none until it throttles. Then additive increase and multiplicative decrease
/// bring it to rest close under what the service takes.
#[derive(Debug, Default)]
pub(super) struct Rate {
    limit: Option<Limit>,
    /// When calls passed in the last second, as long as there is no limit.
    passed: VecDeque<Instant>,
    /// How often the rate has been cut. A call that was sent before the last cut says nothing about what is left.
    cuts: u64,
}

#[derive(Debug)]
struct Limit {
    /// In calls a second.
    rate: f64,
    growth: Growth,
    /// When the next call may be sent.
    next: Instant,
}

#[derive(Debug)]
enum Growth {
    /// By so much with each call.
    Search,
    /// By so many calls a second in a second.
    Step(f64),
}

impl Rate {
    /// When the next call may be sent; `None` if at any time.
    pub(super) fn next(&self) -> Option<Instant> {
        self.limit.as_ref().map(|limit| limit.next)
    }

    /// A call is sent. Gives how often the rate had been cut by then.
    pub(super) fn sent(&mut self, now: Instant) -> u64 {
        if let Some(limit) = &mut self.limit {
            let gap = limit.gap();
            let earliest = now.checked_sub(gap.max(SLACK)).unwrap_or(now);
            limit.next = limit.next.max(earliest) + gap;
        }
        self.cuts
    }

    /// A call passed that was sent after so many `cuts`, and perhaps after it `was_held` back: one that was not says
    /// nothing about the rate that there is.
    pub(super) fn passed(&mut self, now: Instant, cuts: u64, was_held: bool) {
        match &mut self.limit {
            None => {
                self.passed.push_back(now);
                while self.passed.front().is_some_and(|passed| now.duration_since(*passed) > LOOK_BACK) {
                    self.passed.pop_front();
                }
            }
            Some(limit) => match limit.growth {
                // A refusal is said sooner than what others were sent for: this one passed before the first refusal.
                Growth::Search if cuts == 0 => limit.rate += CUT,
                Growth::Search if was_held => limit.rate += SEARCH,
                Growth::Step(step) if was_held && cuts == self.cuts => limit.rate += step / limit.rate,
                _ => {}
            },
        }
    }

    /// A call was refused that was sent after so many `cuts`. Gives the rate from now on, if that is another.
    pub(super) fn refused(&mut self, now: Instant, cuts: u64) -> Option<f64> {
        if cuts != self.cuts {
            return None;
        }
        self.cuts += 1;
        let (refused, growth) = match &self.limit {
            None => {
                let recent = self.passed.iter().filter(|passed| now.duration_since(**passed) <= LOOK_BACK);
                // Not more than some thousands.
                (u32::try_from(recent.count()).map_or(f64::MAX, f64::from).max(AT_FIRST), Growth::Search)
            }
            Some(limit) => (limit.rate, Growth::Step((limit.rate * STEP).max(SMALLEST_STEP))),
        };
        self.passed = VecDeque::new();
        let mut limit = Limit { rate: (refused * CUT).max(LOWEST), growth, next: now };
        limit.next += limit.gap();
        let rate = limit.rate;
        self.limit = Some(limit);
        Some(rate)
    }
}

impl Limit {
    /// The time from one call to the next.
    fn gap(&self) -> Duration {
        Duration::try_from_secs_f64(1.0 / self.rate).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A service with a token bucket, called by so many at a time, each of which waits for its answer.
    struct Service {
        rate: f64,
        burst: f64,
        latency: Duration,
        callers: usize,
    }

    /// What came of so many calls.
    #[derive(Debug)]
    struct Story {
        seconds: f64,
        refused: usize,
    }

    impl Service {
        fn of(rate: f64, burst: f64) -> Self {
            Self { rate, burst, latency: Duration::from_millis(20), callers: 64 }
        }

        /// Sends calls until so many have passed. Time passes by the millisecond.
        fn story(&self, calls: usize) -> Story {
            let start = Instant::now();
            let (mut rate, mut tokens) = (Rate::default(), self.burst);
            let (mut waiting, mut made) = (BTreeSet::new(), 0);
            // When it ends, its number, whether it passes, the cuts before it, and whether it was held back.
            let mut under_way: Vec<(Instant, usize, bool, u64, bool)> = Vec::new();
            let (mut passed, mut refused) = (0, 0);
            for millisecond in 0.. {
                let now = start + Duration::from_millis(millisecond);
                tokens = (tokens + self.rate / 1000.0).min(self.burst);
                let (ended, on): (Vec<_>, Vec<_>) = under_way.into_iter().partition(|call| call.0 <= now);
                under_way = on;
                for (_, number, passes, cuts, was_held) in ended {
                    if passes {
                        passed += 1;
                        rate.passed(now, cuts, was_held);
                    } else {
                        refused += 1;
                        rate.refused(now, cuts);
                        waiting.insert(number);
                    }
                }
                if passed == calls {
                    return Story { seconds: now.duration_since(start).as_secs_f64(), refused };
                }
                while made < calls && waiting.len() + under_way.len() < self.callers {
                    waiting.insert(made);
                    made += 1;
                }
                while let Some(&number) = waiting.first()
                    && rate.next().is_none_or(|next| next <= now)
                {
                    waiting.remove(&number);
                    let was_held = rate.next().is_some();
                    let passes = tokens >= 1.0;
                    tokens -= if passes { 1.0 } else { 0.0 };
                    under_way.push((now + self.latency, number, passes, rate.sent(now), was_held));
                }
            }
            unreachable!("time does not end")
        }
    }

    /// Calls that pass at the rate of the service take so long, once its bucket is empty.
    fn ideal(service: &Service, calls: usize) -> f64 {
        (calls as f64 - service.burst) / service.rate
    }

    #[test]
    fn it_comes_to_rest_close_under_what_the_service_takes() {
        for (rate, burst, calls) in
            [(20.0, 20.0, 1200), (5.0, 5.0, 300), (200.0, 200.0, 6000), (20.0, 100.0, 1200)]
        {
            let service = Service::of(rate, burst);
            let story = service.story(calls);
            let ratio = story.seconds / ideal(&service, calls);
            assert!(ratio < 1.05, "{rate} a second: {ratio} times as long as it must take ({story:?})");
            // Of the first 64, as many as do not pass at once are refused before anything is known.
            let first = 64_usize.saturating_sub(burst as usize);
            let more = story.refused.saturating_sub(first);
            assert!(more * 10 < calls, "{rate} a second: {more} refusals more than at first");
        }
    }

    #[test]
    fn it_finds_a_rate_where_nothing_can_be_saved_up() {
        let service = Service::of(20.0, 1.0);
        let story = service.story(1200);
        assert!(story.seconds / ideal(&service, 1200) < 1.3 && story.refused < 150, "{story:?}");
    }

    #[test]
    fn slow_answers_make_no_difference() {
        let service = Service { latency: Duration::from_millis(400), ..Service::of(20.0, 20.0) };
        let story = service.story(1200);
        assert!(story.seconds / ideal(&service, 1200) < 1.1 && story.refused < 180, "{story:?}");
    }

    #[test]
    fn calls_that_pass_are_counted_though_the_first_refusal_was_quicker() {
        let now = Instant::now();
        let mut rate = Rate::default();
        for _ in 0..10 {
            rate.passed(now, 0, false);
        }
        rate.refused(now, 0);
        for _ in 0..10 {
            rate.passed(now, 0, false);
        }
        assert!(rate.limit.is_some_and(|limit| (limit.rate - 20.0 * CUT).abs() < 1e-9));
    }

    #[test]
    fn calls_that_were_under_way_together_cut_it_once() {
        let now = Instant::now();
        let mut rate = Rate::default();
        for _ in 0..10 {
            rate.passed(now, 0, false);
        }
        assert_eq!(rate.refused(now, 0), Some(8.0));
        for _ in 0..50 {
            assert_eq!(rate.refused(now, 0), None);
        }
        assert_eq!(rate.refused(now, 1), Some(6.4));
    }

    #[test]
    fn without_a_refusal_there_is_none_and_where_all_is_refused_it_is_not_nothing() {
        let now = Instant::now();
        let mut rate = Rate::default();
        rate.passed(now, 0, false);
        assert_eq!((rate.next(), rate.sent(now)), (None, 0));
        for cut in 0..100 {
            assert!(rate.refused(now + 2 * LOOK_BACK, cut).is_some_and(|rate| rate >= LOWEST));
        }
        let gap = rate.next().map(|next| next.duration_since(now + 2 * LOOK_BACK));
        assert_eq!(gap, Some(Duration::from_secs(2)));
    }

    #[test]
    fn what_was_not_held_back_does_not_raise_it() {
        let now = Instant::now();
        let mut rate = Rate::default();
        let of = |rate: &Rate| rate.limit.as_ref().map(|limit| limit.rate);
        rate.refused(now, 0);
        rate.passed(now, 1, false);
        assert_eq!(of(&rate), Some(AT_FIRST * CUT));
        rate.passed(now, 1, true);
        assert_eq!(of(&rate), Some(AT_FIRST * CUT + SEARCH));
        rate.refused(now, 1);
        let cut = of(&rate);
        rate.passed(now, 2, false);
        rate.passed(now, 1, true);
        assert_eq!(of(&rate), cut, "nor does what was sent before it was cut");
        rate.passed(now, 2, true);
        assert!(of(&rate) > cut);
    }
}

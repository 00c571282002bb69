//! The line in which the calls of a service wait for their turn.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use aws_smithy_runtime::client::retries::RetryPartition;
use provision_engine::behalf;
use tokio::sync::{Notify, watch};

use super::rate::Rate;

/// The pace of a service: its rate, and the calls that wait for their turn.
#[derive(Debug)]
pub(super) struct Pace {
    service: &'static str,
    /// The quota that all its clients have for repetitions.
    pub(super) partition: RetryPartition,
    line: Mutex<Line>,
    /// When calls are to stop waiting.
    end: watch::Receiver<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Line {
    rate: Rate,
    /// By number: who was first is sent first. What wakes each.
    waiting: BTreeMap<u64, Arc<Notify>>,
}

impl Line {
    fn wake_the_first(&self) {
        if let Some(first) = self.waiting.values().next() {
            first.notify_one();
        }
    }
}

/// The turn of a call.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// How often the rate had been cut.
    cuts: u64,
    /// Whether it had to be waited for.
    was_held: bool,
}

/// A call was given up before it was sent: it waited for its turn when the run was interrupted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("interrupted: {service} is throttling, and this call was still waiting to be sent")]
pub(crate) struct Interrupted {
    service: &'static str,
}

/// A place in the line, until it is dropped.
struct Place<'a> {
    pace: &'a Pace,
    number: u64,
    wake: Arc<Notify>,
}

impl<'a> Place<'a> {
    fn take(pace: &'a Pace, line: &mut Line, number: u64) -> Self {
        let wake = Arc::new(Notify::new());
        line.waiting.insert(number, wake.clone());
        Self { pace, number, wake }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut line = self.pace.line();
        line.waiting.remove(&self.number);
        line.wake_the_first();
    }
}

impl Pace {
    pub(super) fn new(service: &'static str, end: watch::Receiver<Option<Instant>>) -> Self {
        Self { service, partition: super::partition(service), line: Mutex::default(), end }
    }

    /// Waits until it is the turn of the call of that number. Whoever stops waiting leaves the line.
    pub(super) async fn turn(&self, number: u64) -> Result<Turn, Interrupted> {
        let mut place: Option<Place<'_>> = None;
        loop {
            let (wake, at) = {
                let mut line = self.line();
                let now = Instant::now();
                let next = line.rate.next();
                let is_first = line.waiting.keys().next().is_none_or(|first| *first >= number);
                match next {
                    Some(next) if is_first && next > now => {
                        (wake(self, &mut line, &mut place, number), Some(next))
                    }
                    Some(_) if !is_first => (wake(self, &mut line, &mut place, number), None),
                    _ => return Ok(Turn { cuts: line.rate.sent(now), was_held: next.is_some() }),
                }
            };
            let mine = async {
                match at {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            let is_over = async {
                tokio::select! {
                    () = wake.notified() => false,
                    () = mine => false,
                    () = self.ends() => true,
                }
            };
            // Steps of other services need not stand behind those that wait here.
            if behalf::idle(is_over).await {
                return Err(Interrupted { service: self.service });
            }
        }
    }

    /// A call passed.
    pub(super) fn passed(&self, turn: Turn) {
        self.line().rate.passed(Instant::now(), turn.cuts, turn.was_held);
    }

    /// A call was throttled.
    pub(super) fn refused(&self, turn: Turn) {
        let rate = self.line().rate.refused(Instant::now(), turn.cuts);
        if let Some(rate) = rate {
            tracing::debug!(service = self.service, rate, "throttled: calls a second from now on");
        }
    }

    /// Whether calls are to stop waiting by now.
    pub(super) fn is_over(&self) -> bool {
        self.end.borrow().is_some_and(|end| end <= Instant::now())
    }

    /// Returns when calls are to stop waiting.
    async fn ends(&self) {
        let mut end = self.end.clone();
        let told = end.wait_for(Option::is_some).await.ok().and_then(|end| *end);
        match told {
            Some(end) => tokio::time::sleep_until(end.into()).await,
            // Nobody is left who could say so.
            None => std::future::pending().await,
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What wakes a call in the line, where it takes its place if it has none.
fn wake<'a>(pace: &'a Pace, line: &mut Line, place: &mut Option<Place<'a>>, number: u64) -> Arc<Notify> {
    place.get_or_insert_with(|| Place::take(pace, line, number)).wake.clone()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::time::Duration;

    use futures::FutureExt;
    use futures::future::join_all;

    use super::*;

    /// A pace of twenty calls a second, and who ends it.
    fn pace() -> (Pace, watch::Sender<Option<Instant>>) {
        let end = watch::Sender::default();
        let pace = Pace::new("iam", end.subscribe());
        for _ in 0..25 {
            pace.passed(Turn::default());
        }
        pace.refused(Turn::default());
        (pace, end)
    }

    #[tokio::test]
    async fn nobody_waits_before_a_call_was_refused() {
        let end = watch::Sender::default();
        let pace = Pace::new("iam", end.subscribe());
        for number in 0..1000 {
            assert_eq!(pace.turn(number).now_or_never(), Some(Ok(Turn::default())));
        }
    }

    #[tokio::test]
    async fn turns_come_in_the_order_of_the_calls_and_at_the_rate() {
        let (pace, _end) = pace();
        let began = Instant::now();
        let order = Mutex::new(Vec::new());
        join_all([3, 1, 4, 0, 2].map(|number| {
            let (pace, order) = (&pace, &order);
            async move {
                assert!(pace.turn(number).await.unwrap().was_held);
                order.lock().unwrap().push(number);
            }
        }))
        .await;
        assert_eq!(order.into_inner().unwrap(), [0, 1, 2, 3, 4]);
        assert!(began.elapsed() >= Duration::from_millis(240), "{:?}", began.elapsed());
        assert!(pace.line().waiting.is_empty());
    }

    #[tokio::test]
    async fn a_call_that_was_refused_goes_before_those_made_after_it() {
        let (pace, _end) = pace();
        let later = pace.turn(7);
        tokio::pin!(later);
        assert!(later.as_mut().now_or_never().is_none());
        let (earlier, later) = tokio::join!(
            async {
                pace.turn(3).await.unwrap();
                Instant::now()
            },
            async {
                later.await.unwrap();
                Instant::now()
            }
        );
        assert!(earlier < later);
    }

    #[tokio::test]
    async fn who_stops_waiting_holds_up_nobody() {
        let (pace, _end) = pace();
        let first = tokio::time::timeout(Duration::from_millis(5), pace.turn(0));
        let (first, second) = tokio::join!(first, pace.turn(1));
        assert!(first.is_err() && second.is_ok());
        assert!(pace.line().waiting.is_empty());
    }

    #[tokio::test]
    async fn an_interrupt_ends_the_waiting() {
        let (pace, end) = pace();
        let numbers: Vec<u64> = (0..100).collect();
        let turns = join_all(numbers.iter().map(|number| pace.turn(*number)));
        let interrupt = async {
            tokio::time::sleep(Duration::from_millis(120)).await;
            assert!(!pace.is_over());
            end.send_replace(Some(Instant::now()));
        };
        let (turns, ()) = tokio::join!(turns, interrupt);
        let sent = turns.iter().filter(|turn| turn.is_ok()).count();
        assert!((1..50).contains(&sent), "{sent} had their turn");
        assert!(pace.is_over() && pace.line().waiting.is_empty());
    }
}

//! On whose behalf something is done: which resource the work is for that a thread is doing at the moment.
//!
//! A call to the cloud is made deep inside of a kind, many futures below the step or the read that it is part of. Who
//! records calls, to tell where the time goes, wants to know for which resource each is made, and no kind should have to
//! hand an address down for that. So the engine wraps the future of each read and each step in [`OnBehalf`], which says
//! whose it is for as long as it is polled, and takes that back before the poll returns.
//!
//! That is all that there is to it, and so:
//! - Futures that are polled by the same task in turns (`join`, `FuturesUnordered`) do not get into each other's way: what
//!   was said before a poll is said again after it.
//! - Where one is within another, the inner one counts.
//! - A task that is spawned is polled by somebody else, and belongs to nobody, unless it is wrapped itself.
//! - What is polled on behalf of a resource may move to another thread between two polls.
//!
//! By the same way a step says that it only waits ([`idle`]): then another one can begin in its place.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use crate::address::Address;

thread_local! {
    static CURRENT: RefCell<Option<Work>> = const { RefCell::new(None) };
}

/// What is being done.
#[derive(Clone)]
struct Work {
    address: Address,
    idle: Option<IdleSteps>,
}

/// How many steps of a run only wait at the moment.
#[derive(Clone, Debug, Default)]
pub struct IdleSteps(Arc<AtomicUsize>);

impl IdleSteps {
    /// How many.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// The address of the resource that this thread is doing something for right now; `None` if it is none's alone.
pub fn current() -> Option<Address> {
    CURRENT.with_borrow(|work| work.as_ref().map(|work| work.address.clone()))
}

/// Waits for something that is nobody's work, such as a pause before the next look at what AWS takes its time for. The
/// step that it is part of takes no slot meanwhile.
pub async fn idle<T>(future: impl Future<Output = T>) -> T {
    let steps = CURRENT.with_borrow(|work| work.as_ref().and_then(|work| work.idle.clone()));
    let _wait = steps.map(Wait::begin);
    future.await
}

/// A step that waits, until this is dropped.
struct Wait(IdleSteps);

impl Wait {
    fn begin(steps: IdleSteps) -> Self {
        steps.0.fetch_add(1, Ordering::SeqCst);
        Self(steps)
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Does something on behalf of a resource.
pub fn of<F: Future>(address: &Address, future: F) -> OnBehalf<F> {
    OnBehalf { work: Work { address: address.clone(), idle: None }, future: Box::pin(future) }
}

/// The same for a step, which is counted among `idle` while it only waits.
pub fn of_step<F: Future>(address: &Address, idle: &IdleSteps, future: F) -> OnBehalf<F> {
    let work = Work { address: address.clone(), idle: Some(idle.clone()) };
    OnBehalf { work, future: Box::pin(future) }
}

/// A future that is polled on behalf of a resource.
pub struct OnBehalf<F> {
    work: Work,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for OnBehalf<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let _turn = Turn::begin(self.work.clone());
        self.future.as_mut().poll(context)
    }
}

/// One poll, and on whose behalf the thread did something before. That is put back however the poll ends, by a panic too.
struct Turn {
    before: Option<Work>,
}

impl Turn {
    fn begin(work: Work) -> Self {
        Self { before: CURRENT.replace(Some(work)) }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        CURRENT.set(self.before.take());
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, reason = "one of these is about a panic")]

    use futures::StreamExt;
    use futures::executor::block_on;
    use futures::future::{join, pending, select};
    use futures::stream::FuturesUnordered;

    use super::*;

    fn address(name: &str) -> Address {
        Address::from(format!("terraform_data.{name}").as_str())
    }

    /// Lets others have their turn.
    async fn pause() {
        let mut is_over = false;
        std::future::poll_fn(|context| {
            if std::mem::replace(&mut is_over, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// On whose behalf each of three turns is taken.
    async fn three_turns() -> Vec<Option<String>> {
        let mut seen = Vec::new();
        for _ in 0..3 {
            seen.push(current().map(|address| address.name().to_owned()));
            pause().await;
        }
        seen
    }

    fn of_all(name: &str) -> Vec<Option<String>> {
        vec![Some(format!("terraform_data.{name}")); 3]
    }

    #[test]
    fn what_is_polled_in_turns_keeps_its_own_address() {
        let (a, b) = block_on(join(of(&address("a"), three_turns()), of(&address("b"), three_turns())));
        assert_eq!((a, b), (of_all("a"), of_all("b")));
        let names = ["a", "b", "c", "d"];
        let many: FuturesUnordered<_> =
            names.iter().map(|name| async move { (name, of(&address(name), three_turns()).await) }).collect();
        let seen: Vec<_> = block_on(async { join(many.collect(), three_turns()).await.0 });
        assert_eq!(seen.len(), names.len());
        for (name, turns) in seen {
            assert_eq!(turns, of_all(name));
        }
        assert_eq!(block_on(three_turns()), [None, None, None], "nothing is left behind");
    }

    #[test]
    fn the_inner_one_counts_and_the_outer_one_again_after_it() {
        let outer = of(&address("outer"), async {
            let both = join(of(&address("inner"), three_turns()), three_turns()).await;
            (both, three_turns().await)
        });
        let ((inner, beside), after) = block_on(outer);
        assert_eq!((inner, beside, after), (of_all("inner"), of_all("outer"), of_all("outer")));
    }

    #[test]
    fn what_is_given_up_half_way_leaves_nothing_behind() {
        let given_up = of(&address("a"), async {
            pause().await;
            pending::<()>().await;
        });
        block_on(select(given_up, Box::pin(three_turns())));
        assert_eq!(current(), None);
        let panics = of(&address("a"), async { std::panic::panic_any("on purpose") });
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(panics))).is_err());
        assert_eq!(current(), None);
    }

    #[test]
    fn a_step_that_waits_is_counted_until_it_goes_on_or_is_given_up() {
        let steps = IdleSteps::default();
        let step = of_step(&address("a"), &steps, async {
            assert_eq!(steps.count(), 0);
            let seen = idle(async { steps.count() }).await;
            assert_eq!((seen, steps.count()), (1, 0));
            idle(pending::<()>()).await;
        });
        block_on(select(step, Box::pin(three_turns())));
        assert_eq!(steps.count(), 0, "it was given up");
        block_on(idle(pause()));
        assert_eq!(steps.count(), 0, "what is no step counts nowhere");
    }

    #[test]
    fn another_thread_does_nothing_on_its_behalf_unless_it_polls_it() {
        let elsewhere =
            block_on(of(&address("a"), async { std::thread::spawn(|| block_on(three_turns())).join().ok() }));
        assert_eq!(elsewhere, Some(vec![None, None, None]));
        let moved = std::thread::spawn(|| block_on(of(&address("a"), three_turns()))).join().ok();
        assert_eq!(moved, Some(of_all("a")));
    }
}

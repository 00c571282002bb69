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

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::address::Address;

thread_local! {
    static CURRENT: RefCell<Option<Address>> = const { RefCell::new(None) };
}

/// The address of the resource that this thread is doing something for right now; `None` if it is none's alone.
pub fn current() -> Option<Address> {
    CURRENT.with_borrow(Clone::clone)
}

/// Does something on behalf of a resource.
pub fn of<F: Future>(address: &Address, future: F) -> OnBehalf<F> {
    OnBehalf { address: address.clone(), future: Box::pin(future) }
}

/// A future that is polled on behalf of a resource.
pub struct OnBehalf<F> {
    address: Address,
    future: Pin<Box<F>>,
}

impl<F: Future> Future for OnBehalf<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let _turn = Turn::begin(self.address.clone());
        self.future.as_mut().poll(context)
    }
}

/// One poll, and on whose behalf the thread did something before. That is put back however the poll ends, by a panic too.
struct Turn {
    before: Option<Address>,
}

impl Turn {
    fn begin(address: Address) -> Self {
        Self { before: CURRENT.replace(Some(address)) }
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
    fn another_thread_does_nothing_on_its_behalf_unless_it_polls_it() {
        let elsewhere =
            block_on(of(&address("a"), async { std::thread::spawn(|| block_on(three_turns())).join().ok() }));
        assert_eq!(elsewhere, Some(vec![None, None, None]));
        let moved = std::thread::spawn(|| block_on(of(&address("a"), three_turns()))).join().ok();
        assert_eq!(moved, Some(of_all("a")));
    }
}

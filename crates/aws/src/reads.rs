//! What keeps reads fast, whatever the kind: what does not wait for another answer is asked at once
//! ([`beside`], [`with_arn`], [`Ahead`]), what AWS answers many of in one call is asked together
//! ([`Batched`]), and while nothing is changed nothing is asked twice ([`Reading`]).

mod batch;
mod reading;

use std::future::Future;

use futures::future::join;
use provision_engine::kind::KindError;

pub(crate) use batch::{Answers, Batch, Batched, Batches};
pub use reading::Reading;
pub(crate) use reading::{Remembered, Remembering, anew, is_remembered};

/// What a call says of something, and what another says that is made at the same time; `None` if the first
/// says that it is gone. The first has the last word: where it fails, or nothing is there, it does not matter
/// what the other makes of that.
pub(crate) async fn beside<T, U>(
    main: impl Future<Output = Result<Option<T>, KindError>>,
    other: impl Future<Output = Result<U, KindError>>,
) -> Result<Option<(T, U)>, KindError> {
    let (main, other) = join(main, other).await;
    let Some(main) = main? else { return Ok(None) };
    Ok(Some((main, other?)))
}

/// The same for what can be asked only by the ARN that the first call tells (`arn`). Where a state knows it
/// already (`known`), both are asked at once. `None` if either says that it is gone.
pub(crate) async fn with_arn<T, U, F>(
    known: Option<&str>,
    main: impl Future<Output = Result<Option<T>, KindError>>,
    arn: impl Fn(&T) -> Option<&str>,
    other: impl Fn(String) -> F,
) -> Result<Option<(T, U)>, KindError>
where
    F: Future<Output = Result<Option<U>, KindError>>,
{
    let (main, ahead) = join(main, Ahead::ask(known.map(str::to_owned), &other)).await;
    let Some(main) = main? else { return Ok(None) };
    let told = arn(&main).unwrap_or_default().to_owned();
    Ok(ahead.by(told, other).await?.map(|other| (main, other)))
}

/// What was asked by something that a state knows, before AWS has told whether that is still so.
pub(crate) struct Ahead<K, A>(Option<(K, Result<A, KindError>)>);

impl<K: Clone + PartialEq, A> Ahead<K, A> {
    /// Asks by what is known, if anything is.
    pub(crate) async fn ask<F>(known: Option<K>, ask: impl Fn(K) -> F) -> Self
    where
        F: Future<Output = Result<A, KindError>>,
    {
        match known {
            Some(known) => Self(Some((known.clone(), ask(known).await))),
            None => Self(None),
        }
    }

    /// Nothing was known, and nothing asked.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// The answer by what AWS has told: the one that is there, if that is what was known, or else another
    /// one.
    pub(crate) async fn by<F>(self, told: K, ask: impl Fn(K) -> F) -> Result<A, KindError>
    where
        F: Future<Output = Result<A, KindError>>,
    {
        match self.0 {
            Some((known, answer)) if known == told => answer,
            _ => ask(told).await,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::cell::RefCell;
    use std::future::ready;

    use super::*;

    fn failure<T>(message: &str) -> Result<T, KindError> {
        Err(KindError::new(message))
    }

    #[tokio::test]
    async fn the_main_call_has_the_last_word() {
        let both = beside(ready(Ok(Some(1))), ready(Ok(2))).await;
        assert_eq!(both.unwrap(), Some((1, 2)));
        let gone = beside(ready(Ok(None::<u8>)), ready(failure::<u8>("there is none"))).await;
        assert_eq!(gone.unwrap(), None, "what is said of something that is gone does not matter");
        let fails = beside(ready(failure::<Option<u8>>("main")), ready(failure::<u8>("other"))).await;
        assert_eq!(fails.unwrap_err().message, "main");
        let fails = beside(ready(Ok(Some(1))), ready(failure::<u8>("other"))).await;
        assert_eq!(fails.unwrap_err().message, "other");
    }

    /// What is asked by ARN where the state knows `known`, and AWS says `told`.
    async fn asked(known: Option<&str>, told: &str) -> Vec<String> {
        let asked = RefCell::new(Vec::new());
        let main = async { Ok(Some(told.to_owned())) };
        let tags = |arn: String| {
            asked.borrow_mut().push(arn.clone());
            ready(Ok(Some(format!("tags of {arn}"))))
        };
        let both = with_arn(known, main, |told| Some(told), tags).await.unwrap();
        assert_eq!(both, Some((told.to_owned(), format!("tags of {told}"))));
        asked.into_inner()
    }

    #[tokio::test]
    async fn an_arn_is_believed_only_if_it_is_told_too() {
        assert_eq!(asked(Some("arn:1"), "arn:1").await, ["arn:1"]);
        assert_eq!(asked(None, "arn:1").await, ["arn:1"]);
        assert_eq!(asked(Some("arn:old"), "arn:1").await, ["arn:old", "arn:1"]);
    }

    #[tokio::test]
    async fn what_is_gone_for_either_is_gone() {
        let gone = with_arn(
            Some("arn:1"),
            ready(Ok(None::<String>)),
            |arn| Some(arn),
            |_| ready(failure::<Option<u8>>("")),
        );
        assert_eq!(gone.await.unwrap(), None);
        let there = ready(Ok(Some("arn:1".to_owned())));
        let gone = with_arn(Some("arn:1"), there, |arn| Some(arn), |_| ready(Ok(None::<u8>)));
        assert_eq!(gone.await.unwrap(), None);
    }
}

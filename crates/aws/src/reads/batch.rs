//! Questions that AWS answers many of in one call: they wait a moment for one another.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt::Debug;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;
use provision_engine::kind::KindError;
use tokio::sync::oneshot;

/// How long there has to be no further question until those that were asked are sent.
const MOMENT: Duration = Duration::from_millis(5);
/// After how many moments they are sent whatever comes.
const MOMENTS: usize = 10;

/// The outcome for each question of a call. A question that has none here fails.
pub(crate) type Answers<Q, A> = HashMap<Q, Result<A, KindError>>;

/// Something that AWS tells of many in one call.
pub(crate) trait Batched: 'static {
    /// What tells one from another.
    type Question: Clone + Debug + Eq + Hash + Send + Sync + 'static;
    /// What AWS says of one.
    type Answer: Clone + Send + 'static;
    /// How many one call can be about.
    const AT_ONCE: usize;
}

/// The questions of one region that wait for others, of each kind of them.
#[derive(Default)]
pub(crate) struct Batches(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Batches {
    /// The questions about `B`.
    pub(crate) fn of<B: Batched>(&self) -> Arc<Batch<B::Question, B::Answer>> {
        let new = || Arc::new(Batch::<B::Question, B::Answer>::new(B::AT_ONCE));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = all.entry(TypeId::of::<B>()).or_insert_with(|| new()).clone();
        batch.downcast().unwrap_or_else(|_| new())
    }
}

/// Questions that are asked at about the same time, to be answered in as few calls as AWS permits.
///
/// A question only ever joins others that have not been sent. What was asked after a change is therefore
/// answered after that change.
pub(crate) struct Batch<Q, A> {
    waiting: Arc<Mutex<Vec<Waiting<Q, A>>>>,
    /// How many questions one call can have.
    at_once: usize,
}

struct Waiting<Q, A> {
    question: Q,
    answer: oneshot::Sender<Result<A, KindError>>,
}

impl<Q, A> Batch<Q, A>
where
    Q: Clone + Debug + Eq + Hash + Send + Sync + 'static,
    A: Clone + Send + 'static,
{
    /// Questions of which one call can have `at_once`.
    pub(crate) fn new(at_once: usize) -> Self {
        Self { waiting: Arc::default(), at_once }
    }

    /// The answer to one question. `call` puts several, no two of them alike, and gives the outcome for each;
    /// if it fails, all of them have failed. It is that of whoever asks first which is used for all.
    pub(crate) async fn ask<F>(
        &self,
        question: Q,
        call: impl Fn(Vec<Q>) -> F + Send + 'static,
    ) -> Result<A, KindError>
    where
        F: Future<Output = Result<Answers<Q, A>, KindError>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let nobody = || KindError::new(format!("nobody has answered {question:?}"));
        let is_first = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push(Waiting { question: question.clone(), answer });
            waiting.len() == 1
        };
        if is_first {
            let (waiting, at_once) = (self.waiting.clone(), self.at_once);
            // In a task of its own, since the others wait for it whatever becomes of the first.
            tokio::spawn(async move {
                let asked = gather(&waiting, at_once).await;
                let calls = chunks(by_question(asked), at_once).into_iter().map(|askers| {
                    let outcome = call(askers.keys().cloned().collect());
                    async move { answer_all(askers, outcome.await) }
                });
                join_all(calls).await;
            });
        }
        answered.await.unwrap_or_else(|_| Err(nobody()))
    }
}

/// Waits until no more questions come, and takes them all.
async fn gather<Q, A>(waiting: &Mutex<Vec<Waiting<Q, A>>>, at_once: usize) -> Vec<Waiting<Q, A>> {
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let mut before = 0;
    for _ in 0..MOMENTS {
        tokio::time::sleep(MOMENT).await;
        let now = lock().len();
        if now == before || now >= at_once {
            break;
        }
        before = now;
    }
    std::mem::take(&mut *lock())
}

/// Who asks each question.
type Askers<Q, A> = HashMap<Q, Vec<oneshot::Sender<Result<A, KindError>>>>;

/// What is asked by several is asked once, and what nobody waits for any more is not asked at all.
fn by_question<Q: Eq + Hash, A>(asked: Vec<Waiting<Q, A>>) -> Askers<Q, A> {
    let mut askers = Askers::new();
    for Waiting { question, answer } in asked.into_iter().filter(|asked| !asked.answer.is_closed()) {
        askers.entry(question).or_default().push(answer);
    }
    askers
}

/// As many questions for each call as it can have.
fn chunks<Q: Eq + Hash, A>(askers: Askers<Q, A>, at_once: usize) -> Vec<Askers<Q, A>> {
    let mut chunks: Vec<Askers<Q, A>> = Vec::new();
    for (question, askers) in askers {
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < at_once => {
                chunk.insert(question, askers);
            }
            _ => chunks.push(HashMap::from([(question, askers)])),
        }
    }
    chunks
}

fn answer_all<Q: Debug + Eq + Hash, A: Clone>(
    askers: Askers<Q, A>,
    outcome: Result<Answers<Q, A>, KindError>,
) {
    for (question, askers) in askers {
        let answer = match &outcome {
            Ok(answers) => answers
                .get(&question)
                .cloned()
                .unwrap_or_else(|| Err(KindError::new(format!("AWS's answer says nothing of {question:?}")))),
            Err(error) => Err(error.clone()),
        };
        for asker in askers {
            // Who has asked may have lost interest.
            let _ = asker.send(answer.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use futures::FutureExt;
    use futures::future::BoxFuture;

    use super::*;

    /// Doubles numbers, fails for 13, knows nothing of 0, and notes what each call was asked.
    #[derive(Clone, Default)]
    struct Calls(Arc<Mutex<Vec<Vec<u32>>>>);

    impl Calls {
        fn call(
            &self,
        ) -> impl Fn(Vec<u32>) -> BoxFuture<'static, Result<Answers<u32, u32>, KindError>> + Send + 'static
        {
            let calls = self.clone();
            move |mut questions| {
                questions.sort_unstable();
                calls.0.lock().unwrap().push(questions.clone());
                let answer = |question: u32| match question {
                    13 => (question, Err(KindError::new("13 is no good"))),
                    _ => (question, Ok(question * 2)),
                };
                let known = questions.into_iter().filter(|question| *question != 0);
                std::future::ready(Ok(known.map(answer).collect())).boxed()
            }
        }

        fn made(&self) -> Vec<Vec<u32>> {
            let mut made = self.0.lock().unwrap().clone();
            made.sort();
            made
        }
    }

    #[tokio::test]
    async fn questions_at_about_the_same_time_are_one_call_and_each_gets_its_own_answer() {
        let (batch, calls) = (Batch::new(10), Calls::default());
        let ask = |question| batch.ask(question, calls.call());
        let late = async {
            tokio::time::sleep(MOMENT / 2).await;
            ask(4).await
        };
        let answers = futures::join!(ask(3), ask(1), ask(13), ask(3), ask(0), late);
        assert_eq!(calls.made(), [[0, 1, 3, 4, 13]], "one call, in which each question is there once");
        assert_eq!((answers.0.unwrap(), answers.1.unwrap(), answers.3.unwrap()), (6, 2, 6));
        assert_eq!(answers.2.unwrap_err().message, "13 is no good");
        assert!(answers.4.unwrap_err().message.contains("says nothing of 0"));
        assert_eq!(answers.5.unwrap(), 8);
    }

    #[tokio::test]
    async fn what_is_asked_once_the_call_is_made_is_asked_anew() {
        let (batch, calls) = (Batch::new(10), Calls::default());
        assert_eq!(batch.ask(1, calls.call()).await.unwrap(), 2);
        assert_eq!(batch.ask(1, calls.call()).await.unwrap(), 2);
        assert_eq!(calls.made(), [[1], [1]]);
    }

    #[tokio::test]
    async fn a_question_never_joins_a_call_that_is_under_way() {
        let batch: Batch<u32, u32> = Batch::new(10);
        let (begun, sent) = oneshot::channel();
        let (finish, finished) = oneshot::channel();
        let gate = Arc::new(Mutex::new(Some((begun, finished))));
        let first = batch.ask(1, move |_| {
            let (begun, finished) = gate.lock().unwrap().take().unwrap();
            async move {
                begun.send(()).unwrap();
                finished.await.unwrap();
                Ok(Answers::from([(1, Ok(1))]))
            }
        });
        let second = async {
            sent.await.unwrap();
            // Something is changed here. The first call may not have seen it.
            let second = batch.ask(1, |_| async { Ok(Answers::from([(1, Ok(2))])) }).await;
            finish.send(()).unwrap();
            second
        };
        let (first, second) = futures::join!(first, second);
        assert_eq!((first.unwrap(), second.unwrap()), (1, 2));
    }

    #[tokio::test]
    async fn more_than_a_call_can_have_are_several_calls() {
        let (batch, calls) = (Batch::new(3), Calls::default());
        let asked = (1..=8).map(|question| batch.ask(question, calls.call()));
        let answers: Vec<u32> = join_all(asked).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, [2, 4, 6, 8, 10, 12, 14, 16]);
        let mut sizes: Vec<usize> = calls.made().iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!(sizes, [2, 3, 3]);
    }

    #[tokio::test]
    async fn a_call_that_fails_fails_all_its_questions_and_no_other() {
        let batch: Batch<u32, u32> = Batch::new(1);
        let call = |questions: Vec<u32>| async move {
            match questions[..] {
                [1] => Err(KindError { code: Some("AccessDenied".to_owned()), ..KindError::new("no") }),
                _ => Ok(questions.into_iter().map(|question| (question, Ok(question))).collect()),
            }
        };
        let (one, again, two) = futures::join!(batch.ask(1, call), batch.ask(1, call), batch.ask(2, call));
        assert!(one.unwrap_err().is(&["AccessDenied"]) && again.unwrap_err().is(&["AccessDenied"]));
        assert_eq!(two.unwrap(), 2);
    }

    #[tokio::test]
    async fn the_first_may_go_and_the_others_are_answered() {
        let (batch, calls) = (Batch::new(10), Calls::default());
        let mut first = Box::pin(batch.ask(1, calls.call()));
        assert!(futures::poll!(first.as_mut()).is_pending());
        drop(first);
        assert_eq!(batch.ask(2, calls.call()).await.unwrap(), 4);
        assert_eq!(calls.made(), [[2]], "what nobody waits for is not asked");
    }

    #[tokio::test]
    async fn a_call_that_panics_is_an_error() {
        let batch: Batch<u32, u32> = Batch::new(10);
        let call = |questions: Vec<u32>| async move {
            assert!(questions.is_empty(), "this call ends in a panic");
            Ok(Answers::new())
        };
        assert!(batch.ask(1, call).await.unwrap_err().message.contains("nobody has answered 1"));
    }

    #[tokio::test]
    async fn a_stream_of_questions_does_not_hold_up_the_first() {
        let batch: Batch<u32, u32> = Batch::new(1_000_000);
        let call = |questions: Vec<u32>| async move {
            Ok(questions.into_iter().map(|question| (question, Ok(question))).collect())
        };
        let stream = async {
            for question in 1..100 {
                tokio::time::sleep(MOMENT / 3).await;
                drop(futures::poll!(Box::pin(batch.ask(question, call))));
            }
        };
        futures::pin_mut!(stream);
        let first = batch.ask(0, call);
        futures::pin_mut!(first);
        let futures::future::Either::Right((answer, _)) = futures::future::select(stream, first).await else {
            unreachable!("the first is answered before the stream ends");
        };
        assert_eq!(answer.unwrap(), 0);
    }
}

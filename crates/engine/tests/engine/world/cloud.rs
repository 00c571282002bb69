//! A cloud in memory. Objects have ids and refer to each other by them; what is referred to cannot be deleted, a
//! name cannot be taken twice, and nothing can refer to what is not there. Calls are logged, can be made to fail,
//! and the process can be killed around any of them.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard};
use std::task::Poll;

use futures::channel::oneshot;
use futures::future::BoxFuture;
use futures::{FutureExt, TryFutureExt};
use provision_engine::kind::KindError;
use serde_json::Value as Json;

#[derive(Default)]
pub(crate) struct Cloud {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    objects: BTreeMap<String, Object>,
    calls: Vec<String>,
    made: usize,
    /// How many moments have passed at which the process could be killed.
    moments: usize,
    crash: Option<(usize, Moment)>,
    signal: Option<oneshot::Sender<()>>,
    failures: Vec<(String, KindError)>,
    /// Whether anything was refused.
    refusals: Vec<String>,
}

/// Around what a call or a record brings about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Moment {
    Before,
    After,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub(crate) kind: &'static str,
    /// What nothing else of its kind is called.
    pub(crate) name: Option<String>,
    pub(crate) token: String,
    pub(crate) attributes: Json,
    /// Counts its changes.
    pub(crate) version: usize,
}

impl Cloud {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    pub(super) fn begin_anew(&self) {
        *self.inner() = Inner::default();
    }

    /// What there is, by id.
    pub(crate) fn objects(&self) -> BTreeMap<String, Object> {
        self.inner().objects.clone()
    }

    /// The attributes of the only object of that kind.
    pub(crate) fn only(&self, kind: &str) -> Json {
        let objects = self.objects();
        let found: Vec<_> = objects.values().filter(|object| object.kind == kind).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].attributes.clone()
    }

    /// The calls that changed something or tried to, such as `create fake_bucket logs`, since this was asked last.
    pub(crate) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.inner().calls)
    }

    /// What was refused because of a rule of the cloud.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.inner().refusals.clone()
    }

    /// Makes the calls whose log line begins with this fail.
    pub(crate) fn fail(&self, call: &str, error: KindError) {
        self.inner().failures.push((call.to_owned(), error));
    }

    pub(crate) fn fail_no_more(&self) {
        self.inner().failures.clear();
    }

    /// Kills the process around the n-th call or record from now.
    pub(crate) fn crash_at(&self, moment: usize, side: Moment) {
        let mut inner = self.inner();
        inner.moments = 0;
        inner.crash = Some((moment, side));
    }

    /// Resolves when the process is killed.
    pub(super) fn crash_signal(&self) -> BoxFuture<'static, ()> {
        let (sender, receiver) = oneshot::channel();
        self.inner().signal = Some(sender);
        receiver.unwrap_or_else(|_| ()).boxed()
    }

    /// The next process is not killed.
    pub(super) fn revive(&self) {
        self.inner().crash = None;
    }

    /// A moment at which the process can be killed: then it does not pass.
    pub(super) async fn moment(&self, side: Moment) {
        let dies = {
            let mut inner = self.inner();
            let current = inner.moments;
            if side == Moment::After {
                inner.moments += 1;
            }
            let dies = inner.crash == Some((current, side));
            if dies && let Some(signal) = inner.signal.take() {
                // Nobody listens in a world that is gone.
                let _ = signal.send(());
            }
            dies
        };
        if dies {
            futures::future::pending::<()>().await;
        }
    }

    async fn call<T>(
        &self,
        line: String,
        effect: impl FnOnce(&mut Inner) -> Result<T, (&'static str, String)>,
    ) -> Result<T, KindError> {
        yield_now().await;
        self.moment(Moment::Before).await;
        let outcome = {
            let mut inner = self.inner();
            let failure = inner.failures.iter().find(|(call, _)| line.starts_with(call.as_str()));
            let outcome = match failure {
                Some((_, error)) => Err(error.clone()),
                None => effect(&mut inner).map_err(|(code, message)| KindError {
                    code: Some(code.to_owned()),
                    ..KindError::new(message)
                }),
            };
            if let Err(error) = &outcome
                && error.code.is_some()
            {
                inner.refusals.push(format!("{line}: {error}"));
            }
            inner.calls.push(line);
            outcome
        };
        self.moment(Moment::After).await;
        yield_now().await;
        outcome
    }

    pub(super) async fn create(
        &self,
        kind: &'static str,
        name: Option<&str>,
        token: &str,
        attributes: Json,
    ) -> Result<String, KindError> {
        let line = format!("create {kind} {}", name.unwrap_or(token));
        self.call(line, |inner| {
            let taken = inner
                .objects
                .values()
                .any(|object| object.kind == kind && name.is_some() && object.name.as_deref() == name);
            if taken {
                return Err(("AlreadyExists", format!("there is a {kind} {name:?}")));
            }
            inner.check_references(&attributes)?;
            inner.made += 1;
            let id = format!("{kind}-{:04}", inner.made);
            inner.objects.insert(
                id.clone(),
                Object {
                    kind,
                    name: name.map(str::to_owned),
                    token: token.to_owned(),
                    attributes,
                    version: 0,
                },
            );
            Ok(id)
        })
        .await
    }

    pub(super) async fn update(&self, id: &str, attributes: Json) -> Result<(), KindError> {
        self.call(format!("update {id}"), |inner| {
            inner.check_references(&attributes)?;
            let object = inner.objects.get_mut(id).ok_or(("NotFound", format!("there is no {id}")))?;
            object.attributes = attributes;
            object.version += 1;
            Ok(())
        })
        .await
    }

    pub(super) async fn delete(&self, id: &str) -> Result<(), KindError> {
        self.call(format!("delete {id}"), |inner| {
            let user = inner
                .objects
                .iter()
                .find(|(other, object)| *other != id && references(&object.attributes).contains(id));
            if let Some((user, _)) = user {
                return Err(("InUse", format!("{id} is in use by {user}")));
            }
            inner.objects.remove(id);
            Ok(())
        })
        .await
    }

    pub(super) async fn get(&self, id: &str) -> Result<Option<Object>, KindError> {
        yield_now().await;
        self.fail_if_told(&format!("read {id}"))?;
        Ok(self.inner().objects.get(id).cloned())
    }

    pub(super) async fn find(&self, is_it: impl Fn(&Object) -> bool) -> Result<Option<String>, KindError> {
        yield_now().await;
        Ok(self.inner().objects.iter().find(|(_, object)| is_it(object)).map(|(id, _)| id.clone()))
    }

    fn fail_if_told(&self, line: &str) -> Result<(), KindError> {
        let inner = self.inner();
        let failure = inner.failures.iter().find(|(call, _)| line.starts_with(call.as_str()));
        failure.map_or(Ok(()), |(_, error)| Err(error.clone()))
    }

    /// Changes an object behind the engine's back.
    pub(crate) fn tamper(&self, id: &str, change: impl FnOnce(&mut Json)) {
        change(&mut self.inner().objects.get_mut(id).unwrap().attributes);
    }

    /// Deletes an object behind the engine's back.
    pub(crate) fn lose(&self, id: &str) {
        assert!(self.inner().objects.remove(id).is_some());
    }

    /// Makes an object behind the engine's back.
    pub(crate) fn plant(&self, id: &str, kind: &'static str, name: &str, attributes: Json) {
        let name = Some(name.to_owned());
        let object = Object { kind, name, token: String::new(), attributes, version: 0 };
        self.inner().objects.insert(id.to_owned(), object);
    }
}

impl Inner {
    fn check_references(&self, attributes: &Json) -> Result<(), (&'static str, String)> {
        match references(attributes).into_iter().find(|id| !self.objects.contains_key(id)) {
            Some(missing) => Err(("InvalidReference", format!("there is no {missing}"))),
            None => Ok(()),
        }
    }
}

/// The ids in some attributes: all text that looks like one.
fn references(attributes: &Json) -> BTreeSet<String> {
    match attributes {
        Json::String(text) if text.starts_with("fake_") && text.contains('-') => [text.clone()].into(),
        Json::Array(items) => items.iter().flat_map(references).collect(),
        Json::Object(map) => map.values().flat_map(references).collect(),
        _ => BTreeSet::new(),
    }
}

/// Lets others go first, as a call to a real cloud does.
async fn yield_now() {
    let mut yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

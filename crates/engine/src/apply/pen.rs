//! How a run writes down what it does: one write at a time, while calls go on.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures::future::{BoxFuture, LocalBoxFuture};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use super::outcome::Outcome;
use super::step::Call;
use crate::behalf::IdleSteps;
use crate::event::Clock;
use crate::state::{Holder, Record, Recorder, State, StateError};

/// How long what has come of calls waits to be written along with something else. Until it is, a run after a crash
/// finds it again by its intent, or does it once more.
const SOON: Duration = Duration::from_millis(500);

/// More records than these are written at once, whatever they are: they take memory.
const A_LOT: usize = 4096;

/// What has happened to the state and is not written yet. Records are counted from the beginning of the run, so that a
/// call can say how many of them have to be durable before it is sent.
#[derive(Default)]
pub(super) struct Notes {
    records: Vec<Record>,
    noted: usize,
    durable: usize,
    /// How many have to be durable before any call is sent that is noted from now on.
    floor: usize,
    /// Whether there is something that no call waits for, and that is worth a write all the same.
    has_news: bool,
    /// How many there were when the last call of all had ended.
    news: usize,
    /// Whether that has waited long enough.
    is_due: bool,
    /// The serial that the state had before the write that is under way.
    serial: u64,
    /// How many are durable after that.
    writing: usize,
}

impl Notes {
    pub(super) fn add(&mut self, record: Record) {
        self.records.push(record);
        self.noted += 1;
    }

    /// How many records there have been so far.
    pub(super) fn noted(&self) -> usize {
        self.noted
    }

    /// How many of them are durable.
    pub(super) fn durable(&self) -> usize {
        self.durable
    }

    /// How many must be, before a call is sent that needs none of them in particular.
    pub(super) fn floor(&self) -> usize {
        self.floor
    }

    /// What was noted so far has to be durable before any call is sent that is made from now on.
    pub(super) fn hold_calls(&mut self) {
        self.floor = self.noted;
    }

    /// What was noted has come of a call.
    pub(super) fn has_news(&mut self) {
        (self.has_news, self.news) = (true, self.noted);
    }

    /// How many have to be durable before something is made that no call makes, such as a key: a run whose state can be
    /// written no more makes nothing.
    pub(super) fn news(&self) -> usize {
        self.news
    }

    /// What has come of calls has waited long enough.
    pub(super) fn hurry(&mut self) {
        self.is_due = true;
    }

    fn take(&mut self, state: &State) -> Vec<Record> {
        (self.serial, self.writing) = (state.serial, self.noted);
        (self.has_news, self.is_due) = (false, false);
        std::mem::take(&mut self.records)
    }

    /// A write has ended. Where it failed, the state is of the serial that was last written.
    pub(super) fn written(
        &mut self,
        outcome: Result<(), StateError>,
        state: &mut State,
    ) -> Result<(), StateError> {
        match &outcome {
            Ok(()) => self.durable = self.writing,
            Err(_) => state.serial = self.serial,
        }
        outcome
    }

    /// Writes what there is, and waits until that is done.
    pub(super) async fn flush(
        &mut self,
        recorder: &mut dyn Recorder,
        state: &mut State,
    ) -> Result<(), StateError> {
        let records = self.take(state);
        let bytes = recorder.prepare(&records, state)?;
        let outcome = recorder.write(bytes).await;
        self.written(outcome, state)
    }
}

/// What a run waits for.
pub(super) enum Turn {
    /// A call has ended.
    Ended(Outcome),
    /// A write has ended.
    Written(Result<(), StateError>),
    /// Whether calls may be sent.
    MayCall(Result<(), StateError>),
    /// What has come of calls has waited long enough to be written.
    Due,
    /// A step has begun to wait: another can run in its place.
    Room,
    /// There is nothing to wait for.
    Over,
}

/// The recorder, and what has come of a write.
type Written<'r> = (&'r mut dyn Recorder, Result<(), StateError>);

/// The recorder of a run, which is lent to the write that is under way.
pub(super) struct Pen<'r> {
    free: Option<&'r mut dyn Recorder>,
    writing: Option<LocalBoxFuture<'r, Written<'r>>>,
    /// Who knows whether the state is still this run's.
    holder: Option<Arc<dyn Holder>>,
    /// That question, while it is asked.
    asking: Option<BoxFuture<'r, Result<(), StateError>>>,
    /// When what has come of calls has waited long enough.
    due: Option<BoxFuture<'static, ()>>,
}

impl<'r> Pen<'r> {
    pub(super) fn new(recorder: &'r mut dyn Recorder) -> Self {
        let holder = recorder.holder();
        Self { free: Some(recorder), writing: None, holder, asking: None, due: None }
    }

    /// Begins to write what was noted, if a call waits for it, or it has waited long enough. Not while another write is
    /// under way: what is noted meanwhile goes into the next.
    pub(super) fn write(
        &mut self,
        notes: &mut Notes,
        state: &mut State,
        calls: &[Call],
        clock: &dyn Clock,
    ) -> Result<(), StateError> {
        let is_needed = notes.is_due
            || notes.records.len() > A_LOT
            || calls.iter().any(|call| call.after > notes.durable.max(notes.writing));
        if notes.records.is_empty() {
            return Ok(());
        }
        if !is_needed {
            if notes.has_news && self.due.is_none() {
                self.due = Some(clock.sleep(SOON));
            }
            return Ok(());
        }
        let Some(recorder) = self.free.take() else { return Ok(()) };
        self.due = None;
        let records = notes.take(state);
        let bytes = match recorder.prepare(&records, state) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.free = Some(recorder);
                return notes.written(Err(error), state);
            }
        };
        let write = async move {
            let outcome = recorder.write(bytes).await;
            (recorder, outcome)
        };
        self.writing = Some(write.boxed_local());
        Ok(())
    }

    /// Asks whether calls may be sent, if there are any.
    pub(super) fn ask(&mut self, has_calls: bool) {
        if has_calls && self.asking.is_none() {
            let holder = self.holder.clone();
            self.asking = Some(
                async move {
                    match holder {
                        Some(holder) => holder.hold().await,
                        None => Ok(()),
                    }
                }
                .boxed(),
            );
        }
    }

    /// Waits for whatever comes first. `idle`: the steps that only wait, and `waited`: how many did when others were
    /// begun.
    pub(super) async fn next(
        &mut self,
        running: &mut FuturesUnordered<LocalBoxFuture<'_, Outcome>>,
        idle: &IdleSteps,
        waited: usize,
    ) -> Turn {
        std::future::poll_fn(|context| {
            if let Some(asking) = &mut self.asking
                && let Poll::Ready(answer) = asking.poll_unpin(context)
            {
                self.asking = None;
                return Poll::Ready(Turn::MayCall(answer));
            }
            if let Some(writing) = &mut self.writing
                && let Poll::Ready((recorder, outcome)) = writing.poll_unpin(context)
            {
                (self.writing, self.free) = (None, Some(recorder));
                return Poll::Ready(Turn::Written(outcome));
            }
            if let Poll::Ready(Some(outcome)) = running.poll_next_unpin(context) {
                return Poll::Ready(Turn::Ended(outcome));
            }
            if idle.count() > waited {
                return Poll::Ready(Turn::Room);
            }
            if let Some(due) = &mut self.due
                && due.poll_unpin(context).is_ready()
            {
                self.due = None;
                return Poll::Ready(Turn::Due);
            }
            match self.asking.is_none() && self.writing.is_none() && running.is_empty() {
                true => Poll::Ready(Turn::Over),
                false => Poll::Pending,
            }
        })
        .await
    }
}

//! Where the time of a run goes: into its phases, and into the calls that it makes. Nothing is recorded unless somebody
//! asks for it.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use provision_aws::{Aws, FinishedCall};
use provision_engine::event::{Event, Events};

use crate::view::{self, Style};

#[derive(clap::Args, Clone, Copy)]
pub(crate) struct TimingArguments {
    /// Say at the end where the time went: into which phases and calls. With --json: a line for each, as it ends
    #[arg(long)]
    timings: bool,
}

/// What a run is busy with. Two phases may go on at the same time, and one may come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The environment file, its modules, and the variables.
    ReadingFiles,
    /// The configuration is held against all that can be known with no network.
    Checking,
    /// The lock is taken and the state read, or the state is read alone.
    ReadingState,
    /// Whose account the credentials are of.
    CheckingAccount,
    /// What is there is read.
    Refresh,
    /// The plan is made.
    Planning,
    /// What the plan needs beside that is read: data sources, and what is to be imported.
    ReadingData,
    /// What would fail is looked for.
    LookAhead,
    /// A person is asked.
    Question,
    /// Until when the credentials last.
    CheckingCredentials,
    /// Steps are carried out.
    Apply,
    /// What was changed is waited for until it has settled.
    Settling,
    /// The state is written, and the lock given back.
    WritingState,
    /// The checks that are declared are run.
    RunningChecks,
}

/// What becomes of what is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A table at the end, on stderr.
    Table,
    /// A JSON object for each phase and call, a line each as they end, on stdout, where the events are.
    Events,
    /// The same on stderr, where stdout is for a document.
    BesideDocument,
}

/// The timings of a run, if they are asked for.
#[derive(Clone, Default)]
pub(crate) struct Timings(Option<Arc<Record>>);

struct Record {
    form: Form,
    began: Instant,
    gathered: Mutex<Gathered>,
}

/// What was recorded.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) phases: Vec<Stretch>,
    pub(crate) calls: Vec<FinishedCall>,
}

/// A stretch of time in which a phase went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) phase: Phase,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

impl TimingArguments {
    /// The timings of a run that begins now.
    pub(crate) fn begin(self, form: Form) -> Timings {
        let record = || Arc::new(Record { form, began: Instant::now(), gathered: Mutex::default() });
        Timings(self.timings.then(record))
    }
}

impl Timings {
    /// Records the calls of all clients that are made from now on.
    pub(crate) fn observe(&self, aws: &Aws) {
        if let Some(record) = self.0.clone() {
            aws.observe(move |call| record.call(call));
        }
    }

    /// A phase begins. It ends when what is given is dropped.
    pub(crate) fn phase(&self, phase: Phase) -> Span {
        let began = Instant::now();
        Span(self.0.clone().map(|record| (record, phase, began)))
    }

    /// Shows events, and notes when the last step of an apply ends: what follows is the wait until all has settled.
    pub(crate) fn watch<'a>(&self, events: &'a dyn Events) -> ApplyWatch<'a> {
        ApplyWatch { timings: self.clone(), events, began: Instant::now(), last_step: Mutex::default() }
    }

    /// Says where the time went, as far as that was not said as it went. With nowhere to write to, nothing is said.
    pub(crate) fn finish(&self) {
        let Some(record) = &self.0 else { return };
        let elapsed = record.began.elapsed();
        match record.form {
            Form::Table => {
                let gathered = record.gathered();
                let mut out = anstream::stderr();
                let style = Style::of_stderr();
                let _ = view::timings::write(&gathered, record.began, elapsed, &mut out, style);
            }
            Form::Events | Form::BesideDocument => {
                record.say(&view::timings::json_of_run(elapsed, record.gathered().calls.len()));
            }
        }
    }
}

impl Record {
    fn call(&self, call: FinishedCall) {
        if self.form != Form::Table {
            self.say(&view::timings::json_of_call(&call, self.began));
        }
        self.gathered().calls.push(call);
    }

    fn stretch(&self, stretch: Stretch) {
        if self.form != Form::Table {
            self.say(&view::timings::json_of_phase(&stretch, self.began));
        }
        self.gathered().phases.push(stretch);
    }

    /// Writes a line as a whole: others write theirs at the same time.
    fn say(&self, json: &serde_json::Value) {
        let line = format!("{json}\n");
        // A reader that has gone away does not stop a run.
        let _ = match self.form {
            Form::Events => std::io::stdout().write_all(line.as_bytes()),
            Form::Table | Form::BesideDocument => std::io::stderr().write_all(line.as_bytes()),
        };
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A phase that goes on until this is dropped.
pub(crate) struct Span(Option<(Arc<Record>, Phase, Instant)>);

impl Drop for Span {
    fn drop(&mut self) {
        if let Some((record, phase, began)) = self.0.take() {
            record.stretch(Stretch { phase, began, ended: Instant::now() });
        }
    }
}

/// Events of an apply, and when its steps have ended.
pub(crate) struct ApplyWatch<'a> {
    timings: Timings,
    events: &'a dyn Events,
    began: Instant,
    last_step: Mutex<Option<Instant>>,
}

impl Events for ApplyWatch<'_> {
    fn event(&self, event: Event<'_>) {
        let is_end = matches!(
            event,
            Event::StepFinished { .. } | Event::StepFailed { .. } | Event::StepSkipped { .. }
        );
        if is_end {
            *self.last_step.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        self.events.event(event);
    }
}

impl ApplyWatch<'_> {
    /// The apply has ended, and all that was waited for has settled.
    pub(crate) fn end(self) {
        let Some(record) = &self.timings.0 else { return };
        let now = Instant::now();
        let last_step = self.last_step.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ended = last_step.unwrap_or(now);
        record.stretch(Stretch { phase: Phase::Apply, began: self.began, ended });
        if ended < now {
            record.stretch(Stretch { phase: Phase::Settling, began: ended, ended: now });
        }
    }
}

impl Stretch {
    /// How long it took.
    pub(crate) fn took(&self) -> Duration {
        self.ended.saturating_duration_since(self.began)
    }
}

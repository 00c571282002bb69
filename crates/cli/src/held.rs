//! A run that holds the state of its environment: it takes the lock, keeps it, and gives it back, however it ends.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use provision_aws::Aws;
use provision_engine::state::{Errored, HeldState, LockInfo, Run, State, StateError, StateFile};

use crate::error::CommandError;
use crate::session::Session;
use crate::timings::{Phase, Span};
use crate::view;
use crate::view::progress::Handle;

#[derive(clap::Args, Clone)]
pub(crate) struct LockArguments {
    /// How long to wait while someone else holds the state: seconds, or 90s, 5m, 1h
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration)]
    pub(crate) lock_timeout: Duration,
}

/// A state that is held, and what was read of it.
pub(crate) struct Held {
    pub(crate) state: State,
    /// Whether there was one.
    pub(crate) exists: bool,
    pub(crate) interrupts: Arc<Interrupts>,
    file: StateFile,
    info: LockInfo,
    pub(crate) recorder: HeldState,
}

/// Does some work on the state of an environment while nobody else does. `operation`: what the lock says of it.
pub(crate) async fn hold(
    session: &Session,
    operation: &str,
    arguments: &LockArguments,
    work: impl AsyncFnOnce(&mut Held) -> Result<ExitCode, CommandError>,
) -> Result<ExitCode, CommandError> {
    hold_file(session, session.state_file().await?, operation, arguments, work).await
}

/// The same for a state that may be kept elsewhere than the environment says.
pub(crate) async fn hold_file(
    session: &Session,
    file: StateFile,
    operation: &str,
    arguments: &LockArguments,
    work: impl AsyncFnOnce(&mut Held) -> Result<ExitCode, CommandError>,
) -> Result<ExitCode, CommandError> {
    let reading = session.timings.phase(Phase::ReadingState);
    let info = session.lock_info(operation, &file);
    let state = session.new_state()?;
    let recorder = file.lock(&info, arguments.lock_timeout, &waiting()).await?;
    // A lease ends unless it is renewed, whatever else goes on: a question that waits for its answer, for one.
    let keeper = recorder.lease().map(|lease| tokio::spawn(async move { lease.keep().await }));
    if let Some(before) = recorder.taken_over_from() {
        let mut out = anstream::stderr();
        writeln!(out, "The lock was {before}'s, whose lease has ended: taken over.")?;
    }
    let interrupts = Interrupts::listen(session.aws().clone());
    let mut held = Held { state, exists: false, interrupts: interrupts.clone(), file, info, recorder };
    let outcome = tokio::select! {
        outcome = work_on(session, &mut held, reading, work) => outcome,
        () = interrupts.before_the_apply() => Err(CommandError::new("interrupted: nothing was done")),
    };
    if let Some(keeper) = keeper {
        keeper.abort();
        // That it was given up is how it ends.
        let _ = keeper.await;
    }
    let writing = session.timings.phase(Phase::WritingState);
    let released = held.recorder.release().await;
    drop(writing);
    let code = outcome?;
    released?;
    Ok(code)
}

async fn work_on(
    session: &Session,
    held: &mut Held,
    reading: Span,
    work: impl AsyncFnOnce(&mut Held) -> Result<ExitCode, CommandError>,
) -> Result<ExitCode, CommandError> {
    let new = held.state.clone();
    (held.state, held.exists) = held.recorder.read(|| new).await?;
    session.check_state(&held.state, &held.file)?;
    drop(reading);
    work(held).await
}

impl Held {
    /// Writes the state that a run has left, with what it did into the history.
    pub(crate) async fn finish(&mut self, changes: String) -> Result<(), CommandError> {
        let run = Run {
            serial: 0,
            ended: view::time::now(),
            who: self.info.who.clone(),
            operation: self.info.operation.clone(),
            changes,
            revision: None,
        };
        Ok(self.recorder.finish(&mut self.state, run).await?)
    }

    /// Writes a state that was changed as a whole.
    pub(crate) async fn replace(&mut self, changes: String) -> Result<(), CommandError> {
        self.recorder.begin(&mut self.state).await?;
        self.finish(changes).await
    }

    /// Folds in what a killed run has left, where nothing else is to be written.
    pub(crate) async fn settle(&mut self) -> Result<(), CommandError> {
        if self.recorder.has_journal() {
            self.replace("finished what a killed run had recorded".to_owned()).await
        } else {
            Ok(())
        }
    }

    /// Keeps what a run knew, after its state could be written no more, in a file on this machine.
    pub(crate) fn keep_errored(&self, session: &Session, error: StateError) -> CommandError {
        if !self.file.is_remote() {
            // The journal has it.
            return error.into();
        }
        let errored = Errored { errored: error.to_string(), state: self.state.clone() };
        match session.project.keep_errored(&session.configuration.environment, &errored) {
            Ok(path) => CommandError::with_hint(
                error.to_string(),
                format!(
                    "nothing more was sent. What this run knew is in {path}: provision state push {path} adds it to the state. \
                     Then run the same command again",
                    path = path.display()
                ),
            ),
            Err(second) => CommandError::with_hint(
                format!("{error}; and what this run knew could not be kept: {second}"),
                "run the same command again: what was made is found again",
            ),
        }
    }
}

/// Says whom a run waits for, once each.
fn waiting() -> impl Fn(&LockInfo) + Sync {
    let told = Mutex::new(String::new());
    move |holder: &LockInfo| {
        if let Ok(mut told) = told.lock()
            && *told != holder.id
        {
            told.clone_from(&holder.id);
            // Nobody to tell is no reason to stop.
            let _ = writeln!(anstream::stderr(), "Waiting: the state is locked by {holder}.");
        }
    }
}

/// What asks a run to stop: Ctrl-C, or SIGTERM.
pub(crate) struct Interrupts {
    /// The progress of the apply that is under way, which ends in its own way.
    applying: Mutex<Option<Handle>>,
    /// Whether it is to begin nothing new.
    pub(crate) interrupted: AtomicBool,
    early: tokio::sync::Notify,
    /// What is called for the run.
    aws: Arc<Aws>,
}

impl Interrupts {
    fn listen(aws: Arc<Aws>) -> Arc<Self> {
        let interrupts = Arc::new(Self {
            applying: Mutex::new(None),
            interrupted: AtomicBool::new(false),
            early: tokio::sync::Notify::new(),
            aws,
        });
        if let Ok(mut signals) = StopSignals::new() {
            let listener = interrupts.clone();
            tokio::spawn(async move {
                loop {
                    signals.next().await;
                    listener.signal();
                }
            });
        }
        interrupts
    }

    /// Once: before an apply, everything ends; in one, nothing new is begun, and calls that a service holds up are given
    /// up soon. Twice: the process ends at once; the state has what was recorded.
    fn signal(&self) {
        let is_second = self.interrupted.swap(true, Ordering::SeqCst);
        let progress = self.applying.lock().ok().and_then(|applying| applying.clone());
        if is_second {
            if let Some(progress) = progress {
                progress.finish();
            }
            let said = "Stopped. The state is true; run the same command again to go on.";
            let _ = writeln!(anstream::stderr(), "{said}");
            std::process::exit(130);
        }
        self.aws.interrupt();
        match progress {
            Some(progress) => progress.interrupted(),
            None => self.early.notify_one(),
        }
    }

    /// From now on what runs is waited for.
    pub(crate) fn apply_begins(&self, progress: Handle) {
        if let Ok(mut applying) = self.applying.lock() {
            *applying = Some(progress);
        }
    }

    async fn before_the_apply(&self) {
        self.early.notified().await;
    }
}

/// What asks a run to stop. It is listened to without a gap, so that none is missed.
#[cfg(unix)]
struct StopSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What asks a run to stop. It is listened to without a gap, so that none is missed.
#[cfg(windows)]
struct StopSignals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl StopSignals {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        let _ = self.0.recv().await;
    }
}

/// A duration as people write it: `90`, `90s`, `5m`, `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|character: char| !character.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("write it as 90s, 5m or 1h".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "write it as 90s, 5m or 1h".to_owned())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(|| "that is too long".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        let seconds = |text| duration(text).map(|duration| duration.as_secs());
        assert_eq!(
            [seconds("0"), seconds("90s"), seconds("5m"), seconds("2h")],
            [Ok(0), Ok(90), Ok(300), Ok(7200)]
        );
        for wrong in ["", "s", "-1s", "1.5m", "1d", "99999999999999999999", "9999999999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}

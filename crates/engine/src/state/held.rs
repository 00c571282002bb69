//! A state that is held: changed step by step, and given back.

use std::fs::File;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::file::StateFile;
use super::history::Run;
use super::journal::Journal;
use super::lease::Lease;
use super::store::files::failed;
use super::store::{Condition, Put, Version, put};
use super::{Holder, LOG_SUFFIX, LockInfo, Record, Recorder, State, StateError};

/// A state that this run holds alone, and a place to record what happens to it.
pub struct HeldState {
    file: StateFile,
    /// The run, as the lock and the state name it.
    run: String,
    /// What was last read or written: every write is on condition that it is still there.
    version: Option<Version>,
    /// The document that was last written.
    written: Vec<u8>,
    lock: Option<Lock>,
    journal: Option<Journal>,
}

/// What keeps others away.
pub(super) enum Lock {
    /// Held for as long as the file is open.
    System { _file: File },
    /// Held for as long as it is renewed.
    Lease {
        /// The lease.
        lease: Arc<Lease>,
        /// Whose it was, if it was taken over.
        before: Option<LockInfo>,
    },
}

impl HeldState {
    pub(super) fn new(file: StateFile, run: String, lock: Lock) -> Self {
        Self { file, run, version: None, written: Vec::new(), lock: Some(lock), journal: None }
    }

    /// The state, or a new one; and whether it is there.
    ///
    /// Where the lease of another was taken over, the state is written anew first. That is the fence: if the other is
    /// not dead but asleep, and wakes up, its next write is refused.
    pub async fn read(&mut self, new: impl FnOnce() -> State) -> Result<(State, bool), StateError> {
        const ATTEMPTS: u32 = 5;
        let new = new();
        for attempt in 1.. {
            let (state, version) = self.file.load().await?;
            self.version = version;
            let exists = state.is_some();
            let mut state = state.unwrap_or_else(|| new.clone());
            if self.taken_over_from().is_none() {
                return Ok((state, exists));
            }
            match self.write_whole(&mut state).await {
                Ok(()) => return Ok((state, exists)),
                // The other is awake, and has written once more before it could be fenced off.
                Err(StateError::TakenOver { .. }) if attempt < ATTEMPTS => self.hold().await?,
                Err(error) => return Err(error),
            }
        }
        Ok((new, false))
    }

    /// Whose lease was taken over, if one was.
    pub fn taken_over_from(&self) -> Option<&LockInfo> {
        match &self.lock {
            Some(Lock::Lease { before, .. }) => before.as_ref(),
            _ => None,
        }
    }

    /// The lease, to be renewed while it is held.
    pub fn lease(&self) -> Option<Arc<Lease>> {
        match &self.lock {
            Some(Lock::Lease { lease, .. }) => Some(lease.clone()),
            _ => None,
        }
    }

    /// Begins to record changes of the state that was read: what a killed run has left in the journal is folded in,
    /// and that the state can be written is seen before anything is changed.
    pub async fn begin(&mut self, state: &mut State) -> Result<(), StateError> {
        self.write_whole(state).await?;
        if let Some(path) = self.file.journal_path() {
            self.journal = Some(Journal::begin(path, state)?);
        }
        Ok(())
    }

    /// Writes the state that a run has left, and what it did into the history; then gives the lock back.
    pub async fn finish(&mut self, state: &mut State, run: Run) -> Result<(), StateError> {
        // In a store on the network the last record has left nothing to write.
        if state.to_document()? != self.written {
            self.write_whole(state).await?;
        }
        if let Some(journal) = self.journal.take() {
            journal.end()?;
        }
        let revision = self.version.as_ref().and_then(|version| version.revision.clone());
        let log = self.log(Run { serial: state.serial, revision, ..run }).await;
        self.release().await?;
        log
    }

    /// Takes the state away, after it was written elsewhere, and gives the lock back. What the store keeps of objects
    /// that were deleted, it keeps.
    pub async fn retire(&mut self) -> Result<(), StateError> {
        if let Some(version) = self.version.take()
            && !self.file.store.delete_if(&self.file.name, &version).await?
        {
            return Err(self.taken_over().await);
        }
        if let Some(path) = self.file.journal_path().filter(|path| path.exists()) {
            std::fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
        }
        self.release().await
    }

    /// Gives the lock back, if it is still held.
    pub async fn release(&mut self) -> Result<(), StateError> {
        match self.lock.take() {
            Some(Lock::Lease { lease, .. }) => lease.release().await,
            Some(Lock::System { .. }) | None => Ok(()),
        }
    }

    /// Whether a killed run has left a journal, which the next write of the state folds in.
    pub fn has_journal(&self) -> bool {
        self.file.journal_path().is_some_and(|path| path.exists())
    }

    async fn log(&self, run: Run) -> Result<(), StateError> {
        let (mut history, version) = self.file.load_history().await?;
        history.add(run);
        let name = self.file.beside(LOG_SUFFIX);
        let bytes = serde_json::to_vec_pretty(&history)
            .map_err(|error| StateError::damaged(self.file.store.location(&name), error.to_string()))?;
        let condition = Condition::of(version.as_ref());
        match put(&*self.file.store, &*self.file.clock, &name, &bytes, &condition).await? {
            Put::Done(_) => Ok(()),
            Put::Refused => Err(self.taken_over().await),
        }
    }

    /// Makes records durable, which `state` has already.
    pub async fn record(&mut self, records: &[Record], state: &mut State) -> Result<(), StateError> {
        let before = state.serial;
        let prepared = self.prepare(records, state)?;
        let written = Recorder::write(self, prepared).await;
        if written.is_err() {
            state.serial = before;
        }
        written
    }

    /// Fails unless the state is still this run's alone.
    pub async fn hold(&self) -> Result<(), StateError> {
        match self.lease() {
            Some(lease) => lease.hold().await,
            None => Ok(()),
        }
    }

    /// Writes the whole state, unless someone else has.
    async fn write_whole(&mut self, state: &mut State) -> Result<(), StateError> {
        let before = state.serial;
        let document = self.document(state)?;
        let written = self.put_document(document).await;
        if written.is_err() {
            state.serial = before;
        }
        written
    }

    /// The whole state, as what this run writes next.
    fn document(&self, state: &mut State) -> Result<Vec<u8>, StateError> {
        state.serial += 1;
        state.run.clone_from(&self.run);
        state.provision_version = env!("CARGO_PKG_VERSION").to_owned();
        state.to_document()
    }

    async fn put_document(&mut self, document: Vec<u8>) -> Result<(), StateError> {
        let written = self.put(&document).await;
        if written.is_ok() {
            self.written = document;
        }
        written
    }

    async fn put(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        let condition = Condition::of(self.version.as_ref());
        match put(&*self.file.store, &*self.file.clock, &self.file.name, bytes, &condition).await? {
            Put::Done(version) => {
                self.version = Some(version);
                Ok(())
            }
            Put::Refused => Err(self.taken_over().await),
        }
    }

    async fn taken_over(&self) -> StateError {
        match self.lease() {
            Some(lease) => lease.taken_over().await,
            None => StateError::TakenOver { location: self.file.location(), by: None },
        }
    }
}

impl Recorder for HeldState {
    fn prepare(&mut self, records: &[Record], state: &mut State) -> Result<Vec<u8>, StateError> {
        match &self.journal {
            Some(journal) => journal.lines(records),
            None => self.document(state),
        }
    }

    fn write(&mut self, prepared: Vec<u8>) -> BoxFuture<'_, Result<(), StateError>> {
        async move {
            match &mut self.journal {
                Some(journal) => journal.append(&prepared),
                None => self.put_document(prepared).await,
            }
        }
        .boxed()
    }

    fn holder(&self) -> Option<Arc<dyn Holder>> {
        self.lease().map(|lease| lease as Arc<dyn Holder>)
    }
}

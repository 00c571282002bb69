//! A state where it is kept: read, locked, changed step by step, and given back.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::history::{History, Run};
use super::journal::{self, Journal};
use super::lease::{self, Lease, Terms};
use super::store::files::{failed, private};
use super::store::{Condition, FileStore, Put, Store, Version, put};
use super::{LOCK_SUFFIX, LOG_SUFFIX, LockInfo, Record, Recorder, State, StateError};
use crate::event::Clock;

/// The state of an environment, where it is kept.
#[derive(Clone)]
pub struct StateFile {
    store: Arc<dyn Store>,
    name: String,
    clock: Arc<dyn Clock>,
    sharing: Sharing,
}

/// Who may be at a state at the same time, and so what its lock is and how a step is recorded.
#[derive(Clone, Debug)]
enum Sharing {
    /// Processes of this machine. The lock is the operating system's, on a file: it ends with the process, however
    /// that ends. A step is a line in a journal.
    Machine(FileStore),
    /// Anyone. The lock is a lease of that length. A step is written with the whole state, together with all that
    /// has happened since the last write.
    Network(Duration),
}

impl StateFile {
    /// A state in a file of this machine, with its journal, lock and history beside it.
    pub fn local(path: PathBuf, clock: Arc<dyn Clock>) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let files = FileStore::new(path.parent().unwrap_or(&path));
        Self { store: Arc::new(files.clone()), name, clock, sharing: Sharing::Machine(files) }
    }

    /// A state in a store that others can reach. `lease`: how long its lock lasts unless it is renewed.
    pub fn remote(
        store: Arc<dyn Store>,
        name: impl Into<String>,
        lease: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, name: name.into(), clock, sharing: Sharing::Network(lease) }
    }

    /// Where it is, for people.
    pub fn location(&self) -> String {
        self.store.location(&self.name)
    }

    /// Whether others than this machine can reach it.
    pub fn is_remote(&self) -> bool {
        matches!(self.sharing, Sharing::Network(_))
    }

    /// The state with what a killed run has left in the journal; `None` if there is none yet. Takes no lock, and
    /// writes nothing.
    pub async fn read(&self) -> Result<Option<State>, StateError> {
        Ok(self.load().await?.0)
    }

    /// What runs have done to it.
    pub async fn history(&self) -> Result<History, StateError> {
        Ok(self.load_history().await?.0)
    }

    /// What it was after an earlier run, if that is still kept.
    pub async fn at(&self, run: &Run) -> Result<Option<State>, StateError> {
        let Some(revision) = &run.revision else { return Ok(None) };
        let bytes = self.store.revision(&self.name, revision).await?;
        bytes.map(|bytes| State::parse(&self.location(), &bytes)).transpose()
    }

    /// Takes the lock; waits up to `patience` while someone else has it, and tells `waiting` who that is.
    pub async fn lock(
        &self,
        info: &LockInfo,
        patience: Duration,
        waiting: &(dyn Fn(&LockInfo) + Sync),
    ) -> Result<HeldState, StateError> {
        let lock = match &self.sharing {
            Sharing::Machine(files) => {
                Lock::System { _file: self.system_lock(files, info, patience, waiting).await? }
            }
            Sharing::Network(length) => {
                let terms = Terms {
                    store: self.store.clone(),
                    clock: self.clock.clone(),
                    name: self.beside(LOCK_SUFFIX),
                    length: *length,
                };
                let (lease, before) = Lease::acquire(terms, info.clone(), patience, waiting).await?;
                Lock::Lease { lease: Arc::new(lease), before }
            }
        };
        Ok(HeldState {
            file: self.clone(),
            run: info.id.clone(),
            version: None,
            lock: Some(lock),
            journal: None,
        })
    }

    /// Who has the lock, if anyone.
    pub async fn holder(&self) -> Result<Option<LockInfo>, StateError> {
        let name = self.beside(LOCK_SUFFIX);
        let found = self.store.get(&name).await?;
        found.map(|found| lease::parse(&*self.store, &name, &found)).transpose()
    }

    /// Takes a lease away from whoever holds it: their next write of the state is refused once someone else has
    /// written it. `id` has to be theirs. Says whether it was.
    pub async fn unlock(&self, id: &str) -> Result<bool, StateError> {
        let name = self.beside(LOCK_SUFFIX);
        let Some(found) = self.store.get(&name).await? else { return Ok(false) };
        // What cannot be read is nobody's.
        let is_theirs = lease::parse(&*self.store, &name, &found).map_or(true, |info| info.id == id);
        Ok(is_theirs && self.store.delete_if(&name, &found.version).await?)
    }

    async fn load(&self) -> Result<(Option<State>, Option<Version>), StateError> {
        let found = self.store.get(&self.name).await?;
        let version = found.as_ref().map(|found| found.version.clone());
        let state = found.map(|found| State::parse(&self.location(), &found.bytes)).transpose()?;
        let state = match self.journal_path() {
            Some(path) => journal::replay(&path, state)?,
            None => state,
        };
        Ok((state, version))
    }

    async fn load_history(&self) -> Result<(History, Option<Version>), StateError> {
        let name = self.beside(LOG_SUFFIX);
        let Some(found) = self.store.get(&name).await? else { return Ok((History::default(), None)) };
        let history = serde_json::from_slice(&found.bytes)
            .map_err(|error| StateError::damaged(self.store.location(&name), error.to_string()))?;
        Ok((history, Some(found.version)))
    }

    fn beside(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.name)
    }

    fn journal_path(&self) -> Option<PathBuf> {
        match &self.sharing {
            Sharing::Machine(files) => Some(files.path(&self.beside(".journal"))),
            Sharing::Network(_) => None,
        }
    }

    async fn system_lock(
        &self,
        files: &FileStore,
        info: &LockInfo,
        patience: Duration,
        waiting: &(dyn Fn(&LockInfo) + Sync),
    ) -> Result<File, StateError> {
        const PAUSE: Duration = Duration::from_millis(100);
        let path = files.path(&self.beside(LOCK_SUFFIX));
        let error = |error: std::io::Error| failed(&path, &error);
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(error)?;
        }
        let open =
            private(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(&path);
        let mut file = open.map_err(error)?;
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(reason)) => return Err(error(reason).into()),
                Err(TryLockError::WouldBlock) => {}
            }
            let mut text = String::new();
            let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
            let holder: Option<LockInfo> = read.ok().and_then(|_| serde_json::from_str(&text).ok());
            if waited >= patience {
                return Err(StateError::Locked { location: self.location(), holder: holder.map(Box::new) });
            }
            if let Some(holder) = &holder {
                waiting(holder);
            }
            self.clock.sleep(PAUSE).await;
            waited += PAUSE;
        }
        let text = serde_json::to_string(info).unwrap_or_default();
        let write =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
        write.map_err(error)?;
        Ok(file)
    }
}

/// A state that this run holds alone, and a place to record what happens to it.
pub struct HeldState {
    file: StateFile,
    /// The run, as the lock and the state name it.
    run: String,
    /// What was last read or written: every write is on condition that it is still there.
    version: Option<Version>,
    lock: Option<Lock>,
    journal: Option<Journal>,
}

enum Lock {
    /// Held for as long as the file is open.
    System { _file: File },
    Lease {
        lease: Arc<Lease>,
        /// Whose it was, if it was taken over.
        before: Option<LockInfo>,
    },
}

impl HeldState {
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
            match self.write(&mut state).await {
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
        self.write(state).await?;
        if let Some(path) = self.file.journal_path() {
            self.journal = Some(Journal::begin(path, state)?);
        }
        Ok(())
    }

    /// Writes the state that a run has left, and what it did into the history; then gives the lock back.
    pub async fn finish(&mut self, state: &mut State, run: Run) -> Result<(), StateError> {
        self.write(state).await?;
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

    /// Writes the whole state, unless someone else has.
    async fn write(&mut self, state: &mut State) -> Result<(), StateError> {
        let before = state.serial;
        state.serial += 1;
        state.run.clone_from(&self.run);
        state.provision_version = env!("CARGO_PKG_VERSION").to_owned();
        let written = self.put(&state.to_document()?).await;
        if written.is_err() {
            state.serial = before;
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
    fn record<'a>(
        &'a mut self,
        records: &'a [Record],
        state: &'a mut State,
    ) -> BoxFuture<'a, Result<(), StateError>> {
        async move {
            match &mut self.journal {
                Some(journal) => journal.append(records),
                None => self.write(state).await,
            }
        }
        .boxed()
    }

    fn hold(&mut self) -> BoxFuture<'_, Result<(), StateError>> {
        async move {
            match self.lease() {
                Some(lease) => lease.hold().await,
                None => Ok(()),
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;

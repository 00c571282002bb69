//! A state where it is kept: what is there, what it was before, and its lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::held::{HeldState, Lock};
use super::history::{History, Run};
use super::journal;
use super::lease::{self, Lease, Terms};
use super::store::files::{failed, private};
use super::store::{FileStore, Store, Version};
use super::{LOCK_SUFFIX, LOG_SUFFIX, LockInfo, State, StateError};
use crate::event::Clock;

/// The state of an environment, where it is kept.
#[derive(Clone)]
pub struct StateFile {
    pub(super) store: Arc<dyn Store>,
    pub(super) name: String,
    pub(super) clock: Arc<dyn Clock>,
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
        Ok(HeldState::new(self.clone(), info.id.clone(), lock))
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

    pub(super) async fn load(&self) -> Result<(Option<State>, Option<Version>), StateError> {
        let found = self.store.get(&self.name).await?;
        let version = found.as_ref().map(|found| found.version.clone());
        let state = found.map(|found| State::parse(&self.location(), &found.bytes)).transpose()?;
        let state = match self.journal_path() {
            Some(path) => journal::replay(&path, state)?,
            None => state,
        };
        Ok((state, version))
    }

    pub(super) async fn load_history(&self) -> Result<(History, Option<Version>), StateError> {
        let name = self.beside(LOG_SUFFIX);
        let Some(found) = self.store.get(&name).await? else { return Ok((History::default(), None)) };
        let history = serde_json::from_slice(&found.bytes)
            .map_err(|error| StateError::damaged(self.store.location(&name), error.to_string()))?;
        Ok((history, Some(found.version)))
    }

    pub(super) fn beside(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.name)
    }

    pub(super) fn journal_path(&self) -> Option<PathBuf> {
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

#[cfg(test)]
mod tests;

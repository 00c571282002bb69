//! A state in a file on this machine, with its journal and its lock beside it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use futures::FutureExt;
use futures::future::BoxFuture;

use super::journal::{self, Header};
use super::{FORMAT_VERSION, LockInfo, Record, Recorder, State, StateError};

/// The files of a local state.
#[derive(Debug, Clone)]
pub struct LocalState {
    path: PathBuf,
}

/// A state that is held by this process alone, and a place to record what happens to it.
///
/// The lock is the operating system's, on a file beside the state: it ends with the process, however that ends.
#[derive(Debug)]
pub struct LockedState {
    files: LocalState,
    journal: Option<File>,
    header: Header,
    _lock: File,
}

impl LocalState {
    /// The state in that file, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The state with what a killed run has left in the journal; `None` if there is none yet. Writes nothing.
    pub fn read(&self, project: &str, environment: &str) -> Result<Option<State>, StateError> {
        let state = self.bytes(&self.path)?.map(|bytes| parse(&self.path, &bytes)).transpose()?;
        let state = self.replay(state)?;
        if let Some(state) = &state
            && (state.project != project || state.environment != environment)
        {
            return Err(StateError::OtherEnvironment {
                path: self.path.clone(),
                found: format!("{}/{}", state.project, state.environment),
                expected: format!("{project}/{environment}"),
            });
        }
        Ok(state)
    }

    /// Takes the lock, or says who has it.
    pub fn lock(&self, info: &LockInfo) -> Result<Lock, StateError> {
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory).map_err(|error| self.io(directory, error))?;
        }
        let path = self.beside("lock");
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = open.map_err(|error| self.io(&path, error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let holder = file
                    .read_to_string(&mut text)
                    .ok()
                    .and_then(|_| serde_json::from_str(&text).ok())
                    .map(Box::new);
                return Err(StateError::Locked { path: self.path.clone(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(self.io(&path, error)),
        }
        let text = serde_json::to_string(info).unwrap_or_default();
        let write =
            file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
        write.map_err(|error| self.io(&path, error))?;
        Ok(Lock { files: self.clone(), file })
    }

    fn replay(&self, state: Option<State>) -> Result<Option<State>, StateError> {
        let path = self.beside("journal");
        let Some(bytes) = self.bytes(&path)? else { return Ok(state) };
        let damaged = |message: String| StateError::Damaged { path: path.clone(), message };
        let Some(journal) = journal::parse(&bytes).map_err(damaged)? else { return Ok(state) };
        let Some(mut state) = state else {
            return Err(damaged("it belongs to a state that is not there".to_owned()));
        };
        if journal.header.lineage != state.lineage {
            return Err(damaged("it belongs to a state of another lineage".to_owned()));
        }
        // A journal of an earlier serial was folded in before the process was killed.
        if journal.header.serial == state.serial {
            journal.records.into_iter().for_each(|record| state.apply(record));
        } else if journal.header.serial > state.serial {
            return Err(damaged(format!(
                "it continues serial {}, and the state is at {}",
                journal.header.serial, state.serial
            )));
        }
        Ok(Some(state))
    }

    fn bytes(&self, path: &Path) -> Result<Option<Vec<u8>>, StateError> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.io(path, error)),
        }
    }

    fn beside(&self, extension: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".");
        name.push(extension);
        name.into()
    }

    fn io(&self, path: &Path, error: std::io::Error) -> StateError {
        StateError::Io { path: path.to_owned(), error }
    }

    /// Replaces the file by one that is whole: at no moment is there half a state.
    fn write(&self, state: &State) -> Result<(), StateError> {
        let temporary = self.beside("new");
        let error = |error| self.io(&temporary, error);
        let mut text = serde_json::to_string_pretty(state)
            .map_err(|error| StateError::Damaged { path: self.path.clone(), message: error.to_string() })?;
        text.push('\n');
        let mut file = private(OpenOptions::new().write(true).create(true).truncate(true))
            .open(&temporary)
            .map_err(error)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(error)?;
        std::fs::rename(&temporary, &self.path).map_err(error)?;
        self.sync_directory()
    }

    fn sync_directory(&self) -> Result<(), StateError> {
        match self.path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            Some(directory) if cfg!(unix) => File::open(directory)
                .and_then(|file| file.sync_all())
                .map_err(|error| self.io(directory, error)),
            _ => Ok(()),
        }
    }
}

/// The lock of a state, held.
#[derive(Debug)]
pub struct Lock {
    files: LocalState,
    file: File,
}

impl Lock {
    /// Begins to record changes of a state: the journal of a killed run is folded in, and a new one begun.
    /// `state` is what [`LocalState::read`] gave under this lock, or a new one.
    pub fn begin(self, state: &mut State) -> Result<LockedState, StateError> {
        state.serial += 1;
        state.provision_version = env!("CARGO_PKG_VERSION").to_owned();
        self.files.write(state)?;
        let mut locked =
            LockedState { header: Header::of(state), files: self.files, journal: None, _lock: self.file };
        locked.start_journal()?;
        Ok(locked)
    }

    /// Gives the lock up where nothing is to be done. The journal of a killed run is folded in all the same.
    pub fn release(self, state: &mut State) -> Result<(), StateError> {
        if self.files.beside("journal").exists() {
            self.begin(state)?.finish(state)?;
        }
        Ok(())
    }
}

impl LockedState {
    /// Folds everything in, ends the journal and gives the lock up.
    pub fn finish(self, state: &mut State) -> Result<(), StateError> {
        state.serial += 1;
        self.files.write(state)?;
        let path = self.files.beside("journal");
        std::fs::remove_file(&path).map_err(|error| self.files.io(&path, error))
    }

    fn start_journal(&mut self) -> Result<(), StateError> {
        let path = self.files.beside("journal");
        let error = |error| self.files.io(&path, error);
        let mut file =
            private(OpenOptions::new().write(true).create(true).truncate(true)).open(&path).map_err(error)?;
        let header = journal::to_line(&self.header).map_err(std::io::Error::from).map_err(error)?;
        file.write_all(header.as_bytes()).and_then(|()| file.sync_data()).map_err(error)?;
        self.journal = Some(file);
        self.files.sync_directory()
    }
}

impl Recorder for LockedState {
    fn record<'a>(&'a mut self, records: &'a [Record]) -> BoxFuture<'a, Result<(), StateError>> {
        async move {
            let path = self.files.beside("journal");
            let error = |error| StateError::Io { path: path.clone(), error };
            let Some(journal) = &mut self.journal else { return Ok(()) };
            let mut lines = String::new();
            for record in records {
                lines.push_str(&journal::to_line(record).map_err(std::io::Error::from).map_err(error)?);
            }
            journal.write_all(lines.as_bytes()).and_then(|()| journal.sync_data()).map_err(error)
        }
        .boxed()
    }
}

/// Reads a state's text.
pub fn parse(path: &Path, text: &[u8]) -> Result<State, StateError> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        version: u64,
    }
    let damaged =
        |error: serde_json::Error| StateError::Damaged { path: path.to_owned(), message: error.to_string() };
    let Versioned { version } = serde_json::from_slice(text).map_err(damaged)?;
    if version > FORMAT_VERSION {
        return Err(StateError::Newer { path: path.to_owned(), version });
    }
    serde_json::from_slice(text).map_err(damaged)
}

/// Nobody else needs to read what an account holds.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests;

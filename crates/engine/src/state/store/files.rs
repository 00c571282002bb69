//! A store in a directory of this machine.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use async_trait::async_trait;

use super::{Condition, Object, Put, Store, StoreError, Version};
use crate::digest::sha256;
use crate::state::{LOCK_SUFFIX, LOG_SUFFIX};

/// How many contents of an object are kept.
const KEPT: usize = 100;

/// Files in a directory, which only their owner can read. What a file was before is kept in `<name>.history/`.
#[derive(Debug, Clone)]
pub struct FileStore {
    directory: PathBuf,
}

impl FileStore {
    /// A store in that directory, which is made when something is put there.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The file of an object.
    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Keeps others from writing for as long as what this gives is alive. It is the operating system's lock: it ends
    /// with the process, however that ends.
    fn guard(&self, path: &Path) -> Result<File, StoreError> {
        let directory = path.parent().unwrap_or(&self.directory);
        std::fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
        let path = directory.join(".guard");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        file.and_then(|file| file.lock().map(|()| file)).map_err(|error| failed(&path, &error))
    }

    fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(path, &error)),
        }
    }

    fn history(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.history"))
    }

    /// Keeps what a file is now, and lets go of the oldest. A file is replaced and never changed, so that another
    /// link to it stays what it is.
    fn keep(&self, name: &str, version: &Version) -> Result<(), StoreError> {
        let directory = self.history(name);
        let error = |error| failed(&directory, &error);
        std::fs::create_dir_all(&directory).map_err(error)?;
        let (path, kept) = (self.path(name), directory.join(&version.tag));
        if !kept.exists() && std::fs::hard_link(&path, &kept).is_err() {
            std::fs::copy(&path, &kept).map_err(error)?;
        }
        let mut kept = Vec::new();
        for entry in std::fs::read_dir(&directory).map_err(error)? {
            let entry = entry.map_err(error)?;
            kept.push((
                entry.metadata().and_then(|metadata| metadata.modified()).map_err(error)?,
                entry.path(),
            ));
        }
        kept.sort();
        for (_, path) in kept.iter().rev().skip(KEPT) {
            std::fs::remove_file(path).map_err(error)?;
        }
        Ok(())
    }
}

#[async_trait]
impl Store for FileStore {
    async fn get(&self, name: &str) -> Result<Option<Object>, StoreError> {
        let bytes = Self::read(&self.path(name))?;
        Ok(bytes.map(|bytes| Object { version: version_of(&bytes), bytes }))
    }

    async fn put_if(&self, name: &str, bytes: &[u8], condition: &Condition) -> Result<Put, StoreError> {
        let path = self.path(name);
        let _guard = self.guard(&path)?;
        if !condition.holds_for(self.get(name).await?.as_ref()) {
            return Ok(Put::Refused);
        }
        let version = version_of(bytes);
        write(&path, bytes)?;
        if ![LOCK_SUFFIX, LOG_SUFFIX].iter().any(|suffix| name.ends_with(suffix)) {
            self.keep(name, &version)?;
        }
        Ok(Put::Done(version))
    }

    async fn delete_if(&self, name: &str, version: &Version) -> Result<bool, StoreError> {
        let path = self.path(name);
        let _guard = self.guard(&path)?;
        let is_it = Condition::Unchanged(version.clone()).holds_for(self.get(name).await?.as_ref());
        if is_it {
            std::fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
        }
        Ok(is_it)
    }

    async fn revision(&self, name: &str, revision: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if !revision.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        Self::read(&self.history(name).join(revision))
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn location(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

/// Contents are told apart by what they are.
fn version_of(bytes: &[u8]) -> Version {
    let tag = sha256(bytes);
    Version { revision: Some(tag.clone()), tag }
}

/// Replaces a file by one that is whole: at no moment is there half of it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut name = path.to_owned().into_os_string();
    name.push(".new");
    let temporary = PathBuf::from(name);
    let error = |error| failed(&temporary, &error);
    let mut file = private(OpenOptions::new().write(true).create(true).truncate(true))
        .open(&temporary)
        .map_err(error)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(error)?;
    std::fs::rename(&temporary, path).map_err(error)?;
    match path.parent() {
        Some(directory) => sync_directory(directory),
        None => Ok(()),
    }
}

/// Makes it durable which files are in a directory.
pub(crate) fn sync_directory(directory: &Path) -> Result<(), StoreError> {
    match cfg!(unix) && !directory.as_os_str().is_empty() {
        true => {
            File::open(directory).and_then(|file| file.sync_all()).map_err(|error| failed(directory, &error))
        }
        false => Ok(()),
    }
}

/// Nobody else needs to read what an account holds.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// That a file could not be read or written.
pub(crate) fn failed(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::new(format!("{}: {error}", path.display())).with_hint("check the path and its permissions")
}

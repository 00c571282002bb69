//! The journal of a state on this machine: one JSON line a record, after a line that says which state they change.
//! Recording a step is one line, however much the state holds.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::store::files::{failed, private, sync_directory};
use super::{Record, State, StateError};

/// A journal that a run writes.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    /// Begins a journal of what happens to a state as it is now.
    pub(super) fn begin(path: PathBuf, state: &State) -> Result<Self, StateError> {
        let header = Header { lineage: state.lineage.clone(), serial: state.serial };
        let file = private(OpenOptions::new().write(true).create(true).truncate(true)).open(&path);
        let mut journal = Self { file: file.map_err(|error| failed(&path, &error))?, path };
        journal.append(&journal.lines(&[header])?)?;
        journal.path.parent().map_or(Ok(()), sync_directory)?;
        Ok(journal)
    }

    /// A line for each of these.
    pub(super) fn lines(&self, items: &[impl Serialize]) -> Result<Vec<u8>, StateError> {
        let mut lines = Vec::new();
        for item in items {
            serde_json::to_writer(&mut lines, item).map_err(|error| failed(&self.path, &error.into()))?;
            lines.push(b'\n');
        }
        Ok(lines)
    }

    /// Adds lines, and waits until the disk has them.
    pub(super) fn append(&mut self, lines: &[u8]) -> Result<(), StateError> {
        let written = self.file.write_all(lines).and_then(|()| self.file.sync_data());
        written.map_err(|error| failed(&self.path, &error).into())
    }

    /// Takes the journal away: the state has it all.
    pub(super) fn end(self) -> Result<(), StateError> {
        std::fs::remove_file(&self.path).map_err(|error| failed(&self.path, &error))?;
        Ok(())
    }
}

/// The state with what a killed run has left in the journal.
pub(super) fn replay(path: &Path, state: Option<State>) -> Result<Option<State>, StateError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(state),
        Err(error) => return Err(failed(path, &error).into()),
    };
    let damaged = |message: String| StateError::damaged(path.display(), message);
    let Some((header, records)) = parse(&bytes).map_err(damaged)? else { return Ok(state) };
    let Some(mut state) = state else {
        return Err(damaged("it belongs to a state that is not there".to_owned()));
    };
    if header.lineage != state.lineage {
        return Err(damaged("it belongs to a state of another lineage".to_owned()));
    }
    // A journal of an earlier serial was folded in before the process was killed.
    if header.serial == state.serial {
        records.into_iter().for_each(|record| state.apply(record));
    } else if header.serial > state.serial {
        let message = format!("it continues serial {}, and the state is at {}", header.serial, state.serial);
        return Err(damaged(message));
    }
    Ok(Some(state))
}

/// The first line.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
struct Header {
    /// The lineage of the state.
    lineage: String,
    /// Its serial before the records.
    serial: u64,
}

/// Reads a journal. A last line without its end was being written when the process was killed: whoever wrote it
/// had not acted on it yet, so it is left out. `None` if not even the header is whole.
fn parse(bytes: &[u8]) -> Result<Option<(Header, Vec<Record>)>, String> {
    // What was being written may end in the middle of a character too.
    let end = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    let whole = std::str::from_utf8(&bytes[..end]).map_err(|_| "it is no text".to_owned())?;
    let mut lines = whole.lines().enumerate();
    let Some((_, first)) = lines.next() else { return Ok(None) };
    let header = serde_json::from_str(first).map_err(|error| format!("line 1: {error}"))?;
    let records = lines
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", index + 1))
        })
        .collect::<Result<_, _>>()?;
    Ok(Some((header, records)))
}

//! The journal: one JSON line a record, after a line that says which state they change.

use serde::{Deserialize, Serialize};

use super::{Record, State};

/// The first line.
#[derive(Serialize, Deserialize, PartialEq, Eq, Debug)]
pub(super) struct Header {
    /// The lineage of the state.
    pub(super) lineage: String,
    /// Its serial before the records.
    pub(super) serial: u64,
}

impl Header {
    pub(super) fn of(state: &State) -> Self {
        Self { lineage: state.lineage.clone(), serial: state.serial }
    }
}

/// What a journal says.
pub(super) struct Journal {
    pub(super) header: Header,
    pub(super) records: Vec<Record>,
}

/// Lines of a header and records.
pub(super) fn to_line(item: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut line = serde_json::to_string(item)?;
    line.push('\n');
    Ok(line)
}

/// Reads a journal. A last line without its end was being written when the process was killed: whoever wrote it
/// had not acted on it yet, so it is left out. `None` if not even the header is whole.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<Journal>, String> {
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
    Ok(Some(Journal { header, records }))
}

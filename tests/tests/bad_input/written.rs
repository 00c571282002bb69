//! Broken environment files that were written by hand: `tests/fixtures/broken`. Each line that is wrong says so.

use std::collections::BTreeSet;
use std::path::Path;

/// What is at the end of a line of which something must be said. Of no other must anything be.
const WRONG: &str = "# wrong";

/// The files, each with its name.
pub(crate) fn files() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/broken");
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// The lines that say that they are wrong.
pub(crate) fn wrong_lines(text: &str) -> BTreeSet<usize> {
    let lines = text.lines().enumerate();
    lines.filter(|(_, line)| line.contains(WRONG)).map(|(index, _)| index + 1).collect()
}

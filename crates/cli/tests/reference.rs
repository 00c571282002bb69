//! The reference in `docs/reference` is what the code says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

fn pages(directory: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn the_reference_is_up_to_date() {
    let fresh = tempfile::tempdir().unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_provision"))
        .args(["schema", "--out"])
        .arg(fresh.path())
        .status()
        .unwrap();
    assert!(status.success());
    let written = pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference"));
    assert!(written == pages(fresh.path()), "docs/reference is behind the code: just schema writes it anew");
}

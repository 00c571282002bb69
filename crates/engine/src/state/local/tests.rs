#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use futures::executor::block_on;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::config::{Backend, Environment};
use crate::state::Resource;
use crate::value::Value;

fn info() -> LockInfo {
    let text = |text: &str| text.to_owned();
    LockInfo {
        id: text("1"),
        operation: text("apply"),
        info: String::new(),
        who: text("me@here"),
        version: text("0"),
        created: text("2026-01-01T00:00:00Z"),
        path: text("state"),
    }
}

fn new_state() -> State {
    let environment = Environment {
        path: "env.toml".into(),
        name: "test".to_owned(),
        project: "engine".to_owned(),
        region: "us-east-1".to_owned(),
        account_id: None,
        account_place: None,
        protect: false,
        tags: BTreeMap::new(),
        backend: Backend::Local { path: None },
    };
    State::new(&environment, "lineage".to_owned(), &[1; 32])
}

fn put(name: &str) -> Record {
    let resource = Resource {
        kind: "fake".to_owned(),
        id: format!("id of {name}"),
        region: None,
        attributes: Value::from_json(json!({ "comment": "größer als ∞ 🦀", "name": name })),
        dependencies: Vec::new(),
        create_before_destroy: false,
        prevent_destroy: false,
        replacement_due: false,
        deposed: Vec::new(),
    };
    Record::Put(format!("fake.{name}").as_str().into(), Box::new(resource))
}

fn files() -> (TempDir, LocalState) {
    let directory = tempfile::tempdir().unwrap();
    let files = LocalState::new(directory.path().join("states/test.json"));
    (directory, files)
}

fn read(files: &LocalState) -> Result<Option<State>, StateError> {
    files.read("engine", "test")
}

fn names(state: &State) -> Vec<&str> {
    state.resources.keys().map(|address| address.as_str()).collect()
}

/// A state with one resource, and a journal with two more, as a killed process leaves them.
fn killed() -> (TempDir, LocalState) {
    let (directory, files) = files();
    let mut state = new_state();
    state.apply(put("a"));
    let mut locked = files.lock(&info()).unwrap().begin(&mut state).unwrap();
    block_on(locked.record(&[put("b")])).unwrap();
    block_on(locked.record(&[put("ö")])).unwrap();
    (directory, files)
}

#[test]
fn a_state_is_kept_from_run_to_run() {
    let (_directory, files) = files();
    assert!(read(&files).unwrap().is_none());
    let mut state = new_state();
    let mut locked = files.lock(&info()).unwrap().begin(&mut state).unwrap();
    state.apply(put("a"));
    block_on(locked.record(&[put("a")])).unwrap();
    assert_eq!(read(&files).unwrap().unwrap().resources, state.resources, "what is recorded survives");
    locked.finish(&mut state).unwrap();
    let kept = read(&files).unwrap().unwrap();
    assert_eq!(kept, state);
    assert_eq!(kept.serial, 2);
    assert!(!files.beside("journal").exists());
    assert!(!files.beside("new").exists());
}

#[test]
fn a_journal_that_ends_anywhere_gives_the_records_before() {
    let (_directory, files) = killed();
    let journal = std::fs::read(files.beside("journal")).unwrap();
    let ends: Vec<usize> =
        journal.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    for length in 0..=journal.len() {
        std::fs::write(files.beside("journal"), &journal[..length]).unwrap();
        let state = read(&files).unwrap_or_else(|error| panic!("{length}: {error}")).unwrap();
        let records = ends.iter().filter(|end| **end <= length).count().saturating_sub(1);
        assert_eq!(names(&state), &["fake.a", "fake.b", "fake.ö"][..=records], "{length}");
    }
}

#[test]
fn a_journal_is_folded_in_by_the_next_run() {
    let (_directory, files) = killed();
    let lock = files.lock(&info()).unwrap();
    let mut state = read(&files).unwrap().unwrap();
    let locked = lock.begin(&mut state).unwrap();
    let old_journal = std::fs::read(files.beside("journal")).unwrap();
    locked.finish(&mut state).unwrap();
    assert_eq!(names(&read(&files).unwrap().unwrap()), ["fake.a", "fake.b", "fake.ö"]);
    // Killed after the state was written and before the journal was taken away: it is not carried out again.
    state.apply(Record::Removed("fake.a".into()));
    files.write(&state).unwrap();
    std::fs::write(files.beside("journal"), old_journal).unwrap();
    assert_eq!(names(&read(&files).unwrap().unwrap()), ["fake.b", "fake.ö"]);
}

#[test]
fn a_journal_of_something_else_is_refused() {
    let (_directory, files) = killed();
    let journal = std::fs::read_to_string(files.beside("journal")).unwrap();
    let refused = |journal: &str| {
        std::fs::write(files.beside("journal"), journal).unwrap();
        match read(&files) {
            Err(StateError::Damaged { message, .. }) => message,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        refused(&journal.replace("\"lineage\":\"lineage\"", "\"lineage\":\"other\"")),
        "it belongs to a state of another lineage"
    );
    assert_eq!(
        refused(&journal.replace("\"serial\":1", "\"serial\":7")),
        "it continues serial 7, and the state is at 1"
    );
    let broken = journal.replacen("\"put\"", "\"putt\"", 1);
    assert!(refused(&broken).starts_with("line 2: unknown variant `putt`"), "{}", refused(&broken));
    std::fs::remove_file(files.path()).unwrap();
    assert_eq!(refused(&journal), "it belongs to a state that is not there");
}

#[test]
fn a_state_that_is_damaged_is_refused_and_left_alone() {
    let (_directory, files) = files();
    let mut state = new_state();
    state.apply(put("a"));
    files.lock(&info()).unwrap().begin(&mut state).unwrap().finish(&mut state).unwrap();
    let whole = std::fs::read(files.path()).unwrap();
    for length in 0..whole.len() - 1 {
        std::fs::write(files.path(), &whole[..length]).unwrap();
        assert!(matches!(read(&files), Err(StateError::Damaged { .. })), "{length}");
    }
    assert_eq!(std::fs::read(files.path()).unwrap(), whole[..whole.len() - 2]);
}

#[test]
fn a_state_of_a_newer_version_or_of_another_environment_is_refused() {
    let (_directory, files) = files();
    let mut state = new_state();
    files.lock(&info()).unwrap().begin(&mut state).unwrap().finish(&mut state).unwrap();
    let error = files.read("engine", "prod").unwrap_err();
    assert!(error.to_string().ends_with("is of engine/test, not of engine/prod"), "{error}");
    let text = std::fs::read_to_string(files.path()).unwrap();
    let newer = text.replace("\"version\": 1", "\"version\": 2").replace("\"serial\"", "\"number\"");
    std::fs::write(files.path(), newer).unwrap();
    assert!(matches!(read(&files), Err(StateError::Newer { version: 2, .. })));
}

#[test]
fn one_process_holds_the_lock() {
    let (_directory, files) = files();
    let lock = files.lock(&info()).unwrap();
    match files.lock(&info()) {
        Err(StateError::Locked { holder: Some(holder), .. }) => assert_eq!(*holder, info()),
        other => panic!("{other:?}"),
    }
    drop(lock);
    let mut state = new_state();
    let locked = files.lock(&info()).unwrap().begin(&mut state).unwrap();
    assert!(files.lock(&info()).is_err(), "while the state is being changed");
    locked.finish(&mut state).unwrap();
    files.lock(&info()).unwrap();
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_a_state() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, files) = killed();
    for path in [files.path().to_owned(), files.beside("journal")] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

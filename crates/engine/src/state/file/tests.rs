#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::BoxFuture;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::config::{Backend, Environment};
use crate::state::{Record, Resource};
use crate::value::Value;

/// Waiting takes a millisecond, however long.
struct Quick;

impl Clock for Quick {
    fn now(&self) -> i64 {
        0
    }

    fn sleep(&self, _duration: Duration) -> BoxFuture<'static, ()> {
        async { std::thread::sleep(Duration::from_millis(1)) }.boxed()
    }
}

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
        expires: None,
    }
}

fn run() -> Run {
    let text = |text: &str| text.to_owned();
    Run {
        serial: 0,
        ended: text("2026-01-01T00:00:01Z"),
        who: text("me@here"),
        operation: text("apply"),
        changes: text("1 created"),
        revision: None,
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

fn files() -> (TempDir, StateFile) {
    let directory = tempfile::tempdir().unwrap();
    let file = StateFile::local(directory.path().join("states/test.json"), Arc::new(Quick));
    (directory, file)
}

fn path(file: &StateFile) -> PathBuf {
    file.location().into()
}

fn beside(file: &StateFile, extension: &str) -> PathBuf {
    path(file).with_extension(format!("json.{extension}"))
}

fn read(file: &StateFile) -> Result<Option<State>, StateError> {
    block_on(file.read())
}

fn lock(file: &StateFile) -> Result<HeldState, StateError> {
    block_on(file.lock(&info(), Duration::ZERO, &|_| {}))
}

/// Locks, reads and begins, as a run does.
fn begin(file: &StateFile, state: &mut State) -> HeldState {
    let mut held = lock(file).unwrap();
    block_on(held.read(new_state)).unwrap();
    block_on(held.begin(state)).unwrap();
    held
}

fn finish(mut held: HeldState, state: &mut State) {
    block_on(held.finish(state, run())).unwrap();
}

fn names(state: &State) -> Vec<&str> {
    state.resources.keys().map(|address| address.as_str()).collect()
}

/// A state with one resource, and a journal with two more, as a killed process leaves them.
fn killed() -> (TempDir, StateFile) {
    let (directory, file) = files();
    let mut state = new_state();
    state.apply(put("a"));
    let mut held = begin(&file, &mut state);
    block_on(held.record(&[put("b")], &mut state)).unwrap();
    block_on(held.record(&[put("ö")], &mut state)).unwrap();
    (directory, file)
}

#[test]
fn a_state_is_kept_from_run_to_run() {
    let (_directory, file) = files();
    assert!(read(&file).unwrap().is_none());
    let mut state = new_state();
    let mut held = begin(&file, &mut state);
    state.apply(put("a"));
    block_on(held.record(&[put("a")], &mut state)).unwrap();
    assert_eq!(read(&file).unwrap().unwrap().resources, state.resources, "what is recorded survives");
    finish(held, &mut state);
    let kept = read(&file).unwrap().unwrap();
    assert_eq!(kept, state);
    assert_eq!(kept.serial, 2);
    assert!(!beside(&file, "journal").exists());
    assert!(!beside(&file, "new").exists());
}

#[test]
fn what_runs_have_done_is_remembered_with_what_they_left() {
    let (_directory, file) = files();
    let mut state = new_state();
    for name in ["a", "b", "c"] {
        let held = begin(&file, &mut state);
        state.apply(put(name));
        finish(held, &mut state);
    }
    let history = block_on(file.history()).unwrap();
    assert_eq!(history.runs.iter().map(|run| run.serial).collect::<Vec<_>>(), [2, 4, 6]);
    let second = history.run(4).unwrap();
    assert_eq!((second.who.as_str(), second.changes.as_str()), ("me@here", "1 created"));
    let then = block_on(file.at(second)).unwrap().unwrap();
    assert_eq!((names(&then), then.serial), (vec!["fake.a", "fake.b"], 4));
}

#[test]
fn a_state_that_someone_else_has_written_is_not_written_over() {
    let (_directory, file) = files();
    let mut state = new_state();
    let held = begin(&file, &mut state);
    finish(held, &mut state);
    let mut held = begin(&file, &mut state);
    let other = std::fs::read_to_string(path(&file)).unwrap().replace("\"serial\": 2", "\"serial\": 20");
    std::fs::write(path(&file), &other).unwrap();
    state.apply(put("a"));
    let refused = block_on(held.finish(&mut state, run()));
    assert!(matches!(refused, Err(StateError::TakenOver { .. })), "{refused:?}");
    assert_eq!((std::fs::read_to_string(path(&file)).unwrap(), state.serial), (other, 2));
}

#[test]
fn a_journal_that_ends_anywhere_gives_the_records_before() {
    let (_directory, file) = killed();
    let journal = std::fs::read(beside(&file, "journal")).unwrap();
    let ends: Vec<usize> =
        journal.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    for length in 0..=journal.len() {
        std::fs::write(beside(&file, "journal"), &journal[..length]).unwrap();
        let state = read(&file).unwrap_or_else(|error| panic!("{length}: {error}")).unwrap();
        let records = ends.iter().filter(|end| **end <= length).count().saturating_sub(1);
        assert_eq!(names(&state), &["fake.a", "fake.b", "fake.ö"][..=records], "{length}");
    }
}

#[test]
fn a_journal_is_folded_in_by_the_next_run() {
    let (_directory, file) = killed();
    let mut state = read(&file).unwrap().unwrap();
    let held = begin(&file, &mut state);
    let old_journal = std::fs::read(beside(&file, "journal")).unwrap();
    finish(held, &mut state);
    assert_eq!(names(&read(&file).unwrap().unwrap()), ["fake.a", "fake.b", "fake.ö"]);
    // Killed after the state was written and before the journal was taken away: it is not carried out again.
    state.apply(Record::Removed("fake.a".into()));
    std::fs::write(path(&file), state.to_document().unwrap()).unwrap();
    std::fs::write(beside(&file, "journal"), old_journal).unwrap();
    assert_eq!(names(&read(&file).unwrap().unwrap()), ["fake.b", "fake.ö"]);
}

#[test]
fn a_journal_of_something_else_is_refused() {
    let (_directory, file) = killed();
    let journal = std::fs::read_to_string(beside(&file, "journal")).unwrap();
    let refused = |journal: &str| {
        std::fs::write(beside(&file, "journal"), journal).unwrap();
        match read(&file) {
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
    std::fs::remove_file(path(&file)).unwrap();
    assert_eq!(refused(&journal), "it belongs to a state that is not there");
}

#[test]
fn a_state_that_is_damaged_is_refused_and_left_alone() {
    let (_directory, file) = files();
    let mut state = new_state();
    state.apply(put("a"));
    finish(begin(&file, &mut state), &mut state);
    let whole = std::fs::read(path(&file)).unwrap();
    for length in 0..whole.len() - 1 {
        std::fs::write(path(&file), &whole[..length]).unwrap();
        assert!(matches!(read(&file), Err(StateError::Damaged { .. })), "{length}");
    }
    assert_eq!(std::fs::read(path(&file)).unwrap(), whole[..whole.len() - 2]);
}

#[test]
fn a_state_of_a_newer_version_or_of_another_environment_is_refused() {
    let (_directory, file) = files();
    let mut state = new_state();
    finish(begin(&file, &mut state), &mut state);
    let error = state.check_environment("it", "engine", "prod").unwrap_err();
    assert!(error.to_string().ends_with("is of engine/test, not of engine/prod"), "{error}");
    let text = std::fs::read_to_string(path(&file)).unwrap();
    let newer = text.replace("\"version\": 1", "\"version\": 2").replace("\"serial\"", "\"number\"");
    std::fs::write(path(&file), newer).unwrap();
    assert!(matches!(read(&file), Err(StateError::Newer { version: 2, .. })));
}

#[test]
fn one_process_holds_the_lock() {
    let (_directory, file) = files();
    let held = lock(&file).unwrap();
    match lock(&file).err() {
        Some(StateError::Locked { holder: Some(holder), .. }) => assert_eq!(*holder, info()),
        other => panic!("{other:?}"),
    }
    drop(held);
    let mut state = new_state();
    let held = begin(&file, &mut state);
    assert!(lock(&file).is_err(), "while the state is being changed");
    finish(held, &mut state);
    lock(&file).unwrap();
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_a_state() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, file) = killed();
    for path in [path(&file), beside(&file, "journal")] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

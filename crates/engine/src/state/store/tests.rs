//! The stores that need nothing outside of this process.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use futures::executor::block_on;

use super::*;

#[test]
fn memory_is_a_store() {
    block_on(conformance::check(Arc::new(MemoryStore::new()), "states/", true));
}

#[test]
fn a_directory_is_a_store() {
    let directory = tempfile::tempdir().unwrap();
    block_on(conformance::check(Arc::new(FileStore::new(directory.path())), "states/", true));
}

#[test]
fn two_stores_are_one_whose_locks_are_apart() {
    let (objects, locks) = (Arc::new(MemoryStore::new()), Arc::new(MemoryStore::new()));
    let split: Arc<dyn Store> = Arc::new(SplitStore::new(objects.clone(), locks.clone()));
    block_on(async {
        conformance::check(split.clone(), "states/", true).await;
        split.put_if("dev.json.lock", b"held", &Condition::Absent).await.unwrap();
        assert_eq!(objects.get("dev.json.lock").await.unwrap(), None);
        assert!(locks.get("dev.json.lock").await.unwrap().is_some());
    });
}

//! What every [`Store`] must do, as checks that its tests call: one suite for all of them.

use std::sync::Arc;

use futures::future::join_all;

use super::{Condition, Object, Put, Store, Version};

/// Runs every check, each on a name of its own that begins with `prefix`. `keeps`: whether the store keeps what
/// objects were before.
///
/// # Panics
///
/// If the store is none.
pub async fn check(store: Arc<dyn Store>, prefix: &str, keeps: bool) {
    let name = |check: &str| format!("{prefix}{check}");
    absent(&*store, &name("absent")).await;
    round_trip(&*store, &name("round-trip")).await;
    first_put_wins(&*store, &name("first")).await;
    put_of_an_old_version_is_refused(&*store, &name("old")).await;
    put_of_what_is_gone_is_refused(&*store, &name("gone")).await;
    delete_is_of_a_version(&*store, &name("delete")).await;
    versions_differ(&*store, &name("versions")).await;
    names_are_apart(&*store, &name("apart")).await;
    one_of_many_wins(&store, &name("many")).await;
    counting_loses_nothing(&store, &name("count")).await;
    if keeps {
        revisions_are_kept(&*store, &name("revisions")).await;
    }
    let now = store.now();
    assert!(now <= store.now() + std::time::Duration::from_secs(1), "the clock goes forward");
    assert!(store.location(prefix).contains(prefix), "a location names the object");
}

async fn put(store: &dyn Store, name: &str, bytes: &[u8], condition: &Condition) -> Option<Version> {
    match store.put_if(name, bytes, condition).await {
        Ok(Put::Done(version)) => Some(version),
        Ok(Put::Refused) => None,
        Err(error) => {
            assert_eq!(error.to_string(), "", "a put is answered");
            None
        }
    }
}

async fn get(store: &dyn Store, name: &str) -> Option<Object> {
    let answer = store.get(name).await;
    assert!(answer.is_ok(), "a get is answered: {answer:?}");
    answer.ok().flatten()
}

async fn delete(store: &dyn Store, name: &str, version: &Version) -> bool {
    let answer = store.delete_if(name, version).await;
    assert!(answer.is_ok(), "a delete is answered: {answer:?}");
    answer.is_ok_and(|was| was)
}

fn some(version: Option<Version>, what: &str) -> Version {
    assert!(version.is_some(), "{what}");
    version.unwrap_or(Version { tag: String::new(), revision: None })
}

async fn bytes(store: &dyn Store, name: &str) -> Option<Vec<u8>> {
    get(store, name).await.map(|object| object.bytes)
}

async fn absent(store: &dyn Store, name: &str) {
    assert_eq!(get(store, name).await, None, "what was never put is not there");
    let never = Version { tag: "never".to_owned(), revision: None };
    assert_eq!(
        put(store, name, b"a", &Condition::Unchanged(never.clone())).await,
        None,
        "and cannot be unchanged"
    );
    assert!(!delete(store, name, &never).await, "nor deleted");
    assert_eq!(get(store, name).await, None, "and is still not there");
}

async fn round_trip(store: &dyn Store, name: &str) {
    let text: Vec<u8> = (0..200_000).map(|index: u32| b' ' + u8::try_from(index % 90).unwrap_or(0)).collect();
    let mut version = None;
    for content in [&b"{}"[..], "\u{fffd}\n ünï".as_bytes(), &text] {
        let done = put(store, name, content, &Condition::of(version.as_ref())).await;
        let done = some(done, "a put of what is unchanged is done");
        let read = get(store, name).await;
        assert_eq!(
            read.as_ref().map(|object| object.bytes.as_slice()),
            Some(content),
            "what was put is read"
        );
        assert_eq!(read.map(|object| object.version.tag), Some(done.tag.clone()), "with its version");
        version = Some(done);
    }
}

async fn first_put_wins(store: &dyn Store, name: &str) {
    some(put(store, name, b"first", &Condition::Absent).await, "the first put is done");
    assert_eq!(put(store, name, b"second", &Condition::Absent).await, None, "the second is refused");
    assert_eq!(bytes(store, name).await.as_deref(), Some(&b"first"[..]), "and changes nothing");
}

async fn put_of_an_old_version_is_refused(store: &dyn Store, name: &str) {
    let first = some(put(store, name, b"1", &Condition::Absent).await, "it is put");
    let unchanged = Condition::Unchanged(first);
    some(put(store, name, b"2", &unchanged).await, "what is unchanged can be put");
    assert_eq!(put(store, name, b"3", &unchanged).await, None, "what has changed cannot");
    assert_eq!(bytes(store, name).await.as_deref(), Some(&b"2"[..]), "and stays as it is");
}

async fn put_of_what_is_gone_is_refused(store: &dyn Store, name: &str) {
    let version = some(put(store, name, b"1", &Condition::Absent).await, "it is put");
    assert!(delete(store, name, &version).await, "it is deleted");
    assert_eq!(
        put(store, name, b"2", &Condition::Unchanged(version)).await,
        None,
        "what is gone has changed"
    );
    assert_eq!(get(store, name).await, None, "and stays gone");
    some(put(store, name, b"3", &Condition::Absent).await, "and can be put anew");
}

async fn delete_is_of_a_version(store: &dyn Store, name: &str) {
    let first = some(put(store, name, b"1", &Condition::Absent).await, "it is put");
    let second = some(put(store, name, b"2", &Condition::Unchanged(first.clone())).await, "and put again");
    assert!(!delete(store, name, &first).await, "another version is not deleted");
    assert_eq!(bytes(store, name).await.as_deref(), Some(&b"2"[..]), "it is there still");
    assert!(delete(store, name, &second).await, "its own is");
    assert_eq!(get(store, name).await, None, "it is gone");
    assert!(!delete(store, name, &second).await, "what is gone is not deleted again");
}

async fn versions_differ(store: &dyn Store, name: &str) {
    let mut tags = Vec::new();
    let mut version = None;
    for content in 0..5 {
        let content = format!("content {content}");
        let done = put(store, name, content.as_bytes(), &Condition::of(version.as_ref())).await;
        let done = some(done, "it is put");
        assert!(!tags.contains(&done.tag), "other content has another version");
        tags.push(done.tag.clone());
        version = Some(done);
    }
}

async fn names_are_apart(store: &dyn Store, name: &str) {
    for part in ["", ".lock", ".log", "/below"] {
        let name = format!("{name}.d/x{part}");
        if part != "/below" {
            some(put(store, &name, part.as_bytes(), &Condition::Absent).await, "each name is another");
            assert_eq!(bytes(store, &name).await.as_deref(), Some(part.as_bytes()), "with its own content");
        }
    }
}

async fn one_of_many_wins(store: &Arc<dyn Store>, name: &str) {
    let first = some(put(&**store, name, b"begin", &Condition::Absent).await, "it is put");
    let contenders = (0..8).map(|contender| {
        let (store, condition) = (store.clone(), Condition::Unchanged(first.clone()));
        async move { put(&*store, name, format!("contender {contender}").as_bytes(), &condition).await }
    });
    let winners: Vec<_> = join_all(contenders).await.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1, "one of those who write at a time is done");
    let read = get(&**store, name).await.map(|object| object.version.tag);
    assert_eq!(read.as_ref(), winners.first().map(|version| &version.tag), "and is what is read");
}

async fn counting_loses_nothing(store: &Arc<dyn Store>, name: &str) {
    const COUNTERS: usize = 4;
    const EACH: usize = 5;
    some(put(&**store, name, b"0 begin", &Condition::Absent).await, "it is put");
    let count = |counter: usize| {
        let store = store.clone();
        async move {
            for step in 0..EACH {
                loop {
                    let Some(object) = get(&*store, name).await else { return };
                    let text = String::from_utf8_lossy(&object.bytes).into_owned();
                    let number: usize =
                        text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0);
                    let next = format!("{} by {counter} at {step}", number + 1);
                    if put(&*store, name, next.as_bytes(), &Condition::Unchanged(object.version))
                        .await
                        .is_some()
                    {
                        break;
                    }
                }
            }
        }
    };
    join_all((0..COUNTERS).map(count)).await;
    let text = bytes(&**store, name).await.unwrap_or_default();
    let expected = format!("{} by ", COUNTERS * EACH);
    assert!(String::from_utf8_lossy(&text).starts_with(&expected), "no count is lost");
}

async fn revisions_are_kept(store: &dyn Store, name: &str) {
    let mut kept = Vec::new();
    let mut version = None;
    for content in ["one", "two", "three"] {
        let done = put(store, name, content.as_bytes(), &Condition::of(version.as_ref())).await;
        let done = some(done, "it is put");
        assert!(done.revision.is_some(), "a store that keeps what it replaces names it");
        kept.push((done.revision.clone().unwrap_or_default(), content));
        version = Some(done);
    }
    for (revision, content) in kept {
        let found = store.revision(name, &revision).await;
        assert!(found.is_ok(), "a revision is answered: {found:?}");
        assert_eq!(found.ok().flatten().as_deref(), Some(content.as_bytes()), "each revision is what it was");
    }
}

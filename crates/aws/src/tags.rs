//! Tags: what to add and what to take away.

use std::collections::BTreeMap;

/// Tags of a resource, by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// The tags to set, and the keys of those to remove, to come from `prior` to `desired`.
pub(crate) fn changes(prior: &Tags, desired: &Tags) -> (Tags, Vec<String>) {
    let set = desired
        .iter()
        .filter(|(key, value)| prior.get(*key) != Some(*value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let remove = prior.keys().filter(|key| !desired.contains_key(*key)).cloned().collect();
    (set, remove)
}

/// Bears the token of the create, on what nothing else identifies. Set in the create call, and left there.
pub(crate) const TOKEN: &str = "provision:token";

/// Tags as read, without those that AWS itself put there (`aws:…`), and without [`TOKEN`].
pub(crate) fn own(tags: impl IntoIterator<Item = (String, String)>) -> Tags {
    tags.into_iter().filter(|(key, _)| !key.starts_with("aws:") && key != TOKEN).collect()
}

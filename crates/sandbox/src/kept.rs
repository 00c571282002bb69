//! What the front keeps by itself, for each account.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::answers::mediaconvert::MediaConvert;

/// The front's own part of one account.
#[derive(Default)]
pub(crate) struct Account {
    /// MediaConvert, by region.
    pub(crate) mediaconvert: HashMap<String, MediaConvert>,
}

/// The front's own part of all accounts.
#[derive(Default)]
pub(crate) struct Kept(Mutex<HashMap<String, Account>>);

impl Kept {
    /// Works on one account, while nobody else works on any.
    pub(crate) fn with<T>(&self, account: &str, work: impl FnOnce(&mut Account) -> T) -> T {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        work(accounts.entry(account.to_owned()).or_default())
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

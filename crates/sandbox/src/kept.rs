//! What the front keeps by itself, for each account.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use serde_json::Value;

use crate::{
    answers::{
        mediaconvert::MediaConvert, origin_access_identity::OriginAccessIdentity,
        service_catalog::ServiceCatalog,
    },
    rules::{acm, dynamodb, secretsmanager},
};

/// The front's own part of one account.
#[derive(Default)]
pub(crate) struct Account {
    /// MediaConvert, by region.
    pub(crate) mediaconvert: BTreeMap<String, MediaConvert>,
    /// Service Catalog, by region.
    pub(crate) service_catalog: BTreeMap<String, ServiceCatalog>,
    /// CloudFront's origin access identities, by id.
    pub(crate) origin_access_identities: BTreeMap<String, OriginAccessIdentity>,
    /// When each distribution was changed last, by id.
    pub(crate) distributions_changed: HashMap<String, Instant>,
    /// The caller reference of each public key of CloudFront, and its id.
    pub(crate) public_key_references: HashMap<String, String>,
    /// The certificates that were requested, by ARN.
    pub(crate) certificates: HashMap<String, acm::Requested>,
    /// The alarms of CloudWatch as they were put, by region and name.
    pub(crate) alarms: HashMap<(String, String), Value>,
    /// DynamoDB's tables, by region and name.
    pub(crate) tables: HashMap<(String, String), dynamodb::Table>,
    /// The buckets that were made, by name.
    pub(crate) buckets: HashSet<String>,
    /// The objects that are encrypted with a key of their bucket's own in between, by path.
    pub(crate) bucket_keys: HashSet<String>,
    /// The secrets that were created, as they were.
    pub(crate) secrets: Vec<secretsmanager::Created>,
    /// The ids of the versions that ministack gives to secrets that were created without a value.
    pub(crate) hollow_versions: HashSet<String>,
    /// When each queue was deleted last, by region and name.
    pub(crate) queues_deleted: HashMap<(String, String), Instant>,
    /// The subscriptions of SNS that were made, by ARN.
    pub(crate) subscriptions: HashSet<String>,
    /// Those of mail addresses that have not confirmed them.
    pub(crate) subscriptions_pending: HashSet<String>,
    /// From when on subscriptions get messages of the archive again, by ARN.
    pub(crate) replay_policies: HashMap<String, String>,
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

    /// The account in which something is so.
    pub(crate) fn find(&self, is: impl Fn(&Account) -> bool) -> Option<String> {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.iter().find(|(_, account)| is(account)).map(|(number, _)| number.clone())
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

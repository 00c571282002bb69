//! Which account an access key acts for: the same rule as the emulator's.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use crate::{call::Identity, proxy::Reply, xml};

/// The accounts of the access keys that have been seen to be made.
///
/// An access key of twelve digits is its own account. Others act for the account of the role that they
/// were assumed for or of the user that they were made for, and all else for the sandbox's own account.
pub(crate) struct Accounts {
    own: String,
    issued: Mutex<HashMap<String, String>>,
}

impl Accounts {
    pub(crate) fn new(own: &str) -> Self {
        Self { own: own.to_owned(), issued: Mutex::default() }
    }

    /// The account that `access_key` acts for; the sandbox's own for a request that is not signed.
    pub(crate) fn of_key(&self, access_key: Option<&str>) -> String {
        let Some(key) = access_key else { return self.own.clone() };
        if key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit()) {
            return key.to_owned();
        }
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.get(key).unwrap_or(&self.own).clone()
    }

    /// Remembers whose key an answer hands out.
    ///
    /// A user's keys count only where credentials are checked: elsewhere the emulator, too, takes them for
    /// keys of its own account.
    pub(crate) fn learn(&self, identity: &Identity, reply: &Reply, authenticate: bool) {
        let assumed = identity.service == "sts" && identity.operation.starts_with("Assume");
        let made = authenticate && identity.is("iam", "CreateAccessKey");
        if !(assumed || made) || !reply.status().is_success() {
            return;
        }
        let (key, account) = match xml::parse(reply.body()) {
            Some(document) => (
                document.descendant("AccessKeyId").map(|key| key.text.clone()),
                document.descendant("Arn").and_then(|arn| arn.text.split(':').nth(4).map(str::to_owned)),
            ),
            None => {
                let json = serde_json::from_slice::<Value>(reply.body()).unwrap_or_default();
                let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str);
                (
                    text("/Credentials/AccessKeyId").map(str::to_owned),
                    text("/AssumedRoleUser/Arn").and_then(|arn| arn.split(':').nth(4)).map(str::to_owned),
                )
            }
        };
        if let Some(key) = key {
            let account = account.unwrap_or_else(|| identity.account.clone());
            self.issued.lock().unwrap_or_else(PoisonError::into_inner).insert(key, account);
        }
    }
}

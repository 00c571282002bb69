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
    issued: Mutex<HashMap<String, Issued>>,
}

/// Whose an access key is that was handed out.
#[derive(Clone)]
struct Issued {
    account: String,
    /// The ARN of the user or role whose policies say what it may be used for.
    principal: String,
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
        issued.get(key).map_or(&self.own, |issued| &issued.account).clone()
    }

    /// The ARN of the user or role that `access_key` was handed out for; none for the root user of an account.
    pub(crate) fn principal(&self, access_key: Option<&str>) -> Option<String> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.get(access_key?).map(|issued| issued.principal.clone())
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
        let (key, user, session) = match xml::parse(reply.body()) {
            Some(document) => {
                let text = |name| document.descendant(name).map(|element| element.text.clone());
                (text("AccessKeyId"), text("UserName"), text("Arn"))
            }
            None => {
                let json = serde_json::from_slice::<Value>(reply.body()).unwrap_or_default();
                let text = |pointer: &str| json.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
                (text("/Credentials/AccessKeyId"), None, text("/AssumedRoleUser/Arn"))
            }
        };
        if let Some(key) = key {
            // The ARN of a session ends with the names of the role and of the session.
            let mut session = session.as_deref().unwrap_or_default().split(':');
            let account = session.nth(4).unwrap_or(&identity.account).to_owned();
            let role = session.next().and_then(|session| session.split('/').nth(1)).unwrap_or_default();
            let resource = user.map_or_else(|| format!("role/{role}"), |user| format!("user/{user}"));
            let principal = format!("arn:aws:iam::{account}:{resource}");
            let issued = Issued { account, principal };
            self.issued.lock().unwrap_or_else(PoisonError::into_inner).insert(key, issued);
        }
    }
}

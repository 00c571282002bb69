//! What exists in an account.

use serde::{Deserialize, Serialize};

use crate::{SandboxError, answers::mediaconvert::DEFAULT_QUEUE, front::Front};

/// Something that exists in an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Resource {
    /// The name that the service signs requests under, such as `s3`.
    pub service: String,
    /// What it is, such as `bucket`.
    pub kind: String,
    /// What tells it from others of its kind in the account: a name, an id or an ARN.
    pub id: String,
}

impl Resource {
    fn new(service: &str, kind: &str, id: impl Into<String>) -> Self {
        Self { service: service.to_owned(), kind: kind.to_owned(), id: id.into() }
    }
}

/// Everything that exists in `account`.
pub(crate) async fn resources(front: &Front, account: &str) -> Result<Vec<Resource>, SandboxError> {
    Ok(front.kept.with(account, |account| {
        let mut found = Vec::new();
        for service in account.mediaconvert.values() {
            let queues = service.queues.keys().filter(|name| *name != DEFAULT_QUEUE);
            found.extend(queues.map(|name| Resource::new("mediaconvert", "queue", name)));
            let templates = service.job_templates.keys();
            found.extend(templates.map(|name| Resource::new("mediaconvert", "job_template", name)));
        }
        found
    }))
}

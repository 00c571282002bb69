//! What an environment file says of its state: `[state]`.

use std::path::PathBuf;
use std::time::Duration;

use super::fields::Fields;
use super::tree::Node;
use crate::source::{Diagnostic, Diagnostics};

/// Where the state of an environment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// In a file on this machine: that path, or `state/<project>-<env>.json`.
    Local {
        /// The path, relative to the project.
        path: Option<PathBuf>,
    },
    /// In a bucket.
    S3(S3Backend),
}

/// A state in a bucket of Amazon S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Backend {
    /// The bucket. `provision bootstrap` makes it.
    pub bucket: String,
    /// The object; absent: `<project>/<env>.json`.
    pub key: Option<String>,
    /// The region of the bucket and of the lock table; absent: that of the environment.
    pub region: Option<String>,
    /// The KMS key (ARN, id or alias) that the state is encrypted with; absent: S3's own.
    pub kms_key_id: Option<String>,
    /// The role to assume for the state, and for nothing else.
    pub role_arn: Option<String>,
    /// The DynamoDB table that the lock is in; absent: the lock is an object beside the state.
    pub lock_table: Option<String>,
    /// How long the lock outlives a holder that has stopped renewing it.
    pub lock_lease: Duration,
}

/// How long a lease lasts where nothing else is said.
const LOCK_LEASE: Duration = Duration::from_secs(60);

/// The arguments of each backend.
const LOCAL: &[&str] = &["backend", "path"];
const S3: &[&str] =
    &["backend", "bucket", "key", "region", "kms_key_id", "role_arn", "lock", "lock_table", "lock_lease"];

impl Backend {
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let backend = node.table().and_then(|table| table.get("backend"));
        match backend.map(|entry| (entry, entry.node.literal_str())) {
            None | Some((_, Some("local"))) => {
                let mut fields = Fields::of(node, LOCAL, diagnostics)?;
                Some(Self::Local { path: fields.text("path").map(PathBuf::from) })
            }
            Some((_, Some("s3"))) => {
                S3Backend::read(node, &mut Fields::of(node, S3, diagnostics)?).map(Self::S3)
            }
            Some((entry, _)) => {
                let found = entry.node.place.text();
                diagnostics.push(
                    Diagnostic::at(&entry.node.place, format!("there is no state backend {found}"))
                        .with_hint("known are \"s3\", and \"local\", which needs no [state] at all"),
                );
                None
            }
        }
    }
}

impl S3Backend {
    fn read(node: &Node, fields: &mut Fields<'_, '_>) -> Option<Self> {
        if fields.entry("bucket").is_none() {
            fields.diagnostics.push(
                Diagnostic::at(&node.place, "`[state]` has no `bucket`")
                    .with_hint("add bucket = \"…\"; provision bootstrap makes it"),
            );
        }
        let lock_table = fields.text("lock_table");
        let lock = fields.text("lock");
        let complaint = match (lock.as_deref(), &lock_table) {
            (Some("dynamodb"), None) => Some("the lock is in DynamoDB: name its table with `lock_table`"),
            (None | Some("s3"), Some(_)) => Some("with a `lock_table`, say lock = \"dynamodb\""),
            (None | Some("s3" | "dynamodb"), _) => None,
            (Some(_), _) => Some("a lock is in \"s3\" or in \"dynamodb\""),
        };
        if let Some(complaint) = complaint {
            let at = fields.node("lock").or_else(|| fields.node("lock_table")).unwrap_or(node);
            fields.diagnostics.push(Diagnostic::at(&at.place, complaint));
        }
        let lock_lease = match fields.integer("lock_lease") {
            None => LOCK_LEASE,
            Some(seconds) => match u64::try_from(seconds) {
                Ok(seconds @ 1..=3600) => Duration::from_secs(seconds),
                _ => {
                    let at = fields.node("lock_lease").unwrap_or(node);
                    fields.diagnostics.push(
                        Diagnostic::at(&at.place, "a lease lasts from 1 to 3600 seconds")
                            .with_hint("without `lock_lease` it is 60"),
                    );
                    LOCK_LEASE
                }
            },
        };
        Some(Self {
            bucket: fields.text("bucket")?,
            key: fields.text("key"),
            region: fields.text("region"),
            kms_key_id: fields.text("kms_key_id"),
            role_arn: fields.text("role_arn"),
            lock_table,
            lock_lease,
        })
    }
}

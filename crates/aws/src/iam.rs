//! What the kinds of IAM share: policy documents as IAM encodes them, tags, and errors that pass.

use std::time::Duration;

use crate::call::{Outcome, malformed};
use crate::clients::Reader;
use crate::permissions::arn;
use crate::tags::{self, Tags};
use aws_sdk_iam::types::Tag;
use percent_encoding::percent_decode_str;
use provision_engine::cloudformation::Block;
use provision_engine::kind::{KindError, Policy, Quota};
use provision_engine::permission::{Act, Needs, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};

/// There is none of that name.
pub(crate) const ABSENT: &[&str] = &["NoSuchEntity"];
/// There is one of that name.
pub(crate) const TAKEN: &[&str] = &["EntityAlreadyExists"];
/// Someone else is changing the same entity at this moment.
pub(crate) const BUSY: &[&str] = &["ConcurrentModification", "EntityTemporarilyUnmodifiable"];

/// How long what was made a moment ago may seem to be absent. Short: a name that is mistyped is absent too.
pub(crate) const FRESH: Duration = Duration::from_secs(10);
/// How many characters all inline policies of a role can have together.
pub(crate) const INLINE_LIMIT: usize = 10_240;

/// Writes the inline policy of a role for a template of CloudFormation.
pub(crate) fn write_inline(policy: &mut Block<'_>) {
    policy.rename("name", "PolicyName");
    policy.document("policy", "PolicyDocument");
}

/// A policy document as IAM returns it: encoded as in URLs.
pub(crate) fn policy(document: &str) -> Policy {
    Policy::parse(&percent_decode_str(document).decode_utf8_lossy())
}

/// Whether a policy was refused because of a principal, which a moment later may be known: it was made just now.
pub(crate) fn is_unknown_principal(error: &KindError) -> bool {
    error.is(&["MalformedPolicyDocument", "MalformedPolicyDocumentException"])
        && error.message.to_ascii_lowercase().contains("invalid principal")
}

/// Whether a failure passes when the call is repeated: what it names was made just now, or is being changed.
pub(crate) fn passes(error: &KindError) -> bool {
    error.is(ABSENT) || error.is(BUSY)
}

/// Tags as the API takes them; `None` for none.
pub(crate) fn api_tags(tags: Tags) -> Result<Option<Vec<Tag>>, KindError> {
    let tags: Vec<Tag> = tags
        .into_iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(malformed)?;
    Ok((!tags.is_empty()).then_some(tags))
}

/// Tags as read.
pub(crate) fn own_tags(tags: &[Tag]) -> Tags {
    tags::own(tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())))
}

/// What is wrong with a policy document, as far as it is known. `limit` is how many characters IAM takes, white
/// space not counted.
pub(crate) fn policy_problems(document: &Value, path: impl Into<Path>, limit: usize) -> Vec<Problem> {
    let path = path.into();
    if document.is_null() || !document.is_wholly_known() {
        return Vec::new();
    }
    if document.as_map().is_none() {
        return vec![
            Problem::new(path, "an IAM policy is an object")
                .with_hint("write `Version` and `Statement` as in IAM's own JSON"),
        ];
    }
    let statement = document.get("Statement");
    if statement.is_null() {
        return vec![Problem::new(path, "the policy has no `Statement`")];
    }
    let length =
        document.to_json().to_string().chars().filter(|character| !character.is_whitespace()).count();
    if length > limit {
        return vec![
            Problem::new(path, format!("IAM takes {limit} characters here, and the policy has {length}"))
                .with_hint("split it, or name resources with wildcards"),
        ];
    }
    Vec::new()
}

/// The name of the role or user, and the ARN of the policy, of an attachment's id.
pub(crate) fn attachment_parts(id: &str) -> Result<(&str, &str), KindError> {
    // Names have no slash in them, and ARNs have.
    id.split_once('/').ok_or_else(|| {
        KindError::new(format!("{id:?} is no id of an attachment"))
            .with_hint("write it as `name/policy_arn`, such as `app/arn:aws:iam::aws:policy/ReadOnlyAccess`")
    })
}

/// How many of something the account has and may have, as IAM's summary has it: `Roles` and `RolesQuota`.
pub(crate) async fn quota(reader: &Reader, of: &'static str, used: &str) -> Result<Option<Quota>, KindError> {
    let summary = reader.iam().get_account_summary().send().await.or_fail()?.summary_map.unwrap_or_default();
    let number = |key: &str| summary.get(&key.into()).copied();
    let limit = number(&format!("{used}Quota"));
    Ok(number(used).zip(limit).map(|(used, limit)| Quota { of, used: used.into(), limit: limit.into() }))
}

/// What it needs to change the permissions boundary of a `kind`, `Role` or `User`, with that ARN.
pub(crate) fn boundary<'a>(needs: Needs<'a>, of: Undertaking<'a>, arn: &str, kind: &str) -> Needs<'a> {
    let is_changed = of.act == Act::Update && of.differs("permissions_boundary");
    let verb = if of.has("permissions_boundary") { "Put" } else { "Delete" };
    needs.when(is_changed, arn, &[format!("iam:{verb}{kind}PermissionsBoundary").as_str()])
}

/// What the attachment of one policy to a `kind`, `Role` or `User`, with that ARN needs.
pub(crate) fn attachment(of: Undertaking<'_>, arn: &str, kind: &str) -> Vec<Permission> {
    let list = format!("iam:ListAttached{kind}Policies");
    let policies = arn::policies(&of, of.attributes.get("policy_arn"));
    match of.act {
        Act::Find | Act::Read => vec![Permission::new(list, arn)],
        Act::Create => arn::with_policy(&format!("iam:Attach{kind}Policy"), arn, &policies),
        Act::Delete => arn::with_policy(&format!("iam:Detach{kind}Policy"), arn, &policies),
        Act::Update => Vec::new(),
    }
}

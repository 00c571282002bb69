//! Access control lists: who has access beside the owner, where objects can have other owners at all.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{in_turn, is_set};
use crate::call::{Outcome, malformed};

/// What someone can do with the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Grant {
    /// Who: an account or a group.
    #[serde(flatten)]
    grantee: Grantee,
    /// What.
    #[schemars(length(min = 1), extend("items" = { "type": "string", "enum": ["FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"] }))]
    permissions: BTreeSet<String>,
}

/// Someone who is granted something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Grantee {
    /// `CanonicalUser` (an account, by `id`) or `Group` (by `uri`). S3 turns e-mail addresses into ids.
    #[schemars(extend("enum" = ["CanonicalUser", "Group"]))]
    r#type: String,
    /// Canonical user id of an account.
    id: Option<String>,
    /// URI of a group, such as `http://acs.amazonaws.com/groups/s3/LogDelivery`.
    uri: Option<String>,
}

pub(super) const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
pub(super) const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
/// The account of EC2 that fetches bundled machine images.
const IMAGE_READER: &str = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";

/// What the canned ACLs grant to others than the owner.
const CANNED: [(&str, &[(&str, &str)]); 6] = [
    (PRIVATE, &[]),
    ("public-read", &[(ALL_USERS, "READ")]),
    ("public-read-write", &[(ALL_USERS, "READ"), (ALL_USERS, "WRITE")]),
    ("authenticated-read", &[(AUTHENTICATED_USERS, "READ")]),
    ("log-delivery-write", &[(LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP")]),
    ("aws-exec-read", &[(IMAGE_READER, "READ")]),
];

/// Canonical id of the account that delivers CloudFront's standard logs (`awslogsdelivery`). CloudFront adds it to the
/// ACL of the bucket that a distribution logs to, by itself, and delivers nothing without. From CloudFront's
/// documentation of standard logs.
const CLOUDFRONT_LOGS: &str = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0";

/// The canned ACL of a bucket that is its owner's alone.
pub(super) const PRIVATE: &str = "private";

pub(super) fn private() -> String {
    PRIVATE.to_owned()
}

impl Grantee {
    pub(super) fn problems(grantee: &Value, path: &Path) -> Vec<Problem> {
        let (needed, other) = match grantee.get("type").as_str() {
            Some("CanonicalUser") => ("id", "uri"),
            Some("Group") => ("uri", "id"),
            _ => return Vec::new(),
        };
        let mut problems = Vec::new();
        if grantee.get(needed).is_null() {
            problems.push(Problem::new(path.clone(), format!("a grantee of this type has `{needed}`")));
        }
        if is_set(grantee.get(other)) {
            problems.push(Problem::new(path.key(other), format!("a grantee of this type has no `{other}`")));
        }
        problems
    }

    pub(super) fn from_aws(grantee: types::Grantee) -> Self {
        Self { r#type: grantee.r#type.as_str().to_owned(), id: grantee.id, uri: grantee.uri }
    }

    pub(super) fn to_aws(&self) -> Result<types::Grantee, KindError> {
        types::Grantee::builder()
            .r#type(self.r#type.as_str().into())
            .set_id(self.id.clone())
            .set_uri(self.uri.clone())
            .build()
            .map_err(malformed)
    }

    fn identity(&self) -> &str {
        self.uri.as_deref().or(self.id.as_deref()).unwrap_or_default()
    }
}

/// The ACL by its canned name, where it has one and was not written as grants.
pub(super) async fn read_acl(
    s3: &Client,
    bucket: &str,
    prior: &[Grant],
) -> Result<(String, Vec<Grant>), KindError> {
    let Some(answer) = s3.get_bucket_acl().bucket(bucket).send().await.unless(&["NoSuchBucket"])? else {
        return Ok((private(), Vec::new()));
    };
    let owner = answer.owner.and_then(|owner| owner.id).unwrap_or_default();
    let mut grantees: BTreeMap<Grantee, BTreeSet<String>> = BTreeMap::new();
    for grant in answer.grants.unwrap_or_default() {
        if let (Some(grantee), Some(permission)) = (grant.grantee, grant.permission) {
            let grantee = Grantee::from_aws(grantee);
            // Of a distribution that logs here, and not of anybody who would have it taken away.
            let is_named = |grant: &Grant| grant.grantee.identity() == CLOUDFRONT_LOGS;
            if grantee.identity() == CLOUDFRONT_LOGS && !prior.iter().any(is_named) {
                continue;
            }
            let permissions = grantees.entry(grantee).or_default();
            permissions.insert(permission.as_str().to_owned());
        }
    }
    let mut to_others = BTreeSet::new();
    let mut owned = false;
    for (grantee, permission) in
        grantees.iter().flat_map(|(grantee, set)| set.iter().map(move |permission| (grantee, permission)))
    {
        if grantee.identity() == owner && permission == "FULL_CONTROL" {
            owned = true;
        } else {
            to_others.insert((grantee.identity(), permission.as_str()));
        }
    }
    let canned = CANNED.iter().find(|(_, grants)| {
        owned && grants.len() == to_others.len() && grants.iter().all(|grant| to_others.contains(grant))
    });
    match canned {
        Some((name, _)) if prior.is_empty() => Ok(((*name).to_owned(), Vec::new())),
        _ => {
            let grants =
                grantees.into_iter().map(|(grantee, permissions)| Grant { grantee, permissions }).collect();
            Ok((private(), grants))
        }
    }
}

pub(super) async fn put_acl(s3: &Client, bucket: &str, acl: &str) -> Result<(), KindError> {
    in_turn(|| async { s3.put_bucket_acl().bucket(bucket).acl(acl.into()).send().await.or_fail() }).await?;
    Ok(())
}

pub(super) async fn put_grants(s3: &Client, bucket: &str, grants: &[Grant]) -> Result<(), KindError> {
    let owner = s3.get_bucket_acl().bucket(bucket).send().await.or_fail()?.owner;
    let mut list = Vec::new();
    for grant in grants {
        for permission in &grant.permissions {
            list.push(
                types::Grant::builder()
                    .grantee(grant.grantee.to_aws()?)
                    .permission(permission.as_str().into())
                    .build(),
            );
        }
    }
    let policy = types::AccessControlPolicy::builder().set_owner(owner).set_grants(Some(list)).build();
    in_turn(|| async {
        s3.put_bucket_acl().bucket(bucket).access_control_policy(policy.clone()).send().await.or_fail()
    })
    .await?;
    Ok(())
}

//! Who can reach the bucket and what is in it, but for its policy.

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use futures::future::try_join;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::acl::{ALL_USERS, AUTHENTICATED_USERS, Grant, Grantee, PRIVATE, put_acl, put_grants};
use super::in_turn;
use crate::call::{Outcome, malformed};

/// What S3 refuses, whatever policies and ACLs allow. What is not named stays `true`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PublicAccessBlock {
    /// Whether ACLs that grant access to everyone are refused.
    #[serde(default = "yes")]
    block_public_acls: bool,
    /// Whether policies that grant access to everyone are refused.
    #[serde(default = "yes")]
    block_public_policy: bool,
    /// Whether ACLs that grant access to everyone have no effect.
    #[serde(default = "yes")]
    ignore_public_acls: bool,
    /// Whether a bucket whose policy grants access to everyone is open to its own account and AWS services alone.
    #[serde(default = "yes")]
    restrict_public_buckets: bool,
}

fn yes() -> bool {
    true
}

/// What a new bucket has.
impl Default for PublicAccessBlock {
    fn default() -> Self {
        Self::all(true)
    }
}

impl PublicAccessBlock {
    pub(super) fn all(blocked: bool) -> Self {
        Self {
            block_public_acls: blocked,
            block_public_policy: blocked,
            ignore_public_acls: blocked,
            restrict_public_buckets: blocked,
        }
    }
}

/// Whom objects belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OwnershipControls {
    /// The rule.
    pub(super) rule: OwnershipRule,
}

/// Whom objects belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OwnershipRule {
    /// `BucketOwnerEnforced`: the bucket's owner, and there are no ACLs; `BucketOwnerPreferred`: the bucket's owner,
    /// if the upload says so; `ObjectWriter`: whoever uploads.
    #[schemars(extend("enum" = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]))]
    pub(super) object_ownership: String,
}

const ENFORCED: &str = "BucketOwnerEnforced";

/// What a new bucket has.
impl Default for OwnershipRule {
    fn default() -> Self {
        Self { object_ownership: ENFORCED.to_owned() }
    }
}

pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let acl = configuration.get("acl").as_str().filter(|acl| *acl != PRIVATE);
    let grants = configuration.get("grant").items();
    for (index, grant) in grants.iter().enumerate() {
        problems.extend(Grantee::problems(grant, &Path::from("grant").index(index)));
    }
    if acl.is_some() && !grants.is_empty() {
        problems.push(
            Problem::new("grant", "`acl` and `grant` exclude each other").with_hint("keep one of them"),
        );
    }
    let at = if acl.is_some() { "acl" } else { "grant" };
    if acl.is_none() && grants.is_empty() {
        return problems;
    }
    let ownership = configuration.get("ownership_controls").get("rule").get("object_ownership");
    if ownership.as_str() == Some(ENFORCED) {
        problems.push(Problem::new(at, "a bucket whose owner owns all objects has no ACLs").with_hint(
            "use aws_s3_bucket_policy, or add `ownership_controls = { rule = { object_ownership = \
                 \"BucketOwnerPreferred\" } }`",
        ));
    }
    let public = acl.is_some_and(|acl| acl.starts_with("public-") || acl == "authenticated-read")
        || grants.iter().any(|grant| {
            grant.get("uri").as_str().is_some_and(|uri| [ALL_USERS, AUTHENTICATED_USERS].contains(&uri))
        });
    if public && configuration.get("public_access_block").get("block_public_acls").as_bool() == Some(true) {
        problems.push(Problem::new(at, "the bucket's public access block refuses public ACLs").with_hint(
            "add `public_access_block = { block_public_acls = false, ignore_public_acls = false }` if \
                 everyone is to have access",
        ));
    }
    problems
}

/// Who can reach the bucket: the arguments of this module together.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Access<'a> {
    pub(super) public_access_block: &'a PublicAccessBlock,
    pub(super) ownership: &'a str,
    pub(super) acl: &'a str,
    pub(super) grants: &'a [Grant],
}

impl Access<'_> {
    fn has_acl(&self) -> bool {
        self.acl != PRIVATE || !self.grants.is_empty()
    }

    /// In the order in which S3 allows it: no ACL may be left when the owner is to own everything, and there are
    /// none to set before that has ended.
    pub(super) async fn update(&self, s3: &Client, bucket: &str, prior: &Self) -> Result<(), KindError> {
        let enforced = self.ownership == ENFORCED;
        if enforced && prior.has_acl() {
            let done = put_acl(s3, bucket, PRIVATE).await;
            // An earlier attempt got further: then there is no ACL any more.
            if let Err(error) = done
                && !error.is(&["AccessControlListNotSupported"])
            {
                return Err(error);
            }
        }
        try_join(
            self.update_public_access_block(s3, bucket, prior.public_access_block),
            self.update_ownership(s3, bucket, prior.ownership),
        )
        .await?;
        if enforced || (self.acl, self.grants) == (prior.acl, prior.grants) {
            return Ok(());
        }
        if self.grants.is_empty() {
            put_acl(s3, bucket, self.acl).await
        } else {
            put_grants(s3, bucket, self.grants).await
        }
    }

    async fn update_public_access_block(
        &self,
        s3: &Client,
        bucket: &str,
        prior: &PublicAccessBlock,
    ) -> Result<(), KindError> {
        let block = self.public_access_block;
        if block == prior {
            return Ok(());
        }
        let configuration = types::PublicAccessBlockConfiguration::builder()
            .block_public_acls(block.block_public_acls)
            .block_public_policy(block.block_public_policy)
            .ignore_public_acls(block.ignore_public_acls)
            .restrict_public_buckets(block.restrict_public_buckets)
            .build();
        in_turn(|| async {
            s3.put_public_access_block()
                .bucket(bucket)
                .public_access_block_configuration(configuration.clone())
                .send()
                .await
                .or_fail()
        })
        .await?;
        Ok(())
    }

    async fn update_ownership(&self, s3: &Client, bucket: &str, prior: &str) -> Result<(), KindError> {
        if self.ownership == prior {
            return Ok(());
        }
        let rule = types::OwnershipControlsRule::builder()
            .object_ownership(self.ownership.into())
            .build()
            .map_err(malformed)?;
        let controls = types::OwnershipControls::builder().rules(rule).build().map_err(malformed)?;
        in_turn(|| async {
            s3.put_bucket_ownership_controls()
                .bucket(bucket)
                .ownership_controls(controls.clone())
                .send()
                .await
                .or_fail()
        })
        .await?;
        Ok(())
    }
}

/// A bucket without one blocks nothing.
pub(super) async fn read_public_access_block(
    s3: &Client,
    bucket: &str,
) -> Result<PublicAccessBlock, KindError> {
    let answer = s3
        .get_public_access_block()
        .bucket(bucket)
        .send()
        .await
        .unless(&["NoSuchPublicAccessBlockConfiguration", "NoSuchBucket"])?;
    let configuration = answer.and_then(|answer| answer.public_access_block_configuration);
    Ok(configuration.map_or_else(
        || PublicAccessBlock::all(false),
        |block| PublicAccessBlock {
            block_public_acls: block.block_public_acls.unwrap_or_default(),
            block_public_policy: block.block_public_policy.unwrap_or_default(),
            ignore_public_acls: block.ignore_public_acls.unwrap_or_default(),
            restrict_public_buckets: block.restrict_public_buckets.unwrap_or_default(),
        },
    ))
}

/// In a bucket from before there were controls, objects belong to whoever uploads them.
pub(super) async fn read_ownership(s3: &Client, bucket: &str) -> Result<OwnershipControls, KindError> {
    let answer = s3
        .get_bucket_ownership_controls()
        .bucket(bucket)
        .send()
        .await
        .unless(&["OwnershipControlsNotFoundError", "NoSuchBucket"])?;
    let rule = answer
        .and_then(|answer| answer.ownership_controls)
        .and_then(|controls| controls.rules.into_iter().next());
    let ownership = rule.map_or(types::ObjectOwnership::ObjectWriter, |rule| rule.object_ownership);
    Ok(OwnershipControls { rule: OwnershipRule { object_ownership: ownership.as_str().to_owned() } })
}

//! `aws_iam_policy`.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_iam::types::PolicyVersion;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Kind, KindError, Policy, Quota, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account;
use crate::call::{self, Outcome, eventually, look_again, repeat_while};
use crate::clients::{Reader, Writer};
use crate::iam::{self, ABSENT, BUSY, TAKEN};
use crate::names;
use crate::permissions::arn;
use crate::tags::{self, Tags};

/// A managed policy of the account: permissions that roles, users and groups can share. From the IAM API
/// (`CreatePolicy`); its id is its ARN.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ManagedPolicy {
    /// Name, unique in the account whatever the path. Made up from `name_prefix` when absent.
    #[schemars(
        length(min = 1, max = 128),
        regex(pattern = r"^[A-Za-z0-9_+=,.@-]+$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    name: Option<String>,
    /// Beginning of a name that is made up.
    #[schemars(
        length(max = 102),
        regex(pattern = r"^[A-Za-z0-9_+=,.@-]*$"),
        extend("kept" = true, "forces_replacement" = true)
    )]
    name_prefix: Option<String>,
    /// Path: a part of the ARN by which policies can be grouped. Begins and ends with a slash.
    #[schemars(
        length(min = 1, max = 512),
        regex(pattern = r"^((/[A-Za-z0-9.,+@=_-]+)*)/$"),
        extend("forces_replacement" = true)
    )]
    #[serde(default = "root_path")]
    path: String,
    /// What the policy is for.
    #[schemars(length(max = 1000), extend("forces_replacement" = true))]
    #[serde(default)]
    description: String,
    /// What is permitted. A change makes a new version of the policy and takes away the oldest of five.
    policy: Policy,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// How many roles, users and groups it is attached to.
    #[serde(default)]
    attachment_count: Computed<i32>,
    /// Id that no other policy ever has, even one made later under the same name.
    #[serde(default)]
    policy_id: Computed<String>,
}

fn root_path() -> String {
    "/".to_owned()
}

/// How many characters a managed policy can have.
const LIMIT: usize = 6_144;
/// How many versions of a policy IAM keeps.
const VERSIONS: usize = 5;
/// It is still attached.
const CONFLICT: &[&str] = &["DeleteConflict"];

#[async_trait]
impl Kind for ManagedPolicy {
    const NAME: &'static str = "aws_iam_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::IAM::ManagedPolicy", |policy| {
            policy.rename("name", "ManagedPolicyName");
            policy.unless("path", "Path", "/");
            policy.unless("description", "Description", "");
            policy.document("policy", "PolicyDocument");
            policy.note("name_prefix", "CloudFormation makes the name up, out of that of the stack");
            policy.note("tags", "CloudFormation gives managed policies no tags");
        })
        .with(&[
            ("id", Returned::Ref),
            ("arn", Returned::Ref),
            ("attachment_count", Returned::GetAtt("AttachmentCount")),
            ("policy_id", Returned::GetAtt("PolicyId")),
        ]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = names::exclusive(configuration, "name", "name_prefix");
        problems.extend(iam::policy_problems(configuration.get("policy"), "policy", LIMIT));
        problems
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let iam = reader.iam();
        let answer = iam.get_policy().policy_arn(id).send().await.unless(ABSENT)?;
        let Some(policy) = answer.and_then(|answer| answer.policy) else { return Ok(None) };
        let request =
            iam.get_policy_version().policy_arn(id).set_version_id(policy.default_version_id.clone());
        let version = request.send().await.unless(ABSENT)?.and_then(|answer| answer.policy_version);
        let Some(version) = version else { return Ok(None) };
        Ok(Some(Self {
            name: policy.policy_name,
            path: policy.path.unwrap_or_else(root_path),
            description: policy.description.unwrap_or_default(),
            policy: iam::policy(version.document().unwrap_or_default()),
            tags: iam::own_tags(&policy.tags.unwrap_or_default()),
            arn: policy.arn.into(),
            attachment_count: policy.attachment_count.into(),
            policy_id: policy.policy_id.into(),
            ..Self::default()
        }))
    }

    /// The ARN follows from the account, the path and the name.
    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let name = self.name_for(token);
        let caller = account::caller(reader).await?;
        let partition = caller.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
        let account = caller.account().unwrap_or_default();
        let arn = format!("arn:{partition}:iam::{account}:policy{}{name}", self.path);
        let policy = reader.iam().get_policy().policy_arn(&arn).send().await.unless(ABSENT)?;
        Ok(policy.map(|_| arn))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn quota(reader: &Reader) -> Result<Option<Quota>, KindError> {
        iam::quota(reader, "managed policies", "Policies").await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let request = writer
            .iam()
            .create_policy()
            .policy_name(self.name_for(token))
            .path(&self.path)
            .policy_document(self.policy.to_string())
            .set_description((!self.description.is_empty()).then(|| self.description.clone()))
            .set_tags(iam::api_tags(self.tags.clone())?);
        let create = async {
            let answer = eventually(BUSY, || async { request.clone().send().await.or_fail() }).await?;
            let arn = answer.policy.and_then(|policy| policy.arn);
            arn.ok_or_else(|| KindError::new("IAM gave no ARN for the policy that it made"))
        };
        call::create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let iam = writer.iam();
        if self.policy != prior.policy {
            look_again(|| self.put_document(writer, id)).await?;
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if let Some(tags) = iam::api_tags(set)? {
            iam.tag_policy().policy_arn(id).set_tags(Some(tags)).send().await.or_fail()?;
        }
        if !remove.is_empty() {
            iam.untag_policy().policy_arn(id).set_tag_keys(Some(remove)).send().await.or_fail()?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        for version in
            versions(writer.reader(), id).await?.iter().filter(|version| !version.is_default_version)
        {
            delete_version(writer, id, version).await?;
        }
        let delete = || async { writer.iam().delete_policy().policy_arn(id).send().await.unless(ABSENT) };
        // What was detached a moment ago may still seem to be attached. What really is attached stays so.
        let moment = Duration::from_secs(2);
        let refusal = match repeat_while(|error| error.is(CONFLICT) || error.is(BUSY), moment, delete).await {
            Err(error) if error.is(CONFLICT) => error,
            outcome => return outcome.map(drop),
        };
        let users = users(writer.reader(), id).await?;
        if users.is_empty() {
            return eventually(CONFLICT, delete).await.map(drop);
        }
        Err(refusal.with_hint(format!("detach it first from {}", users.join(", "))))
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let path = of.text("path").unwrap_or("/");
        let named = || arn::global("iam", &format!("policy{path}{}", arn::name(&of, "name", "name_prefix")));
        let policy = of.id.map_or_else(named, str::to_owned);
        let document = ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"];
        let is_written_anew = of.act == Act::Update && of.differs("policy");
        of.needs()
            .on(&[Act::Find, Act::Create], &policy, &["iam:GetPolicy"])
            .read(&policy, &["iam:GetPolicy", "iam:GetPolicyVersion"])
            .create(&policy, &["iam:CreatePolicy"])
            .when(is_written_anew, &policy, &document)
            .when(is_written_anew, &policy, &["iam:CreatePolicyVersion", "iam:DeletePolicyVersion"])
            .tagging(&policy, "iam:TagPolicy", "iam:UntagPolicy")
            .delete(&policy, &["iam:ListPolicyVersions", "iam:DeletePolicyVersion", "iam:DeletePolicy"])
            .done()
    }
}

impl ManagedPolicy {
    fn name_for(&self, token: &Token) -> String {
        names::choose(self.name.as_deref(), self.name_prefix.as_deref(), token)
    }

    /// Makes the document that of the default version, unless it is. IAM takes the same document for another version,
    /// and has room for few.
    async fn put_document(&self, writer: &Writer, id: &str) -> Result<(), KindError> {
        let current = Self::read(writer.reader(), id, self).await?;
        if current.is_some_and(|current| current.policy == self.policy) {
            return Ok(());
        }
        let versions = versions(writer.reader(), id).await?;
        if versions.len() >= VERSIONS
            && let Some(oldest) =
                versions.iter().filter(|version| !version.is_default_version).min_by_key(age)
        {
            delete_version(writer, id, oldest).await?;
        }
        eventually(BUSY, || async {
            writer
                .iam()
                .create_policy_version()
                .policy_arn(id)
                .policy_document(self.policy.to_string())
                .set_as_default(true)
                .send()
                .await
                .or_fail()
        })
        .await?;
        Ok(())
    }
}

/// All versions; none without the policy.
async fn versions(reader: &Reader, arn: &str) -> Result<Vec<PolicyVersion>, KindError> {
    let pages = reader.iam().list_policy_versions().policy_arn(arn).into_paginator().items().send();
    Ok(pages.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?.unwrap_or_default())
}

async fn delete_version(writer: &Writer, arn: &str, version: &PolicyVersion) -> Result<(), KindError> {
    eventually(BUSY, || async {
        writer
            .iam()
            .delete_policy_version()
            .policy_arn(arn)
            .set_version_id(version.version_id.clone())
            .send()
            .await
            .unless(ABSENT)
    })
    .await?;
    Ok(())
}

/// Versions are numbered in the order in which they were made: `v1`, `v2`, …
fn age(version: &&PolicyVersion) -> u64 {
    version.version_id().and_then(|id| id.trim_start_matches('v').parse().ok()).unwrap_or_default()
}

/// What the policy is attached to, or bounds, in words.
async fn users(reader: &Reader, arn: &str) -> Result<Vec<String>, KindError> {
    let mut users = Vec::new();
    let mut pages = reader.iam().list_entities_for_policy().policy_arn(arn).into_paginator().send();
    while let Some(page) = pages.next().await {
        let Some(page) = page.unless(ABSENT)? else { break };
        users.extend(
            page.policy_roles()
                .iter()
                .filter_map(|role| role.role_name())
                .map(|name| format!("the role {name}")),
        );
        users.extend(
            page.policy_users()
                .iter()
                .filter_map(|user| user.user_name())
                .map(|name| format!("the user {name}")),
        );
        users.extend(
            page.policy_groups()
                .iter()
                .filter_map(|group| group.group_name())
                .map(|name| format!("the group {name}")),
        );
    }
    Ok(users)
}

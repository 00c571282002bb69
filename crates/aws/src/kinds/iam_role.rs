//! `aws_iam_role`: the role itself. The policies that belong to it are in [`policies`].

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_types::date_time::Format;
use futures::future::join;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Kind, KindError, Policy, Quota, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, PROPAGATION, repeat_while};
use crate::clients::{Reader, Writer};
use crate::iam::{self, ABSENT, BUSY, INLINE_LIMIT, TAKEN};
use crate::names;
use crate::permissions::arn;
use crate::reads::beside;
use crate::tags::{self, Tags};

mod policies;

/// An IAM role: permissions that a service or a person takes on for a while. From the IAM API (`CreateRole`); its id
/// is its name.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// Name, unique in the account whatever the path. Made up from `name_prefix` when absent.
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[A-Za-z0-9_+=,.@-]+$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    name: Option<String>,
    /// Beginning of a name that is made up.
    #[schemars(
        length(max = 38),
        regex(pattern = r"^[A-Za-z0-9_+=,.@-]*$"),
        extend("kept" = true, "forces_replacement" = true)
    )]
    name_prefix: Option<String>,
    /// Path: a part of the ARN by which roles can be grouped. Begins and ends with a slash.
    #[schemars(
        length(min = 1, max = 512),
        regex(pattern = r"^(/|/[!-~]+/)$"),
        extend("forces_replacement" = true)
    )]
    #[serde(default = "root_path")]
    path: String,
    /// Trust policy: who can take on the role, and under which conditions.
    assume_role_policy: Policy,
    /// What the role is for.
    #[schemars(length(max = 1000), regex(pattern = r"^[\t\n\r\u0020-\u007E\u00A1-\u00FF]*$"))]
    #[serde(default)]
    description: String,
    /// The longest that a session of the role can be asked to last, in seconds.
    #[schemars(range(min = 3600, max = 43200))]
    #[serde(default = "an_hour")]
    max_session_duration: i32,
    /// ARN of the policy that bounds what the role's own policies can permit.
    #[schemars(
        length(min = 20, max = 2048),
        regex(pattern = r"^arn:[a-z0-9-]+:iam::(\d{12}|aws):policy/.+$")
    )]
    permissions_boundary: Option<String>,
    /// Inline policies, all of them: any other is removed. Absent: not managed here, but read. Deprecated in
    /// Terraform; prefer `aws_iam_role_policy`, and do not use both on one role.
    #[schemars(extend("computed" = true, "apart" = "aws_iam_role_policy", "uniqueItems" = true))]
    inline_policy: Option<Vec<InlinePolicy>>,
    /// ARNs of the attached managed policies, all of them: any other is detached. Absent: not managed here, but read.
    /// Deprecated in Terraform; prefer `aws_iam_role_policy_attachment`, and do not use both on one role.
    #[schemars(extend("computed" = true, "apart" = "aws_iam_role_policy_attachment"), inner(regex(pattern = r"^arn:[a-z0-9-]+:iam::(\d{12}|aws):policy/.+$")))]
    managed_policy_arns: Option<BTreeSet<String>>,
    /// Whether a destroy first removes and detaches whatever policies the role has, also those that others gave it.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    force_detach_policies: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// When it was made, as in RFC 3339.
    #[serde(default)]
    create_date: Computed<String>,
    /// Id that no other role ever has, even one made later under the same name.
    #[serde(default)]
    unique_id: Computed<String>,
}

/// A policy that is part of the role and dies with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InlinePolicy {
    /// Name, unique in the role.
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^[A-Za-z0-9_+=,.@-]+$"))]
    name: String,
    /// What the role is permitted.
    policy: Policy,
}

fn root_path() -> String {
    "/".to_owned()
}

fn an_hour() -> i32 {
    3600
}

/// How many characters a trust policy can have, with the highest quota that AWS grants.
const TRUST_LIMIT: usize = 8_192;
/// What is still attached to the role.
const CONFLICT: &[&str] = &["DeleteConflict"];

#[async_trait]
impl Kind for Role {
    const NAME: &'static str = "aws_iam_role";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::IAM::Role", |role| {
            role.rename("name", "RoleName");
            role.unless("path", "Path", "/");
            role.document("assume_role_policy", "AssumeRolePolicyDocument");
            role.unless("description", "Description", "");
            role.unless("max_session_duration", "MaxSessionDuration", i64::from(an_hour()));
            role.same(&["permissions_boundary", "managed_policy_arns"]);
            role.blocks("inline_policy", "Policies", iam::write_inline);
            role.tags();
            role.note("name_prefix", "CloudFormation makes the name up, out of that of the stack");
            role.ours(&["force_detach_policies"]);
        })
        .with(&[
            ("id", Returned::Ref),
            ("name", Returned::Ref),
            ("arn", Returned::GetAtt("Arn")),
            ("unique_id", Returned::GetAtt("RoleId")),
        ]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = names::exclusive(configuration, "name", "name_prefix");
        let trust = configuration.get("assume_role_policy");
        problems.extend(iam::policy_problems(trust, "assume_role_policy", TRUST_LIMIT));
        for (index, inline) in configuration.get("inline_policy").items().iter().enumerate() {
            let path = Path::root().key("inline_policy").index(index);
            problems.extend(iam::policy_problems(inline.get("policy"), path.key("policy"), INLINE_LIMIT));
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let inline = policies::inline(reader, id, prior.inline_policy.as_deref().unwrap_or_default());
        let rest = async { Ok(join(inline, policies::attached(reader, id)).await) };
        let Some((role, (inline, attached))) = beside(get(reader, id), rest).await? else { return Ok(None) };
        let (Some(inline), Some(attached)) = (inline?, attached?) else { return Ok(None) };
        Ok(Some(Self {
            name: Some(id.to_owned()),
            path: role.path,
            assume_role_policy: iam::policy(role.assume_role_policy_document.as_deref().unwrap_or_default()),
            description: role.description.unwrap_or_default(),
            max_session_duration: role.max_session_duration.unwrap_or_else(an_hour),
            permissions_boundary: role
                .permissions_boundary
                .and_then(|boundary| boundary.permissions_boundary_arn),
            inline_policy: Some(inline),
            managed_policy_arns: Some(attached),
            tags: iam::own_tags(&role.tags.unwrap_or_default()),
            arn: role.arn.into(),
            create_date: role.create_date.fmt(Format::DateTime).ok().into(),
            unique_id: role.role_id.into(),
            ..Self::default()
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let name = self.name_for(token);
        let role = reader.iam().get_role().role_name(&name).send().await.unless(ABSENT)?;
        Ok(role.map(|_| name))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn quota(reader: &Reader) -> Result<Option<Quota>, KindError> {
        iam::quota(reader, "roles", "Roles").await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let name = self.name_for(token);
        let request = writer
            .iam()
            .create_role()
            .role_name(&name)
            .path(&self.path)
            .assume_role_policy_document(self.assume_role_policy.to_string())
            .set_description((!self.description.is_empty()).then(|| self.description.clone()))
            .max_session_duration(self.max_session_duration)
            .set_permissions_boundary(self.permissions_boundary.clone())
            .set_tags(iam::api_tags(self.tags.clone())?);
        let create = async {
            // The trust policy may name a role or a user that was made a moment ago.
            repeat_while(
                |error| iam::is_unknown_principal(error) || error.is(BUSY),
                PROPAGATION,
                || async { request.clone().send().await.or_fail() },
            )
            .await?;
            Ok(name.clone())
        };
        let name = call::create_named(self, writer.reader(), token, TAKEN, create).await?;
        let bare = Self {
            name: Some(name.clone()),
            path: self.path.clone(),
            assume_role_policy: self.assume_role_policy.clone(),
            description: self.description.clone(),
            max_session_duration: self.max_session_duration,
            permissions_boundary: self.permissions_boundary.clone(),
            tags: self.tags.clone(),
            ..Self::default()
        };
        Ok(Created::bare(name, bare))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let iam = writer.iam();
        if self.assume_role_policy != prior.assume_role_policy {
            let request = iam
                .update_assume_role_policy()
                .role_name(id)
                .policy_document(self.assume_role_policy.to_string());
            repeat_while(iam::is_unknown_principal, PROPAGATION, || async {
                request.clone().send().await.or_fail()
            })
            .await?;
        }
        if self.description != prior.description || self.max_session_duration != prior.max_session_duration {
            iam.update_role()
                .role_name(id)
                .description(&self.description)
                .max_session_duration(self.max_session_duration)
                .send()
                .await
                .or_fail()?;
        }
        if self.permissions_boundary != prior.permissions_boundary {
            match &self.permissions_boundary {
                Some(policy) => {
                    iam.put_role_permissions_boundary()
                        .role_name(id)
                        .permissions_boundary(policy)
                        .send()
                        .await
                        .or_fail()?;
                }
                None => {
                    iam.delete_role_permissions_boundary().role_name(id).send().await.unless(ABSENT)?;
                }
            }
        }
        if let Some(policies) = &self.inline_policy {
            policies::put(writer, id, policies, prior.inline_policy.as_deref().unwrap_or_default()).await?;
        }
        if let Some(policies) = &self.managed_policy_arns {
            let attached = prior.managed_policy_arns.clone().unwrap_or_default();
            policies::attach(writer, id, policies, &attached).await?;
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if let Some(tags) = iam::api_tags(set)? {
            iam.tag_role().role_name(id).set_tags(Some(tags)).send().await.or_fail()?;
        }
        if !remove.is_empty() {
            iam.untag_role().role_name(id).set_tag_keys(Some(remove)).send().await.or_fail()?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let (all, reader) = (prior.force_detach_policies, writer.reader());
        let remove = async {
            let inline = match all {
                true => policies::inline_names(reader, id).await?.unwrap_or_default(),
                false => prior.inline_policy.iter().flatten().map(|policy| policy.name.clone()).collect(),
            };
            policies::remove(writer, id, &inline).await
        };
        let detach = async {
            let attached = match all {
                true => policies::attached(reader, id).await?.unwrap_or_default(),
                false => prior.managed_policy_arns.clone().unwrap_or_default(),
            };
            policies::detach(writer, id, &attached).await
        };
        let leave = policies::leave_instance_profiles(writer, id);
        // That one fails does not keep the others from being done.
        let (left, removed, detached) = futures::join!(leave, remove, detach);
        left.and(removed).and(detached)?;

        let delete = || async { writer.iam().delete_role().role_name(id).send().await.unless(ABSENT) };
        // What was detached a moment ago may still seem to be there. What really is there does not go away.
        let moment = Duration::from_secs(2);
        let refusal = match repeat_while(|error| error.is(CONFLICT) || error.is(BUSY), moment, delete).await {
            Err(error) if error.is(CONFLICT) => error,
            outcome => return outcome.map(drop),
        };
        match policies::left(writer.reader(), id).await? {
            Some(left) => Err(refusal.with_hint(format!(
                "it still has {left}: remove them first, or set `force_detach_policies = true`, apply, and destroy \
                 again"
            ))),
            None => call::eventually(CONFLICT, delete).await.map(drop),
        }
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let name = arn::name(&of, "name", "name_prefix");
        let role = arn::global("iam", &format!("role{}{name}", of.text("path").unwrap_or("/")));
        // What is not there yet has no path.
        let absent = arn::global("iam", &format!("role/{name}"));
        of.needs()
            .on(&[Act::Find, Act::Create], &absent, &["iam:GetRole"])
            .read(&role, &["iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"])
            .when(of.act == Act::Read && of.has("inline_policy"), &role, &["iam:GetRolePolicy"])
            .create(&role, &["iam:CreateRole"])
            .when(
                of.act == Act::Update && of.differs("assume_role_policy"),
                &role,
                &["iam:UpdateAssumeRolePolicy"],
            )
            .when(
                of.act == Act::Update && (of.differs("description") || of.differs("max_session_duration")),
                &role,
                &["iam:UpdateRole"],
            )
            .with(|needs, of| iam::boundary(needs, of, &role, "Role"))
            .tagging(&role, "iam:TagRole", "iam:UntagRole")
            .with(|needs, of| policies::permissions(needs, of, &role))
            .delete(&role, &["iam:ListInstanceProfilesForRole", "iam:DeleteRole"])
            .done()
    }
}

impl Role {
    fn name_for(&self, token: &Token) -> String {
        names::choose(self.name.as_deref(), self.name_prefix.as_deref(), token)
    }
}

/// The role of that name. Right after a create, IAM may answer with the unique id in place of the ARN, which nothing
/// that depends on the role must ever see.
async fn get(reader: &Reader, name: &str) -> Result<Option<aws_sdk_iam::types::Role>, KindError> {
    const UNFINISHED: &str = "RoleUnfinished";
    call::eventually(&[UNFINISHED], || async {
        let answer = reader.iam().get_role().role_name(name).send().await.unless(ABSENT)?;
        let role = answer.and_then(|answer| answer.role);
        match role {
            Some(role) if !role.arn().starts_with("arn:") => Err(KindError {
                code: Some(UNFINISHED.to_owned()),
                ..KindError::new(format!("IAM has no ARN yet for the role {name}"))
                    .with_hint("run it again in a moment")
            }),
            role => Ok(role),
        }
    })
    .await
}

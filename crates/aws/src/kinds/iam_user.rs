//! `aws_iam_user`: the user itself. What else belongs to a user, and goes with it, is in [`belongings`].

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Kind, KindError, Quota, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, eventually, repeat_while};
use crate::clients::{Reader, Writer};
use crate::iam::{self, ABSENT, BUSY, TAKEN};
use crate::permissions::arn;
use crate::tags::{self, Tags};

mod belongings;

/// An IAM user: a lasting identity for a person or a machine. From the IAM API (`CreateUser`); its id is its name.
///
/// Terraform renames a user in place. Here the id of a resource never changes while it lives, and neither does its
/// ARN, which other resources have been given: so another `name` or `path` makes another user.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// Name, unique in the account whatever the path.
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[A-Za-z0-9_+=,.@-]+$"),
        extend("forces_replacement" = true)
    )]
    name: String,
    /// Path: a part of the ARN by which users can be grouped. Begins and ends with a slash.
    #[schemars(
        length(min = 1, max = 512),
        regex(pattern = r"^(/|/[!-~]+/)$"),
        extend("forces_replacement" = true)
    )]
    #[serde(default = "root_path")]
    path: String,
    /// ARN of the policy that bounds what the user's own policies can permit.
    #[schemars(
        length(min = 20, max = 2048),
        regex(pattern = r"^arn:[a-z0-9-]+:iam::(\d{12}|aws):policy/.+$")
    )]
    permissions_boundary: Option<String>,
    /// Whether a destroy first takes away what others gave the user: access keys, password, MFA devices, SSH keys,
    /// signing certificates, service-specific credentials, and policies.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    force_destroy: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Id that no other user ever has, even one made later under the same name.
    #[serde(default)]
    unique_id: Computed<String>,
}

fn root_path() -> String {
    "/".to_owned()
}

/// Something still belongs to the user.
const CONFLICT: &[&str] = &["DeleteConflict"];

#[async_trait]
impl Kind for User {
    const NAME: &'static str = "aws_iam_user";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::IAM::User", |user| {
            user.rename("name", "UserName");
            user.unless("path", "Path", "/");
            user.same(&["permissions_boundary"]);
            user.tags();
            user.ours(&["force_destroy"]);
        })
        .with(&[("id", Returned::Ref), ("name", Returned::Ref), ("arn", Returned::GetAtt("Arn"))]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let answer = reader.iam().get_user().user_name(id).send().await.unless(ABSENT)?;
        Ok(answer.and_then(|answer| answer.user).map(|user| Self {
            name: user.user_name,
            path: user.path,
            permissions_boundary: user
                .permissions_boundary
                .and_then(|boundary| boundary.permissions_boundary_arn),
            tags: iam::own_tags(&user.tags.unwrap_or_default()),
            arn: user.arn.into(),
            unique_id: user.user_id.into(),
            ..Self::default()
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        Ok(Self::read(reader, &self.name, self).await?.map(|_| self.name.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn quota(reader: &Reader) -> Result<Option<Quota>, KindError> {
        iam::quota(reader, "users", "Users").await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let request = writer
            .iam()
            .create_user()
            .user_name(&self.name)
            .path(&self.path)
            .set_permissions_boundary(self.permissions_boundary.clone())
            .set_tags(iam::api_tags(self.tags.clone())?);
        let create = async {
            eventually(BUSY, || async { request.clone().send().await.or_fail() }).await?;
            Ok(self.name.clone())
        };
        call::create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let iam = writer.iam();
        if self.permissions_boundary != prior.permissions_boundary {
            match &self.permissions_boundary {
                Some(policy) => {
                    iam.put_user_permissions_boundary()
                        .user_name(id)
                        .permissions_boundary(policy)
                        .send()
                        .await
                        .or_fail()?;
                }
                None => {
                    iam.delete_user_permissions_boundary().user_name(id).send().await.unless(ABSENT)?;
                }
            }
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if let Some(tags) = iam::api_tags(set)? {
            iam.tag_user().user_name(id).set_tags(Some(tags)).send().await.or_fail()?;
        }
        if !remove.is_empty() {
            iam.untag_user().user_name(id).set_tag_keys(Some(remove)).send().await.or_fail()?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        belongings::leave_groups(writer, id).await?;
        if prior.force_destroy {
            belongings::take_away(writer, id).await?;
        }
        // What was taken away a moment ago may still seem to be there.
        let patience = if prior.force_destroy { call::PROPAGATION } else { belongings::MOMENT };
        let delete = || async { writer.iam().delete_user().user_name(id).send().await.unless(ABSENT) };
        match repeat_while(|error| error.is(CONFLICT) || error.is(BUSY), patience, delete).await {
            Err(error) if error.is(CONFLICT) && !prior.force_destroy => Err(error.with_hint(
                "remove what belongs to the user first, or set `force_destroy = true`, apply, and destroy again",
            )),
            outcome => outcome.map(drop),
        }
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let name = of.text_or_any("name");
        let user = arn::global("iam", &format!("user{}{name}", of.text("path").unwrap_or("/")));
        // What is not there yet has no path.
        let absent = arn::global("iam", &format!("user/{name}"));
        let needs = of
            .needs()
            .on(&[Act::Find, Act::Create], &absent, &["iam:GetUser"])
            .read(&user, &["iam:GetUser"])
            .create(&user, &["iam:CreateUser"])
            .with(|needs, of| iam::boundary(needs, of, &user, "User"))
            .tagging(&user, "iam:TagUser", "iam:UntagUser")
            .delete(&user, &["iam:ListGroupsForUser", "iam:DeleteUser"]);
        let is_forced = of.act == Act::Delete && of.has("force_destroy");
        needs.when(is_forced, &user, &belongings::ACTIONS).done()
    }
}

//! `aws_iam_role_policy`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Block, Counterpart, Returned};
use provision_engine::kind::{Created, Kind, KindError, Policy, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, eventually, repeat_while};
use crate::clients::{Reader, Writer};
use crate::iam::{self, ABSENT, BUSY, FRESH, INLINE_LIMIT};
use crate::names;
use crate::permissions::arn;

/// An inline policy of an IAM role: permissions that are part of the role and die with it. From the IAM API
/// (`PutRolePolicy`); its id is `role:name`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct RolePolicy {
    /// Name, unique in the role. Made up from `name_prefix` when absent.
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
    /// Name of the role.
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[A-Za-z0-9_+=,.@-]+$"),
        extend("forces_replacement" = true)
    )]
    role: String,
    /// What the role is permitted.
    policy: Policy,
}

#[async_trait]
impl Kind for RolePolicy {
    const NAME: &'static str = "aws_iam_role_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::IAM::RolePolicy", |policy| {
            policy.rename("role", "RoleName");
            write(policy);
        })
        .or_part_of("role", &[], |policy| {
            policy.take("role");
            write(policy);
            policy.element_of("Policies");
        })
        .with(&[("id", Returned::Known(id))]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = names::exclusive(configuration, "name", "name_prefix");
        problems.extend(iam::policy_problems(configuration.get("policy"), "policy", INLINE_LIMIT));
        problems
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let (role, name) = parts(id)?;
        let request = reader.iam().get_role_policy().role_name(role).policy_name(name);
        let answer = request.send().await.unless(ABSENT)?;
        Ok(answer.map(|answer| Self {
            name: Some(name.to_owned()),
            role: role.to_owned(),
            policy: iam::policy(answer.policy_document()),
            ..Self::default()
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let id = self.id_for(token);
        Ok(Self::read(reader, &id, self).await?.map(|_| id))
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let id = self.id_for(token);
        self.put(writer, &id).await?;
        Ok(Created::complete(id))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        if self.policy != prior.policy {
            self.put(writer, id).await?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let (role, name) = parts(id)?;
        eventually(BUSY, || async {
            writer.iam().delete_role_policy().role_name(role).policy_name(name).send().await.unless(ABSENT)
        })
        .await?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let role = arn::role(&of, of.text_or_any("role"));
        of.needs()
            .on(&[Act::Find, Act::Read], &role, &["iam:GetRolePolicy"])
            .change(&role, &["iam:PutRolePolicy"])
            .delete(&role, &["iam:DeleteRolePolicy"])
            .done()
    }
}

impl RolePolicy {
    fn id_for(&self, token: &Token) -> String {
        let name = names::choose(self.name.as_deref(), self.name_prefix.as_deref(), token);
        format!("{}:{name}", self.role)
    }

    async fn put(&self, writer: &Writer, id: &str) -> Result<(), KindError> {
        let (role, name) = parts(id)?;
        let document = self.policy.to_string();
        let request =
            writer.iam().put_role_policy().role_name(role).policy_name(name).policy_document(document);
        repeat_while(iam::passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
        Ok(())
    }
}

fn write(policy: &mut Block<'_>) {
    // There, a policy without a name cannot be, and only those of its role are beside it.
    if policy.get("name").is_null() {
        policy.put("PolicyName", "Policy");
    }
    iam::write_inline(policy);
    policy.refuse("name_prefix", "give it a name");
}

/// The id that follows from the arguments.
fn id(arguments: &Value) -> Option<Value> {
    let name = arguments.get("name").as_str().unwrap_or("Policy");
    Some(format!("{}:{name}", arguments.get("role").as_str()?).into())
}

/// The name of the role and that of the policy.
fn parts(id: &str) -> Result<(&str, &str), KindError> {
    id.split_once(':').ok_or_else(|| {
        KindError::new(format!("{id:?} is no id of an inline policy")).with_hint("write it as `role:name`")
    })
}

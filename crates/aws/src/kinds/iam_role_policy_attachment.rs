//! `aws_iam_role_policy_attachment`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Created, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, eventually, repeat_while};
use crate::clients::{Reader, Writer};
use crate::iam::{self, ABSENT, BUSY, FRESH};
use crate::permissions::arn;

/// A managed policy given to an IAM role. From the IAM API (`AttachRolePolicy`); its id is `role/policy_arn`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct RolePolicyAttachment {
    /// Name of the role.
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[A-Za-z0-9_+=,.@-]+$"),
        extend("forces_replacement" = true)
    )]
    role: String,
    /// ARN of the managed policy, of the account or of AWS.
    #[schemars(
        length(min = 20, max = 2048),
        regex(pattern = r"^arn:[a-z0-9-]+:iam::(\d{12}|aws):policy/.+$"),
        extend("forces_replacement" = true)
    )]
    policy_arn: String,
}

#[async_trait]
impl Kind for RolePolicyAttachment {
    const NAME: &'static str = "aws_iam_role_policy_attachment";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::part_of("role", |attachment| {
            attachment.take("role");
            let policies = vec![attachment.take("policy_arn")];
            attachment.put("ManagedPolicyArns", Value::List(policies));
        })
        .or_part_of("policy_arn", &[], |attachment| {
            attachment.take("policy_arn");
            let roles = vec![attachment.take("role")];
            attachment.put("Roles", Value::List(roles));
        })
        .with(&[("id", Returned::Known(|attachment| Self::id_in_terraform(attachment).map(Value::from)))]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn id_in_terraform(attributes: &Value) -> Option<String> {
        let [role, policy] = ["role", "policy_arn"].map(|name| attributes.get(name).as_str());
        Some(format!("{}/{}", role?, policy?))
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let (role, policy) = iam::attachment_parts(id)?;
        let pages =
            reader.iam().list_attached_role_policies().role_name(role).into_paginator().items().send();
        let Some(attached) = pages.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)? else {
            return Ok(None);
        };
        let found = attached.iter().any(|attached| attached.policy_arn() == Some(policy));
        Ok(found.then(|| Self { role: role.to_owned(), policy_arn: policy.to_owned() }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let id = self.id();
        Ok(Self::read(reader, &id, self).await?.map(|_| id))
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        let request = writer.iam().attach_role_policy().role_name(&self.role).policy_arn(&self.policy_arn);
        repeat_while(iam::passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
        Ok(Created::complete(self.id()))
    }

    /// Every argument forces a replacement.
    async fn update(&self, _writer: &Writer, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let (role, policy) = iam::attachment_parts(id)?;
        eventually(BUSY, || async {
            writer.iam().detach_role_policy().role_name(role).policy_arn(policy).send().await.unless(ABSENT)
        })
        .await?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        iam::attachment(of, &arn::role(&of, of.text_or_any("role")), "Role")
    }
}

impl RolePolicyAttachment {
    fn id(&self) -> String {
        format!("{}/{}", self.role, self.policy_arn)
    }
}

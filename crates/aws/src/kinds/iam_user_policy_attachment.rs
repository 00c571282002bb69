//! `aws_iam_user_policy_attachment`.

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

/// A managed policy given to an IAM user. From the IAM API (`AttachUserPolicy`); its id is `user/policy_arn`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct UserPolicyAttachment {
    /// Name of the user.
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[A-Za-z0-9_+=,.@-]+$"),
        extend("forces_replacement" = true)
    )]
    user: String,
    /// ARN of the managed policy, of the account or of AWS.
    #[schemars(
        length(min = 20, max = 2048),
        regex(pattern = r"^arn:[a-z0-9-]+:iam::(\d{12}|aws):policy/.+$"),
        extend("forces_replacement" = true)
    )]
    policy_arn: String,
}

#[async_trait]
impl Kind for UserPolicyAttachment {
    const NAME: &'static str = "aws_iam_user_policy_attachment";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::part_of("user", |attachment| {
            attachment.take("user");
            let policies = vec![attachment.take("policy_arn")];
            attachment.put("ManagedPolicyArns", Value::List(policies));
        })
        .or_part_of("policy_arn", &[], |attachment| {
            attachment.take("policy_arn");
            let users = vec![attachment.take("user")];
            attachment.put("Users", Value::List(users));
        })
        .with(&[("id", Returned::Known(|attachment| Self::id_in_terraform(attachment).map(Value::from)))]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;
    type Writer = Writer;

    fn id_in_terraform(attributes: &Value) -> Option<String> {
        let [user, policy] = ["user", "policy_arn"].map(|name| attributes.get(name).as_str());
        Some(format!("{}/{}", user?, policy?))
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let (user, policy) = iam::attachment_parts(id)?;
        let pages =
            reader.iam().list_attached_user_policies().user_name(user).into_paginator().items().send();
        let Some(attached) = pages.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)? else {
            return Ok(None);
        };
        let found = attached.iter().any(|attached| attached.policy_arn() == Some(policy));
        Ok(found.then(|| Self { user: user.to_owned(), policy_arn: policy.to_owned() }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let id = self.id();
        Ok(Self::read(reader, &id, self).await?.map(|_| id))
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        let request = writer.iam().attach_user_policy().user_name(&self.user).policy_arn(&self.policy_arn);
        repeat_while(iam::passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
        Ok(Created::complete(self.id()))
    }

    /// Every argument forces a replacement.
    async fn update(&self, _writer: &Writer, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let (user, policy) = iam::attachment_parts(id)?;
        eventually(BUSY, || async {
            writer.iam().detach_user_policy().user_name(user).policy_arn(policy).send().await.unless(ABSENT)
        })
        .await?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        iam::attachment(of, &arn::user(&of, of.text_or_any("user")), "User")
    }
}

impl UserPolicyAttachment {
    fn id(&self) -> String {
        format!("{}/{}", self.user, self.policy_arn)
    }
}

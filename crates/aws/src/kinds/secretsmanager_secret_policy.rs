//! `aws_secretsmanager_secret_policy`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Created, Kind, KindError, Policy, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secretsmanager_secret::{ABSENT, UNFIT, put_policy};
use crate::call::Outcome;
use crate::clients::{Reader, Writer};
use crate::iam;
use crate::permissions::arn;

/// The resource policy of a secret: who may do what with it. A secret has one; creating this replaces the one that is
/// there, if any. From the Secrets Manager API (`PutResourcePolicy`); its id is the secret's ARN.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct SecretPolicy {
    /// ARN or name of the secret.
    #[schemars(length(min = 1, max = 2048), extend("forces_replacement" = true))]
    secret_arn: String,
    /// The policy.
    policy: Policy,
    /// Whether AWS refuses a policy that lets everyone in.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    block_public_policy: bool,
}

/// Characters that the policy of a secret can have.
const POLICY_LIMIT: usize = 20_480;

#[async_trait]
impl Kind for SecretPolicy {
    const NAME: &'static str = "aws_secretsmanager_secret_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::SecretsManager::ResourcePolicy", |policy| {
            policy.rename("secret_arn", "SecretId");
            policy.document("policy", "ResourcePolicy");
            // There, absent is true.
            policy.same(&["block_public_policy"]);
        })
        .with(&[("id", Returned::Ref)]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        iam::policy_problems(configuration.get("policy"), "policy", POLICY_LIMIT)
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let answer = reader.secrets_manager().get_resource_policy().secret_id(id).send().await.unless(ABSENT);
        let answer = match answer {
            // The policy of a secret that is on its way out is gone with it.
            Err(error) if error.is(UNFIT) && error.message.contains("delet") => None,
            outcome => outcome?,
        };
        Ok(answer.and_then(|answer| answer.resource_policy).map(|policy| Self {
            secret_arn: id.to_owned(),
            policy: Policy::parse(&policy),
            block_public_policy: prior.block_public_policy,
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        Ok(Self::read(reader, &self.secret_arn, self).await?.map(|_| self.secret_arn.clone()))
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        self.put(writer, &self.secret_arn).await?;
        Ok(Created::complete(self.secret_arn.clone()))
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        self.put(writer, id).await
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        match writer.secrets_manager().delete_resource_policy().secret_id(id).send().await.unless(ABSENT) {
            Err(error) if error.is(UNFIT) && error.message.contains("delet") => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let mut needs = of.needs();
        for secret in arn::secrets(&of, of.attributes.get("secret_arn")) {
            needs = needs
                .on(&[Act::Find, Act::Read], &secret, &["secretsmanager:GetResourcePolicy"])
                .change(&secret, &["secretsmanager:PutResourcePolicy"])
                .delete(&secret, &["secretsmanager:DeleteResourcePolicy"]);
        }
        needs.done()
    }
}

impl SecretPolicy {
    async fn put(&self, writer: &Writer, secret: &str) -> Result<(), KindError> {
        put_policy(writer.secrets_manager(), secret, &self.policy, self.block_public_policy).await.map_err(
            |error| match error.is(&["PublicPolicyException"]) {
                true => {
                    error.with_hint("the policy lets everyone in: say whom, or remove `block_public_policy`")
                }
                false => error,
            },
        )
    }
}

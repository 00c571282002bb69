//! The data source `aws_caller_identity`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Data, KindError};
use provision_engine::permission::Permission;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account;
use crate::clients::Reader;

/// Whose credentials are used. From the STS API (`GetCallerIdentity`), which anyone may call.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct CallerIdentity {
    /// Number of the account.
    #[serde(default)]
    account_id: Computed<String>,
    /// ARN of the user or of the session of a role.
    #[serde(default)]
    arn: Computed<String>,
    /// Unique id of the user or of the session of a role.
    #[serde(default)]
    user_id: Computed<String>,
    /// Number of the account.
    #[serde(default)]
    id: Computed<String>,
}

#[async_trait]
impl Data for CallerIdentity {
    const NAME: &'static str = "aws_caller_identity";
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        ("account_id", Returned::Sub("${AWS::AccountId}")),
        ("id", Returned::Sub("${AWS::AccountId}")),
    ]));
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["region"];
    type Reader = Reader;

    async fn read(&self, reader: &Reader) -> Result<Self, KindError> {
        let caller = account::caller(reader).await?;
        Ok(Self {
            account_id: caller.account.clone().into(),
            arn: caller.arn.into(),
            user_id: caller.user_id.into(),
            id: caller.account.into(),
        })
    }

    /// Nobody is refused to be told who he is.
    fn permissions(_configuration: &Value) -> Vec<Permission> {
        Vec::new()
    }
}

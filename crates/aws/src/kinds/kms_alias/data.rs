//! The data source `aws_kms_alias`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Data, KindError};
use provision_engine::permission::Permission;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{arn, key_behind};
use crate::clients::Reader;

/// The key that a KMS alias names, also one of AWS's own (`alias/aws/…`). From the KMS API (`DescribeKey`).
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct AliasData {
    /// Name of the alias, beginning with `alias/`.
    #[schemars(length(min = 7, max = 256), regex(pattern = r"^alias/[a-zA-Z0-9/_-]+$"))]
    name: String,
    /// ARN of the alias.
    #[serde(default)]
    arn: Computed<String>,
    /// ARN of the alias.
    #[serde(default)]
    id: Computed<String>,
    /// Id of the key.
    #[serde(default)]
    target_key_id: Computed<String>,
    /// ARN of the key.
    #[serde(default)]
    target_key_arn: Computed<String>,
}

#[async_trait]
impl Data for AliasData {
    const NAME: &'static str = "aws_kms_alias";
    const CLOUDFORMATION: Option<Counterpart> = Some(Counterpart::implied().with(&[
        (
            "id",
            Returned::ParameterLike(
                "ARN of the KMS alias",
                "arn:aws:kms:us-east-1:000000000000:alias/not-needed",
            ),
        ),
        (
            "arn",
            Returned::ParameterLike(
                "ARN of the KMS alias",
                "arn:aws:kms:us-east-1:000000000000:alias/not-needed",
            ),
        ),
        (
            "target_key_id",
            Returned::ParameterLike(
                "Id of the KMS key that the alias names",
                "00000000-0000-0000-0000-000000000000",
            ),
        ),
        (
            "target_key_arn",
            Returned::ParameterLike(
                "ARN of the KMS key that the alias names",
                "arn:aws:kms:us-east-1:000000000000:key/not-needed",
            ),
        ),
    ]));
    type Reader = Reader;

    async fn read(&self, reader: &Reader) -> Result<Self, KindError> {
        let key = key_behind(reader, &self.name).await?.ok_or_else(|| {
            KindError::new(format!("there is no KMS alias {}", self.name))
                .with_hint("check its name, and the region")
        })?;
        let alias = arn(&self.name, &key);
        Ok(Self {
            name: self.name.clone(),
            arn: alias.clone().into(),
            id: alias.into(),
            target_key_id: key.key_id.into(),
            target_key_arn: key.arn.into(),
        })
    }

    fn permissions(_configuration: &Value) -> Vec<Permission> {
        // KMS asks for the key, and only the answer tells which it is.
        vec![Permission::new("kms:DescribeKey", arn::regional("kms", "key/*"))]
    }
}

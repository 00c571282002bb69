//! The encryption of objects that do not ask for one.

use std::collections::BTreeSet;

use aws_sdk_s3::Client;
use aws_sdk_s3::types;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{in_turn, is_set};
use crate::call::{Outcome, malformed};

/// The encryption of objects that do not ask for one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ServerSideEncryptionConfiguration {
    /// The encryption.
    #[serde(default)]
    rule: EncryptionRule,
}

/// How S3 encrypts objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct EncryptionRule {
    /// The algorithm and its key; absent: `AES256`.
    #[serde(default)]
    apply_server_side_encryption_by_default: DefaultEncryption,
    /// Whether S3 derives the keys of objects from one of the bucket's own, which makes `aws:kms` cheaper.
    #[serde(default)]
    bucket_key_enabled: bool,
    /// Encryption that uploads cannot ask for: `SSE-C` (with a key of the client's), or `NONE` to allow all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("computed" = true, "items" = { "type": "string", "enum": ["NONE", "SSE-C"] }))]
    blocked_encryption_types: Option<BTreeSet<String>>,
}

/// An algorithm and its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DefaultEncryption {
    /// Algorithm: `AES256` with a key of S3's, `aws:kms` with one of KMS's, `aws:kms:dsse` twice with one of KMS's.
    #[schemars(extend("enum" = ["AES256", "aws:kms", "aws:kms:dsse"]))]
    sse_algorithm: String,
    /// ARN, id or alias of the KMS key; absent: the one that AWS manages for S3 in the account (`aws/s3`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    kms_master_key_id: Option<String>,
}

/// What S3 does when nothing is configured.
impl Default for DefaultEncryption {
    fn default() -> Self {
        Self {
            sse_algorithm: types::ServerSideEncryption::Aes256.as_str().to_owned(),
            kms_master_key_id: None,
        }
    }
}

pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    let rule = configuration.get("server_side_encryption_configuration").get("rule");
    let encryption = rule.get("apply_server_side_encryption_by_default");
    let path = "server_side_encryption_configuration.rule";
    match encryption.get("sse_algorithm").as_str() {
        Some("AES256") if is_set(encryption.get("kms_master_key_id")) => problems.push(
            Problem::new(
                format!("{path}.apply_server_side_encryption_by_default.kms_master_key_id").as_str(),
                "`AES256` takes no KMS key",
            )
            .with_hint("set `sse_algorithm` to \"aws:kms\", or remove the key"),
        ),
        Some("aws:kms:dsse") if rule.get("bucket_key_enabled").as_bool() == Some(true) => problems.push(
            Problem::new(format!("{path}.bucket_key_enabled").as_str(), "`aws:kms:dsse` has no bucket keys")
                .with_hint("remove `bucket_key_enabled`, or use \"aws:kms\""),
        ),
        _ => {}
    }
    problems
}

pub(super) async fn read(s3: &Client, bucket: &str) -> Result<ServerSideEncryptionConfiguration, KindError> {
    let answer = s3
        .get_bucket_encryption()
        .bucket(bucket)
        .send()
        .await
        .unless(&["ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucket"])?;
    let rule = answer
        .and_then(|answer| answer.server_side_encryption_configuration)
        .and_then(|configuration| configuration.rules.into_iter().next());
    Ok(rule.map_or_else(ServerSideEncryptionConfiguration::default, |rule| {
        ServerSideEncryptionConfiguration {
            rule: EncryptionRule {
                apply_server_side_encryption_by_default: rule
                    .apply_server_side_encryption_by_default
                    .map(|encryption| DefaultEncryption {
                        sse_algorithm: encryption.sse_algorithm.as_str().to_owned(),
                        kms_master_key_id: encryption.kms_master_key_id,
                    })
                    .unwrap_or_default(),
                bucket_key_enabled: rule.bucket_key_enabled.unwrap_or_default(),
                blocked_encryption_types: rule.blocked_encryption_types.map(|blocked| {
                    blocked.encryption_type().iter().map(|kind| kind.as_str().to_owned()).collect()
                }),
            },
        }
    }))
}

impl ServerSideEncryptionConfiguration {
    /// The key of KMS that it names.
    pub(super) fn kms_master_key_id(&self) -> Option<&str> {
        self.rule.apply_server_side_encryption_by_default.kms_master_key_id.as_deref()
    }

    pub(super) async fn update(&self, s3: &Client, bucket: &str, prior: &Self) -> Result<(), KindError> {
        if self == prior {
            return Ok(());
        }
        let encryption = &self.rule.apply_server_side_encryption_by_default;
        let blocked = self.rule.blocked_encryption_types.as_ref().map(|blocked| {
            types::BlockedEncryptionTypes::builder()
                .set_encryption_type(Some(
                    blocked.iter().map(|kind| types::EncryptionType::from(kind.as_str())).collect(),
                ))
                .build()
        });
        let rule = types::ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(
                types::ServerSideEncryptionByDefault::builder()
                    .sse_algorithm(encryption.sse_algorithm.as_str().into())
                    .set_kms_master_key_id(encryption.kms_master_key_id.clone())
                    .build()
                    .map_err(malformed)?,
            )
            .bucket_key_enabled(self.rule.bucket_key_enabled)
            .set_blocked_encryption_types(blocked)
            .build();
        let configuration =
            types::ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(malformed)?;
        in_turn(|| async {
            s3.put_bucket_encryption()
                .bucket(bucket)
                .server_side_encryption_configuration(configuration.clone())
                .send()
                .await
                .or_fail()
        })
        .await?;
        Ok(())
    }
}

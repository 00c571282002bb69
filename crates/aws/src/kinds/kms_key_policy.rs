//! `aws_kms_key_policy`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Created, Kind, KindError, Policy, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::{Outcome, PROPAGATION, repeat_while};
use crate::clients::{Reader, Writer};
use crate::iam;
use crate::kinds::kms_key;
use crate::permissions::arn;
use crate::reads::beside;

/// The policy of a KMS key, apart from the key: for a policy that names what cannot be there before the key, such as a
/// distribution whose bucket the key encrypts. The `aws_kms_key` then has no `policy` of its own. From the KMS API
/// (`PutKeyPolicy`); its id is that of the key.
///
/// A key always has a policy. One that was never given any, and one whose policy was deleted here, has AWS's default,
/// by which the account's own policies decide.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct KeyPolicy {
    /// Id or ARN of the key.
    #[schemars(length(min = 1), extend("forces_replacement" = true, "compare" = "arn_or_id"))]
    key_id: String,
    /// Who can use and manage the key, in at most 32 KB.
    policy: Policy,
    /// Whether a policy is accepted that locks its own author out of changing it again. Only AWS Support can then
    /// make the key manageable.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    bypass_policy_lockout_safety_check: bool,
}

const ABSENT: &[&str] = &["NotFoundException"];
/// A key that is on its way out, which takes its policy along.
const GOING: &[&str] = &["NotFoundException", "KMSInvalidStateException"];
/// The only policy that a key can have.
const POLICY: &str = "default";

#[async_trait]
impl Kind for KeyPolicy {
    const NAME: &'static str = "aws_kms_key_policy";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::part_of("key_id", |key| {
            key.take("key_id");
            key.document("policy", "KeyPolicy");
            key.unless("bypass_policy_lockout_safety_check", "BypassPolicyLockoutSafetyCheck", false);
        })
        .with(&[("id", Returned::Argument("key_id"))]),
    );
    type Reader = Reader;
    type Writer = Writer;

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let Some(policy) = policy_of(reader, id).await? else { return Ok(None) };
        // Whoever asked for no other than AWS's own has it.
        if is_default(&policy) && !is_default(&prior.policy) {
            return Ok(None);
        }
        Ok(Some(Self { key_id: id.to_owned(), policy, bypass_policy_lockout_safety_check: false }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let there = Self::read(reader, &self.key_id, self).await?;
        Ok(there.map(|_| self.key_id.clone()))
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        self.put(writer, &self.key_id).await?;
        Ok(Created::complete(self.key_id.clone()))
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        self.put(writer, id).await
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let key = kms_key::describe(writer.reader(), id).await?;
        let Some(arn) = key.and_then(|key| key.arn) else { return Ok(()) };
        let put = writer.kms().put_key_policy().key_id(id).policy_name(POLICY);
        put.policy(default(&arn).to_string()).send().await.unless(GOING)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let key = arn::key(of.attributes.get("key_id"));
        of.needs()
            .on(&[Act::Find, Act::Read], &key, &["kms:DescribeKey", "kms:GetKeyPolicy"])
            .change(&key, &["kms:PutKeyPolicy"])
            .delete(&key, &["kms:DescribeKey", "kms:PutKeyPolicy"])
            .done()
    }
}

impl KeyPolicy {
    async fn put(&self, writer: &Writer, id: &str) -> Result<(), KindError> {
        let request = writer
            .kms()
            .put_key_policy()
            .key_id(id)
            .policy_name(POLICY)
            .policy(self.policy.to_string())
            .bypass_policy_lockout_safety_check(self.bypass_policy_lockout_safety_check);
        // A key that was made a moment ago may not be known yet, nor a principal.
        let passes = |error: &KindError| iam::is_unknown_principal(error) || error.is(ABSENT);
        repeat_while(passes, PROPAGATION, || async { request.clone().send().await.or_fail() }).await?;
        Ok(())
    }
}

async fn policy_of(reader: &Reader, id: &str) -> Result<Option<Policy>, KindError> {
    let request = reader.kms().get_key_policy().key_id(id).policy_name(POLICY);
    let policy = async { request.send().await.unless(GOING) };
    // A key that is on its way out still shows its policy.
    let found = beside(kms_key::describe(reader, id), policy).await?;
    Ok(found.and_then(|(_, answer)| answer).and_then(|answer| answer.policy).as_deref().map(Policy::parse))
}

/// The policy that AWS gives a key for which none is given.
fn default(key_arn: &str) -> Policy {
    let parts: Vec<&str> = key_arn.split(':').collect();
    let (partition, account) =
        (parts.get(1).copied().unwrap_or("aws"), parts.get(4).copied().unwrap_or_default());
    Policy(json!({
        "Id": "key-default-1",
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
            "Action": "kms:*",
            "Resource": "*",
        }],
    }))
}

/// Whether a policy does no more than let the account's own policies decide.
pub(super) fn is_default(policy: &Policy) -> bool {
    let statements = &policy.0["Statement"];
    let Some([statement]) = statements.as_array().map(Vec::as_slice) else { return false };
    let root = statement["Principal"]["AWS"].as_str().unwrap_or_default();
    statement["Effect"] == "Allow"
        && root.starts_with("arn:")
        && root.ends_with(":root")
        && statement["Action"] == "kms:*"
        && statement["Resource"] == "*"
        && statement.get("Condition").is_none()
}

//! `aws_kms_key`: the key itself. Which keys there can be is in [`specs`].

use async_trait::async_trait;
use aws_config::retry::RetryConfig;
use aws_sdk_kms::types::{KeyMetadata, KeySpec, KeyState, KeyUsageType, MultiRegionKeyType, OriginType, Tag};
use futures::future::join3;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Kind, KindError, Policy, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kms_key_policy;
use crate::call::{Outcome, PROPAGATION, eventually, found_again, malformed, repeat_while};
use crate::clients::{Reader, Writer};
use crate::iam;
use crate::permissions::arn;
use crate::reads::{Ahead, beside};
use crate::tags::{self, Tags};

mod cloudformation;
mod specs;

/// A KMS key: what encrypts, signs or authenticates data and never leaves KMS. From the KMS API (`CreateKey`); its id
/// is its key id. A destroy schedules its deletion, and until then what it encrypted can be saved by cancelling it.
///
/// Nothing but AWS's own id identifies a key, so it bears the token of its create in a tag (`provision:token`), by
/// which a later run finds it again.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// What the key is for.
    #[schemars(length(max = 8192))]
    #[serde(default)]
    description: String,
    /// What can be done with the key.
    #[schemars(extend(
        "enum" = ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "ENCAPSULATE_DECAPSULATE"],
        "forces_replacement" = true
    ))]
    #[serde(default = "encrypt_decrypt")]
    key_usage: String,
    /// Kind of key material: symmetric, or the algorithm and size of a key pair or an HMAC key.
    #[schemars(extend(
        "enum" = [
            "SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521",
            "ECC_NIST_EDWARDS25519", "ECC_SECG_P256K1", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512", "ML_DSA_44",
            "ML_DSA_65", "ML_DSA_87", "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024", "SM2"
        ],
        "forces_replacement" = true
    ))]
    #[serde(default = "symmetric_default")]
    customer_master_key_spec: String,
    /// Id of the custom key store that keeps the key material. Absent: KMS does.
    #[schemars(length(min = 1, max = 64), extend("forces_replacement" = true))]
    custom_key_store_id: Option<String>,
    /// Id of the external key outside of AWS that does the work, for a custom key store that is an external one.
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^[a-zA-Z0-9._-]+$"), extend("forces_replacement" = true))]
    xks_key_id: Option<String>,
    /// Whether the key can be replicated to other regions.
    #[schemars(extend("forces_replacement" = true))]
    #[serde(default)]
    multi_region: bool,
    /// Who can use and manage the key. Absent: AWS's default, by which the account's own policies decide.
    #[schemars(extend("computed" = true, "apart" = "aws_kms_key_policy"))]
    policy: Option<Policy>,
    /// Whether a policy is accepted that locks its own author out of changing it again. Only AWS Support can then
    /// make the key manageable.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    bypass_policy_lockout_safety_check: bool,
    /// How many days the deletion of the key can be cancelled after a destroy.
    #[schemars(range(min = 7, max = 30), extend("kept" = true))]
    #[serde(default = "thirty_days")]
    deletion_window_in_days: i32,
    /// Whether the key can be used. What it encrypted cannot be read while it is disabled.
    #[serde(default = "yes")]
    is_enabled: bool,
    /// Whether KMS makes new key material at regular intervals. Symmetric keys in KMS's own key store only.
    #[serde(default)]
    enable_key_rotation: bool,
    /// Days between rotations; a year when absent.
    #[schemars(range(min = 90, max = 2560), extend("computed" = true, "usual" = 365))]
    rotation_period_in_days: Option<i32>,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Id.
    #[serde(default)]
    key_id: Computed<String>,
}

fn encrypt_decrypt() -> String {
    KeyUsageType::EncryptDecrypt.as_str().to_owned()
}

fn symmetric_default() -> String {
    KeySpec::SymmetricDefault.as_str().to_owned()
}

fn thirty_days() -> i32 {
    30
}

fn yes() -> bool {
    true
}

const ABSENT: &[&str] = &["NotFoundException"];
/// The only policy that a key can have.
const POLICY: &str = "default";

#[async_trait]
impl Kind for Key {
    const NAME: &'static str = "aws_kms_key";
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        specs::problems(configuration)
    }

    /// The policy that a key has from the beginning.
    fn leave_unsaid(attributes: &mut Value) {
        if kms_key_policy::is_default(&Policy(attributes.get("policy").to_json()))
            && let Value::Map(attributes) = attributes
        {
            attributes.remove("policy");
        }
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let kms = reader.kms();
        let policy =
            async { kms.get_key_policy().key_id(id).policy_name(POLICY).send().await.unless(ABSENT) };
        let rotation = |()| rotation_period(reader, id);
        let rotation_ahead = Ahead::ask(prior.is_rotatable().then_some(()), rotation);
        let rest = async { Ok(join3(policy, tags_of(reader, id), rotation_ahead).await) };
        let Some((key, (policy, tags, rotation_ahead))) = beside(describe(reader, id), rest).await? else {
            return Ok(None);
        };
        if key.multi_region_configuration().and_then(|regions| regions.multi_region_key_type())
            == Some(&MultiRegionKeyType::Replica)
        {
            return Err(KindError::new(format!("the key {id} is a replica in this region"))
                .with_hint("manage the primary key, in its region"));
        }
        let (Some(policy), Some(tags)) = (policy?, tags?) else { return Ok(None) };
        // Other keys have nothing to rotate, and some refuse the question.
        let rotation = match is_rotatable(&key) {
            true => rotation_ahead.by((), rotation).await?,
            false => None,
        };
        Ok(Some(Self {
            description: key.description.unwrap_or_default(),
            key_usage: key.key_usage.map_or_else(encrypt_decrypt, |usage| usage.as_str().to_owned()),
            customer_master_key_spec: key
                .key_spec
                .map_or_else(symmetric_default, |spec| spec.as_str().to_owned()),
            custom_key_store_id: key.custom_key_store_id,
            xks_key_id: key.xks_key_configuration.and_then(|external| external.id),
            multi_region: key.multi_region.unwrap_or_default(),
            policy: policy.policy.as_deref().map(Policy::parse),
            bypass_policy_lockout_safety_check: false,
            deletion_window_in_days: thirty_days(),
            // A key whose store is disconnected is not enabled either, and nobody has disabled it.
            is_enabled: key.key_state != Some(KeyState::Disabled),
            enable_key_rotation: rotation.is_some(),
            rotation_period_in_days: rotation,
            tags: tags::own(tags),
            arn: key.arn.into(),
            key_id: key.key_id.into(),
        }))
    }

    /// No key is known by anything but its id, so the one that bears the token is looked for among all.
    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let mut keys = reader.kms().list_keys().into_paginator().items().send();
        while let Some(key) = keys.next().await {
            let Some(id) = key.or_fail()?.key_id else { continue };
            let tags = match tags_of(reader, &id).await {
                // A key of others, whose policy lets nobody else look. Whoever made a key could look at it.
                Err(error) if error.is(&["AccessDeniedException"]) => None,
                outcome => outcome?,
            };
            let is_ours = |(key, value): &(String, String)| key == tags::TOKEN && value == token.as_str();
            if tags.is_some_and(|tags| tags.iter().any(is_ours)) {
                return Ok(describe(reader, &id).await?.map(|_| id));
            }
        }
        Ok(None)
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let mut tags = self.tags.clone();
        tags.insert(tags::TOKEN.to_owned(), token.as_str().to_owned());
        let origin = match (&self.xks_key_id, &self.custom_key_store_id) {
            (Some(_), _) => Some(OriginType::ExternalKeyStore),
            (None, Some(_)) => Some(OriginType::AwsCloudhsm),
            (None, None) => None,
        };
        let request = writer
            .kms()
            .create_key()
            .set_description((!self.description.is_empty()).then(|| self.description.clone()))
            .key_usage(self.key_usage.as_str().into())
            .key_spec(self.customer_master_key_spec.as_str().into())
            .set_origin(origin)
            .set_custom_key_store_id(self.custom_key_store_id.clone())
            .set_xks_key_id(self.xks_key_id.clone())
            .set_multi_region(self.multi_region.then_some(true))
            .set_policy(self.policy.as_ref().map(ToString::to_string))
            .bypass_policy_lockout_safety_check(self.bypass_policy_lockout_safety_check)
            .set_tags(Some(api_tags(tags)?));
        // A call whose reply is lost has made a key. The SDK must not repeat it and make another. One that was throttled
        // is repeated all the same.
        let once = || aws_sdk_kms::config::Config::builder().retry_config(RetryConfig::disabled());
        let made = repeat_while(iam::is_unknown_principal, PROPAGATION, || async {
            request.clone().customize().config_override(once()).send().await.or_fail()
        })
        .await;
        let id = match made {
            Ok(made) => made.key_metadata.map(|key| key.key_id),
            Err(error) if error.is_refusal() => return Err(error),
            Err(error) => Some(found_again(self, writer.reader(), token, error).await?),
        };
        let id = id.ok_or_else(|| KindError::new("KMS gave no id for the key that it made"))?;
        let bare = Self {
            description: self.description.clone(),
            key_usage: self.key_usage.clone(),
            customer_master_key_spec: self.customer_master_key_spec.clone(),
            custom_key_store_id: self.custom_key_store_id.clone(),
            xks_key_id: self.xks_key_id.clone(),
            multi_region: self.multi_region,
            policy: self.policy.clone(),
            bypass_policy_lockout_safety_check: self.bypass_policy_lockout_safety_check,
            deletion_window_in_days: self.deletion_window_in_days,
            is_enabled: true,
            enable_key_rotation: false,
            rotation_period_in_days: None,
            tags: self.tags.clone(),
            arn: Computed::default(),
            key_id: id.as_str().into(),
        };
        Ok(Created::bare(id, bare))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let kms = writer.kms();
        // A disabled key cannot be changed: it is enabled first, and disabled last.
        if self.is_enabled && !prior.is_enabled {
            eventually(ABSENT, || async { kms.enable_key().key_id(id).send().await.or_fail() }).await?;
        }
        self.rotate(writer, id, prior).await?;
        if self.description != prior.description {
            let request = kms.update_key_description().key_id(id).description(&self.description);
            eventually(ABSENT, || async { request.clone().send().await.or_fail() }).await?;
        }
        if let Some(policy) = &self.policy
            && self.policy != prior.policy
        {
            let request = kms
                .put_key_policy()
                .key_id(id)
                .policy_name(POLICY)
                .policy(policy.to_string())
                .bypass_policy_lockout_safety_check(self.bypass_policy_lockout_safety_check);
            let passes = |error: &KindError| iam::is_unknown_principal(error) || error.is(ABSENT);
            repeat_while(passes, PROPAGATION, || async { request.clone().send().await.or_fail() }).await?;
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if !set.is_empty() {
            let request = kms.tag_resource().key_id(id).set_tags(Some(api_tags(set)?));
            eventually(ABSENT, || async { request.clone().send().await.or_fail() }).await?;
        }
        if !remove.is_empty() {
            kms.untag_resource().key_id(id).set_tag_keys(Some(remove)).send().await.or_fail()?;
        }
        if !self.is_enabled && prior.is_enabled {
            eventually(ABSENT, || async { kms.disable_key().key_id(id).send().await.or_fail() }).await?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let request = writer
            .kms()
            .schedule_key_deletion()
            .key_id(id)
            .pending_window_in_days(prior.deletion_window_in_days);
        match request.send().await.unless(ABSENT) {
            // It may be on its way out already.
            Err(error) if error.is(&["KMSInvalidStateException"]) => {
                describe(writer.reader(), id).await?.map_or(Ok(()), |_| Err(error))
            }
            outcome => outcome.map(drop),
        }
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let key = arn::regional("kms", &format!("key/{}", of.id_or_any()));
        let is = |name: &str| of.attributes.get(name).as_bool() != Some(false);
        let is_symmetric = of.text("customer_master_key_spec").is_none_or(|spec| spec == "SYMMETRIC_DEFAULT");
        let rotates = of.sets(&["enable_key_rotation", "rotation_period_in_days"]);
        let is_updated = of.act == Act::Update;
        let is_disabled =
            !is("is_enabled") && (of.act == Act::Create || is_updated && of.differs("is_enabled"));
        of.needs()
            .find("*", &["kms:ListKeys"])
            .find(&arn::regional("kms", "key/*"), &["kms:ListResourceTags", "kms:DescribeKey"])
            .create("*", &["kms:CreateKey"])
            // One tag tells which create has made the key.
            .create(&key, &["kms:TagResource"])
            .when(of.sets(&["policy"]), &key, &["kms:PutKeyPolicy"])
            .read(&key, &["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListResourceTags"])
            .when(of.act == Act::Read && is_symmetric, &key, &["kms:GetKeyRotationStatus"])
            .when(rotates && of.has("enable_key_rotation"), &key, &["kms:EnableKeyRotation"])
            .when(is_updated && rotates && !is("enable_key_rotation"), &key, &["kms:DisableKeyRotation"])
            .when(is_updated && of.differs("description"), &key, &["kms:UpdateKeyDescription"])
            .when(is_updated && of.differs("is_enabled") && is("is_enabled"), &key, &["kms:EnableKey"])
            .when(is_disabled, &key, &["kms:DisableKey"])
            .when(is_updated && of.adds("tags"), &key, &["kms:TagResource"])
            .when(of.drops("tags"), &key, &["kms:UntagResource"])
            .delete(&key, &["kms:ScheduleKeyDeletion"])
            .done()
    }
}

impl Key {
    /// Whether KMS can make new material for it, as far as the arguments tell.
    fn is_rotatable(&self) -> bool {
        self.customer_master_key_spec == symmetric_default() && self.custom_key_store_id.is_none()
    }

    async fn rotate(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let kms = writer.kms();
        // What was enabled or made a moment ago may not be known to be so.
        let passing: &[&str] =
            if prior.is_enabled { ABSENT } else { &["NotFoundException", "DisabledException"] };
        let is_new_period = self.rotation_period_in_days != prior.rotation_period_in_days;
        if self.enable_key_rotation && (!prior.enable_key_rotation || is_new_period) {
            let request = kms
                .enable_key_rotation()
                .key_id(id)
                .set_rotation_period_in_days(self.rotation_period_in_days);
            eventually(passing, || async { request.clone().send().await.or_fail() }).await?;
        }
        if !self.enable_key_rotation && prior.enable_key_rotation {
            eventually(passing, || async { kms.disable_key_rotation().key_id(id).send().await.or_fail() })
                .await?;
        }
        Ok(())
    }
}

/// The key, unless there is none, or it is on its way out: nothing can be done with it then but to save it.
pub(super) async fn describe(reader: &Reader, id: &str) -> Result<Option<KeyMetadata>, KindError> {
    let answer = reader.kms().describe_key().key_id(id).send().await.unless(ABSENT)?;
    let key = answer.and_then(|answer| answer.key_metadata);
    Ok(key.filter(|key| {
        !matches!(key.key_state(), Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
    }))
}

/// Whether KMS can make new material for the key.
fn is_rotatable(key: &KeyMetadata) -> bool {
    key.origin() == Some(&OriginType::AwsKms) && key.key_spec() == Some(&KeySpec::SymmetricDefault)
}

/// How many days there are between rotations of the key; `None` if there are none.
async fn rotation_period(reader: &Reader, id: &str) -> Result<Option<i32>, KindError> {
    let status = reader.kms().get_key_rotation_status().key_id(id).send().await.unless(ABSENT)?;
    Ok(status
        .filter(|status| status.key_rotation_enabled())
        .map(|status| status.rotation_period_in_days().unwrap_or(365)))
}

/// All tags, also those that are not shown; `None` without the key.
async fn tags_of(reader: &Reader, id: &str) -> Result<Option<Vec<(String, String)>>, KindError> {
    let pages = reader.kms().list_resource_tags().key_id(id).into_paginator().items().send();
    let tags = pages.collect::<Result<Vec<_>, _>>().await.unless(ABSENT)?;
    Ok(tags.map(|tags| tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect()))
}

fn api_tags(tags: Tags) -> Result<Vec<Tag>, KindError> {
    tags.into_iter()
        .map(|(key, value)| Tag::builder().tag_key(key).tag_value(value).build())
        .collect::<Result<_, _>>()
        .map_err(malformed)
}

//! `aws_secretsmanager_secret`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{StatusType, Tag};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Kind, KindError, Policy, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, PROPAGATION, create_named, look_again, repeat_while};
use crate::clients::{Reader, Writer};
use crate::kms;
use crate::names;
use crate::reads::beside;
use crate::tags::{self, Tags};

mod cloudformation;
mod permissions;
mod replicas;

/// A secret of AWS Secrets Manager: a name for a value, who may read it, and what encrypts it. The value itself is
/// an `aws_secretsmanager_secret_version`, or comes from elsewhere. From the Secrets Manager API (`CreateSecret`);
/// its id is its ARN.
///
/// A secret that is scheduled for deletion counts as gone, and keeps its name for itself until the recovery window
/// is over.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Secret {
    /// Name. Made up from `name_prefix` when absent.
    #[schemars(
        length(min = 1, max = 512),
        regex(pattern = r"^[A-Za-z0-9/_+=.@-]+$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    name: Option<String>,
    /// Beginning of a name that is made up.
    #[schemars(
        length(max = 486),
        regex(pattern = r"^[A-Za-z0-9/_+=.@-]*$"),
        extend("kept" = true, "forces_replacement" = true)
    )]
    name_prefix: Option<String>,
    /// What the secret is.
    #[schemars(length(max = 2048))]
    description: Option<String>,
    /// ARN, id or alias of the KMS key that encrypts the value; absent: the key `aws/secretsmanager`.
    #[schemars(length(max = 2048), extend("compare" = "arn_or_id"))]
    kms_key_id: Option<String>,
    /// Resource policy: who may do what with the secret. Absent: none, or what an `aws_secretsmanager_secret_policy`
    /// says; `{}` removes the one that is there.
    #[schemars(extend("computed" = true, "apart" = "aws_secretsmanager_secret_policy"))]
    policy: Option<Policy>,
    /// Days for which a deleted secret can be restored, from 7 to 30; 0: it is gone at once.
    #[schemars(range(min = 0, max = 30), extend("kept" = true))]
    #[serde(default = "a_month")]
    recovery_window_in_days: i64,
    /// Regions that have a copy of the secret.
    #[schemars(extend("uniqueItems" = true))]
    #[serde(default)]
    replica: Vec<Replica>,
    /// Whether a new copy replaces a secret of the same name in its region.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    force_overwrite_replica_secret: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN: the name, and six characters that AWS makes up.
    #[serde(default)]
    arn: Computed<String>,
}

/// A copy of a secret in another region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Replica {
    /// The region.
    #[schemars(length(min = 1, max = 128))]
    region: String,
    /// ARN, id or alias of the KMS key of that region that encrypts the copy; absent: its key `aws/secretsmanager`.
    #[schemars(extend("computed" = true, "compare" = "arn_or_id"))]
    kms_key_id: Option<String>,
}

fn a_month() -> i64 {
    30
}

pub(super) const ABSENT: &[&str] = &["ResourceNotFoundException"];
/// What AWS calls it when a secret is not in the state for an operation, whatever that state is.
pub(super) const UNFIT: &[&str] = &["InvalidRequestException"];

/// The secret of that name or ARN, unless there is none or it is scheduled for deletion.
pub(super) async fn describe(
    secrets: &Client,
    secret_id: &str,
) -> Result<Option<DescribeSecretOutput>, KindError> {
    let secret = secrets.describe_secret().secret_id(secret_id).send().await.unless(ABSENT)?;
    Ok(secret.filter(|secret| secret.deleted_date().is_none()))
}

#[async_trait]
impl Kind for Secret {
    const NAME: &'static str = "aws_secretsmanager_secret";
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = names::exclusive(configuration, "name", "name_prefix");
        if let Some(1..7) = configuration.get("recovery_window_in_days").as_i64() {
            problems.push(
                Problem::new("recovery_window_in_days", "`recovery_window_in_days` is 0, or from 7 to 30")
                    .with_hint("0 deletes the secret for good and at once"),
            );
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let secrets = reader.secrets_manager();
        let policy = async { secrets.get_resource_policy().secret_id(id).send().await.unless(ABSENT) };
        let found = beside(describe(secrets, id), policy).await?;
        let Some((secret, Some(policy))) = found else { return Ok(None) };
        let tags =
            secret.tags().iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())));
        Ok(Some(Self {
            name: secret.name().map(str::to_owned),
            description: set(secret.description()),
            kms_key_id: set(secret.kms_key_id()),
            policy: policy.resource_policy().map(Policy::parse),
            replica: replicas::copies(&secret),
            tags: tags::own(tags),
            arn: secret.arn().map(str::to_owned).into(),
            ..prior.with_kept()
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let secret = describe(reader.secrets_manager(), &self.name_for(token)).await?;
        Ok(secret.and_then(|secret| secret.arn))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn obstacles(&self, reader: &Reader, there: Option<&str>) -> Result<Vec<Problem>, KindError> {
        let mut problems = kms::obstacle(reader, "kms_key_id", self.kms_key_id.as_deref()).await?;
        if there.is_none()
            && let Some(name) = self.name.as_deref().filter(|name| !name.is_empty())
        {
            let described = reader.secrets_manager().describe_secret().secret_id(name).send().await;
            if described.unless(ABSENT)?.is_some_and(|secret| secret.deleted_date().is_some()) {
                let message =
                    format!("the secret {name} is pending deletion, and keeps its name until it is gone");
                let hint = "give it another name; or take it back: aws secretsmanager restore-secret";
                problems.push(Problem::new("name", message).with_hint(hint));
            }
        }
        Ok(problems)
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let name = self.name_for(token);
        let create = async {
            let answer = repeat_while(
                |error| error.code.as_deref() == Some(LEAVING),
                PROPAGATION,
                || async {
                    let created = writer
                        .secrets_manager()
                        .create_secret()
                        .name(&name)
                        .client_request_token(token.as_str())
                        .set_description(self.description.clone())
                        .set_kms_key_id(self.kms_key_id.clone())
                        .set_tags((!self.tags.is_empty()).then(|| sdk_tags(self.tags.clone())))
                        .send()
                        .await
                        .or_fail();
                    match created {
                        Err(error) if error.is(UNFIT) => Err(refused(writer.reader(), &name, error).await),
                        outcome => outcome,
                    }
                },
            );
            let created = answer.await.map_err(|error| match error.code.as_deref() {
                Some(LEAVING) => KindError { code: UNFIT.first().map(|code| (*code).to_owned()), ..error },
                _ => error,
            });
            Ok(created?.arn.unwrap_or_default())
        };
        let arn = create_named(self, writer.reader(), token, &["ResourceExistsException"], create).await?;
        let has_policy = self.policy.as_ref().is_some_and(|policy| !is_nothing(policy));
        if !has_policy && self.replica.is_empty() {
            return Ok(Created::complete(arn));
        }
        let bare = Self {
            name: Some(name),
            description: self.description.clone(),
            kms_key_id: self.kms_key_id.clone(),
            tags: self.tags.clone(),
            ..self.with_kept()
        };
        Ok(Created::bare(arn, bare))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let secrets = writer.secrets_manager();
        if self.description != prior.description || self.kms_key_id != prior.kms_key_id {
            // An empty string is how AWS is told that there is none.
            let changed = |new: &Option<String>, old: &Option<String>| {
                (new != old).then(|| new.clone().unwrap_or_default())
            };
            secrets
                .update_secret()
                .secret_id(id)
                .set_description(changed(&self.description, &prior.description))
                .set_kms_key_id(changed(&self.kms_key_id, &prior.kms_key_id))
                .send()
                .await
                .or_fail()?;
        }
        if self.policy != prior.policy {
            match &self.policy {
                Some(policy) if !is_nothing(policy) => put_policy(secrets, id, policy, false).await?,
                _ => {
                    secrets.delete_resource_policy().secret_id(id).send().await.or_fail()?;
                }
            }
        }
        if self.replica != prior.replica {
            look_again(|| self.replicate(secrets, id)).await?;
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if !set.is_empty() {
            secrets.tag_resource().secret_id(id).set_tags(Some(sdk_tags(set))).send().await.or_fail()?;
        }
        if !remove.is_empty() {
            secrets.untag_resource().secret_id(id).set_tag_keys(Some(remove)).send().await.or_fail()?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        look_again(|| end(writer.secrets_manager(), id, prior.recovery_window_in_days)).await
    }

    /// Copies are made in the background, and can fail there.
    async fn settled(&self, reader: &Reader, id: &str) -> Result<bool, KindError> {
        if self.replica.is_empty() {
            return Ok(true);
        }
        let Some(secret) = describe(reader.secrets_manager(), id).await? else { return Ok(true) };
        for copy in secret.replication_status() {
            match copy.status() {
                Some(StatusType::Failed) => {
                    let (region, why) =
                        (copy.region().unwrap_or("?"), copy.status_message().unwrap_or("no reason given"));
                    return Err(KindError::new(format!("the secret cannot be copied to {region}: {why}"))
                        .with_hint(
                            "a secret of that name may be there; see `force_overwrite_replica_secret`",
                        ));
                }
                Some(StatusType::InProgress) => return Ok(false),
                _ => {}
            }
        }
        Ok(true)
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        permissions::needed(of)
    }
}

impl Secret {
    fn name_for(&self, token: &Token) -> String {
        names::choose(self.name.as_deref(), self.name_prefix.as_deref(), token)
    }

    /// What AWS does not know, as this says it.
    fn with_kept(&self) -> Self {
        Self {
            name_prefix: self.name_prefix.clone(),
            recovery_window_in_days: self.recovery_window_in_days,
            force_overwrite_replica_secret: self.force_overwrite_replica_secret,
            ..Self::default()
        }
    }
}

/// Deletes a secret: at once, or so many days later.
async fn end(secrets: &Client, id: &str, window: i64) -> Result<(), KindError> {
    let Some(secret) = secrets.describe_secret().secret_id(id).send().await.unless(ABSENT)? else {
        return Ok(());
    };
    if secret.deleted_date().is_some() && window != 0 {
        return Ok(());
    }
    let regions = secret.replication_status().iter().filter_map(|status| status.region.clone());
    replicas::remove(secrets, id, regions.collect()).await?;
    repeat_while(
        // The copies take a while to go.
        |error| error.is(UNFIT) && error.message.contains("replica"),
        PROPAGATION,
        || async {
            let delete = secrets.delete_secret().secret_id(id);
            let delete = if window == 0 {
                delete.force_delete_without_recovery(true)
            } else {
                delete.recovery_window_in_days(window)
            };
            delete.send().await.unless(ABSENT)
        },
    )
    .await?;
    Ok(())
}

/// Whether a policy says nothing at all.
fn is_nothing(policy: &Policy) -> bool {
    policy.0.as_object().is_some_and(serde_json::Map::is_empty)
}

/// A principal that was made a moment ago is not known everywhere yet.
pub(super) async fn put_policy(
    secrets: &Client,
    id: &str,
    policy: &Policy,
    block_public: bool,
) -> Result<(), KindError> {
    repeat_while(
        |error| error.is(&["MalformedPolicyDocumentException"]) && error.message.contains("principal"),
        PROPAGATION,
        || async {
            secrets
                .put_resource_policy()
                .secret_id(id)
                .resource_policy(policy.to_string())
                .set_block_public_policy(block_public.then_some(true))
                .send()
                .await
                .or_fail()
        },
    )
    .await?;
    Ok(())
}

/// Our own code for a name that is about to be free: its secret was deleted for good, which takes a while.
const LEAVING: &str = "SecretIsLeaving";

/// What it means that a secret of that name cannot be created now. Deleted for good, it is gone within minutes;
/// with a recovery window, it holds its name for days, and that is not worth waiting for.
async fn refused(reader: &Reader, name: &str, error: KindError) -> KindError {
    let described = reader.secrets_manager().describe_secret().secret_id(name).send().await;
    let deleted = described.ok().and_then(|secret| secret.deleted_date);
    if !error.message.contains("delet") && deleted.is_none() {
        return error;
    }
    let hint = format!(
        "restore it (`aws secretsmanager restore-secret --secret-id {name}`) and import it, delete it for good \
         (`aws secretsmanager delete-secret --secret-id {name} --force-delete-without-recovery`), or choose another name"
    );
    match deleted {
        Some(date) if !is_about_now(&date) => {
            let date = date.fmt(Format::DateTime).unwrap_or_default();
            KindError {
                message: format!("a secret named {name} is scheduled for deletion ({date})"),
                hint: Some(hint),
                ..error
            }
        }
        _ => KindError { code: Some(LEAVING.to_owned()), hint: Some(hint), ..error },
    }
}

fn is_about_now(date: &DateTime) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    date.secs().unsigned_abs().abs_diff(now) < 10 * 60
}

fn sdk_tags(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

fn set(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

//! `aws_secretsmanager_secret_version`.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::primitives::Blob;
use aws_smithy_types::base64;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Kind, KindError, Token, WriteOnly};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secretsmanager_secret::{ABSENT, UNFIT, describe};
use crate::call::{Outcome, look_again};
use crate::clients::{Reader, Writer};
use crate::given::Given;
use crate::permissions::arn;

/// A value of a secret. It is sent to Secrets Manager and kept nowhere else, and it is never read back: neither the
/// state nor a plan holds more than its keyed digest. From the Secrets Manager API (`PutSecretValue`); its id is
/// `<secret_id>|<version_id>`, where the version's id is the token of the create.
///
/// AWS cannot change the value of a version, so another value is another version: it is created, `AWSCURRENT` moves
/// to it, and the old one becomes `AWSPREVIOUS` at the same instant. There is always a current value, in either order
/// of the replacement. A version cannot be deleted either: its staging labels are removed, but for `AWSCURRENT`, which
/// AWS never gives up; a version without labels is deprecated, and AWS deletes it in time.
///
/// A value that was put from outside, as a rotation does, takes `AWSCURRENT` from this version, and is left alone. With
/// `version_stages = ["AWSCURRENT"]` it is drift, and the label is moved back.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct SecretVersion {
    /// ARN or name of the secret.
    #[schemars(length(min = 1, max = 2048), extend("forces_replacement" = true))]
    secret_id: String,
    /// The value, as text.
    #[schemars(length(min = 1, max = 65536), extend("forces_replacement" = true))]
    #[serde(default)]
    secret_string: WriteOnly<String>,
    /// The value, as bytes in base64.
    #[schemars(length(min = 1, max = 87384), extend("forces_replacement" = true))]
    #[serde(default)]
    secret_binary: WriteOnly<String>,
    /// The value, as text: what Terraform calls write-only. Here all three forms are, and a change of any is seen.
    #[schemars(length(min = 1, max = 65536), extend("forces_replacement" = true))]
    #[serde(default)]
    secret_string_wo: WriteOnly<String>,
    /// A number to increase when `secret_string_wo` shall be put again though it is the same.
    #[schemars(extend("kept" = true, "forces_replacement" = true))]
    secret_string_wo_version: Option<i64>,
    /// Staging labels of this version; absent: it becomes `AWSCURRENT`, and what happens to its labels later is no
    /// difference.
    #[schemars(length(max = 20), extend("computed" = true, "usual" = ["AWSCURRENT"]))]
    version_stages: Option<BTreeSet<String>>,
    /// Whether the value is `secret_string_wo`.
    #[serde(default)]
    has_secret_string_wo: Computed<bool>,
    /// Id of the version.
    #[serde(default)]
    version_id: Computed<String>,
    /// ARN of the secret.
    #[serde(default)]
    arn: Computed<String>,
}

const CURRENT: &str = "AWSCURRENT";
const VALUES: [&str; 3] = ["secret_string", "secret_binary", "secret_string_wo"];

#[async_trait]
impl Kind for SecretVersion {
    const NAME: &'static str = "aws_secretsmanager_secret_version";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::part_of("secret_id", |secret| {
            secret.take("secret_id");
            secret.rename("secret_string", "SecretString");
            secret.rename("secret_string_wo", "SecretString");
            secret.refuse("secret_binary", "give the value as text, in `secret_string`");
            secret.ours(&["secret_string_wo_version"]);
            if matches!(secret.get("version_stages").items(), [only] if only.as_str() == Some(CURRENT)) {
                secret.take("version_stages");
            }
            secret.note(
                "version_stages",
                "CloudFormation gives the value no label but AWSCURRENT; once the secret is there: aws secretsmanager \
                 update-secret-version-stage --version-stage LABEL --move-to-version-id VERSION",
            );
        })
        .with(&[
            ("arn", Returned::Argument("secret_id")),
            (
                "has_secret_string_wo",
                Returned::Known(|version| Some((!version.get("secret_string_wo").is_null()).into())),
            ),
        ]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        let mut problems = Vec::new();
        if VALUES.iter().all(|name| given.lacks(name)) {
            problems.push(
                Problem::new(
                    "secret_string",
                    "one of `secret_string`, `secret_binary` and `secret_string_wo` is required",
                )
                .with_hint(
                    "read the value with `file(\"…\")` or `env_var(\"…\")`, so that no file of yours holds it",
                ),
            );
        }
        let several: Vec<&str> = VALUES.into_iter().filter(|name| given.has(name)).collect();
        if let [first, second, ..] = several[..] {
            problems.push(
                Problem::new(second, format!("`{first}` and `{second}` exclude each other"))
                    .with_hint("keep one of them"),
            );
        }
        if let Some(text) = configuration.get("secret_binary").as_str()
            && base64::decode(text).is_err()
        {
            problems.push(
                Problem::new("secret_binary", "this is no base64")
                    .with_hint("use `filebase64(\"…\")` or `base64encode(…)`"),
            );
        }
        if given.has("secret_string_wo_version") && given.lacks("secret_string_wo") {
            problems.push(Problem::new(
                "secret_string_wo_version",
                "`secret_string_wo_version` goes with `secret_string_wo`",
            ));
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let (secret_id, version_id) = split(id)?;
        let Some(version) = Version::get(reader.secrets_manager(), secret_id, version_id).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            secret_id: secret_id.to_owned(),
            version_stages: Some(version.stages_for(prior.version_stages.as_ref())),
            has_secret_string_wo: prior.secret_string_wo.is_set().into(),
            version_id: version_id.into(),
            arn: version.arn.into(),
            ..Self::default()
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let version = Version::get(reader.secrets_manager(), &self.secret_id, token.as_str()).await?;
        Ok(version.map(|_| self.id_of(token.as_str())))
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let text = self.secret_string.value().or(self.secret_string_wo.value());
        let bytes = self.secret_binary.value().map(base64::decode).transpose().map_err(|_| {
            KindError::new("`secret_binary` is no base64").with_hint("use `filebase64(\"…\")`")
        })?;
        if text.is_none() && bytes.is_none() {
            return Err(KindError::new("the value of the secret is not known to this run")
                .with_hint("give the value itself, or replace the resource that it comes from"));
        }
        let stages = self.version_stages.as_ref().filter(|stages| !stages.is_empty());
        let stages = stages.map(|stages| stages.iter().cloned().collect());
        // The same token and the same value again are no second version.
        let put = writer
            .secrets_manager()
            .put_secret_value()
            .secret_id(&self.secret_id)
            .client_request_token(token.as_str())
            .set_secret_string(text.cloned())
            .set_secret_binary(bytes.map(Blob::new))
            .set_version_stages(stages)
            .send()
            .await
            .or_fail()?;
        Ok(Created::complete(self.id_of(put.version_id().unwrap_or(token.as_str()))))
    }

    /// All but the labels is another version. `AWSCURRENT` and `AWSPREVIOUS` are moved, and never taken away: AWS
    /// takes care of them.
    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        look_again(|| self.label(writer.secrets_manager(), id)).await
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        look_again(|| unlabel(writer.secrets_manager(), id)).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let id = of.attributes.get("secret_id");
        let stages = of.attributes.get("version_stages").items();
        // What has lost all its labels is found among all versions.
        let is_unlabelled =
            of.act == Act::Find || (of.act == Act::Read && of.id.is_some() && stages.is_empty());
        let is_labelled = stages.iter().any(|stage| stage.as_str() != Some(CURRENT));
        let moves = of.act == Act::Update || (of.act == Act::Delete && is_labelled);
        let mut needs = of.needs();
        for secret in arn::secrets(&of, id) {
            needs = needs
                .on(
                    &[Act::Find, Act::Read, Act::Update, Act::Delete],
                    &secret,
                    &["secretsmanager:DescribeSecret"],
                )
                .when(is_unlabelled, &secret, &["secretsmanager:ListSecretVersionIds"])
                .create(&secret, &["secretsmanager:PutSecretValue"])
                .when(moves, &secret, &["secretsmanager:UpdateSecretVersionStage"]);
        }
        // The value is encrypted for whoever puts it, unless with AWS's own key.
        let secret_keys = of.others("aws_secretsmanager_secret").map(|secret| secret.get("kms_key_id"));
        for key in secret_keys.filter(|key| of.act == Act::Create && !key.is_null()) {
            needs = needs.create(&arn::key(key), &["kms:GenerateDataKey", "kms:Decrypt"]);
        }
        needs.done()
    }
}

impl SecretVersion {
    /// Gives the version the labels that it should have, and no others.
    async fn label(&self, secrets: &Client, id: &str) -> Result<(), KindError> {
        let (secret_id, version_id) = split(id)?;
        let Some(version) = Version::get(secrets, secret_id, version_id).await? else {
            return Err(KindError::new(format!("version {version_id} is not there any more")));
        };
        let Some(wanted) = &self.version_stages else { return Ok(()) };
        for stage in wanted.difference(&version.stages) {
            secrets
                .update_secret_version_stage()
                .secret_id(secret_id)
                .version_stage(stage)
                .move_to_version_id(version_id)
                .set_remove_from_version_id(version.holder(stage))
                .send()
                .await
                .or_fail()?;
        }
        for stage in version.stages.difference(wanted).filter(|stage| is_custom(stage)) {
            remove_stage(secrets, secret_id, version_id, stage).await?;
        }
        Ok(())
    }

    fn id_of(&self, version_id: &str) -> String {
        format!("{}|{version_id}", self.secret_id)
    }
}

/// Takes all labels from a version that can be taken.
async fn unlabel(secrets: &Client, id: &str) -> Result<(), KindError> {
    let (secret_id, version_id) = split(id)?;
    let Some(version) = Version::get(secrets, secret_id, version_id).await? else { return Ok(()) };
    for stage in version.stages.iter().filter(|stage| *stage != CURRENT) {
        if !remove_stage(secrets, secret_id, version_id, stage).await? {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether a label is none of those that AWS moves by itself.
fn is_custom(stage: &str) -> bool {
    !matches!(stage, "AWSCURRENT" | "AWSPREVIOUS" | "AWSPENDING")
}

fn split(id: &str) -> Result<(&str, &str), KindError> {
    id.split_once('|').filter(|(secret, version)| !secret.is_empty() && !version.is_empty()).ok_or_else(
        || {
            KindError::new(format!("{id} is no id of a secret version")).with_hint(
                "it is the secret's ARN or name, a bar, and the version's id: `<secret_id>|<version_id>`",
            )
        },
    )
}

/// Whether the secret is still there.
async fn remove_stage(
    secrets: &Client,
    secret_id: &str,
    version_id: &str,
    stage: &str,
) -> Result<bool, KindError> {
    let removed = secrets
        .update_secret_version_stage()
        .secret_id(secret_id)
        .version_stage(stage)
        .remove_from_version_id(version_id)
        .send()
        .await
        .unless(ABSENT);
    match removed {
        // The secret was deleted in the meantime: with it, its versions.
        Err(error) if error.is(UNFIT) && error.message.contains("delet") => Ok(false),
        outcome => Ok(outcome?.is_some()),
    }
}

/// What AWS says of a version without saying its value.
struct Version {
    arn: Option<String>,
    stages: BTreeSet<String>,
    /// The labels of all versions, with their holders.
    holders: Vec<(String, String)>,
}

impl Version {
    async fn get(secrets: &Client, secret_id: &str, version_id: &str) -> Result<Option<Self>, KindError> {
        let Some(secret) = describe(secrets, secret_id).await? else { return Ok(None) };
        let labelled = secret.version_ids_to_stages.unwrap_or_default();
        let stages = labelled.get(version_id).map(|stages| stages.iter().cloned().collect());
        if stages.is_none() && !is_deprecated(secrets, secret_id, version_id).await? {
            return Ok(None);
        }
        let holders = labelled
            .into_iter()
            .flat_map(|(version, stages)| stages.into_iter().map(move |stage| (stage, version.clone())))
            .collect();
        Ok(Some(Self { arn: secret.arn, stages: stages.unwrap_or_default(), holders }))
    }

    /// The labels, without those that AWS itself attached to one that was given labels of its own.
    fn stages_for(&self, given: Option<&BTreeSet<String>>) -> BTreeSet<String> {
        let is_given = |stage: &String| given.is_some_and(|given| given.contains(stage));
        let is_given_own = given.into_iter().flatten().any(|stage| is_custom(stage));
        self.stages
            .iter()
            .filter(|stage| !is_given_own || is_custom(stage) || is_given(stage))
            .cloned()
            .collect()
    }

    fn holder(&self, stage: &str) -> Option<String> {
        self.holders.iter().find(|(held, _)| held == stage).map(|(_, holder)| holder.clone())
    }
}

/// Whether the version is there without a label.
async fn is_deprecated(secrets: &Client, secret_id: &str, version_id: &str) -> Result<bool, KindError> {
    let mut pages = secrets
        .list_secret_version_ids()
        .secret_id(secret_id)
        .include_deprecated(true)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let Some(page) = page.unless(ABSENT)? else { return Ok(false) };
        if page.versions().iter().any(|version| version.version_id() == Some(version_id)) {
            return Ok(true);
        }
    }
    Ok(false)
}

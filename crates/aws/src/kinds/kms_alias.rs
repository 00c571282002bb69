//! `aws_kms_alias`. The data source of that name is in [`data`].

use async_trait::async_trait;
use aws_sdk_kms::types::KeyMetadata;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, eventually};
use crate::clients::{Reader, Writer};
use crate::names;
use crate::permissions::arn;

pub mod data;

/// A name for a KMS key, which can be given to another key later. From the KMS API (`CreateAlias`); its id is its name.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Alias {
    /// Name, beginning with `alias/` but not with `alias/aws/`. Made up from `name_prefix` when absent.
    #[schemars(
        length(min = 7, max = 256),
        regex(pattern = r"^alias/[a-zA-Z0-9/_-]+$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    name: Option<String>,
    /// Beginning of a name that is made up; `alias/` when absent.
    #[schemars(
        length(min = 6, max = 230),
        regex(pattern = r"^alias/[a-zA-Z0-9/_-]*$"),
        extend("kept" = true, "forces_replacement" = true)
    )]
    name_prefix: Option<String>,
    /// Id or ARN of the key.
    #[schemars(length(min = 1, max = 2048), extend("compare" = "arn_or_id"))]
    target_key_id: String,
    /// ARN of the alias.
    #[serde(default)]
    arn: Computed<String>,
    /// ARN of the key.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    target_key_arn: Computed<String>,
}

const ABSENT: &[&str] = &["NotFoundException"];
const TAKEN: &[&str] = &["AlreadyExistsException"];

#[async_trait]
impl Kind for Alias {
    const NAME: &'static str = "aws_kms_alias";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::KMS::Alias", |alias| {
            if alias.get("name").is_null() {
                alias.wrong("name", "CloudFormation makes up no name for an alias: give it one");
            }
            alias.rename("name", "AliasName");
            alias.ours(&["name_prefix"]);
            alias.same(&["target_key_id"]);
        })
        .with(&[
            ("id", Returned::Ref),
            ("name", Returned::Ref),
            ("arn", Returned::Sub("arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:${Ref}")),
        ]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = names::exclusive(configuration, "name", "name_prefix");
        for argument in ["name", "name_prefix"] {
            if configuration.get(argument).as_str().is_some_and(|name| name.starts_with("alias/aws/")) {
                problems.push(
                    Problem::new(argument, "names that begin with `alias/aws/` are AWS's own")
                        .with_hint("put something else after `alias/`"),
                );
            }
        }
        let target = configuration.get("target_key_id").as_str().unwrap_or_default();
        if target.starts_with("alias/") || target.contains(":alias/") {
            problems.push(Problem::new("target_key_id", "an alias names a key, and not another alias"));
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let Some(key) = key_behind(reader, id).await? else { return Ok(None) };
        let is_arn = prior.target_key_id.starts_with("arn:");
        Ok(Some(Self {
            name: Some(id.to_owned()),
            target_key_id: key.arn.clone().filter(|_| is_arn).unwrap_or_else(|| key.key_id.clone()),
            arn: arn(id, &key).into(),
            target_key_arn: key.arn.into(),
            ..Self::default()
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let name = self.name_for(token);
        Ok(key_behind(reader, &name).await?.map(|_| name))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let name = self.name_for(token);
        let create = async {
            // The key may have been made a moment ago.
            eventually(ABSENT, || async {
                let request =
                    writer.kms().create_alias().alias_name(&name).target_key_id(&self.target_key_id);
                request.send().await.or_fail()
            })
            .await?;
            Ok(name.clone())
        };
        call::create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        if self.target_key_id != prior.target_key_id {
            eventually(ABSENT, || async {
                let request = writer.kms().update_alias().alias_name(id).target_key_id(&self.target_key_id);
                request.send().await.or_fail()
            })
            .await?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        writer.kms().delete_alias().alias_name(id).send().await.unless(ABSENT)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let alias = match arn::name(&of, "name", "name_prefix") {
            any if any == "*" => arn::regional("kms", "alias/*"),
            name => arn::regional("kms", &name),
        };
        let target = match of.attributes.get("target_key_arn") {
            arn if arn.as_str().is_some() && !of.changes() => arn,
            _ => of.attributes.get("target_key_id"),
        };
        let key = arn::key(target);
        // Whoever changes where an alias leads may do so with the key that it leads to now, too.
        let before = arn::key(of.prior.get("target_key_arn"));
        let is_led_elsewhere = of.act == Act::Update && of.differs("target_key_id");
        let mut needs = of
            .needs()
            .on(&[Act::Find, Act::Create], &alias, &["kms:DescribeKey"])
            .read(&key, &["kms:DescribeKey"]);
        for resource in [&alias, &key] {
            needs = needs
                .create(resource, &["kms:CreateAlias"])
                .when(is_led_elsewhere, resource, &["kms:UpdateAlias"])
                .delete(resource, &["kms:DeleteAlias"]);
        }
        needs.when(is_led_elsewhere, &before, &["kms:UpdateAlias"]).done()
    }
}

impl Alias {
    fn name_for(&self, token: &Token) -> String {
        names::choose(self.name.as_deref(), self.name_prefix.as_deref().or(Some("alias/")), token)
    }
}

/// The key that an alias names; `None` without the alias.
async fn key_behind(reader: &Reader, alias: &str) -> Result<Option<KeyMetadata>, KindError> {
    let answer = reader.kms().describe_key().key_id(alias).send().await.unless(ABSENT)?;
    Ok(answer.and_then(|answer| answer.key_metadata))
}

/// The ARN of an alias: it is in the account and the region of its key.
fn arn(alias: &str, key: &KeyMetadata) -> Option<String> {
    key.arn()?.split_once(":key/").map(|(account, _)| format!("{account}:{alias}"))
}

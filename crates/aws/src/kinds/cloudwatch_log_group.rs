//! `aws_cloudwatch_log_group`.

use std::collections::HashMap;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{LogGroup as SdkGroup, LogGroupClass};
use futures::StreamExt;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, create_named};
use crate::clients::{Reader, Writer};
use crate::kms;
use crate::names;
use crate::permissions::arn;
use crate::reads::{Answers, Batched, with_arn};
use crate::tags::{self, Tags};

/// A CloudWatch log group: where a service writes its logs, how long they are kept and what encrypts them.
/// From the CloudWatch Logs API (`CreateLogGroup`); its id is its name.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct LogGroup {
    /// Name. Made up from `name_prefix` when absent.
    #[schemars(
        length(min = 1, max = 512),
        regex(pattern = r"^[.\-_/#A-Za-z0-9]+$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    name: Option<String>,
    /// Beginning of a name that is made up.
    #[schemars(length(max = 486), extend("kept" = true, "forces_replacement" = true))]
    name_prefix: Option<String>,
    /// Days after which events expire; absent or 0: never.
    #[schemars(extend("enum" = [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]))]
    #[serde(default)]
    retention_in_days: i32,
    /// ARN of the KMS key that encrypts the events.
    #[schemars(length(max = 256), regex(pattern = r"^arn:[a-z0-9-]+:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+$"))]
    kms_key_id: Option<String>,
    /// Class of the log group: what can be done with its events and what they cost.
    #[schemars(extend("enum" = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"], "computed" = true, "usual" = "STANDARD", "forces_replacement" = true))]
    log_group_class: Option<String>,
    /// Whether CloudWatch Logs refuses to delete it.
    #[serde(default)]
    deletion_protection_enabled: bool,
    /// Whether a destroy leaves the log group and its events in place and only forgets it.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    skip_destroy: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN, without the `:*` at its end.
    #[serde(default)]
    arn: Computed<String>,
}

const ABSENT: &[&str] = &["ResourceNotFoundException"];
/// What a list of groups may be refused with for one of them.
const UNLISTED: &[&str] = &["InvalidParameterException", "ResourceNotFoundException"];
const TAKEN: &[&str] = &["ResourceAlreadyExistsException"];

#[async_trait]
impl Kind for LogGroup {
    const NAME: &'static str = "aws_cloudwatch_log_group";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::Logs::LogGroup", |group| {
            group.rename("name", "LogGroupName");
            // There, absent is never.
            let days = group.take("retention_in_days");
            if days.as_i64() != Some(0) {
                group.put("RetentionInDays", days);
            }
            group.same(&["kms_key_id", "log_group_class", "deletion_protection_enabled"]);
            group.tags();
            group.note("name_prefix", "CloudFormation makes the name up, out of that of the stack");
            group.ours(&["skip_destroy"]);
        })
        .with(&[
            ("id", Returned::Ref),
            ("name", Returned::Ref),
            // Without the `:*` that `!GetAtt Arn` has at its end.
            (
                "arn",
                Returned::Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Ref}"),
            ),
        ]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        names::exclusive(configuration, "name", "name_prefix")
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let logs = reader.cloudwatch_logs();
        let tags = |arn: String| async move {
            logs.list_tags_for_resource().resource_arn(arn).send().await.unless(ABSENT)
        };
        let found = with_arn(prior.arn.as_deref(), described(reader, id), arn_of, tags).await?;
        let Some((group, tags)) = found else { return Ok(None) };
        let arn = arn_of(&group).unwrap_or_default().to_owned();
        Ok(Some(Self {
            name: Some(id.to_owned()),
            retention_in_days: group.retention_in_days().unwrap_or_default(),
            kms_key_id: group.kms_key_id().map(str::to_owned),
            log_group_class: Some(
                group.log_group_class().unwrap_or(&LogGroupClass::Standard).as_str().to_owned(),
            ),
            deletion_protection_enabled: group.deletion_protection_enabled().unwrap_or_default(),
            tags: tags::own(tags.tags.unwrap_or_default()),
            arn: arn.into(),
            ..Self::default()
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let name = self.name_for(token);
        Ok(Self::read(reader, &name, self).await?.map(|_| name))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn obstacles(&self, reader: &Reader, _there: Option<&str>) -> Result<Vec<Problem>, KindError> {
        kms::obstacle(reader, "kms_key_id", self.kms_key_id.as_deref()).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let name = self.name_for(token);
        let create = async {
            writer
                .cloudwatch_logs()
                .create_log_group()
                .log_group_name(&name)
                .set_kms_key_id(self.kms_key_id.clone())
                .set_log_group_class(self.log_group_class.as_deref().map(LogGroupClass::from))
                .set_deletion_protection_enabled(self.deletion_protection_enabled.then_some(true))
                .set_tags((!self.tags.is_empty()).then(|| self.tags.clone().into_iter().collect()))
                .send()
                .await
                .or_fail()?;
            Ok(name.clone())
        };
        let name = create_named(self, writer.reader(), token, TAKEN, create).await?;
        if self.retention_in_days == 0 {
            return Ok(Created::complete(name));
        }
        let bare = Self {
            name: Some(name.clone()),
            kms_key_id: self.kms_key_id.clone(),
            log_group_class: self.log_group_class.clone(),
            deletion_protection_enabled: self.deletion_protection_enabled,
            tags: self.tags.clone(),
            ..Self::default()
        };
        Ok(Created::bare(name, bare))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let logs = writer.cloudwatch_logs();
        if self.retention_in_days != prior.retention_in_days {
            if self.retention_in_days == 0 {
                logs.delete_retention_policy().log_group_name(id).send().await.or_fail()?;
            } else {
                logs.put_retention_policy()
                    .log_group_name(id)
                    .retention_in_days(self.retention_in_days)
                    .send()
                    .await
                    .or_fail()?;
            }
        }
        if self.kms_key_id != prior.kms_key_id {
            match &self.kms_key_id {
                Some(key) => {
                    logs.associate_kms_key().log_group_name(id).kms_key_id(key).send().await.or_fail()?;
                }
                None => {
                    logs.disassociate_kms_key().log_group_name(id).send().await.or_fail()?;
                }
            }
        }
        if self.deletion_protection_enabled != prior.deletion_protection_enabled {
            logs.put_log_group_deletion_protection()
                .log_group_identifier(id)
                .deletion_protection_enabled(self.deletion_protection_enabled)
                .send()
                .await
                .or_fail()?;
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if let Some(arn) = prior.arn.as_deref() {
            if !set.is_empty() {
                logs.tag_resource()
                    .resource_arn(arn)
                    .set_tags(Some(set.into_iter().collect()))
                    .send()
                    .await
                    .or_fail()?;
            }
            if !remove.is_empty() {
                logs.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send().await.or_fail()?;
            }
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        if prior.skip_destroy {
            return Ok(());
        }
        writer.cloudwatch_logs().delete_log_group().log_group_name(id).send().await.unless(ABSENT)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let name = arn::name(&of, "name", "name_prefix");
        // Of a group itself are its tags alone; all else is of what is in it.
        let group = arn::regional("logs", &format!("log-group:{name}"));
        let inside = format!("{group}:*");
        let retains = of.attributes.get("retention_in_days").as_i64() != Some(0);
        let is_kept_anew = of.act == Act::Update && of.differs("retention_in_days");
        let has_new_key = of.act == Act::Update && of.differs("kms_key_id");
        of.needs()
            .on(&[Act::Find, Act::Read, Act::Create], "*", &["logs:DescribeLogGroups"])
            .on(&[Act::Find, Act::Read], &group, &["logs:ListTagsForResource"])
            .create(&inside, &["logs:CreateLogGroup"])
            .when(retains && (is_kept_anew || of.act == Act::Create), &inside, &["logs:PutRetentionPolicy"])
            .when(is_kept_anew && !retains, &inside, &["logs:DeleteRetentionPolicy"])
            .when(has_new_key && of.has("kms_key_id"), &inside, &["logs:AssociateKmsKey"])
            .when(has_new_key && !of.has("kms_key_id"), &inside, &["logs:DisassociateKmsKey"])
            .when(
                of.act == Act::Update && of.differs("deletion_protection_enabled"),
                &inside,
                &["logs:PutLogGroupDeletionProtection"],
            )
            .tagging(&group, "logs:TagResource", "logs:UntagResource")
            .delete(&inside, &["logs:DeleteLogGroup"])
            .done()
    }
}

impl LogGroup {
    fn name_for(&self, token: &Token) -> String {
        names::choose(self.name.as_deref(), self.name_prefix.as_deref(), token)
    }
}

/// The ARN of a group itself, which the API gives with what is in it.
fn arn_of(group: &SdkGroup) -> Option<&str> {
    group.arn().map(|arn| arn.trim_end_matches(":*"))
}

/// Log groups by name.
struct LogGroups;

impl Batched for LogGroups {
    type Question = String;
    type Answer = Option<SdkGroup>;
    const AT_ONCE: usize = 50;
}

/// The group of that name, as it is described along with others.
async fn described(reader: &Reader, name: &str) -> Result<Option<SdkGroup>, KindError> {
    let logs = reader.cloudwatch_logs().clone();
    reader.batch::<LogGroups>().ask(name.to_owned(), move |names| describe_all(logs.clone(), names)).await
}

async fn describe_all(
    logs: Client,
    names: Vec<String>,
) -> Result<Answers<String, Option<SdkGroup>>, KindError> {
    const AT_A_TIME: usize = 4;
    let mut there = HashMap::new();
    if names.len() > 1 {
        let request = logs.describe_log_groups().set_log_group_identifiers(Some(names.clone()));
        let mut pages = request.into_paginator().items().send();
        while let Some(group) = pages.next().await {
            // What CloudWatch Logs says of names that there are not is nowhere written: they are asked for one by one.
            let Some(group) = group.unless(UNLISTED)? else { break };
            there.extend(group.log_group_name().map(str::to_owned).map(|name| (name, group)));
        }
    }
    let logs = &logs;
    let answers = names.into_iter().map(|name| {
        let there = there.remove(&name);
        async move {
            let answer = match there {
                Some(group) => Ok(Some(group)),
                None => describe(logs, &name).await,
            };
            (name, answer)
        }
    });
    Ok(futures::stream::iter(answers).buffer_unordered(AT_A_TIME).collect().await)
}

async fn describe(logs: &Client, name: &str) -> Result<Option<SdkGroup>, KindError> {
    // The prefix finds others too, and they come in pages.
    let mut pages = logs.describe_log_groups().log_group_name_prefix(name).into_paginator().items().send();
    while let Some(group) = pages.next().await {
        let group = group.or_fail()?;
        if group.log_group_name() == Some(name) {
            return Ok(Some(group));
        }
    }
    Ok(None)
}

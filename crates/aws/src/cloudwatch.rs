//! What all alarms of CloudWatch have in common: they are read many in one call, and their tags are theirs alone.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm, Tag};
use provision_engine::cloudformation::{Block, Returned};
use provision_engine::kind::KindError;
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;

use crate::call::{Outcome, repeat_while};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;
use crate::reads::{Answers, Batched, with_arn};
use crate::tags::{self, Tags};

/// CloudWatch's words for what is not there: those of its old protocol and of its new one.
pub(crate) const ABSENT: &[&str] =
    &["ResourceNotFound", "ResourceNotFoundException", "DashboardNotFoundError"];

/// What becomes of an alarm's attributes in a template of CloudFormation.
pub(crate) const RETURNED_BY_ALARM: &[(&str, Returned)] =
    &[("id", Returned::Ref), ("alarm_name", Returned::Ref), ("arn", Returned::GetAtt("Arn"))];

/// An alarm of either type. They share their names.
#[derive(Clone, Debug)]
pub(crate) enum Alarm {
    /// On a metric, or on a calculation with some.
    Metric(Box<MetricAlarm>),
    /// On other alarms.
    Composite(Box<CompositeAlarm>),
}

impl Alarm {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Metric(alarm) => alarm.alarm_name(),
            Self::Composite(alarm) => alarm.alarm_name(),
        }
    }

    fn arn(&self) -> Option<&str> {
        match self {
            Self::Metric(alarm) => alarm.alarm_arn(),
            Self::Composite(alarm) => alarm.alarm_arn(),
        }
    }
}

/// Alarms by name, of either type.
struct Alarms;

impl Batched for Alarms {
    type Question = String;
    type Answer = Option<Alarm>;
    const AT_ONCE: usize = 100;
}

/// The alarm of that name.
pub(crate) async fn alarm(reader: &Reader, name: &str) -> Result<Option<Alarm>, KindError> {
    let client = reader.cloudwatch().clone();
    reader.batch::<Alarms>().ask(name.to_owned(), move |names| describe(client.clone(), names)).await
}

/// The alarms of these names.
async fn describe(client: Client, names: Vec<String>) -> Result<Answers<String, Option<Alarm>>, KindError> {
    let mut pages = client
        .describe_alarms()
        .set_alarm_names(Some(names.clone()))
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .max_records(100)
        .into_paginator()
        .send();
    let mut found: HashMap<String, Alarm> = HashMap::new();
    while let Some(page) = pages.next().await {
        let page = page.or_fail()?;
        let metric = page.metric_alarms.unwrap_or_default().into_iter();
        let metric = metric.map(|alarm| Alarm::Metric(Box::new(alarm)));
        let composite = page.composite_alarms.unwrap_or_default().into_iter();
        let composite = composite.map(|alarm| Alarm::Composite(Box::new(alarm)));
        let named = metric.chain(composite).filter_map(|alarm| Some((alarm.name()?.to_owned(), alarm)));
        found.extend(named);
    }
    Ok(names.into_iter().map(|name| (name.clone(), Ok(found.remove(&name)))).collect())
}

/// That no alarm has the name yet, of either type.
pub(crate) async fn ensure_free(reader: &Reader, name: &str) -> Result<(), KindError> {
    match alarm(reader, name).await? {
        None => Ok(()),
        Some(_) => Err(KindError::new(format!("the account has an alarm of this name already: {name}"))
            .with_hint("choose another name, or import the one that is there")),
    }
}

/// Deletes the alarm. One that a composite alarm names stays, and one that a composite alarm named a moment ago may
/// seem to be such.
pub(crate) async fn delete(writer: &Writer, name: &str) -> Result<(), KindError> {
    const WAIT: Duration = Duration::from_secs(3);
    let is_named = |error: &KindError| error.message.contains("composite alarm(s) depending on");
    let delete =
        || async { writer.cloudwatch().delete_alarms().alarm_names(name).send().await.unless(ABSENT) };
    repeat_while(is_named, WAIT, delete).await.map(drop).map_err(|error| {
        if is_named(&error) {
            error.with_hint("a composite alarm names it in its rule: change or delete that one first")
        } else {
            error
        }
    })
}

/// The alarm of that name with its tags. `arn`: what the state knows of it.
pub(crate) async fn tagged_alarm(
    reader: &Reader,
    name: &str,
    arn: Option<&str>,
) -> Result<Option<(Alarm, Tags)>, KindError> {
    let tags = |arn: String| async move { tags_of(reader, &arn).await };
    with_arn(arn, alarm(reader, name), Alarm::arn, tags).await
}

/// The tags of an alarm; `None` without the alarm.
async fn tags_of(reader: &Reader, arn: &str) -> Result<Option<Tags>, KindError> {
    let answer =
        reader.cloudwatch().list_tags_for_resource().resource_arn(arn).send().await.unless(ABSENT)?;
    Ok(answer.map(|answer| {
        let tags = answer.tags.unwrap_or_default().into_iter();
        tags::own(tags.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())))
    }))
}

/// Gives the alarm the tags that it is to have: what puts an alarm puts its tags only the first time.
pub(crate) async fn change_tags(
    writer: &Writer,
    arn: &str,
    prior: &Tags,
    desired: &Tags,
) -> Result<(), KindError> {
    let (set, remove) = tags::changes(prior, desired);
    let client = writer.cloudwatch();
    if let Some(tags) = api_tags(set) {
        client.tag_resource().resource_arn(arn).set_tags(Some(tags)).send().await.or_fail()?;
    }
    if !remove.is_empty() {
        client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send().await.or_fail()?;
    }
    Ok(())
}

/// Writes what all alarms say for a template of CloudFormation.
pub(crate) fn write_alarm(alarm: &mut Block<'_>) {
    alarm.same(&["alarm_name", "alarm_description", "alarm_actions", "insufficient_data_actions"]);
    alarm.rename("ok_actions", "OKActions");
    alarm.unless("actions_enabled", "ActionsEnabled", true);
    alarm.tags();
}

/// What an alarm needs that is put by the action `put`.
pub(crate) fn permissions(of: Undertaking<'_>, put: &str) -> Vec<Permission> {
    let alarm = arn::regional("cloudwatch", &format!("alarm:{}", of.text_or_any("alarm_name")));
    of.needs()
        // Of composite alarms, which are asked for along with all others, only who may see every alarm is told.
        .on(&[Act::Find, Act::Read, Act::Create], "*", &["cloudwatch:DescribeAlarms"])
        .read(&alarm, &["cloudwatch:ListTagsForResource"])
        .change(&alarm, &[put])
        // Each put says the tags.
        .when(of.changes() && of.has("tags"), &alarm, &["cloudwatch:TagResource"])
        .when(of.drops("tags"), &alarm, &["cloudwatch:UntagResource"])
        .delete(&alarm, &["cloudwatch:DeleteAlarms"])
        .done()
}

/// Tags as they are sent; none if there are none.
pub(crate) fn api_tags(tags: Tags) -> Option<Vec<Tag>> {
    let tags: Vec<Tag> =
        tags.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    (!tags.is_empty()).then_some(tags)
}

/// What is wrong with the actions of an alarm: each is an ARN, and topics are of the alarm's own region.
pub(crate) fn action_problems(configuration: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    for state in ["alarm_actions", "ok_actions", "insufficient_data_actions"] {
        for action in configuration.get(state).items().iter().filter_map(Value::as_str) {
            if action.split(':').count() < 6 || !action.starts_with("arn:") {
                problems.push(
                    Problem::new(state, format!("\"{action}\" is no ARN"))
                        .with_hint("give the ARN of what is to be done, such as that of an SNS topic"),
                );
            }
        }
    }
    problems
}

//! What all alarms of CloudWatch have in common: they are read many in one call, and their tags are theirs alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm, Tag};
use provision_engine::cloudformation::{Block, Returned};
use provision_engine::kind::KindError;
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use tokio::sync::oneshot;

use crate::call::{Outcome, repeat_while};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;
use crate::tags::{self, Tags};

/// CloudWatch's words for what is not there: those of its old protocol and of its new one.
pub(crate) const ABSENT: &[&str] =
    &["ResourceNotFound", "ResourceNotFoundException", "DashboardNotFoundError"];

/// What becomes of an alarm's attributes in a template of CloudFormation.
pub(crate) const RETURNED_BY_ALARM: &[(&str, Returned)] =
    &[("id", Returned::Ref), ("alarm_name", Returned::Ref), ("arn", Returned::GetAtt("Arn"))];

/// How long a question waits for others to be asked along with it.
const MOMENT: Duration = Duration::from_millis(5);
/// How many names one call can have.
const AT_ONCE: usize = 100;

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
}

/// The alarms that are asked for at about the same time: they are read together.
#[derive(Clone, Default)]
pub(crate) struct Questions(Arc<Mutex<Vec<Question>>>);

struct Question {
    name: String,
    answer: oneshot::Sender<Result<Option<Alarm>, KindError>>,
}

impl Questions {
    fn add(&self, question: Question) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(question);
        asked.len() == 1
    }

    fn take(&self) -> Vec<Question> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The alarm of that name.
pub(crate) async fn alarm(reader: &Reader, name: &str) -> Result<Option<Alarm>, KindError> {
    let (answer, answered) = oneshot::channel();
    let questions = reader.alarms();
    if questions.add(Question { name: name.to_owned(), answer }) {
        let (questions, client) = (questions.clone(), reader.cloudwatch().clone());
        // In a task of its own, since the others wait for it whatever becomes of the first.
        tokio::spawn(async move {
            tokio::time::sleep(MOMENT).await;
            let mut asked = questions.take();
            while !asked.is_empty() {
                let rest = asked.split_off(asked.len().min(AT_ONCE));
                answer_all(&client, std::mem::replace(&mut asked, rest)).await;
            }
        });
    }
    answered.await.unwrap_or_else(|_| Err(KindError::new(format!("nobody has read the alarm {name}"))))
}

async fn answer_all(client: &Client, questions: Vec<Question>) {
    let names = questions.iter().map(|question| question.name.clone()).collect();
    let mut pages = client
        .describe_alarms()
        .set_alarm_names(Some(names))
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .max_records(100)
        .into_paginator()
        .send();
    let mut found = Vec::new();
    let mut failure = None;
    while let Some(page) = pages.next().await {
        match page.or_fail() {
            Ok(page) => {
                let metric = page.metric_alarms.unwrap_or_default().into_iter();
                found.extend(metric.map(|alarm| Alarm::Metric(Box::new(alarm))));
                let composite = page.composite_alarms.unwrap_or_default().into_iter();
                found.extend(composite.map(|alarm| Alarm::Composite(Box::new(alarm))));
            }
            Err(error) => {
                failure = Some(error);
                break;
            }
        }
    }
    for question in questions {
        let alarm = found.iter().find(|alarm| alarm.name() == Some(question.name.as_str()));
        let answer = match &failure {
            Some(error) => Err(error.clone()),
            None => Ok(alarm.cloned()),
        };
        // Who has asked may have lost interest.
        let _ = question.answer.send(answer);
    }
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

/// The tags of an alarm; `None` without the alarm.
pub(crate) async fn tags_of(reader: &Reader, arn: &str) -> Result<Option<Tags>, KindError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_question_of_several_sees_to_all() {
        let questions = Questions::default();
        let ask =
            |name: &str| questions.add(Question { name: name.to_owned(), answer: oneshot::channel().0 });
        assert!(ask("a"));
        assert!(!ask("b"));
        assert_eq!(questions.take().len(), 2);
        assert!(ask("c"), "whoever comes after that is the first again");
    }
}

//! `aws_cloudwatch_composite_alarm`.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, repeat_while};
use crate::clients::{Reader, Writer};
use crate::cloudwatch::{self, Alarm};
use crate::tags::Tags;

/// A CloudWatch alarm on other alarms. From the CloudWatch API (`PutCompositeAlarm`); its id is its name.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct CompositeAlarm {
    /// Name, unique among the alarms of the region, whatever their type.
    #[schemars(length(min = 1, max = 255), extend("forces_replacement" = true))]
    alarm_name: String,
    /// What must be so for this alarm to go off: `ALARM(name)`, `OK(name)` and `INSUFFICIENT_DATA(name)`, by name or
    /// ARN, with `AND`, `OR`, `NOT`, `AT_LEAST`, `TRUE`, `FALSE` and parentheses.
    #[schemars(length(min = 1, max = 10240), extend("compare" = "trimmed"))]
    alarm_rule: String,
    /// What the alarm means, and what to do about it.
    #[schemars(length(max = 1024))]
    alarm_description: Option<String>,
    /// Whether a change of state does anything.
    #[serde(default = "yes")]
    actions_enabled: bool,
    /// ARNs of what is done when it goes off.
    #[schemars(length(max = 5), inner(length(min = 1, max = 1024)))]
    #[serde(default)]
    alarm_actions: BTreeSet<String>,
    /// ARNs of what is done when all is well again.
    #[schemars(length(max = 5), inner(length(min = 1, max = 1024)))]
    #[serde(default)]
    ok_actions: BTreeSet<String>,
    /// ARNs of what is done when there is nothing to judge by.
    #[schemars(length(max = 5), inner(length(min = 1, max = 1024)))]
    #[serde(default)]
    insufficient_data_actions: BTreeSet<String>,
    /// While which alarm is on this one does nothing, such as one for a maintenance.
    actions_suppressor: Option<Suppressor>,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
}

/// An alarm that keeps another from acting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppressor {
    /// Name or ARN of the alarm.
    #[schemars(length(min = 1, max = 1600))]
    alarm: String,
    /// For how many seconds after that alarm is over nothing is done yet.
    #[schemars(range(min = 0))]
    extension_period: i32,
    /// For how many seconds is waited for that alarm before anything is done.
    #[schemars(range(min = 0))]
    wait_period: i32,
}

fn yes() -> bool {
    true
}

/// How long an alarm that was made a moment ago may seem not to be there.
const VISIBLE: Duration = Duration::from_secs(10);

#[async_trait]
impl Kind for CompositeAlarm {
    const NAME: &'static str = "aws_cloudwatch_composite_alarm";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::CloudWatch::CompositeAlarm", |alarm| {
            cloudwatch::write_alarm(alarm);
            alarm.same(&["alarm_rule"]);
            alarm.within("actions_suppressor", |suppressor| {
                suppressor.rename("alarm", "ActionsSuppressor");
                suppressor.rename("extension_period", "ActionsSuppressorExtensionPeriod");
                suppressor.rename("wait_period", "ActionsSuppressorWaitPeriod");
            });
        })
        .with(cloudwatch::RETURNED_BY_ALARM),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let mut problems = cloudwatch::action_problems(configuration);
        let name = configuration.get("alarm_name").as_str();
        if name.is_some() && configuration.get("actions_suppressor").get("alarm").as_str() == name {
            problems
                .push(Problem::new("actions_suppressor.alarm", "an alarm cannot keep itself from acting"));
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let alarm = cloudwatch::tagged_alarm(reader, id, prior.arn.as_deref()).await?;
        let Some((Alarm::Composite(alarm), tags)) = alarm else { return Ok(None) };
        let actions_suppressor = alarm.actions_suppressor.filter(|name| !name.is_empty());
        Ok(Some(Self {
            alarm_name: id.to_owned(),
            alarm_rule: alarm.alarm_rule.unwrap_or_default(),
            alarm_description: alarm.alarm_description.filter(|text| !text.is_empty()),
            actions_enabled: alarm.actions_enabled.unwrap_or(true),
            alarm_actions: alarm.alarm_actions.into_iter().flatten().collect(),
            ok_actions: alarm.ok_actions.into_iter().flatten().collect(),
            insufficient_data_actions: alarm.insufficient_data_actions.into_iter().flatten().collect(),
            actions_suppressor: actions_suppressor.map(|name| Suppressor {
                alarm: name,
                extension_period: alarm.actions_suppressor_extension_period.unwrap_or_default(),
                wait_period: alarm.actions_suppressor_wait_period.unwrap_or_default(),
            }),
            tags,
            arn: alarm.alarm_arn.into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let alarm = cloudwatch::alarm(reader, &self.alarm_name).await?;
        Ok(matches!(alarm, Some(Alarm::Composite(_))).then(|| self.alarm_name.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, _token: &Token) -> Result<(), KindError> {
        cloudwatch::ensure_free(reader, &self.alarm_name).await
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        self.put(writer).await?;
        Ok(Created::complete(&self.alarm_name))
    }

    async fn update(&self, writer: &Writer, _id: &str, prior: &Self) -> Result<(), KindError> {
        self.put(writer).await?;
        match prior.arn.as_deref() {
            Some(arn) => cloudwatch::change_tags(writer, arn, &prior.tags, &self.tags).await,
            None => Ok(()),
        }
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        cloudwatch::delete(writer, id).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        cloudwatch::permissions(of, "cloudwatch:PutCompositeAlarm")
    }
}

impl CompositeAlarm {
    async fn put(&self, writer: &Writer) -> Result<(), KindError> {
        let suppressor = self.actions_suppressor.as_ref();
        let list = |actions: &BTreeSet<String>| Some(actions.iter().cloned().collect());
        let request = writer
            .cloudwatch()
            .put_composite_alarm()
            .alarm_name(&self.alarm_name)
            .alarm_rule(&self.alarm_rule)
            .set_alarm_description(self.alarm_description.clone())
            .actions_enabled(self.actions_enabled)
            .set_alarm_actions(list(&self.alarm_actions))
            .set_ok_actions(list(&self.ok_actions))
            .set_insufficient_data_actions(list(&self.insufficient_data_actions))
            .set_actions_suppressor(suppressor.map(|suppressor| suppressor.alarm.clone()))
            .set_actions_suppressor_extension_period(suppressor.map(|suppressor| suppressor.extension_period))
            .set_actions_suppressor_wait_period(suppressor.map(|suppressor| suppressor.wait_period))
            .set_tags(cloudwatch::api_tags(self.tags.clone()));
        let is_missing =
            |error: &KindError| error.is(&["ValidationError"]) && error.message.contains("not exist");
        repeat_while(is_missing, VISIBLE, || async { request.clone().send().await.or_fail() }).await?;
        Ok(())
    }
}

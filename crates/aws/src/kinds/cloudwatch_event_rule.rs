//! `aws_cloudwatch_event_rule`.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput;
use aws_sdk_eventbridge::types::{RuleState, Tag};
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Document, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, PROPAGATION, malformed, repeat_while};
use crate::clients::{Reader, Writer};
use crate::events::{self, ABSENT, BUSY, DEFAULT_BUS, default_bus, id_on, parts_on, passes};
use crate::given::Given;
use crate::names;
use crate::permissions::arn;
use crate::reads::with_arn;
use crate::tags::{self, Tags};

/// A rule of Amazon EventBridge (once CloudWatch Events): which events, or at which times, something is to happen. What
/// happens are its targets, each an `aws_cloudwatch_event_target`. From the EventBridge API (`PutRule`); its id is its
/// name, after that of its bus and a slash if the bus is not the default one.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Name, unique on its bus. Made up from `name_prefix` when absent.
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[.\-_A-Za-z0-9]+$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    name: Option<String>,
    /// Beginning of a name that is made up.
    #[schemars(
        length(max = 38),
        regex(pattern = r"^[.\-_A-Za-z0-9]*$"),
        extend("kept" = true, "forces_replacement" = true)
    )]
    name_prefix: Option<String>,
    /// Name or ARN of the bus.
    #[schemars(
        length(min = 1, max = 1600),
        regex(pattern = r"^(arn:[a-z0-9-]+:events:[a-z0-9-]+:\d{12}:event-bus/)?[/.\-_A-Za-z0-9]+$"),
        extend("forces_replacement" = true)
    )]
    #[serde(default = "default_bus")]
    event_bus_name: String,
    /// When it applies: `rate(1 day)`, or `cron(0 6 * * ? *)` in UTC. On the default bus only. This or `event_pattern`,
    /// or both.
    #[schemars(length(max = 256), regex(pattern = r"^(rate\(.+\)|cron\(.+\))$"))]
    schedule_expression: Option<String>,
    /// Which events it applies to, as EventBridge's patterns say it.
    event_pattern: Option<Document>,
    /// What the rule is for.
    #[schemars(length(max = 512))]
    description: Option<String>,
    /// ARN of the role that EventBridge takes on for targets that need one and have none of their own.
    #[schemars(length(min = 1, max = 1600))]
    role_arn: Option<String>,
    /// Whether it applies; `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`: also to management events that only read.
    #[schemars(extend("enum" = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"]))]
    #[serde(default = "enabled")]
    state: String,
    /// Whether a destroy deletes it even if an AWS service has made it for itself.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    force_destroy: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
}

fn enabled() -> String {
    RuleState::Enabled.as_str().to_owned()
}

#[async_trait]
impl Kind for Rule {
    const NAME: &'static str = "aws_cloudwatch_event_rule";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::Events::Rule", |rule| {
            rule.same(&["name", "schedule_expression", "description", "role_arn"]);
            rule.unless("event_bus_name", "EventBusName", DEFAULT_BUS);
            rule.document("event_pattern", "EventPattern");
            rule.unless("state", "State", enabled());
            rule.tags();
            rule.note("name_prefix", "CloudFormation makes the name up, out of that of the stack");
            rule.ours(&["force_destroy"]);
        })
        .with(&[
            // `!Ref` has a bar where the id has a slash, if the bus is not the default one.
            ("id", Returned::Known(id)),
            ("name", Returned::GetAtt("RuleName")),
            ("arn", Returned::GetAtt("Arn")),
        ]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        let mut problems = names::exclusive(configuration, "name", "name_prefix");
        if given.lacks("schedule_expression") && given.lacks("event_pattern") {
            problems.push(
                Problem::new("schedule_expression", "nothing says when the rule applies")
                    .with_hint("add `schedule_expression` (string) or `event_pattern` (JSON)"),
            );
        }
        let bus = configuration.get("event_bus_name").as_str().unwrap_or(DEFAULT_BUS);
        if given.has("schedule_expression") && bus != DEFAULT_BUS && !bus.ends_with(":event-bus/default") {
            problems.push(
                Problem::new("schedule_expression", "schedules are for rules of the default bus")
                    .with_hint("leave `event_bus_name` out"),
            );
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let (bus, [name]) = parts(id)?;
        let events = reader.eventbridge();
        let rule =
            async { events.describe_rule().name(name).event_bus_name(bus).send().await.unless(ABSENT) };
        let tags = |arn: String| async move {
            events.list_tags_for_resource().resource_arn(arn).send().await.unless(ABSENT)
        };
        let found = with_arn(prior.arn.as_deref(), rule, DescribeRuleOutput::arn, tags).await?;
        let Some((rule, tags)) = found else { return Ok(None) };
        let tags = tags.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
        let set = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Some(Self {
            name: Some(name.to_owned()),
            event_bus_name: bus.to_owned(),
            schedule_expression: set(rule.schedule_expression()),
            event_pattern: set(rule.event_pattern()).as_deref().map(Document::parse),
            description: set(rule.description()),
            role_arn: set(rule.role_arn()),
            state: rule.state().map_or_else(enabled, |state| state.as_str().to_owned()),
            tags: tags::own(tags),
            arn: rule.arn().unwrap_or_default().into(),
            ..Self::default()
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let id = self.id_for(token);
        Ok(Self::read(reader, &id, self).await?.map(|_| id))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let id = self.id_for(token);
        self.put(writer, &id, &self.tags).await?;
        Ok(Created::complete(id))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        if self.differs(prior) {
            // Tags of a rule that is there are left alone by a put.
            self.put(writer, id, &Tags::new()).await?;
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        let Some(arn) = prior.arn.as_deref() else { return Ok(()) };
        let events = writer.eventbridge();
        if let Some(tags) = sdk_tags(&set)? {
            events.tag_resource().resource_arn(arn).set_tags(Some(tags)).send().await.or_fail()?;
        }
        if !remove.is_empty() {
            events.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send().await.or_fail()?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        const HAS_TARGETS: &str = "has targets";
        // Targets that were removed a moment ago may still seem to be there.
        const MOMENT: Duration = Duration::from_secs(3);
        let (bus, [name]) = parts(id)?;
        let delete = || async {
            let delete = writer.eventbridge().delete_rule().name(name).event_bus_name(bus);
            delete.set_force(prior.force_destroy.then_some(true)).send().await.unless(ABSENT)
        };
        let passes = |error: &KindError| error.is(BUSY) || error.message.contains(HAS_TARGETS);
        match repeat_while(passes, MOMENT, delete).await {
            Err(error) if error.message.contains(HAS_TARGETS) => {
                Err(error.with_hint("remove the targets that others have given it, and destroy again"))
            }
            outcome => outcome.map(drop),
        }
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let rule = events::rule(&of, &arn::name(&of, "name", "name_prefix"));
        let others = of.act == Act::Update && of.only_differs(&["tags"]);
        let needs = of
            .needs()
            .on(&[Act::Find, Act::Read, Act::Create], &rule, &["events:DescribeRule"])
            .on(&[Act::Find, Act::Read], &rule, &["events:ListTagsForResource"])
            .when(of.changes() && !others, &rule, &["events:PutRule"])
            .tagging(&rule, "events:TagResource", "events:UntagResource")
            .delete(&rule, &["events:DeleteRule"]);
        let is_passed = of.changes() && !others && of.has("role_arn");
        let roles = if is_passed { arn::roles(&of, of.attributes.get("role_arn")) } else { Vec::new() };
        arn::passing(needs, &roles, "events").done()
    }
}

impl Rule {
    fn id_for(&self, token: &Token) -> String {
        let name = names::choose(self.name.as_deref(), self.name_prefix.as_deref(), token);
        id_on(&self.event_bus_name, &name)
    }

    fn differs(&self, prior: &Self) -> bool {
        self.schedule_expression != prior.schedule_expression
            || self.event_pattern != prior.event_pattern
            || self.description != prior.description
            || self.role_arn != prior.role_arn
            || self.state != prior.state
    }

    /// What a put does not say is gone afterwards.
    async fn put(&self, writer: &Writer, id: &str, tags: &Tags) -> Result<(), KindError> {
        let (bus, [name]) = parts(id)?;
        let request = writer
            .eventbridge()
            .put_rule()
            .name(name)
            .event_bus_name(bus)
            .set_schedule_expression(self.schedule_expression.clone())
            .set_event_pattern(self.event_pattern.as_ref().map(Document::to_string))
            .set_description(self.description.clone())
            .set_role_arn(self.role_arn.clone())
            .state(RuleState::from(self.state.as_str()))
            .set_tags(sdk_tags(tags)?);
        repeat_while(passes, PROPAGATION, || async { request.clone().send().await.or_fail() }).await?;
        Ok(())
    }
}

/// The id that follows from the arguments, if they have a name.
fn id(rule: &Value) -> Option<Value> {
    let bus = rule.get("event_bus_name").as_str().unwrap_or(DEFAULT_BUS);
    Some(id_on(bus, rule.get("name").as_str()?).into())
}

fn parts(id: &str) -> Result<(&str, [&str; 1]), KindError> {
    parts_on(id, "rule")
}

/// Tags as the API takes them; `None` for none.
fn sdk_tags(tags: &Tags) -> Result<Option<Vec<Tag>>, KindError> {
    let tags: Vec<Tag> = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(malformed)?;
    Ok((!tags.is_empty()).then_some(tags))
}

//! `aws_cloudwatch_event_target`. What is particular to each service that can be a target is in [`parameters`].

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_eventbridge::types;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Created, Document, Kind, KindError, Token};
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

mod cloudformation;
mod ecs;
mod parameters;

use ecs::EcsTarget;
use parameters::{
    AppsyncTarget, BatchTarget, HttpTarget, KinesisTarget, RedshiftTarget, RunCommandTarget,
    SagemakerPipelineTarget, SqsTarget,
};

/// A target of an EventBridge rule: what happens when the rule applies. From the EventBridge API (`PutTargets`); its id
/// is `rule/target`, after the name of the bus and a slash if that is not the default one.
///
/// A Lambda function, an SNS topic or an SQS queue must permit the rule to reach it, with an `aws_lambda_permission` or
/// a policy of its own; for the other services, EventBridge takes on a role.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct EventTarget {
    /// Name of the rule.
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[.\-_A-Za-z0-9]+$"),
        extend("forces_replacement" = true)
    )]
    rule: String,
    /// Id, unique among the targets of the rule. Made up when absent.
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[.\-_A-Za-z0-9]+$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    target_id: Option<String>,
    /// Name or ARN of the rule's bus.
    #[schemars(
        length(min = 1, max = 1600),
        regex(pattern = r"^(arn:[a-z0-9-]+:events:[a-z0-9-]+:\d{12}:event-bus/)?[/.\-_A-Za-z0-9]+$"),
        extend("forces_replacement" = true)
    )]
    #[serde(default = "default_bus")]
    event_bus_name: String,
    /// ARN of what the event is sent to.
    #[schemars(length(min = 1, max = 1600))]
    arn: String,
    /// ARN of the role that EventBridge takes on to reach the target.
    #[schemars(length(min = 1, max = 1600))]
    role_arn: Option<String>,
    /// JSON to send in place of the event.
    input: Option<Document>,
    /// JSONPath of the part of the event to send in place of it.
    #[schemars(length(max = 256))]
    input_path: Option<String>,
    /// What to send in place of the event, made of parts of it.
    input_transformer: Option<InputTransformer>,
    /// How long, and how often, sending is tried again.
    retry_policy: Option<RetryPolicy>,
    /// Where events go that cannot be sent.
    dead_letter_config: Option<DeadLetterConfig>,
    /// For a FIFO queue of Amazon SQS.
    sqs_target: Option<SqsTarget>,
    /// For an API destination, or a REST API of API Gateway.
    http_target: Option<HttpTarget>,
    /// For a stream of Amazon Kinesis.
    kinesis_target: Option<KinesisTarget>,
    /// For a cluster of Amazon ECS: which task to run.
    ecs_target: Option<EcsTarget>,
    /// For a queue of AWS Batch: which job to submit.
    batch_target: Option<BatchTarget>,
    /// For a document of AWS Systems Manager: where to run it.
    #[schemars(length(max = 5))]
    #[serde(default)]
    run_command_targets: Vec<RunCommandTarget>,
    /// For a cluster or workgroup of Amazon Redshift: what to run.
    redshift_target: Option<RedshiftTarget>,
    /// For a pipeline of Amazon SageMaker: its parameters.
    sagemaker_pipeline_target: Option<SagemakerPipelineTarget>,
    /// For an API of AWS AppSync: the operation.
    appsync_target: Option<AppsyncTarget>,
    /// Whether a destroy removes it even if the rule is one that an AWS service has made for itself.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    force_destroy: bool,
}

/// What to send in place of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct InputTransformer {
    /// JSONPaths of parts of the event, by the names that the template has for them.
    #[schemars(length(max = 100))]
    #[serde(default)]
    input_paths: BTreeMap<String, String>,
    /// What is sent, with `<name>` where a part stands.
    #[schemars(length(min = 1, max = 8192))]
    input_template: String,
}

/// How sending is tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RetryPolicy {
    /// For how long, in seconds; absent: a day.
    #[schemars(range(min = 60, max = 86400), extend("computed" = true, "usual" = 86400))]
    maximum_event_age_in_seconds: Option<i32>,
    /// How often; absent: 185 times.
    #[schemars(range(min = 0, max = 185), extend("computed" = true, "usual" = 185))]
    maximum_retry_attempts: Option<i32>,
}

/// Where events go that cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DeadLetterConfig {
    /// ARN of an SQS queue. Its policy must let EventBridge send to it.
    #[schemars(regex(pattern = r"^arn:[a-z0-9-]+:sqs:[a-z0-9-]+:\d{12}:.+$"))]
    arn: String,
}

#[async_trait]
impl Kind for EventTarget {
    const NAME: &'static str = "aws_cloudwatch_event_target";
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        let inputs: Vec<&str> =
            ["input", "input_path", "input_transformer"].into_iter().filter(|name| given.has(name)).collect();
        match inputs[..] {
            [first, second, ..] => vec![
                Problem::new(second, format!("`{first}` and `{second}` exclude each other"))
                    .with_hint("keep one of them"),
            ],
            _ => Vec::new(),
        }
    }

    fn id_in_terraform(attributes: &Value) -> Option<String> {
        let [rule, target] = ["rule", "target_id"].map(|name| attributes.get(name).as_str());
        let bus = attributes.get("event_bus_name").as_str().unwrap_or(DEFAULT_BUS);
        Some(id_on(bus, &format!("{}/{}", rule?, target?)))
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let (bus, [rule, target_id]) = parts(id)?;
        let mut page = None;
        loop {
            let answer = reader
                .eventbridge()
                .list_targets_by_rule()
                .rule(rule)
                .event_bus_name(bus)
                .set_next_token(page)
                .send()
                .await
                .unless(ABSENT)?;
            let Some(answer) = answer else { return Ok(None) };
            if let Some(target) = answer.targets().iter().find(|target| target.id() == target_id) {
                return Ok(Some(Self {
                    rule: rule.to_owned(),
                    event_bus_name: bus.to_owned(),
                    ..Self::of(target, prior)
                }));
            }
            page = answer.next_token;
            if page.is_none() {
                return Ok(None);
            }
        }
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
        self.put(writer, &id).await?;
        Ok(Created::complete(id))
    }

    async fn update(&self, writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        self.put(writer, id).await
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let (bus, [rule, target_id]) = parts(id)?;
        repeat_while(
            |error| error.is(BUSY),
            PROPAGATION,
            || async {
                let remove =
                    writer.eventbridge().remove_targets().rule(rule).event_bus_name(bus).ids(target_id);
                let answer =
                    remove.set_force(prior.force_destroy.then_some(true)).send().await.unless(ABSENT)?;
                let failed = answer.and_then(|answer| answer.failed_entries).unwrap_or_default();
                match failed.into_iter().next().map(|entry| refusal(entry.error_code, entry.error_message)) {
                    Some(error) if !error.is(ABSENT) => Err(error),
                    _ => Ok(()),
                }
            },
        )
        .await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let rule = events::rule(&of, of.text_or_any("rule"));
        let needs = of
            .needs()
            .on(&[Act::Find, Act::Read, Act::Create], &rule, &["events:ListTargetsByRule"])
            .change(&rule, &["events:PutTargets"])
            .delete(&rule, &["events:RemoveTargets"]);
        let is_passed = of.changes() && of.has("role_arn");
        let roles = if is_passed { arn::roles(&of, of.attributes.get("role_arn")) } else { Vec::new() };
        arn::passing(needs, &roles, "events").done()
    }
}

impl EventTarget {
    fn id_for(&self, token: &Token) -> String {
        let target_id = names::choose(self.target_id.as_deref(), None, token);
        id_on(&self.event_bus_name, &format!("{}/{target_id}", self.rule))
    }

    /// Puts it, whole: what a put does not say is gone afterwards.
    async fn put(&self, writer: &Writer, id: &str) -> Result<(), KindError> {
        // The rule may have been made a moment ago. Not for long: a name that is mistyped is absent too.
        const FRESH: Duration = Duration::from_secs(10);
        let (bus, [rule, target_id]) = parts(id)?;
        let target = self.sdk(target_id)?;
        let put = || async {
            let put = writer.eventbridge().put_targets().rule(rule).event_bus_name(bus);
            let answer = put.targets(target.clone()).send().await.or_fail()?;
            let failed = answer.failed_entries.unwrap_or_default().into_iter().next();
            failed.map_or(Ok(()), |entry| Err(refusal(entry.error_code, entry.error_message)))
        };
        let put_on_rule = || repeat_while(passes, PROPAGATION, put);
        repeat_while(|error| error.is(ABSENT), FRESH, put_on_rule).await
    }

    fn of(target: &types::Target, prior: &Self) -> Self {
        Self {
            target_id: Some(target.id().to_owned()),
            arn: target.arn().to_owned(),
            role_arn: target.role_arn().map(str::to_owned),
            input: target.input().map(Document::parse),
            input_path: target.input_path().map(str::to_owned),
            input_transformer: target.input_transformer().map(|transformer| InputTransformer {
                input_paths: parameters::map(transformer.input_paths_map()),
                input_template: transformer.input_template().to_owned(),
            }),
            retry_policy: target.retry_policy().map(|policy| RetryPolicy {
                maximum_event_age_in_seconds: policy.maximum_event_age_in_seconds(),
                maximum_retry_attempts: policy.maximum_retry_attempts(),
            }),
            dead_letter_config: target
                .dead_letter_config()
                .and_then(|config| config.arn())
                .map(|arn| DeadLetterConfig { arn: arn.to_owned() }),
            sqs_target: target.sqs_parameters().map(SqsTarget::read),
            http_target: target.http_parameters().map(HttpTarget::read),
            kinesis_target: target.kinesis_parameters().map(KinesisTarget::read),
            ecs_target: target
                .ecs_parameters()
                .map(|parameters| EcsTarget::read(parameters, prior.ecs_target.as_ref())),
            batch_target: target.batch_parameters().map(BatchTarget::read),
            run_command_targets: target
                .run_command_parameters()
                .map(|parameters| {
                    parameters.run_command_targets().iter().map(RunCommandTarget::read).collect()
                })
                .unwrap_or_default(),
            redshift_target: target.redshift_data_parameters().map(RedshiftTarget::read),
            sagemaker_pipeline_target: target
                .sage_maker_pipeline_parameters()
                .map(SagemakerPipelineTarget::read),
            appsync_target: target.app_sync_parameters().map(AppsyncTarget::read),
            ..Self::default()
        }
    }

    fn sdk(&self, target_id: &str) -> Result<types::Target, KindError> {
        let transformer = self.input_transformer.as_ref().map(|transformer| {
            let paths = transformer.input_paths.clone().into_iter().collect();
            types::InputTransformer::builder()
                .set_input_paths_map((!transformer.input_paths.is_empty()).then_some(paths))
                .input_template(&transformer.input_template)
                .build()
                .map_err(malformed)
        });
        let retry = self.retry_policy.as_ref().map(|policy| {
            types::RetryPolicy::builder()
                .set_maximum_event_age_in_seconds(policy.maximum_event_age_in_seconds)
                .set_maximum_retry_attempts(policy.maximum_retry_attempts)
                .build()
        });
        let dead_letters = self
            .dead_letter_config
            .as_ref()
            .map(|config| types::DeadLetterConfig::builder().arn(&config.arn).build());
        types::Target::builder()
            .id(target_id)
            .arn(&self.arn)
            .set_role_arn(self.role_arn.clone())
            .set_input(self.input.as_ref().map(Document::to_string))
            .set_input_path(self.input_path.clone())
            .set_input_transformer(transformer.transpose()?)
            .set_retry_policy(retry)
            .set_dead_letter_config(dead_letters)
            .set_sqs_parameters(self.sqs_target.as_ref().map(SqsTarget::sdk))
            .set_http_parameters(self.http_target.as_ref().map(HttpTarget::sdk))
            .set_kinesis_parameters(self.kinesis_target.as_ref().map(KinesisTarget::sdk).transpose()?)
            .set_ecs_parameters(self.ecs_target.as_ref().map(EcsTarget::sdk).transpose()?)
            .set_batch_parameters(self.batch_target.as_ref().map(BatchTarget::sdk).transpose()?)
            .set_run_command_parameters(RunCommandTarget::sdk(&self.run_command_targets)?)
            .set_redshift_data_parameters(self.redshift_target.as_ref().map(RedshiftTarget::sdk).transpose()?)
            .set_sage_maker_pipeline_parameters(
                self.sagemaker_pipeline_target.as_ref().map(SagemakerPipelineTarget::sdk).transpose()?,
            )
            .set_app_sync_parameters(self.appsync_target.as_ref().map(AppsyncTarget::sdk))
            .build()
            .map_err(malformed)
    }
}

fn parts(id: &str) -> Result<(&str, [&str; 2]), KindError> {
    parts_on(id, "rule/target")
}

/// Why an entry of a list was refused.
fn refusal(code: Option<String>, message: Option<String>) -> KindError {
    KindError { code, ..KindError::new(message.unwrap_or_else(|| "EventBridge gives no reason".to_owned())) }
}

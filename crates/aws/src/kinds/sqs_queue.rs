//! `aws_sqs_queue`: its life. What can be said of a queue, and how SQS takes it, is in [`settings`].

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::types::QueueAttributeName;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Document, Kind, KindError, Policy, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, PROPAGATION, create_named, repeat_while};
use crate::clients::{Reader, Writer};
use crate::kms;
use crate::names;
use crate::permissions::arn;
use crate::reads::beside;
use crate::tags::{self, Tags};

mod fitness;
mod settings;

use settings::Attributes;

/// A queue of Amazon SQS: where messages wait until someone has dealt with them. From the SQS API (`CreateQueue`); its
/// id is its URL.
///
/// The name of a queue that was deleted is free again after a minute, which is waited for.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Queue {
    /// Name; that of a FIFO queue ends in `.fifo`. Made up from `name_prefix` when absent.
    #[schemars(
        length(min = 1, max = 80),
        regex(pattern = r"^[A-Za-z0-9_-]+(\.fifo)?$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    name: Option<String>,
    /// Beginning of a name that is made up.
    #[schemars(
        length(max = 49),
        regex(pattern = r"^[A-Za-z0-9_-]*$"),
        extend("kept" = true, "forces_replacement" = true)
    )]
    name_prefix: Option<String>,
    /// Whether messages are received in order and once.
    #[schemars(extend("forces_replacement" = true))]
    #[serde(default)]
    fifo_queue: bool,
    /// Whether messages of the same content are one, in a FIFO queue, if the sender gives them no id for that.
    #[serde(default)]
    content_based_deduplication: bool,
    /// What is free of duplicates in a FIFO queue.
    #[schemars(extend("enum" = ["queue", "messageGroup"], "computed" = true))]
    deduplication_scope: Option<String>,
    /// What the throughput of a FIFO queue is counted by.
    #[schemars(extend("enum" = ["perQueue", "perMessageGroupId"], "computed" = true))]
    fifo_throughput_limit: Option<String>,
    /// Seconds for which a new message cannot be received.
    #[schemars(range(min = 0, max = 900))]
    #[serde(default)]
    delay_seconds: i32,
    /// Bytes that a message can have. Absent: AWS's default, 1 MiB.
    #[schemars(range(min = 1024, max = 1_048_576), extend("computed" = true, "usual" = 1_048_576))]
    max_message_size: Option<i32>,
    /// Seconds for which a message is kept.
    #[schemars(range(min = 60, max = 1_209_600))]
    #[serde(default = "four_days")]
    message_retention_seconds: i32,
    /// Seconds for which a receiver waits for a message if there is none.
    #[schemars(range(min = 0, max = 20))]
    #[serde(default)]
    receive_wait_time_seconds: i32,
    /// Seconds for which a message that was received is hidden from others.
    #[schemars(range(min = 0, max = 43_200))]
    #[serde(default = "half_a_minute")]
    visibility_timeout_seconds: i32,
    /// Who may do what with the queue. Absent: the account's own policies decide.
    policy: Option<Policy>,
    /// Where messages go that were received too often: `{ deadLetterTargetArn = "…", maxReceiveCount = 5 }`.
    redrive_policy: Option<Document>,
    /// Which queues may use this one for that: `{ redrivePermission = "byQueue", sourceQueueArns = ["…"] }`.
    redrive_allow_policy: Option<Document>,
    /// Whether SQS encrypts messages with a key of its own. Absent: it does, unless `kms_master_key_id` names another.
    #[schemars(extend("computed" = true, "usual" = true))]
    sqs_managed_sse_enabled: Option<bool>,
    /// ARN, id or alias of the KMS key that encrypts messages.
    #[schemars(length(max = 2048), extend("compare" = "arn_or_id"))]
    kms_master_key_id: Option<String>,
    /// Seconds for which SQS uses a data key before it asks KMS for another. Absent: AWS's default, 5 minutes.
    #[schemars(range(min = 60, max = 86_400), extend("computed" = true, "usual" = 300))]
    kms_data_key_reuse_period_seconds: Option<i32>,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// URL, which is the id.
    #[serde(default)]
    url: Computed<String>,
}

fn four_days() -> i32 {
    4 * 24 * 60 * 60
}

fn half_a_minute() -> i32 {
    30
}

const ABSENT: &[&str] = &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];
const TAKEN: &[&str] = &["QueueAlreadyExists", "QueueNameExists"];
/// A queue of that name was deleted less than a minute ago.
const LEAVING: &[&str] = &["AWS.SimpleQueueService.QueueDeletedRecently", "QueueDeletedRecently"];
/// How long the name of a deleted queue is waited for: longer than the minute that AWS says.
const NAME_HELD: Duration = Duration::from_secs(80);
/// How long a principal that does not exist is taken for one that was made a moment ago and is not known everywhere
/// yet: a misspelt one is more likely.
const PATIENCE: Duration = Duration::from_secs(30);

#[async_trait]
impl Kind for Queue {
    const NAME: &'static str = "aws_sqs_queue";
    const TAKES: Duration = Duration::from_secs(3 * 60);
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::SQS::Queue", |queue| {
            queue.rename("name", "QueueName");
            // A standard queue must not hear that it is none of the others.
            queue.unless("fifo_queue", "FifoQueue", false);
            queue.unless("content_based_deduplication", "ContentBasedDeduplication", false);
            queue.same(&["deduplication_scope", "fifo_throughput_limit", "sqs_managed_sse_enabled"]);
            queue.same(&["kms_master_key_id", "kms_data_key_reuse_period_seconds"]);
            queue.unless("delay_seconds", "DelaySeconds", 0_i64);
            queue.rename("max_message_size", "MaximumMessageSize");
            queue.unless("message_retention_seconds", "MessageRetentionPeriod", i64::from(four_days()));
            queue.unless("receive_wait_time_seconds", "ReceiveMessageWaitTimeSeconds", 0_i64);
            queue.unless("visibility_timeout_seconds", "VisibilityTimeout", i64::from(half_a_minute()));
            queue.document("redrive_policy", "RedrivePolicy");
            queue.document("redrive_allow_policy", "RedriveAllowPolicy");
            queue.tags();
            queue.note("name_prefix", "CloudFormation makes the name up, out of that of the stack");
            queue.refuse(
                "policy",
                "there it is an `AWS::SQS::QueuePolicy`: leave it out, and add that to the template",
            );
        })
        .with(&[
            ("id", Returned::Ref),
            ("url", Returned::Ref),
            ("name", Returned::GetAtt("QueueName")),
            ("arn", Returned::GetAtt("Arn")),
        ]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        fitness::problems(configuration)
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let tags = async { reader.sqs().list_queue_tags().queue_url(id).send().await.unless(ABSENT) };
        let found = beside(attributes(reader, id), tags).await?;
        let Some((attributes, Some(tags))) = found else { return Ok(None) };
        Ok(Some(Self {
            tags: tags::own(tags.tags.unwrap_or_default()),
            url: id.into(),
            ..prior.as_read(&attributes)
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let name = self.name_for(token);
        let answer = reader.sqs().get_queue_url().queue_name(name).send().await.unless(ABSENT)?;
        Ok(answer.and_then(|answer| answer.queue_url))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    /// All at once: what is set later takes effect only after a while.
    async fn obstacles(&self, reader: &Reader, _there: Option<&str>) -> Result<Vec<Problem>, KindError> {
        kms::obstacle(reader, "kms_master_key_id", self.kms_master_key_id.as_deref()).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let request = writer
            .sqs()
            .create_queue()
            .queue_name(self.name_for(token))
            .set_attributes(Some(self.given()))
            .set_tags((!self.tags.is_empty()).then(|| self.tags.clone().into_iter().collect()));
        let create = async {
            let created = repeat_while(
                |error| error.is(LEAVING),
                NAME_HELD,
                || {
                    repeat_while(is_about_policy, PATIENCE, || async {
                        request.clone().send().await.or_fail()
                    })
                },
            );
            Ok(created.await?.queue_url.unwrap_or_default())
        };
        Ok(Created::complete(create_named(self, writer.reader(), token, TAKEN, create).await?))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let sqs = writer.sqs();
        let changed = self.changes(prior);
        if !changed.is_empty() {
            let set = sqs.set_queue_attributes().queue_url(id).set_attributes(Some(changed.clone()));
            repeat_while(is_about_policy, PATIENCE, || async { set.clone().send().await.or_fail() }).await?;
            take_effect(writer.reader(), id, &changed).await?;
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if !set.is_empty() {
            sqs.tag_queue().queue_url(id).set_tags(Some(set.into_iter().collect())).send().await.or_fail()?;
        }
        if !remove.is_empty() {
            sqs.untag_queue().queue_url(id).set_tag_keys(Some(remove)).send().await.or_fail()?;
        }
        Ok(())
    }

    /// Until it is gone: one that is on its way out still looks like one that has the name.
    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        writer.sqs().delete_queue().queue_url(id).send().await.unless(ABSENT)?;
        settle(|| async { Ok(attributes(writer.reader(), id).await?.is_none()) }).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let named = || {
            let ending = if of.has("fifo_queue") && of.text("name").is_none() { ".fifo" } else { "" };
            format!("{}{ending}", arn::name(&of, "name", "name_prefix"))
        };
        // The id is its URL, which ends with its name.
        let name = of.id.and_then(|url| url.rsplit('/').next()).map_or_else(named, str::to_owned);
        let queue = arn::regional("sqs", &name);
        let is_set = of.act == Act::Update && !of.only_differs(&["tags"]);
        of.needs()
            .on(&[Act::Find, Act::Create], &queue, &["sqs:GetQueueUrl"])
            .read(&queue, &["sqs:GetQueueAttributes", "sqs:ListQueueTags"])
            .create(&queue, &["sqs:CreateQueue"])
            .when(is_set, &queue, &["sqs:SetQueueAttributes", "sqs:GetQueueAttributes"])
            .tagging(&queue, "sqs:TagQueue", "sqs:UntagQueue")
            .delete(&queue, &["sqs:DeleteQueue", "sqs:GetQueueAttributes"])
            .done()
    }
}

impl Queue {
    fn name_for(&self, token: &Token) -> String {
        names::choose_fifo(self.name.as_deref(), self.name_prefix.as_deref(), self.fifo_queue, token)
    }
}

/// What SQS says of a queue, unless there is no such queue.
async fn attributes(reader: &Reader, url: &str) -> Result<Option<Attributes>, KindError> {
    let get = reader.sqs().get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    let answer = get.send().await.unless(ABSENT)?;
    Ok(answer.map(|answer| answer.attributes.unwrap_or_default()))
}

/// SQS refuses a policy that names a principal that it does not know, which may be because it was made just now.
fn is_about_policy(error: &KindError) -> bool {
    error.is(&["InvalidAttributeValue"]) && error.message.ends_with("Policy.")
}

/// Waits until SQS tells what was set. It can take a minute.
async fn take_effect(reader: &Reader, url: &str, changed: &Attributes) -> Result<(), KindError> {
    settle(|| async {
        let there = attributes(reader, url).await?.unwrap_or_default();
        Ok(changed.iter().all(|(name, value)| settings::is_set(&there, name, value)))
    })
    .await
}

/// Waits for something that takes a moment; that it takes longer is no failure.
async fn settle<F>(mut is_so: impl FnMut() -> F) -> Result<(), KindError>
where
    F: Future<Output = Result<bool, KindError>>,
{
    const NOT_YET: &str = "NotYet";
    let mut ask = || {
        let asked = is_so();
        async {
            match asked.await? {
                true => Ok(()),
                false => Err(KindError { code: Some(NOT_YET.to_owned()), ..KindError::new("not yet") }),
            }
        }
    };
    match repeat_while(|error| error.is(&[NOT_YET]), PROPAGATION, &mut ask).await {
        Err(error) if error.is(&[NOT_YET]) => Ok(()),
        outcome => outcome,
    }
}

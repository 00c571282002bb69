//! `aws_sns_topic`.

use async_trait::async_trait;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Document, Kind, KindError, Policy, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sns_topic_policy;
use crate::call::{self, Outcome, eventually, repeat_while};
use crate::clients::{Reader, Writer};
use crate::given::Given;
use crate::kms;
use crate::permissions::arn;
use crate::reads::beside;
use crate::sns::{
    self, ABSENT, INVALID, PATIENCE, api_tags, is_about_principal, set, tags_of, topic_attributes,
};
use crate::tags::{self, Tags};
use crate::{iam, names};

mod cloudformation;
mod feedback;

use feedback::Feedback;

/// A topic of Amazon SNS: where messages are published, to be delivered to all who have subscribed. From the SNS API
/// (`CreateTopic`); its id is its ARN.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Topic {
    /// Name; that of a FIFO topic ends in `.fifo`. Made up from `name_prefix` when absent.
    #[schemars(
        length(min = 1, max = 256),
        regex(pattern = r"^[A-Za-z0-9_-]+(\.fifo)?$"),
        extend("computed" = true, "forces_replacement" = true)
    )]
    name: Option<String>,
    /// Beginning of a name that is made up.
    #[schemars(
        length(max = 225),
        regex(pattern = r"^[A-Za-z0-9_-]*$"),
        extend("kept" = true, "forces_replacement" = true)
    )]
    name_prefix: Option<String>,
    /// What mails and text messages from the topic name as their sender.
    #[schemars(length(max = 100))]
    #[serde(default)]
    display_name: String,
    /// Who may do what with the topic. Absent: AWS's default, by which the account's own policies decide, or what an
    /// `aws_sns_topic_policy` says.
    #[schemars(extend("computed" = true, "apart" = "aws_sns_topic_policy"))]
    policy: Option<Policy>,
    /// How failed deliveries to HTTP endpoints are repeated. Absent: AWS's default.
    delivery_policy: Option<Document>,
    /// ARN, id or alias of the KMS key that encrypts messages at rest.
    #[schemars(length(max = 2048), extend("compare" = "arn_or_id"))]
    kms_master_key_id: Option<String>,
    /// Whether messages are delivered in order and once.
    #[schemars(extend("forces_replacement" = true))]
    #[serde(default)]
    fifo_topic: bool,
    /// Whether messages of the same content are one, in a FIFO topic, if the publisher gives them no id for that.
    #[serde(default)]
    content_based_deduplication: bool,
    /// What the throughput and the deduplication of a FIFO topic are counted by.
    #[schemars(extend("enum" = ["Topic", "MessageGroup"], "computed" = true))]
    fifo_throughput_scope: Option<String>,
    /// For how many days a FIFO topic keeps its messages for replay: `{ MessageRetentionPeriod = 30 }`.
    archive_policy: Option<Document>,
    /// How notifications are signed: 1 with SHA-1, 2 with SHA-256.
    #[schemars(extend("enum" = [1, 2], "computed" = true, "usual" = 1))]
    signature_version: Option<i32>,
    /// Whether X-Ray is told of messages whose publisher traces them.
    #[schemars(extend("enum" = ["PassThrough", "Active"], "computed" = true, "usual" = "PassThrough"))]
    tracing_config: Option<String>,
    #[serde(flatten)]
    feedback: Feedback,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// The number of the account whose topic it is.
    #[serde(default)]
    owner: Computed<String>,
    /// Since when messages can be replayed.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    beginning_archive_time: Computed<String>,
}

/// Characters that the policy of a topic can have.
pub(super) const POLICY_LIMIT: usize = 30_720;
/// What only a FIFO topic has.
const FIFO_ONLY: [&str; 3] = ["content_based_deduplication", "fifo_throughput_scope", "archive_policy"];
const BUSY: &[&str] = &["ConcurrentAccess"];
/// An archive policy that archives nothing.
const NO_ARCHIVE: &str = "{}";

/// The arguments that are set as attributes of a topic that is there.
const SETTINGS: [&str; 9] = [
    "archive_policy",
    "content_based_deduplication",
    "delivery_policy",
    "display_name",
    "fifo_throughput_scope",
    "kms_master_key_id",
    "policy",
    "signature_version",
    "tracing_config",
];

#[async_trait]
impl Kind for Topic {
    const NAME: &'static str = "aws_sns_topic";
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        let mut problems = names::exclusive(configuration, "name", "name_prefix");
        problems.extend(names::fifo(configuration, "fifo_topic"));
        if given.lacks("fifo_topic") {
            problems.extend(FIFO_ONLY.iter().filter(|name| given.has(name)).map(|name| {
                Problem::new(*name, format!("only a FIFO topic has `{name}`"))
                    .with_hint("add `fifo_topic = true`, or remove it")
            }));
        }
        problems.extend(iam::policy_problems(configuration.get("policy"), "policy", POLICY_LIMIT));
        problems
    }

    /// The policy that a topic has from the beginning.
    fn leave_unsaid(attributes: &mut Value) {
        if sns_topic_policy::is_default(&Policy(attributes.get("policy").to_json()))
            && let Value::Map(attributes) = attributes
        {
            attributes.remove("policy");
        }
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let found = beside(topic_attributes(reader, id), tags_of(reader, id)).await?;
        let Some((attributes, Some(tags))) = found else { return Ok(None) };
        let is_true = |name: &str| attributes.get(name).is_some_and(|value| value == "true");
        Ok(Some(Self {
            name: id.rsplit(':').next().map(str::to_owned),
            name_prefix: prior.name_prefix.clone(),
            display_name: set(&attributes, "DisplayName").unwrap_or_default(),
            policy: attributes.get("Policy").map(|policy| Policy::parse(policy)),
            delivery_policy: sns::delivery_policy(
                sns::document(&attributes, "DeliveryPolicy"),
                prior.delivery_policy.as_ref(),
            ),
            kms_master_key_id: set(&attributes, "KmsMasterKeyId"),
            fifo_topic: is_true("FifoTopic"),
            content_based_deduplication: is_true("ContentBasedDeduplication"),
            fifo_throughput_scope: set(&attributes, "FifoThroughputScope"),
            archive_policy: sns::document(&attributes, "ArchivePolicy"),
            signature_version: attributes.get("SignatureVersion").and_then(|version| version.parse().ok()),
            tracing_config: set(&attributes, "TracingConfig"),
            feedback: Feedback::read(&attributes),
            tags,
            arn: id.into(),
            owner: set(&attributes, "Owner").into(),
            beginning_archive_time: set(&attributes, "BeginningArchiveTime").into(),
        }))
    }

    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let arn = sns::topic_arn(reader, &self.name_for(token)).await?;
        Ok(topic_attributes(reader, &arn).await?.map(|_| arn))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn obstacles(&self, reader: &Reader, _there: Option<&str>) -> Result<Vec<Problem>, KindError> {
        kms::obstacle(reader, "kms_master_key_id", self.kms_master_key_id.as_deref()).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let name = self.name_for(token);
        // The same request again gives the same topic.
        let create = writer
            .sns()
            .create_topic()
            .name(&name)
            .set_attributes(
                self.fifo_topic.then(|| [("FifoTopic".to_owned(), true.to_string())].into_iter().collect()),
            )
            .set_tags(api_tags(self.tags.clone())?);
        let created = eventually(BUSY, || async { create.clone().send().await.or_fail() }).await;
        let created = created.map_err(|error| match error.message.contains("already exists") {
            true => error.with_hint("choose another name, or import the one that is there"),
            false => error,
        })?;
        let bare = Self {
            name: Some(name),
            name_prefix: self.name_prefix.clone(),
            fifo_topic: self.fifo_topic,
            tags: self.tags.clone(),
            ..Self::default()
        };
        Ok(Created::bare(created.topic_arn.unwrap_or_default(), bare))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let there = prior.settings();
        for (setting, before) in self.settings().into_iter().zip(there) {
            let (name, Some(value)) = setting.clone() else { continue };
            if setting != before {
                set_attribute(writer, id, name, &value).await?;
            }
        }
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        if let Some(tags) = api_tags(set)? {
            let tag = writer.sns().tag_resource().resource_arn(id).set_tags(Some(tags));
            eventually(BUSY, || async { tag.clone().send().await.or_fail() }).await?;
        }
        if !remove.is_empty() {
            let untag = writer.sns().untag_resource().resource_arn(id).set_tag_keys(Some(remove));
            eventually(BUSY, || async { untag.clone().send().await.or_fail() }).await?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        // A topic that keeps messages is kept itself.
        if prior.archive_policy.is_some() {
            let set = writer.sns().set_topic_attributes().topic_arn(id);
            let set = set.attribute_name("ArchivePolicy").attribute_value(NO_ARCHIVE);
            set.send().await.unless(ABSENT)?;
        }
        writer.sns().delete_topic().topic_arn(id).send().await.unless(ABSENT)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let named = || {
            let ending = if of.has("fifo_topic") && of.text("name").is_none() { ".fifo" } else { "" };
            arn::regional("sns", &format!("{}{ending}", arn::name(&of, "name", "name_prefix")))
        };
        let topic = of.id.map_or_else(named, str::to_owned);
        let sets = of.sets(&SETTINGS) || of.sets(&feedback::ARGUMENTS);
        let is_kept = of.act == Act::Delete && of.has("archive_policy");
        let needs = of
            .needs()
            .on(&[Act::Find, Act::Create], &topic, &["sns:GetTopicAttributes"])
            .read(&topic, &["sns:GetTopicAttributes", "sns:ListTagsForResource"])
            .create(&topic, &["sns:CreateTopic"])
            .when(sets || is_kept, &topic, &["sns:SetTopicAttributes"])
            .tagging(&topic, "sns:TagResource", "sns:UntagResource")
            .delete(&topic, &["sns:DeleteTopic"]);
        let roles =
            feedback::ARGUMENTS.iter().filter(|name| name.ends_with("_role_arn") && of.sets(&[**name]));
        let roles =
            roles.filter(|name| of.has(name)).flat_map(|name| arn::roles(&of, of.attributes.get(name)));
        arn::passing(needs, &roles.collect::<Vec<_>>(), "sns").done()
    }
}

impl Topic {
    fn name_for(&self, token: &Token) -> String {
        names::choose_fifo(self.name.as_deref(), self.name_prefix.as_deref(), self.fifo_topic, token)
    }

    /// What can be changed, as attributes that SNS takes; none where AWS's own choice is left alone.
    fn settings(&self) -> Vec<(&'static str, Option<String>)> {
        let settings = [
            ("DisplayName", Some(self.display_name.clone())),
            ("Policy", self.policy.as_ref().map(ToString::to_string)),
            ("DeliveryPolicy", Some(sns::text(self.delivery_policy.as_ref(), ""))),
            ("KmsMasterKeyId", Some(self.kms_master_key_id.clone().unwrap_or_default())),
            ("ContentBasedDeduplication", Some(self.content_based_deduplication.to_string())),
            ("FifoThroughputScope", self.fifo_throughput_scope.clone()),
            ("ArchivePolicy", Some(sns::text(self.archive_policy.as_ref(), NO_ARCHIVE))),
            ("SignatureVersion", self.signature_version.map(|version| version.to_string())),
            ("TracingConfig", self.tracing_config.clone()),
        ];
        settings.into_iter().chain(self.feedback.settings()).collect()
    }
}

/// Sets an attribute of a topic. A principal or role that was made a moment ago is not known everywhere yet.
pub(super) async fn set_attribute(
    writer: &Writer,
    arn: &str,
    name: &str,
    value: &str,
) -> Result<(), KindError> {
    let set = writer.sns().set_topic_attributes().topic_arn(arn).attribute_name(name).attribute_value(value);
    let set = repeat_while(is_about_principal, PATIENCE, || async { set.clone().send().await.or_fail() });
    set.await.map(drop).map_err(|error| match error.is(INVALID) {
        true => KindError { message: format!("{name}: {}", error.message), ..error },
        false => error,
    })
}

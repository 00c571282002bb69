//! `aws_sns_topic_subscription`: its life. Where a subscription is found is in [`place`], and what fits together in
//! [`fitness`].

use std::time::Duration;

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Document, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, repeat_while};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;
use crate::sns::{self, ABSENT, Attributes, INVALID, PATIENCE, is_about_principal, set};

mod fitness;
mod place;

use place::{Listed, Place};

/// A subscription to an SNS topic: who gets what is published there. From the SNS API (`Subscribe`); its id is
/// `<topic_arn>|<protocol>|<endpoint>`, of which a topic has one subscription. Its ARN identifies it too, and can be
/// imported.
///
/// Mail addresses, HTTP endpoints and queues of other accounts have to confirm a subscription. Until they do it is
/// pending, which is no error: nothing is delivered, AWS lists it without its ARN, and forgets it after two days. It
/// cannot be deleted: a destroy forgets it, and AWS does so in time.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Subscription {
    /// ARN of the topic.
    #[schemars(
        regex(pattern = r"^arn:[a-z0-9-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$"),
        extend("forces_replacement" = true)
    )]
    topic_arn: String,
    /// What kind of endpoint it is.
    #[schemars(extend(
        "enum" = ["application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"],
        "forces_replacement" = true
    ))]
    protocol: String,
    /// Where messages are delivered: a URL, an address, a number, or the ARN of a queue, function, delivery stream or
    /// platform endpoint.
    #[schemars(length(min = 1, max = 2048), extend("forces_replacement" = true))]
    endpoint: String,
    /// Which messages are delivered. Absent: all.
    filter_policy: Option<Document>,
    /// What the filter looks at.
    #[schemars(extend("enum" = ["MessageAttributes", "MessageBody"], "computed" = true, "usual" = "MessageAttributes"))]
    filter_policy_scope: Option<String>,
    /// Whether messages are delivered as they were published, without SNS's envelope.
    #[serde(default)]
    raw_message_delivery: bool,
    /// Where what cannot be delivered goes: `{ deadLetterTargetArn = "…" }`.
    redrive_policy: Option<Document>,
    /// From when on messages of the archive of a FIFO topic are delivered again.
    replay_policy: Option<Document>,
    /// How failed deliveries to an HTTP endpoint are repeated. Absent: as the topic says.
    delivery_policy: Option<Document>,
    /// ARN of the role with which SNS writes to a delivery stream of Firehose.
    subscription_role_arn: Option<String>,
    /// Whether an HTTP endpoint confirms subscriptions by itself, so that it is waited for.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    endpoint_auto_confirms: bool,
    /// How long that is waited for.
    #[schemars(range(min = 1, max = 30), extend("kept" = true))]
    #[serde(default = "a_minute")]
    confirmation_timeout_in_minutes: i32,
    /// ARN; absent while it is pending, if an interrupted run has subscribed.
    #[serde(default)]
    arn: Computed<String>,
    /// The number of the account whose subscription it is.
    #[serde(default)]
    owner_id: Computed<String>,
    /// Whether it waits to be confirmed.
    #[serde(default)]
    pending_confirmation: Computed<bool>,
    /// Whether it took credentials to confirm it, so that only they can end it.
    #[serde(default)]
    confirmation_was_authenticated: Computed<bool>,
}

fn a_minute() -> i32 {
    1
}

/// A filter that lets everything through: nothing removes one but this.
const NO_FILTER: &str = "{}";
const BODY: &str = "MessageBody";
/// Our own code for a subscription that waits to be confirmed.
const PENDING: &str = "PendingConfirmation";

#[async_trait]
impl Kind for Subscription {
    const NAME: &'static str = "aws_sns_topic_subscription";
    const TAKES: Duration = Duration::from_secs(2 * 60);
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::SNS::Subscription", |subscription| {
            subscription.same(&["topic_arn", "protocol", "endpoint"]);
            subscription.same(&["filter_policy_scope", "subscription_role_arn"]);
            subscription.unless("raw_message_delivery", "RawMessageDelivery", false);
            subscription.document("filter_policy", "FilterPolicy");
            subscription.document("redrive_policy", "RedrivePolicy");
            subscription.document("replay_policy", "ReplayPolicy");
            subscription.document("delivery_policy", "DeliveryPolicy");
            subscription.ours(&["endpoint_auto_confirms", "confirmation_timeout_in_minutes"]);
        })
        .with(&[
            ("id", Returned::Known(id)),
            ("arn", Returned::Ref),
            ("owner_id", Returned::Sub("${AWS::AccountId}")),
        ]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        fitness::problems(configuration)
    }

    /// By its ARN, which it has once it is confirmed.
    fn terraform_import_id(_id: &str, attributes: &Value) -> Option<String> {
        attributes.get("arn").as_str().filter(|arn| arn.starts_with("arn:")).map(str::to_owned)
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let place = Place::of(id)?;
        let known = place.arn().or(prior.arn.as_deref());
        if let Some(arn) = known
            && let Some(attributes) = attributes(reader, arn).await?
        {
            return Ok(Some(prior.as_read(arn, &attributes)));
        }
        match place.listed(reader).await? {
            None => Ok(None),
            Some(Listed::Confirmed(arn)) => {
                let attributes = attributes(reader, &arn).await?;
                Ok(attributes.map(|attributes| prior.as_read(&arn, &attributes)))
            }
            // What cannot be read is taken to be as it was asked for.
            Some(Listed::Pending) => {
                let (topic, protocol, endpoint) = place.parts().unwrap_or_default();
                Ok(Some(Self {
                    topic_arn: topic.to_owned(),
                    protocol: protocol.to_owned(),
                    endpoint: endpoint.to_owned(),
                    arn: None.into(),
                    owner_id: topic.split(':').nth(4).map(str::to_owned).into(),
                    pending_confirmation: true.into(),
                    confirmation_was_authenticated: false.into(),
                    ..prior.clone()
                }))
            }
        }
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let id = self.id();
        Ok(Place::of(&id)?.listed(reader).await?.map(|_| id))
    }

    /// One that is pending is in nobody's way: whoever subscribes again asks for the confirmation again.
    async fn ensure_free(&self, reader: &Reader, _token: &Token) -> Result<(), KindError> {
        match Place::of(&self.id())?.listed(reader).await? {
            Some(Listed::Confirmed(arn)) => {
                Err(KindError::new(format!("the endpoint is subscribed to the topic already: {arn}"))
                    .with_hint("import that subscription, or remove it"))
            }
            _ => Ok(()),
        }
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        let arn = self.subscribe(writer).await?;
        if self.endpoint_auto_confirms {
            self.until_confirmed(writer.reader(), &arn).await.map_err(KindError::undecided)?;
        }
        let subscribed = Self { arn: arn.into(), ..self.clone() };
        let id = self.id();
        // Only this answer tells the ARN of one that is pending.
        match Self::read(writer.reader(), &id, &subscribed).await.map_err(KindError::undecided)? {
            Some(attributes) => Ok(Created::Known { id, attributes }),
            None => Ok(Created::complete(id)),
        }
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let changed: Vec<(&'static str, String)> = self
            .settings()
            .into_iter()
            .zip(prior.settings())
            .filter(|(setting, before)| setting != before)
            .filter_map(|((name, value), _)| Some((name, value?)))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        let arn = match Place::of(id)?.arn().or(prior.arn.as_deref()) {
            Some(arn) => arn.to_owned(),
            None => prior.subscribe(writer).await?,
        };
        for (name, value) in changed {
            let set = writer.sns().set_subscription_attributes().subscription_arn(&arn);
            let set = set.attribute_name(name).attribute_value(value);
            repeat_while(is_about_principal, PATIENCE, || async { set.clone().send().await.or_fail() })
                .await
                .map_err(|error| match error.is(INVALID) {
                    true => KindError { message: format!("{name}: {}", error.message), ..error },
                    false => error,
                })?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let place = Place::of(id)?;
        let arn = match place.arn().or(prior.arn.as_deref()) {
            Some(arn) => Some(arn.to_owned()),
            None => place.listed(writer.reader()).await?.and_then(Listed::into_arn),
        };
        let Some(arn) = arn else { return Ok(()) };
        match writer.sns().unsubscribe().subscription_arn(arn).send().await.unless(ABSENT) {
            Err(error) if error.is(INVALID) && error.message.contains("pending confirmation") => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let mut needs = of
            .needs()
            .on(&[Act::Read, Act::Create], "*", &["sns:GetSubscriptionAttributes"])
            .update("*", &["sns:SetSubscriptionAttributes"])
            .delete("*", &["sns:Unsubscribe"]);
        // Nothing but the list of its topic tells of one that is not confirmed.
        let is_pending = of.attributes.get("pending_confirmation").as_bool() == Some(true);
        let is_listed = [Act::Find, Act::Create].contains(&of.act) || is_pending;
        for topic in arn::topics(&of, of.attributes.get("topic_arn")) {
            needs = needs
                .create(&topic, &["sns:Subscribe"])
                .when(is_listed, &topic, &["sns:ListSubscriptionsByTopic"])
                .when(of.act == Act::Update && is_pending, &topic, &["sns:Subscribe"]);
        }
        let is_passed = of.sets(&["subscription_role_arn"]) && of.has("subscription_role_arn");
        let role = of.attributes.get("subscription_role_arn");
        let roles = if is_passed { arn::roles(&of, role) } else { Vec::new() };
        arn::passing(needs, &roles, "sns").done()
    }
}

impl Subscription {
    fn id(&self) -> String {
        format!("{}|{}|{}", self.topic_arn, self.protocol, self.endpoint)
    }

    /// Subscribes with all settings, so that no message passes a filter that is still to come, and gives the ARN. The
    /// same request again gives the same subscription.
    async fn subscribe(&self, writer: &Writer) -> Result<String, KindError> {
        let given = self.settings().into_iter().filter_map(|(name, value)| {
            let value = value.filter(|value| !["", NO_FILTER, "false"].contains(&value.as_str()))?;
            Some((name.to_owned(), value))
        });
        let attributes: Attributes = given.collect();
        let subscribe = writer
            .sns()
            .subscribe()
            .topic_arn(&self.topic_arn)
            .protocol(&self.protocol)
            .endpoint(&self.endpoint)
            .set_attributes((!attributes.is_empty()).then_some(attributes))
            .return_subscription_arn(true);
        let answer =
            repeat_while(is_about_principal, PATIENCE, || async { subscribe.clone().send().await.or_fail() });
        Ok(answer.await?.subscription_arn.unwrap_or_default())
    }

    async fn until_confirmed(&self, reader: &Reader, arn: &str) -> Result<(), KindError> {
        let minutes = u64::from(self.confirmation_timeout_in_minutes.unsigned_abs());
        repeat_while(|error| error.is(&[PENDING]), Duration::from_secs(60 * minutes), || async {
            let attributes = attributes(reader, arn).await?.unwrap_or_default();
            if attributes.get("PendingConfirmation").is_some_and(|pending| pending == "true") {
                let message = format!("{} has not confirmed the subscription", self.endpoint);
                let hint = "let it call the `SubscribeURL` that SNS posts to it, and run the same command again; or \
                            remove `endpoint_auto_confirms`";
                return Err(KindError {
                    code: Some(PENDING.to_owned()),
                    ..KindError::new(message).with_hint(hint)
                });
            }
            Ok(())
        })
        .await
    }

    /// What can be changed, as attributes that SNS takes, in the order to set them in; none where AWS's own choice is
    /// left alone. A filter that looks into bodies can have an inside that one that looks at attributes cannot have.
    fn settings(&self) -> Vec<(&'static str, Option<String>)> {
        let filter = ("FilterPolicy", Some(sns::text(self.filter_policy.as_ref(), NO_FILTER)));
        let scope = ("FilterPolicyScope", self.filter_policy_scope.clone());
        let is_of_body = self.filter_policy_scope.as_deref() == Some(BODY);
        let mut settings = vec![
            ("RawMessageDelivery", Some(self.raw_message_delivery.to_string())),
            ("RedrivePolicy", Some(sns::text(self.redrive_policy.as_ref(), ""))),
            ("ReplayPolicy", Some(sns::text(self.replay_policy.as_ref(), ""))),
            ("DeliveryPolicy", Some(sns::text(self.delivery_policy.as_ref(), ""))),
            ("SubscriptionRoleArn", Some(self.subscription_role_arn.clone().unwrap_or_default())),
        ];
        settings.extend(if is_of_body { [scope, filter] } else { [filter, scope] });
        settings
    }

    /// A subscription as SNS describes it; `self` is what it was.
    fn as_read(&self, arn: &str, attributes: &Attributes) -> Self {
        let is_true = |name: &str| attributes.get(name).is_some_and(|value| value == "true");
        let text = |name: &str| set(attributes, name).unwrap_or_default();
        Self {
            topic_arn: text("TopicArn"),
            protocol: text("Protocol"),
            // SNS hides the password in a URL.
            endpoint: match text("Endpoint") {
                shown if place::is_same_endpoint(&self.endpoint, &shown) => self.endpoint.clone(),
                shown => shown,
            },
            filter_policy: sns::document(attributes, "FilterPolicy"),
            filter_policy_scope: set(attributes, "FilterPolicyScope"),
            raw_message_delivery: is_true("RawMessageDelivery"),
            redrive_policy: sns::document(attributes, "RedrivePolicy"),
            replay_policy: sns::document(attributes, "ReplayPolicy"),
            delivery_policy: sns::delivery_policy(
                sns::document(attributes, "DeliveryPolicy"),
                self.delivery_policy.as_ref(),
            ),
            subscription_role_arn: set(attributes, "SubscriptionRoleArn"),
            endpoint_auto_confirms: self.endpoint_auto_confirms,
            confirmation_timeout_in_minutes: self.confirmation_timeout_in_minutes,
            arn: arn.into(),
            owner_id: set(attributes, "Owner").into(),
            pending_confirmation: is_true("PendingConfirmation").into(),
            confirmation_was_authenticated: is_true("ConfirmationWasAuthenticated").into(),
        }
    }
}

/// The id that follows from the arguments.
fn id(subscription: &Value) -> Option<Value> {
    let [topic, protocol, endpoint] =
        ["topic_arn", "protocol", "endpoint"].map(|name| subscription.get(name).as_str());
    Some(format!("{}|{}|{}", topic?, protocol?, endpoint?).into())
}

/// What SNS says of the subscription of that ARN, unless there is none.
async fn attributes(reader: &Reader, arn: &str) -> Result<Option<Attributes>, KindError> {
    let answer =
        reader.sns().get_subscription_attributes().subscription_arn(arn).send().await.unless(ABSENT)?;
    Ok(answer.map(|answer| answer.attributes.unwrap_or_default()))
}

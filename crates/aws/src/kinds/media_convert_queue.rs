//! `aws_media_convert_queue`.

use async_trait::async_trait;
use aws_sdk_mediaconvert::types::{
    Commitment, PricingPlan, Queue as SdkQueue, QueueStatus, RenewalType, ReservationPlan,
    ReservationPlanSettings,
};
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, create_named};
use crate::clients::{Reader, Writer};
use crate::given::Given;
use crate::mediaconvert::{ABSENT, TAKEN, change_tags, set, tags_of};
use crate::permissions::arn;
use crate::reads::with_arn;
use crate::tags::Tags;

/// A queue of AWS Elemental MediaConvert: where transcoding jobs wait, and how many run at once. From the MediaConvert
/// API (`CreateQueue`); its id is its name.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Queue {
    /// Name.
    #[schemars(length(min = 1, max = 150), extend("forces_replacement" = true))]
    name: String,
    /// What the queue is for.
    description: Option<String>,
    /// How many jobs run at once, at most; absent: what the account's quota gives. A reserved queue has
    /// `reserved_slots` instead.
    #[schemars(range(min = 1), extend("computed" = true))]
    concurrent_jobs: Option<i32>,
    /// Whether jobs are paid by the minute, or transcoding slots by the year.
    #[schemars(extend("enum" = ["ON_DEMAND", "RESERVED"], "forces_replacement" = true))]
    #[serde(default = "on_demand")]
    pricing_plan: String,
    /// The slots that a reserved queue has. This is a purchase: it binds for a year.
    #[schemars(extend("computed" = true))]
    reservation_plan_settings: Option<Reservation>,
    /// Whether jobs are begun.
    #[schemars(extend("enum" = ["ACTIVE", "PAUSED"]))]
    #[serde(default = "active")]
    status: String,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
}

/// Transcoding slots that are bought for a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reservation {
    /// For how long.
    #[schemars(extend("enum" = ["ONE_YEAR"]))]
    commitment: String,
    /// What comes after that.
    #[schemars(extend("enum" = ["AUTO_RENEW", "EXPIRE"]))]
    renewal_type: String,
    /// How many slots. They can become more, and not less.
    #[schemars(range(min = 1))]
    reserved_slots: i32,
}

fn on_demand() -> String {
    "ON_DEMAND".to_owned()
}

fn active() -> String {
    "ACTIVE".to_owned()
}

#[async_trait]
impl Kind for Queue {
    const NAME: &'static str = "aws_media_convert_queue";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::MediaConvert::Queue", |queue| {
            queue.same(&["name", "description", "concurrent_jobs", "pricing_plan", "tags"]);
            queue.unless("status", "Status", active());
            queue.refuse("reservation_plan_settings", "slots cannot be bought by a template");
        })
        .with(&[("id", Returned::Ref), ("name", Returned::Ref), ("arn", Returned::GetAtt("Arn"))]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        let mut problems = Vec::new();
        match configuration.get("pricing_plan").as_str() {
            Some("RESERVED") if given.lacks("reservation_plan_settings") => problems.push(
                Problem::new(
                    "reservation_plan_settings",
                    "a reserved queue needs `reservation_plan_settings`",
                )
                .with_hint("add it (object)"),
            ),
            Some("RESERVED") if given.has("concurrent_jobs") => problems.push(
                Problem::new("concurrent_jobs", "a reserved queue runs as many jobs as it has slots")
                    .with_hint("set `reservation_plan_settings.reserved_slots` instead"),
            ),
            Some("ON_DEMAND") if given.has("reservation_plan_settings") => problems.push(
                Problem::new(
                    "reservation_plan_settings",
                    "an on-demand queue has no `reservation_plan_settings`",
                )
                .with_hint("remove it, or set `pricing_plan = \"RESERVED\"`"),
            ),
            _ => {}
        }
        problems
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let client = reader.mediaconvert();
        let queue = async {
            let answer = client.get_queue().name(id).send().await.unless(ABSENT)?;
            Ok(answer.and_then(|answer| answer.queue))
        };
        let tags = |arn: String| async move { tags_of(client, &arn).await };
        let found = with_arn(prior.arn.as_deref(), queue, SdkQueue::arn, tags).await?;
        let Some((queue, tags)) = found else { return Ok(None) };
        Ok(Some(Self {
            name: id.to_owned(),
            description: set(queue.description()),
            concurrent_jobs: queue.concurrent_jobs(),
            pricing_plan: queue.pricing_plan().map_or_else(on_demand, |plan| plan.as_str().to_owned()),
            reservation_plan_settings: queue.reservation_plan().and_then(Reservation::read),
            status: queue.status().map_or_else(active, |status| status.as_str().to_owned()),
            tags,
            arn: queue.arn().unwrap_or_default().into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let answer = reader.mediaconvert().get_queue().name(&self.name).send().await.unless(ABSENT)?;
        Ok(answer.map(|_| self.name.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let create = async {
            writer
                .mediaconvert()
                .create_queue()
                .name(&self.name)
                .set_description(self.description.clone())
                .set_concurrent_jobs(self.concurrent_jobs)
                .pricing_plan(PricingPlan::from(self.pricing_plan.as_str()))
                .set_reservation_plan_settings(self.reservation_plan_settings.as_ref().map(Reservation::sdk))
                .status(QueueStatus::from(self.status.as_str()))
                .set_tags((!self.tags.is_empty()).then(|| self.tags.clone().into_iter().collect()))
                .send()
                .await
                .or_fail()?;
            Ok(self.name.clone())
        };
        Ok(Created::complete(create_named(self, writer.reader(), token, TAKEN, create).await?))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let client = writer.mediaconvert();
        let is_described_anew = self.description != prior.description;
        let is_sized_anew = self.concurrent_jobs.is_some() && self.concurrent_jobs != prior.concurrent_jobs;
        let is_reserved_anew = self.reservation_plan_settings.is_some()
            && self.reservation_plan_settings != prior.reservation_plan_settings;
        let is_switched = self.status != prior.status;
        if is_described_anew || is_sized_anew || is_reserved_anew || is_switched {
            let reservation = self.reservation_plan_settings.as_ref().filter(|_| is_reserved_anew);
            client
                .update_queue()
                .name(id)
                .set_description(is_described_anew.then(|| self.description.clone().unwrap_or_default()))
                .set_concurrent_jobs(self.concurrent_jobs.filter(|_| is_sized_anew))
                .set_reservation_plan_settings(reservation.map(Reservation::sdk))
                .set_status(is_switched.then(|| QueueStatus::from(self.status.as_str())))
                .send()
                .await
                .or_fail()?;
        }
        match prior.arn.as_deref() {
            Some(arn) => change_tags(client, arn, &prior.tags, &self.tags).await,
            None => Ok(()),
        }
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        writer.mediaconvert().delete_queue().name(id).send().await.unless(ABSENT)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let queue = arn::regional("mediaconvert", &format!("queues/{}", of.text_or_any("name")));
        let is_changed = of.act == Act::Update && !of.only_differs(&["tags"]);
        of.needs()
            .on(&[Act::Find, Act::Read, Act::Create], &queue, &["mediaconvert:GetQueue"])
            .read(&queue, &["mediaconvert:ListTagsForResource"])
            .create("*", &["mediaconvert:CreateQueue"])
            .when(is_changed, &queue, &["mediaconvert:UpdateQueue"])
            .tagging(&queue, "mediaconvert:TagResource", "mediaconvert:UntagResource")
            .delete(&queue, &["mediaconvert:DeleteQueue"])
            .done()
    }
}

impl Reservation {
    fn read(plan: &ReservationPlan) -> Option<Self> {
        Some(Self {
            commitment: plan.commitment()?.as_str().to_owned(),
            renewal_type: plan.renewal_type()?.as_str().to_owned(),
            reserved_slots: plan.reserved_slots()?,
        })
    }

    fn sdk(&self) -> ReservationPlanSettings {
        ReservationPlanSettings::builder()
            .commitment(Commitment::from(self.commitment.as_str()))
            .renewal_type(RenewalType::from(self.renewal_type.as_str()))
            .reserved_slots(self.reserved_slots)
            .build()
    }
}

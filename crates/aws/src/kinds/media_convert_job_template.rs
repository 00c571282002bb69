//! `aws_media_convert_job_template`.

use async_trait::async_trait;
use aws_sdk_mediaconvert::types::{JobTemplate as SdkTemplate, JobTemplateSettings};
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Document, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::call::{self, Outcome, create_named};
use crate::clients::{Reader, Writer};
use crate::mediaconvert::{ABSENT, TAKEN, change_tags, set, tags_of};
use crate::permissions::arn;
use crate::reads::with_arn;
use crate::tags::Tags;

mod raw;
mod settings;

/// A job template of AWS Elemental MediaConvert: settings that many transcoding jobs share. From the MediaConvert API
/// (`CreateJobTemplate`); its id is its name. Terraform's provider has no such resource; the arguments are those of
/// `AWS::MediaConvert::JobTemplate`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct JobTemplate {
    /// Name.
    #[schemars(length(min = 1, max = 150), extend("forces_replacement" = true))]
    name: String,
    /// The settings that jobs have from the template, as the API, the console or CloudFormation's `SettingsJson` has
    /// them: members may begin with a small letter (`outputGroups`) or a capital one (`OutputGroups`). MediaConvert
    /// fills in defaults: what is there and is not written here is no difference; what is written here and is not
    /// there, or is different there, is one.
    settings: Document,
    /// What kind of template it is, to find it among others.
    category: Option<String>,
    /// What the template is for.
    description: Option<String>,
    /// ARN or name of the queue that jobs go to; absent: the default queue.
    queue: Option<String>,
    /// Which jobs of a queue are begun first: those with the highest priority.
    #[schemars(range(min = -50, max = 50))]
    #[serde(default)]
    priority: i32,
    /// Whether several machines share a job.
    acceleration_settings: Option<Acceleration>,
    /// To which queues jobs go on when they have waited too long.
    #[schemars(extend("uniqueItems" = true))]
    #[serde(default)]
    hop_destinations: Vec<HopDestination>,
    /// How often MediaConvert says how far a job is.
    #[schemars(extend("enum" = [
        "SECONDS_10", "SECONDS_12", "SECONDS_15", "SECONDS_20", "SECONDS_30", "SECONDS_60", "SECONDS_120", "SECONDS_180",
        "SECONDS_240", "SECONDS_300", "SECONDS_360", "SECONDS_420", "SECONDS_480", "SECONDS_540", "SECONDS_600"
    ]))]
    #[serde(default = "every_minute")]
    status_update_interval: String,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
}

/// Whether several machines share a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acceleration {
    /// Never; always, so that a job fails for which it is impossible; or where it is possible.
    #[schemars(extend("enum" = ["DISABLED", "ENABLED", "PREFERRED"]))]
    mode: String,
}

/// To which queue a job goes on, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HopDestination {
    /// ARN or name of the queue; absent: the default queue.
    queue: Option<String>,
    /// The priority that it has there; absent: the one that it had.
    #[schemars(range(min = -50, max = 50), extend("computed" = true))]
    priority: Option<i32>,
    /// Minutes that it waits before that.
    #[schemars(range(min = 1, max = 4320))]
    wait_minutes: i32,
}

fn every_minute() -> String {
    "SECONDS_60".to_owned()
}

const DEFAULT_QUEUE: &str = "Default";
const DISABLED: &str = "DISABLED";

#[async_trait]
impl Kind for JobTemplate {
    const NAME: &'static str = "aws_media_convert_job_template";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::MediaConvert::JobTemplate", |template| {
            template.same(&["name", "category", "description", "queue", "tags"]);
            let settings = settings::to_cloudformation(&template.take("settings").to_json());
            template.put("SettingsJson", Value::from_json(settings));
            template.unless("priority", "Priority", 0_i64);
            template
                .block("acceleration_settings", "AccelerationSettings", |settings| settings.same(&["mode"]));
            template.blocks("hop_destinations", "HopDestinations", |hop| {
                hop.same(&["queue", "priority", "wait_minutes"]);
            });
            template.unless("status_update_interval", "StatusUpdateInterval", every_minute());
        })
        .with(&[("id", Returned::Ref), ("name", Returned::Ref), ("arn", Returned::GetAtt("Arn"))]),
    );
    const IS_IN_TERRAFORM: bool = false;
    type Reader = Reader;
    type Writer = Writer;

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let client = reader.mediaconvert();
        let body = raw::Answer::default();
        let request = client.get_job_template().name(id).customize().interceptor(body.clone());
        let template = async {
            let answer = request.send().await.unless(ABSENT)?;
            Ok(answer.and_then(|answer| answer.job_template))
        };
        let tags = |arn: String| async move { tags_of(client, &arn).await };
        let found = with_arn(prior.arn.as_deref(), template, SdkTemplate::arn, tags).await?;
        let Some((template, tags)) = found else { return Ok(None) };
        let body = body.json().unwrap_or_default();
        Ok(Some(Self {
            name: id.to_owned(),
            settings: Document(settings::in_shape_of(&prior.settings.0, &body["jobTemplate"]["settings"])),
            category: set(template.category()),
            description: set(template.description()),
            queue: spelled(template.queue(), prior.queue.iter()),
            priority: template.priority().unwrap_or_default(),
            acceleration_settings: prior.acceleration_of(&template),
            hop_destinations: prior.hops_of(&template),
            status_update_interval: template
                .status_update_interval()
                .map_or_else(every_minute, |interval| interval.as_str().to_owned()),
            tags,
            arn: template.arn().unwrap_or_default().into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let answer = reader.mediaconvert().get_job_template().name(&self.name).send().await.unless(ABSENT)?;
        Ok(answer.map(|_| self.name.clone()))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let mut body = self.body();
        body.insert("name".to_owned(), json!(self.name));
        if !self.tags.is_empty() {
            body.insert("tags".to_owned(), json!(self.tags));
        }
        let create = async {
            writer
                .mediaconvert()
                .create_job_template()
                .name(&self.name)
                .settings(JobTemplateSettings::builder().build())
                .customize()
                .mutate_request(raw::with_body(&Json::Object(body)))
                .send()
                .await
                .or_fail()?;
            Ok(self.name.clone())
        };
        Ok(Created::complete(create_named(self, writer.reader(), token, TAKEN, create).await?))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let client = writer.mediaconvert();
        let body = self.change(prior);
        if !body.is_empty() {
            client
                .update_job_template()
                .name(id)
                .customize()
                .mutate_request(raw::with_body(&Json::Object(body)))
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
        writer.mediaconvert().delete_job_template().name(id).send().await.unless(ABSENT)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let template = arn::regional("mediaconvert", &format!("jobTemplates/{}", of.text_or_any("name")));
        let is_changed = of.act == Act::Update && !of.only_differs(&["tags"]);
        let queue = of.attributes.get("queue");
        let queues = match queue.is_null() {
            true => Vec::new(),
            false => arn::media_convert_queues(&of, queue),
        };
        let mut needs = of
            .needs()
            .on(&[Act::Find, Act::Read, Act::Create], &template, &["mediaconvert:GetJobTemplate"])
            .read(&template, &["mediaconvert:ListTagsForResource"])
            .when(is_changed, &template, &["mediaconvert:UpdateJobTemplate"])
            .tagging(&template, "mediaconvert:TagResource", "mediaconvert:UntagResource")
            .delete(&template, &["mediaconvert:DeleteJobTemplate"]);
        for queue in &queues {
            needs = needs.create(queue, &["mediaconvert:CreateJobTemplate"]).when(
                is_changed && of.differs("queue"),
                queue,
                &["mediaconvert:UpdateJobTemplate"],
            );
        }
        if queues.is_empty() {
            needs.create("*", &["mediaconvert:CreateJobTemplate"]).done()
        } else {
            needs.done()
        }
    }
}

impl JobTemplate {
    /// All that is set and can change, as the API takes it.
    fn body(&self) -> Map<String, Json> {
        let mode = self.acceleration_settings.as_ref().map_or(DISABLED, |acceleration| &acceleration.mode);
        let hops: Vec<Json> = self.hop_destinations.iter().map(HopDestination::body).collect();
        let members = [
            ("settings", Some(settings::to_api(&self.settings.0))),
            ("category", self.category.as_deref().map(Json::from)),
            ("description", self.description.as_deref().map(Json::from)),
            ("queue", self.queue.as_deref().map(Json::from)),
            ("priority", Some(self.priority.into())),
            ("accelerationSettings", Some(json!({ "mode": mode }))),
            ("hopDestinations", Some(hops.into())),
            ("statusUpdateInterval", Some(self.status_update_interval.as_str().into())),
        ];
        members.into_iter().filter_map(|(name, member)| Some((name.to_owned(), member?))).collect()
    }

    /// What to send to come from `prior` to this. AWS keeps what is left out, so what is not set any more is sent as
    /// what stands for that.
    fn change(&self, prior: &Self) -> Map<String, Json> {
        let (mut body, before) = (self.body(), prior.body());
        for name in before.keys().filter(|name| !self.body().contains_key(*name)) {
            body.insert(name.clone(), if name == "queue" { DEFAULT_QUEUE } else { "" }.into());
        }
        body.retain(|name, member| before.get(name) != Some(member));
        body
    }

    /// Disabled is what it is when nothing is said about it.
    fn acceleration_of(&self, template: &SdkTemplate) -> Option<Acceleration> {
        let mode = template.acceleration_settings().and_then(|settings| settings.mode());
        match mode.map(|mode| mode.as_str()) {
            None | Some(DISABLED) => {
                self.acceleration_settings.clone().filter(|known| known.mode == DISABLED)
            }
            Some(mode) => Some(Acceleration { mode: mode.to_owned() }),
        }
    }

    fn hops_of(&self, template: &SdkTemplate) -> Vec<HopDestination> {
        let known = || self.hop_destinations.iter().filter_map(|hop| hop.queue.as_ref());
        template
            .hop_destinations()
            .iter()
            .map(|hop| HopDestination {
                queue: spelled(hop.queue(), known()),
                priority: hop.priority(),
                wait_minutes: hop.wait_minutes().unwrap_or_default(),
            })
            .collect()
    }
}

impl HopDestination {
    fn body(&self) -> Json {
        let mut body = json!({ "waitMinutes": self.wait_minutes });
        if let Some(queue) = &self.queue {
            body["queue"] = json!(queue);
        }
        if let Some(priority) = self.priority {
            body["priority"] = json!(priority);
        }
        body
    }
}

/// The queue that AWS answers with its ARN, as it was called before; the default queue is none.
fn spelled<'a>(queue: Option<&str>, mut known: impl Iterator<Item = &'a String>) -> Option<String> {
    let queue = queue.filter(|queue| !queue.is_empty())?;
    let name = queue.rsplit_once("queues/").map_or(queue, |(_, name)| name);
    match known.find(|known| *known == queue || *known == name) {
        Some(known) => Some(known.clone()),
        None if name == DEFAULT_QUEUE => None,
        None => Some(queue.to_owned()),
    }
}

//! `aws_servicecatalog_provisioned_product`.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_servicecatalog::types::{
    ProvisionedProductStatus, ProvisioningParameter, UpdateProvisioningParameter,
};
use futures::future::join3;
use provision_engine::cloudformation::Counterpart;
use provision_engine::kind::{Computed, Created, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{self, Outcome, PROPAGATION, create_named, repeat_while};
use crate::clients::{Reader, Writer};
use crate::given::Given;
use crate::pauses::PATIENCE;
use crate::reads::{Ahead, beside};
use crate::service_catalog::{ABSENT, FRESH, api_tags, lacking, moment, passes, set};
use crate::tags::Tags;
use records::{artifact_name, describe, outputs, until_done, until_idle, verdict};

mod cloudformation;
mod permissions;
mod records;

/// A product of Service Catalog that is launched: a stack of CloudFormation, made of a version of the product. From the
/// Service Catalog API (`ProvisionProduct`); its id is made by Service Catalog.
///
/// Whoever launches a product must be a principal of a portfolio that it is in: let this depend on that, and on its
/// constraints. What AWS reports of a stack that could not be made is the error, and what is left of it is terminated.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProvisionedProduct {
    /// Name, unique in the account.
    #[schemars(
        length(min = 1, max = 128),
        regex(pattern = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$"),
        extend("forces_replacement" = true)
    )]
    name: String,
    /// Id of the product; or `product_name`.
    #[schemars(length(min = 1, max = 100), extend("computed" = true))]
    product_id: Option<String>,
    /// Name of the product; or `product_id`.
    #[schemars(length(min = 1, max = 8191), extend("kept" = true))]
    product_name: Option<String>,
    /// Id of the version; or `provisioning_artifact_name`. A product has the id of its newest one
    /// (`provisioning_artifact_id`).
    #[schemars(length(min = 1, max = 100), extend("computed" = true))]
    provisioning_artifact_id: Option<String>,
    /// Name of the version; or `provisioning_artifact_id`.
    #[schemars(length(min = 1, max = 8192))]
    provisioning_artifact_name: Option<String>,
    /// Id of the launch path: which portfolio it is launched through. Needed where there are several; or `path_name`.
    #[schemars(length(min = 1, max = 100), extend("computed" = true))]
    path_id: Option<String>,
    /// Name of the launch path, which is that of the portfolio; or `path_id`.
    #[schemars(length(min = 1, max = 100), extend("kept" = true))]
    path_name: Option<String>,
    /// Values of the template's parameters. AWS does not tell them: what someone else changes of them goes unnoticed.
    #[schemars(extend("kept" = true, "uniqueItems" = true))]
    #[serde(default)]
    provisioning_parameters: Vec<Parameter>,
    /// ARNs of SNS topics that CloudFormation tells what happens to the stack.
    #[schemars(length(max = 5), extend("kept" = true, "forces_replacement" = true))]
    #[serde(default)]
    notification_arns: BTreeSet<String>,
    /// Whether a destroy forgets the product even if its stack cannot be deleted.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    ignore_errors: bool,
    /// Whether a destroy leaves the stack and all that is in it.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    retain_physical_resources: bool,
    /// Whether it has been launched. That is all that can be asked for: one whose launch has failed is replaced.
    #[schemars(extend("forces_replacement" = true))]
    #[serde(default = "yes")]
    provisioned: bool,
    /// Tags, also of the stack and what is in it. To change them, the product needs a constraint of type
    /// `RESOURCE_UPDATE` that allows it.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// Names of its dashboards in CloudWatch.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    cloudwatch_dashboard_names: Computed<Vec<String>>,
    /// When it was made, as RFC 3339 writes it.
    #[serde(default)]
    created_time: Computed<String>,
    /// Id of the record of the last request to launch or update it.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    last_provisioning_record_id: Computed<String>,
    /// Id of the record of the last request about it.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    last_record_id: Computed<String>,
    /// Id of the record of the last request to launch or update it that was fulfilled.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    last_successful_provisioning_record_id: Computed<String>,
    /// ARN of the role that it is launched in, if a constraint names one.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    launch_role_arn: Computed<String>,
    /// Outputs of the stack. One, `CloudformationStackARN`, is the ARN of the stack.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    outputs: Computed<Vec<Output>>,
    /// `AVAILABLE`; `TAINTED` once a change has failed, and it runs as before; `ERROR`; `UNDER_CHANGE`.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    status: Computed<String>,
    /// Why it is in that status.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    status_message: Computed<String>,
    /// What it is: `CFN_STACK`.
    #[serde(default)]
    r#type: Computed<String>,
}

/// The value of a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Parameter {
    /// Name of the parameter.
    #[schemars(length(min = 1, max = 1000))]
    key: String,
    /// Its value.
    #[schemars(length(max = 4096))]
    value: String,
}

/// An output of the stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Name.
    key: String,
    /// Value.
    value: String,
    /// What it is.
    description: Option<String>,
}

fn yes() -> bool {
    true
}

/// What can be given by id or by name. A path need not be given.
const IDS_AND_NAMES: [(&str, &str); 3] = [
    ("product_id", "product_name"),
    ("provisioning_artifact_id", "provisioning_artifact_name"),
    ("path_id", "path_name"),
];

const TAKEN: &[&str] = &["DuplicateResourceException"];

#[async_trait]
impl Kind for ProvisionedProduct {
    const NAME: &'static str = "aws_servicecatalog_provisioned_product";
    const TAKES: Duration = PATIENCE;
    const CLOUDFORMATION: Option<Counterpart> = Some(cloudformation::COUNTERPART);
    const NOT_IN_TERRAFORM: &'static [&'static str] = &["provisioned"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let given = Given(configuration);
        let mut problems = Vec::new();
        for (id, name) in IDS_AND_NAMES {
            if id != "path_id" && given.lacks(id) && given.lacks(name) {
                let message = format!("`{id}` or `{name}` is needed");
                problems.push(Problem::new(id, message).with_hint("add one of them"));
            }
            if given.has(id) && given.has(name) {
                let message = format!("`{id}` and `{name}` exclude each other");
                problems.push(Problem::new(name, message).with_hint("keep one of them"));
            }
        }
        if configuration.get("provisioned").as_bool() == Some(false) {
            let message = "a product is provisioned, or it is not there";
            problems.push(Problem::new("provisioned", message).with_hint("leave it out"));
        }
        problems
    }

    /// The id of what is given by name.
    fn leave_unsaid(attributes: &mut Value) {
        let Value::Map(attributes) = attributes else { return };
        for (id, name) in IDS_AND_NAMES {
            if attributes.get(name).is_some_and(|name| !name.is_null()) {
                attributes.remove(id);
            }
        }
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let catalog = reader.service_catalog();
        let answer = async { catalog.describe_provisioned_product().id(id).send().await.unless(ABSENT) };
        let record = |id: String| async move { describe(reader, &id).await };
        let record_ahead = Ahead::ask(prior.last_provisioning_record_id.0.clone(), record);
        // Which version it is of is told by id.
        let is_named = prior.provisioning_artifact_name.is_some();
        let artifact = |(product, artifact)| async move { artifact_name(reader, product, artifact).await };
        let known = (prior.product_id.clone(), prior.provisioning_artifact_id.clone());
        let known =
            Some(known).filter(|(product, artifact)| is_named && product.is_some() && artifact.is_some());
        let artifact_ahead = Ahead::ask(known, artifact);
        let has_run = prior.last_successful_provisioning_record_id.0.is_some();
        let outputs = |()| outputs(reader, id);
        let outputs_ahead = Ahead::ask(has_run.then_some(()), outputs);
        let rest = async { Ok(join3(record_ahead, artifact_ahead, outputs_ahead).await) };
        let Some((answer, rest)) = beside(answer, rest).await? else { return Ok(None) };
        let (record_ahead, artifact_ahead, outputs_ahead) = rest;
        let dashboards = answer.cloud_watch_dashboards.unwrap_or_default();
        let detail = answer.provisioned_product_detail.ok_or_else(|| lacking("the provisioned product"))?;
        let record = async {
            match detail.last_provisioning_record_id() {
                Some(id) => record_ahead.by(id.to_owned(), record).await,
                None => Ok(None),
            }
        };
        let artifact_name = async {
            match is_named {
                true => {
                    let told = (detail.product_id.clone(), detail.provisioning_artifact_id.clone());
                    artifact_ahead.by(told, artifact).await
                }
                false => Ok(None),
            }
        };
        let has_run = detail.last_successful_provisioning_record_id.is_some();
        let outputs = async {
            match has_run {
                true => outputs_ahead.by((), outputs).await,
                false => Ok(Vec::new()),
            }
        };
        let (record, artifact_name, outputs) = join3(record, artifact_name, outputs).await;
        let (record, artifact_name, outputs) = (record?, artifact_name?, outputs?);
        let status = detail.status().cloned();
        Ok(Some(Self {
            name: detail.name.unwrap_or_default(),
            product_id: detail.product_id,
            provisioning_artifact_id: detail.provisioning_artifact_id,
            provisioning_artifact_name: artifact_name,
            path_id: record.as_ref().and_then(|record| record.path_id.clone()),
            provisioned: has_run || status != Some(ProvisionedProductStatus::Error),
            tags: own_record_tags(record.as_ref()),
            arn: detail.arn.into(),
            cloudwatch_dashboard_names: Computed(Some(
                dashboards.into_iter().filter_map(|dashboard| dashboard.name).collect(),
            )),
            created_time: moment(detail.created_time.as_ref()).into(),
            last_provisioning_record_id: detail.last_provisioning_record_id.into(),
            last_record_id: detail.last_record_id.into(),
            last_successful_provisioning_record_id: detail.last_successful_provisioning_record_id.into(),
            launch_role_arn: detail.launch_role_arn.into(),
            outputs: Computed(Some(outputs)),
            status: status.map(|status| status.as_str().to_owned()).into(),
            status_message: set(detail.status_message.as_deref()).into(),
            r#type: detail.r#type.into(),
            ..Self::default()
        }))
    }

    /// One that is still being made is waited for: only then can it be told what has become of it.
    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let request = reader.service_catalog().describe_provisioned_product().name(&self.name);
        let detail =
            request.send().await.unless(ABSENT)?.and_then(|answer| answer.provisioned_product_detail);
        let Some(id) = detail.and_then(|detail| detail.id) else { return Ok(None) };
        until_idle(reader, &id).await?;
        Ok(Some(id))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let parameters = self
            .provisioning_parameters
            .iter()
            .map(|parameter| {
                ProvisioningParameter::builder().key(&parameter.key).value(&parameter.value).build()
            })
            .collect();
        let topics: Vec<String> = self.notification_arns.iter().cloned().collect();
        let request = writer
            .service_catalog()
            .provision_product()
            .provisioned_product_name(&self.name)
            .set_product_name(self.product_name.clone())
            .set_product_id(unless(&self.product_name, &self.product_id))
            .set_provisioning_artifact_name(self.provisioning_artifact_name.clone())
            .set_provisioning_artifact_id(unless(
                &self.provisioning_artifact_name,
                &self.provisioning_artifact_id,
            ))
            .set_path_name(self.path_name.clone())
            .set_path_id(unless(&self.path_name, &self.path_id))
            .set_provisioning_parameters(Some(parameters))
            .set_notification_arns((!topics.is_empty()).then_some(topics))
            .set_tags(api_tags(self.tags.clone())?)
            .provision_token(token.as_str());
        let create = async {
            // It takes a while until a principal that is new to a portfolio has a way to its products.
            let made = repeat_while(passes, PROPAGATION, || async { request.clone().send().await.or_fail() })
                .await?;
            let record = made.record_detail.ok_or_else(|| lacking("the record").undecided())?;
            let id = record.provisioned_product_id.ok_or_else(|| lacking("the id").undecided())?;
            let verdict = verdict(writer.reader(), record.record_id.as_deref()).await;
            let Some(error) = verdict.map_err(KindError::undecided)? else { return Ok(id) };
            // What could not be launched is not left lying about.
            match terminate(writer, &id, true, false).await {
                Ok(()) => Err(error.unsent()),
                Err(failure) => {
                    tracing::debug!(%failure, "what is left of it cannot be terminated");
                    Err(error.undecided())
                }
            }
        };
        create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let is_of_another = self.product_id != prior.product_id || self.product_name != prior.product_name;
        let path = self.path_id.clone().filter(|_| !is_of_another || self.path_id != prior.path_id);
        if !is_of_another
            && self.provisioning_artifact_id == prior.provisioning_artifact_id
            && self.provisioning_artifact_name == prior.provisioning_artifact_name
            && (&self.path_id, &self.path_name) == (&prior.path_id, &prior.path_name)
            && self.provisioning_parameters == prior.provisioning_parameters
            && self.tags == prior.tags
        {
            return Ok(());
        }
        until_idle(writer.reader(), id).await?;
        let parameters = self.provisioning_parameters.iter().map(|parameter| {
            UpdateProvisioningParameter::builder().key(&parameter.key).value(&parameter.value).build()
        });
        let tags = match self.tags == prior.tags {
            true => None,
            false => Some(api_tags(self.tags.clone())?.unwrap_or_default()),
        };
        let request = writer
            .service_catalog()
            .update_provisioned_product()
            .provisioned_product_id(id)
            .set_product_name(self.product_name.clone())
            .set_product_id(unless(&self.product_name, &self.product_id))
            .set_provisioning_artifact_name(self.provisioning_artifact_name.clone())
            .set_provisioning_artifact_id(unless(
                &self.provisioning_artifact_name,
                &self.provisioning_artifact_id,
            ))
            .set_path_name(self.path_name.clone())
            .set_path_id(unless(&self.path_name, &path))
            .set_provisioning_parameters(Some(parameters.collect()))
            .set_tags(tags);
        let asked = repeat_while(passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
        let record = asked.record_detail.ok_or_else(|| lacking("the record"))?;
        until_done(writer.reader(), record.record_id.as_deref()).await
    }

    async fn delete(writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        until_idle(writer.reader(), id).await?;
        terminate(writer, id, prior.ignore_errors, prior.retain_physical_resources).await
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        permissions::permissions(of)
    }
}

/// Terminates it, and waits until it is gone.
async fn terminate(
    writer: &Writer,
    id: &str,
    ignore_errors: bool,
    retain_resources: bool,
) -> Result<(), KindError> {
    let request = writer
        .service_catalog()
        .terminate_provisioned_product()
        .provisioned_product_id(id)
        .ignore_errors(ignore_errors)
        .set_retain_physical_resources(retain_resources.then_some(true));
    let Some(asked) = request.send().await.unless(ABSENT)? else { return Ok(()) };
    let record = asked.record_detail.ok_or_else(|| lacking("the record"))?;
    until_done(writer.reader(), record.record_id.as_deref()).await
}

/// The id, unless there is a name: AWS takes one of them.
fn unless(name: &Option<String>, id: &Option<String>) -> Option<String> {
    id.clone().filter(|_| name.is_none())
}

fn own_record_tags(record: Option<&aws_sdk_servicecatalog::types::RecordDetail>) -> Tags {
    let tags = record.map(|record| record.record_tags()).unwrap_or_default();
    let pairs = tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())));
    crate::tags::own(pairs)
}

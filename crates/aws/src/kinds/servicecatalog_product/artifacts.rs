//! The versions of a product, which AWS calls provisioning artifacts.

use std::collections::HashMap;

use aws_sdk_servicecatalog::types::{
    ProductType, ProvisioningArtifactDetail, ProvisioningArtifactGuidance, ProvisioningArtifactProperties,
    ProvisioningArtifactType, Status,
};
use provision_engine::cloudformation::Block;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::{Outcome, repeat_while};
use crate::clients::{Reader, Writer};
use crate::given::Given;
use crate::pauses::Pauses;
use crate::service_catalog::{ABSENT, FRESH, lacking, passes, set};

/// A version of a product: a template, and what it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Artifact {
    /// Name, such as `v1`; without spaces.
    #[schemars(length(min = 1, max = 8192), regex(pattern = r"^\S+$"), extend("computed" = true))]
    name: Option<String>,
    /// What is new in it.
    #[schemars(length(max = 8192))]
    description: Option<String>,
    /// What it is made of: what the product is.
    #[schemars(extend(
        "enum" = ["CLOUD_FORMATION_TEMPLATE", "TERRAFORM_OPEN_SOURCE", "TERRAFORM_CLOUD", "EXTERNAL"],
        "computed" = true
    ))]
    r#type: Option<String>,
    /// URL of the template in S3, `https://…`. AWS reads it once: let the name of the object change with its content, or a
    /// changed template makes no new version.
    #[schemars(length(min = 1, max = 2083))]
    template_url: Option<String>,
    /// ARN of a stack of CloudFormation whose template it is.
    #[schemars(length(min = 1, max = 2048))]
    template_physical_id: Option<String>,
    /// Whether AWS takes a template that is not valid.
    #[schemars(extend("kept" = true))]
    #[serde(default)]
    disable_template_validation: bool,
}

/// The arguments of which each makes another version.
const OWN: [&str; 5] = ["name", "description", "type", "template_url", "template_physical_id"];

/// The version is made of one template.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let name = "provisioning_artifact_parameters";
    let artifact = configuration.get(name);
    if !matches!(artifact, Value::Map(_)) {
        return Vec::new();
    }
    let given = Given(artifact);
    let path = |argument: &str| Path::root().key(name).key(argument);
    let (url, stack) = ("template_url", "template_physical_id");
    let mut problems = Vec::new();
    if given.lacks(url) && given.lacks(stack) {
        problems.push(
            Problem::new(Path::root().key(name), "a version of a product needs a template")
                .with_hint("add `template_url` or `template_physical_id`"),
        );
    }
    if given.has(url) && given.has(stack) {
        problems.push(
            Problem::new(path(stack), "`template_url` and `template_physical_id` exclude each other")
                .with_hint("keep one of them"),
        );
    }
    let kinds = [configuration.get("type").as_str(), artifact.get("type").as_str()];
    if let [Some(product), Some(version)] = kinds
        && product != version
    {
        problems.push(
            Problem::new(path("type"), format!("the type of a version is that of its product, {product}"))
                .with_hint("leave it out"),
        );
    }
    problems
}

/// The version that is in a template.
pub(super) fn cloudformation(artifact: &mut Block<'_>) {
    artifact.same(&["name", "description", "type", "disable_template_validation"]);
    artifact.rename("template_url", "Info.LoadTemplateFromURL");
    artifact.rename("template_physical_id", "Info.ImportFromPhysicalId");
}

/// Whether a configuration asks for no other version than there is.
pub(super) fn is_same(there: &Value, configured: &Value) -> bool {
    OWN.iter().all(|name| {
        let (there, configured) = (there.get(name), configured.get(name));
        let is_left_to_aws = configured.is_null() && ["name", "type"].contains(name);
        is_left_to_aws || there == configured
    })
}

/// The versions of a product in the order in which they were made; `None` without the product.
pub(super) async fn all(
    reader: &Reader,
    product: &str,
) -> Result<Option<Vec<ProvisioningArtifactDetail>>, KindError> {
    let request = reader.service_catalog().list_provisioning_artifacts().product_id(product);
    let answer = request.send().await.unless(ABSENT)?;
    Ok(answer.map(|answer| {
        let mut all = answer.provisioning_artifact_details.unwrap_or_default();
        all.sort_by_key(|one| one.created_time().map(|time| (time.secs(), time.subsec_nanos())));
        all
    }))
}

/// What AWS says of the template of a version.
pub(super) async fn info(
    reader: &Reader,
    product: &str,
    artifact: &str,
) -> Result<HashMap<String, String>, KindError> {
    let request = reader.service_catalog().describe_provisioning_artifact().product_id(product);
    let answer = request.provisioning_artifact_id(artifact).send().await.unless(ABSENT)?;
    Ok(answer.and_then(|answer| answer.info).unwrap_or_default())
}

/// Whether something can be launched of a version that is not the newest one.
pub(super) fn has_earlier(all: &[ProvisioningArtifactDetail]) -> bool {
    all.split_last().is_some_and(|(_, earlier)| earlier.iter().any(is_in_use))
}

fn is_in_use(artifact: &ProvisioningArtifactDetail) -> bool {
    artifact.active() != Some(false) && artifact.guidance() != Some(&ProvisioningArtifactGuidance::Deprecated)
}

impl Artifact {
    /// A version as AWS has it. Which template it was made of is never changed.
    async fn read(
        reader: &Reader,
        product: &str,
        detail: &ProvisioningArtifactDetail,
    ) -> Result<Self, KindError> {
        Ok(Self::of(detail, info(reader, product, detail.id().unwrap_or_default()).await?))
    }

    /// The same from what AWS says of it and of its template.
    pub(super) fn of(detail: &ProvisioningArtifactDetail, info: HashMap<String, String>) -> Self {
        let physical_id = info.get("PhysicalId").cloned();
        Self {
            name: set(detail.name()),
            description: set(detail.description()),
            r#type: detail.r#type().map(|kind| kind.as_str().to_owned()),
            template_url: info.get("TemplateUrl").filter(|_| physical_id.is_none()).cloned(),
            template_physical_id: physical_id,
            disable_template_validation: false,
        }
    }

    /// It as the API takes it.
    pub(super) fn sdk(&self, product_type: &str) -> ProvisioningArtifactProperties {
        let kind = self.r#type.as_deref().unwrap_or(product_type);
        let properties = ProvisioningArtifactProperties::builder()
            .set_name(self.name.clone())
            .set_description(self.description.clone())
            .r#type(ProvisioningArtifactType::from(kind))
            .disable_template_validation(self.disable_template_validation);
        let properties = match (&self.template_physical_id, &self.template_url) {
            (Some(stack), _) => properties.info("ImportFromPhysicalId", stack),
            (None, Some(url)) => properties.info("LoadTemplateFromURL", url),
            (None, None) => properties,
        };
        properties.build()
    }

    /// Makes this the newest version, unless it is that already, and takes those before it out of use. A template that AWS
    /// refuses leaves them in use.
    pub(super) async fn bring_out(
        &self,
        writer: &Writer,
        product: &str,
        product_type: &str,
        deprecate_earlier: bool,
    ) -> Result<(), KindError> {
        let reader = writer.reader();
        let mut there = all(reader, product).await?.unwrap_or_default();
        let is_newest = match there.last() {
            Some(newest) => self.is_asked_for(&Self::read(reader, product, newest).await?),
            None => false,
        };
        if !is_newest {
            let before = there.last().and_then(|newest| newest.id()).unwrap_or_default();
            let request = writer
                .service_catalog()
                .create_provisioning_artifact()
                .product_id(product)
                .parameters(self.sdk(product_type))
                .idempotency_token(self.token(product, before));
            let made =
                repeat_while(passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
            let made = made.provisioning_artifact_detail.ok_or_else(|| lacking("the version"))?;
            until_artifact_available(reader, product, &made).await?;
            there.push(made);
        }
        let earlier = there.split_last().map(|(_, earlier)| earlier).unwrap_or_default();
        for artifact in earlier.iter().filter(|artifact| deprecate_earlier && is_in_use(artifact)) {
            let request = writer
                .service_catalog()
                .update_provisioning_artifact()
                .product_id(product)
                .set_provisioning_artifact_id(artifact.id.clone())
                .guidance(ProvisioningArtifactGuidance::Deprecated);
            request.send().await.unless(ABSENT)?;
        }
        Ok(())
    }

    /// Whether what is there is what this asks for.
    fn is_asked_for(&self, there: &Self) -> bool {
        let same = |mine: &Option<String>, other: &Option<String>| mine.is_none() || mine == other;
        same(&self.name, &there.name)
            && same(&self.r#type, &there.r#type)
            && self.description == there.description
            && self.template_url == there.template_url
            && self.template_physical_id == there.template_physical_id
    }

    /// What tells the request to make this after a certain version from any other, so that it is made once.
    fn token(&self, product: &str, before: &str) -> String {
        let parts = [Some(product), Some(before), self.name.as_deref(), self.description.as_deref()];
        let parts =
            parts.into_iter().chain([self.template_url.as_deref(), self.template_physical_id.as_deref()]);
        let text: Vec<String> = parts.map(|part| format!("{part:?}")).collect();
        Uuid::new_v5(&Uuid::NAMESPACE_OID, text.join(" ").as_bytes()).to_string()
    }
}

/// Waits until a product that was made is there for use.
pub(super) async fn until_available(reader: &Reader, product: &str) -> Result<(), KindError> {
    let mut pauses = Pauses::default();
    loop {
        let request = reader.service_catalog().describe_product_as_admin().id(product);
        let answer = request.send().await.unless(ABSENT)?;
        let detail = answer.as_ref().and_then(|answer| answer.product_view_detail());
        match detail.and_then(|detail| detail.status()) {
            Some(Status::Creating) | None => pauses.wait("the product is still being made").await?,
            Some(Status::Failed) => {
                let kind =
                    detail.and_then(|detail| detail.product_view_summary()).and_then(|view| view.r#type());
                let kind = kind.map_or("", ProductType::as_str);
                return Err(KindError::new(format!("AWS could not make the product of type {kind}")));
            }
            // AWS says CREATED, too, which its API does not tell of.
            Some(_) => return Ok(()),
        }
    }
}

async fn until_artifact_available(
    reader: &Reader,
    product: &str,
    artifact: &ProvisioningArtifactDetail,
) -> Result<(), KindError> {
    let mut pauses = Pauses::default();
    loop {
        let request = reader.service_catalog().describe_provisioning_artifact().product_id(product);
        let request = request.set_provisioning_artifact_id(artifact.id.clone());
        match request.send().await.unless(ABSENT)?.and_then(|answer| answer.status) {
            Some(Status::Creating) | None => pauses.wait("the version is still being made").await?,
            Some(Status::Failed) => return Err(KindError::new("AWS could not make the version")),
            Some(_) => return Ok(()),
        }
    }
}

//! `aws_servicecatalog_product`: the product itself. Its versions are in [`artifacts`].

use async_trait::async_trait;
use aws_sdk_servicecatalog::types::{ProductType, ProductViewDetail};
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Circumstances, Computed, Created, Departure, Holder, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::servicecatalog_product_portfolio_association as association;
use crate::call::{self, Outcome, repeat_while};
use crate::clients::{Reader, Writer};
use crate::reads::{Ahead, beside};
use crate::service_catalog::{
    ABSENT, FRESH, api_tags, lacking, lets_go, moment, own_tags, passes, portfolios_of, set,
};
use crate::tags::{self, Tags};
use artifacts::Artifact;
use futures::future::join;

mod artifacts;
mod permissions;

/// A product of Service Catalog: a template of CloudFormation that users launch without having to be permitted what is in
/// it. From the Service Catalog API (`CreateProduct`); its id is made by Service Catalog. Here its name is unique in the
/// account, since that is what it is found again by.
///
/// AWS calls a version of a product a provisioning artifact. The newest one is as `provisioning_artifact_parameters` say:
/// another template, name or description makes a new one, as CloudFormation does, and the product stays what portfolios
/// and provisioned products know. AWS keeps it as long as it is in a portfolio.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// Name that users see.
    #[schemars(length(min = 1, max = 8191))]
    name: String,
    /// Who owns it: a person or an organization.
    #[schemars(length(min = 1, max = 8191))]
    owner: String,
    /// What it is made of.
    #[schemars(extend(
        "enum" = ["CLOUD_FORMATION_TEMPLATE", "TERRAFORM_OPEN_SOURCE", "TERRAFORM_CLOUD", "EXTERNAL"],
        "forces_replacement" = true
    ))]
    r#type: String,
    /// What it is for.
    #[schemars(length(max = 8191))]
    description: Option<String>,
    /// Who distributes it: the vendor.
    #[schemars(length(max = 8191))]
    distributor: Option<String>,
    /// How its users are helped.
    #[schemars(length(max = 8191))]
    support_description: Option<String>,
    /// Mail address of who helps its users.
    #[schemars(length(max = 254))]
    support_email: Option<String>,
    /// Where its users are helped.
    #[schemars(length(max = 2083))]
    support_url: Option<String>,
    /// The version to launch.
    provisioning_artifact_parameters: Artifact,
    /// Whether earlier versions are deprecated: what was launched of them can be updated, and nothing more can be launched
    /// of them. With `false` they stay as they are.
    #[serde(default = "yes")]
    deprecate_earlier_artifacts: bool,
    /// Tags.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// When it was made, as RFC 3339 writes it.
    #[serde(default)]
    created_time: Computed<String>,
    /// Whether it can be launched without naming a path.
    #[serde(default)]
    has_default_path: Computed<bool>,
    /// Id of the newest version.
    #[schemars(extend("volatile" = true))]
    #[serde(default)]
    provisioning_artifact_id: Computed<String>,
    /// Whether it is there for use: `AVAILABLE`, `CREATING` or `FAILED`.
    #[serde(default)]
    status: Computed<String>,
}

fn yes() -> bool {
    true
}

#[async_trait]
impl Kind for Product {
    const NAME: &'static str = "aws_servicecatalog_product";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::ServiceCatalog::CloudFormationProduct", |product| {
            product.same(&["name", "owner", "description", "distributor"]);
            product.same(&["support_description", "support_email", "support_url"]);
            product.rename("type", "ProductType");
            product.element(
                "provisioning_artifact_parameters",
                "ProvisioningArtifactParameters",
                artifacts::cloudformation,
            );
            product.tags();
            product.ours(&["deprecate_earlier_artifacts"]);
        })
        .with(&[
            ("id", Returned::Ref),
            (
                "arn",
                Returned::Sub(
                    "arn:${AWS::Partition}:catalog:${AWS::Region}:${AWS::AccountId}:product/${Ref}",
                ),
            ),
            // There is one version in a template.
            ("provisioning_artifact_id", Returned::GetAtt("ProvisioningArtifactIds")),
        ]),
    );
    const NOT_IN_TERRAFORM: &'static [&'static str] =
        &["deprecate_earlier_artifacts", "provisioning_artifact_id"];
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        artifacts::problems(configuration)
    }

    /// The version stays the same one unless another is asked for.
    fn foresee(configuration: &mut Value, circumstances: &Circumstances<'_>) -> Vec<Problem> {
        let name = "provisioning_artifact_parameters";
        let Some(prior) = circumstances.prior else { return Vec::new() };
        let id = prior.get("provisioning_artifact_id");
        let is_same = artifacts::is_same(prior.get(name), configuration.get(name));
        if let (true, Some(_), Value::Map(configuration)) = (is_same, id.as_str(), configuration) {
            configuration.insert("provisioning_artifact_id".to_owned(), id.clone());
        }
        Vec::new()
    }

    async fn read(reader: &Reader, id: &str, prior: &Self) -> Result<Option<Self>, KindError> {
        let request = reader.service_catalog().describe_product_as_admin().id(id);
        let answer = async { request.send().await.unless(ABSENT) };
        let info = |artifact: String| async move { artifacts::info(reader, id, &artifact).await };
        let info_ahead = Ahead::ask(prior.provisioning_artifact_id.0.clone(), info);
        let rest = async { Ok(join(artifacts::all(reader, id), info_ahead).await) };
        let Some((answer, (all, info_ahead))) = beside(answer, rest).await? else { return Ok(None) };
        let detail = answer.product_view_detail().ok_or_else(|| lacking("the product"))?;
        let summary = detail.product_view_summary().ok_or_else(|| lacking("the product"))?;
        let Some(all) = all? else { return Ok(None) };
        let newest = match all.last() {
            Some(newest) => {
                let id = newest.id().unwrap_or_default().to_owned();
                Artifact::of(newest, info_ahead.by(id, info).await?)
            }
            None => Artifact::default(),
        };
        // Who lets earlier versions be is not told of them.
        let is_deprecating = prior.deprecate_earlier_artifacts && !artifacts::has_earlier(&all);
        Ok(Some(Self {
            name: summary.name().unwrap_or_default().to_owned(),
            owner: summary.owner().unwrap_or_default().to_owned(),
            r#type: summary.r#type().map_or("", ProductType::as_str).to_owned(),
            description: set(summary.short_description()),
            distributor: set(summary.distributor()),
            support_description: set(summary.support_description()),
            support_email: set(summary.support_email()),
            support_url: set(summary.support_url()),
            provisioning_artifact_parameters: newest,
            deprecate_earlier_artifacts: is_deprecating,
            tags: own_tags(answer.tags()),
            arn: detail.product_arn().map(str::to_owned).into(),
            created_time: moment(detail.created_time()).into(),
            has_default_path: summary.has_default_path().into(),
            provisioning_artifact_id: all.last().and_then(|newest| newest.id.clone()).into(),
            status: detail.status().map(|status| status.as_str().to_owned()).into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let request = reader.service_catalog().describe_product_as_admin().name(&self.name);
        let answer = request.send().await.unless(ABSENT)?;
        Ok(answer.and_then(|answer| product_id(answer.product_view_detail())))
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        call::ensure_free(self, reader, token).await
    }

    async fn before_delete(reader: &Reader, id: &str, _prior: &Self) -> Result<Departure, KindError> {
        let holders = portfolios_of(reader, id).await?.unwrap_or_default();
        let held_by = holders.iter().filter_map(|portfolio| portfolio.id()).map(|portfolio| Holder {
            kind: "aws_servicecatalog_product_portfolio_association",
            ids: vec![association::id(portfolio, id)],
        });
        Ok(Departure { held_by: held_by.collect(), ..Departure::default() })
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let request = writer
            .service_catalog()
            .create_product()
            .name(&self.name)
            .owner(&self.owner)
            .product_type(ProductType::from(self.r#type.as_str()))
            .set_description(self.description.clone())
            .set_distributor(self.distributor.clone())
            .set_support_description(self.support_description.clone())
            .set_support_email(self.support_email.clone())
            .set_support_url(self.support_url.clone())
            .set_tags(api_tags(self.tags.clone())?)
            .provisioning_artifact_parameters(self.provisioning_artifact_parameters.sdk(&self.r#type))
            .idempotency_token(token.as_str());
        let made = repeat_while(passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
        let id = product_id(made.product_view_detail()).ok_or_else(|| lacking("the id").undecided())?;
        artifacts::until_available(writer.reader(), &id).await.map_err(KindError::undecided)?;
        Ok(Created::complete(id))
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let (add, remove) = tags::changes(&prior.tags, &self.tags);
        let changed = |mine: &Option<String>, before: &Option<String>| {
            (mine != before).then(|| mine.clone().unwrap_or_default())
        };
        let request = writer
            .service_catalog()
            .update_product()
            .id(id)
            .name(&self.name)
            .owner(&self.owner)
            .set_description(changed(&self.description, &prior.description))
            .set_distributor(changed(&self.distributor, &prior.distributor))
            .set_support_description(changed(&self.support_description, &prior.support_description))
            .set_support_email(changed(&self.support_email, &prior.support_email))
            .set_support_url(changed(&self.support_url, &prior.support_url))
            .set_add_tags(api_tags(add)?)
            .set_remove_tags((!remove.is_empty()).then_some(remove));
        if self.differs(prior) {
            request.send().await.or_fail()?;
        }
        let is_new = self.provisioning_artifact_parameters != prior.provisioning_artifact_parameters;
        if is_new || self.deprecate_earlier_artifacts != prior.deprecate_earlier_artifacts {
            let artifact = &self.provisioning_artifact_parameters;
            artifact.bring_out(writer, id, &self.r#type, self.deprecate_earlier_artifacts).await?;
        }
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let request = writer.service_catalog().delete_product().id(id);
        repeat_while(lets_go, FRESH, || async { request.clone().send().await.unless(ABSENT) }).await?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        permissions::permissions(of)
    }
}

impl Product {
    /// Whether another differs in what `UpdateProduct` changes.
    fn differs(&self, other: &Self) -> bool {
        let texts = |product: &Self| {
            [
                Some(product.name.clone()),
                Some(product.owner.clone()),
                product.description.clone(),
                product.distributor.clone(),
                product.support_description.clone(),
                product.support_email.clone(),
                product.support_url.clone(),
            ]
        };
        texts(self) != texts(other) || self.tags != other.tags
    }
}

fn product_id(detail: Option<&ProductViewDetail>) -> Option<String> {
    let summary = detail.and_then(ProductViewDetail::product_view_summary)?;
    summary.product_id().map(str::to_owned)
}

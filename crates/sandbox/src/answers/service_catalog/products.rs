//! Products and their versions, which are called provisioning artifacts.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    Answer, Place, ServiceCatalog, copy, in_use, invalid, new_id, not_found, now,
    parameters::{Parameters, Tags, listed},
    templates::Template,
};
use crate::reply::Refusal;

/// A product.
pub(crate) struct Product {
    /// The `ProductViewSummary` of its answers.
    pub(super) summary: Value,
    arn: String,
    created: f64,
    /// When it is no longer being made.
    ready: Instant,
    tags: Tags,
    /// In the order in which they were made.
    pub(super) artifacts: Vec<Artifact>,
}

/// A version of a product.
pub(super) struct Artifact {
    pub(super) detail: Value,
    pub(super) template: Template,
    ready: Instant,
}

/// How long a product or a version is being made.
const MAKING: Duration = Duration::from_millis(60);

const TYPES: [&str; 4] = ["CLOUD_FORMATION_TEMPLATE", "TERRAFORM_OPEN_SOURCE", "TERRAFORM_CLOUD", "EXTERNAL"];
const LIMITS: [(&str, usize); 7] = [
    ("Name", 8191),
    ("Owner", 8191),
    ("Description", 8191),
    ("Distributor", 8191),
    ("SupportDescription", 8191),
    ("SupportEmail", 254),
    ("SupportUrl", 2083),
];
const TEXTS: [(&str, &str); 7] = [
    ("Name", "Name"),
    ("Owner", "Owner"),
    ("Description", "ShortDescription"),
    ("Distributor", "Distributor"),
    ("SupportDescription", "SupportDescription"),
    ("SupportEmail", "SupportEmail"),
    ("SupportUrl", "SupportUrl"),
];

impl ServiceCatalog {
    pub(super) fn product(&self, id: &str) -> Result<&Product, Refusal> {
        self.products.get(id).ok_or_else(|| not_found("Product", id))
    }

    fn product_mut(&mut self, id: &str) -> Result<&mut Product, Refusal> {
        self.products.get_mut(id).ok_or_else(|| not_found("Product", id))
    }

    /// The id of a product that is given by it or by its name.
    pub(super) fn product_id(&self, id: Option<&str>, name: Option<&str>) -> Result<String, Refusal> {
        let name = match (id, name) {
            (Some(id), None) => return self.product(id).map(|_| id.to_owned()),
            (None, Some(name)) => name,
            _ => return Err(invalid("Either the id or the name of a product must be given, and not both.")),
        };
        let mut named = self.products.iter().filter(|(_, product)| product.summary["Name"] == name);
        match (named.next(), named.next()) {
            (Some((id, _)), None) => Ok(id.clone()),
            (Some(_), Some(_)) => Err(invalid(format!("There is more than one product named {name}."))),
            (None, _) => Err(not_found("Product", name)),
        }
    }

    pub(super) fn create_product(
        &mut self,
        place: &Place<'_>,
        parameters: &Parameters,
        template: Template,
    ) -> Answer {
        parameters.required("Name")?;
        parameters.required("Owner")?;
        parameters.limit(&LIMITS)?;
        let kind = parameters.required("ProductType")?;
        if !TYPES.contains(&kind) {
            return Err(invalid(format!("{kind} is no type of a product.")));
        }
        let artifact = parameters.table("ProvisioningArtifactParameters");
        let artifact = Artifact::new(&artifact, kind, template)?;
        let id = new_id("prod");
        let view = id.replacen("prod", "prodview", 1);
        let mut summary = json!({ "HasDefaultPath": false, "Id": view, "ProductId": id, "Type": kind });
        copy(&mut summary, parameters, &TEXTS);
        let product = Product {
            summary,
            arn: place.arn("product", &id),
            created: now(),
            ready: Instant::now() + MAKING,
            tags: parameters.tags("Tags")?,
            artifacts: vec![artifact],
        };
        let detail = product.artifacts.first().map(|artifact| artifact.detail.clone());
        let mut answer = product.answer();
        answer["ProvisioningArtifactDetail"] = json!(detail);
        self.products.insert(id, product);
        Ok(answer)
    }

    pub(super) fn describe_product(&self, parameters: &Parameters) -> Answer {
        let id = self.product_id(parameters.text("Id"), parameters.text("Name"))?;
        let product = self.product(&id)?;
        let artifacts = product.artifacts.iter().map(|artifact| {
            let names = ["CreatedTime", "Description", "Id", "Name"];
            names.iter().filter_map(|name| Some((*name, artifact.detail.get(*name)?.clone()))).collect()
        });
        let mut answer = product.answer();
        answer["ProvisioningArtifactSummaries"] = artifacts.collect::<Vec<Value>>().into();
        answer["TagOptions"] = json!([]);
        answer["Budgets"] = json!([]);
        Ok(answer)
    }

    pub(super) fn update_product(&mut self, parameters: &Parameters) -> Answer {
        parameters.limit(&LIMITS)?;
        let product = self.product_mut(parameters.required("Id")?)?;
        parameters.change_tags(&mut product.tags)?;
        copy(&mut product.summary, parameters, &TEXTS);
        Ok(product.answer())
    }

    pub(super) fn delete_product(&mut self, parameters: &Parameters) -> Answer {
        let id = parameters.required("Id")?;
        self.product(id)?;
        let holder = self.portfolios.iter().find(|(_, portfolio)| portfolio.products.contains(id));
        if let Some((portfolio, _)) = holder {
            let message = format!("Product {id} cannot be deleted: it is in the portfolio {portfolio}.");
            return Err(in_use(message));
        }
        self.products.remove(id);
        Ok(json!({}))
    }

    pub(super) fn search_products(&self, parameters: &Parameters) -> Answer {
        let portfolio = parameters.text("PortfolioId").map(|id| self.portfolio(id)).transpose()?;
        let searched = parameters.table("Filters");
        let searched: Vec<&str> = searched.list("FullTextSearch").iter().filter_map(Value::as_str).collect();
        let found = self.products.iter().filter(|(id, product)| {
            let text = product.summary.to_string();
            portfolio.is_none_or(|portfolio| portfolio.products.contains(*id))
                && searched.iter().all(|word| text.contains(word))
        });
        let found = found.map(|(_, product)| product.detail()).collect();
        parameters.page("ProductViewDetails", found)
    }

    pub(super) fn create_artifact(&mut self, parameters: &Parameters, template: Template) -> Answer {
        let product = self.product_mut(parameters.required("ProductId")?)?;
        let kind = product.summary["Type"].as_str().unwrap_or_default().to_owned();
        let artifact = Artifact::new(&parameters.table("Parameters"), &kind, template)?;
        let answer = artifact.answer();
        product.artifacts.push(artifact);
        Ok(answer)
    }

    pub(super) fn describe_artifact(&self, parameters: &Parameters) -> Answer {
        let product = self.product_id(parameters.text("ProductId"), parameters.text("ProductName"))?;
        let artifact = self.product(&product)?.artifact(
            parameters.text("ProvisioningArtifactId"),
            parameters.text("ProvisioningArtifactName"),
        )?;
        let mut answer = artifact.answer();
        if parameters.get("IncludeProvisioningArtifactParameters").as_bool() == Some(true) {
            answer["ProvisioningArtifactParameters"] = artifact.template.parameters.clone().into();
        }
        Ok(answer)
    }

    pub(super) fn describe_provisioning_parameters(&self, parameters: &Parameters) -> Answer {
        let product = self.product_id(parameters.text("ProductId"), parameters.text("ProductName"))?;
        let artifact = self.product(&product)?.artifact(
            parameters.text("ProvisioningArtifactId"),
            parameters.text("ProvisioningArtifactName"),
        )?;
        Ok(json!({
            "ConstraintSummaries": [],
            "ProvisioningArtifactParameters": artifact.template.parameters,
            "TagOptions": [],
            "UsageInstructions": [],
        }))
    }

    pub(super) fn list_artifacts(&self, parameters: &Parameters) -> Answer {
        let product = self.product(parameters.required("ProductId")?)?;
        let details: Vec<Value> = product.artifacts.iter().map(|artifact| artifact.detail.clone()).collect();
        Ok(json!({ "ProvisioningArtifactDetails": details }))
    }

    pub(super) fn update_artifact(&mut self, parameters: &Parameters) -> Answer {
        let guidance = parameters.text("Guidance");
        if guidance.is_some_and(|guidance| !["DEFAULT", "DEPRECATED"].contains(&guidance)) {
            return Err(invalid("Guidance must be DEFAULT or DEPRECATED."));
        }
        let id = parameters.required("ProvisioningArtifactId")?;
        let product = self.product_mut(parameters.required("ProductId")?)?;
        let artifact = product.artifacts.iter_mut().find(|artifact| artifact.detail["Id"] == id);
        let artifact = artifact.ok_or_else(|| not_found("ProvisioningArtifact", id))?;
        check_name(parameters)?;
        let texts = [("Name", "Name"), ("Description", "Description"), ("Guidance", "Guidance")];
        copy(&mut artifact.detail, parameters, &texts);
        if let Some(active) = parameters.get("Active").as_bool() {
            artifact.detail["Active"] = json!(active);
        }
        Ok(artifact.answer())
    }

    pub(super) fn delete_artifact(&mut self, parameters: &Parameters) -> Answer {
        let id = parameters.required("ProvisioningArtifactId")?;
        let product = self.product_mut(parameters.required("ProductId")?)?;
        product.artifact(Some(id), None)?;
        if product.artifacts.len() == 1 {
            return Err(in_use("The last provisioning artifact of a product cannot be deleted."));
        }
        product.artifacts.retain(|artifact| artifact.detail["Id"] != id);
        Ok(json!({}))
    }
}

impl Product {
    /// One of its versions, that is given by its id or by its name.
    pub(super) fn artifact(&self, id: Option<&str>, name: Option<&str>) -> Result<&Artifact, Refusal> {
        let (member, value) = match (id, name) {
            (Some(id), None) => ("Id", id),
            (None, Some(name)) => ("Name", name),
            _ => {
                let message =
                    "Either the id or the name of a provisioning artifact must be given, and not both.";
                return Err(invalid(message));
            }
        };
        let mut found = self.artifacts.iter().filter(|artifact| artifact.detail[member] == value);
        match (found.next(), found.next()) {
            (Some(artifact), None) => Ok(artifact),
            (Some(_), Some(_)) => Err(invalid(format!("There is more than one artifact named {value}."))),
            (None, _) => Err(not_found("ProvisioningArtifact", value)),
        }
    }

    fn detail(&self) -> Value {
        json!({
            "CreatedTime": self.created,
            "ProductARN": self.arn,
            "ProductViewSummary": self.summary,
            "Status": status(self.ready),
        })
    }

    fn answer(&self) -> Value {
        json!({ "ProductViewDetail": self.detail(), "Tags": listed(&self.tags) })
    }
}

impl Artifact {
    fn new(parameters: &Parameters, kind: &str, template: Template) -> Result<Self, Refusal> {
        parameters.limit(&[("Name", 8192), ("Description", 8192)])?;
        check_name(parameters)?;
        if parameters.text("Type").is_some_and(|given| given != kind) {
            return Err(invalid(format!(
                "The provisioning artifact of a product of type {kind} has that type."
            )));
        }
        let mut detail = json!({
            "Active": true,
            "CreatedTime": now(),
            "Guidance": "DEFAULT",
            "Id": new_id("pa"),
            "Type": kind,
        });
        copy(&mut detail, parameters, &[("Name", "Name"), ("Description", "Description")]);
        Ok(Self { detail, template, ready: Instant::now() + MAKING })
    }

    fn answer(&self) -> Value {
        json!({
            "Info": self.template.info,
            "ProvisioningArtifactDetail": self.detail,
            "Status": status(self.ready),
        })
    }
}

fn check_name(parameters: &Parameters) -> Result<(), Refusal> {
    match parameters.text("Name").is_some_and(|name| name.contains(' ')) {
        true => Err(invalid("The name of a provisioning artifact has no spaces.")),
        false => Ok(()),
    }
}

fn status(ready: Instant) -> &'static str {
    if Instant::now() < ready { "CREATING" } else { "AVAILABLE" }
}

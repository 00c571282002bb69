//! Which product, version and path a request to provision or update means.

use serde_json::Value;

use super::{
    ServiceCatalog, invalid, not_found,
    parameters::{Parameters, Tags},
};
use crate::reply::Refusal;

/// What to provision, once all names in a request are resolved.
pub(super) struct Chosen {
    pub(super) product: String,
    pub(super) artifact: String,
    pub(super) path: String,
    pub(super) template: String,
    pub(super) launch_role: Option<String>,
    pub(super) may_change_tags: bool,
}

impl ServiceCatalog {
    /// Resolves the product, the version and the path of a request; `prior` is what they are already.
    pub(super) fn choose(
        &self,
        parameters: &Parameters,
        account: &str,
        prior: Option<&Value>,
    ) -> Result<Chosen, Refusal> {
        let before = |name: &str| prior.and_then(|prior| prior[name].as_str()).map(str::to_owned);
        let given = |id: &str, name: &str| (parameters.text(id), parameters.text(name));
        let product = match (given("ProductId", "ProductName"), before("ProductId")) {
            ((None, None), Some(before)) => before,
            ((id, name), _) => self.product_id(id, name)?,
        };
        let (id, name) = given("ProvisioningArtifactId", "ProvisioningArtifactName");
        let running = before("ProvisioningArtifactId");
        let id = id.or(running.as_deref().filter(|_| name.is_none()));
        let artifact = self.product(&product)?.artifact(id, name)?;
        let artifact_id = artifact.detail["Id"].as_str().unwrap_or_default().to_owned();
        if running.as_ref() != Some(&artifact_id) {
            if artifact.detail["Active"] == false {
                return Err(not_found("ProvisioningArtifact", &artifact_id));
            }
            if prior.is_none() && artifact.detail["Guidance"] == "DEPRECATED" {
                return Err(invalid(format!("Provisioning artifact {artifact_id} is deprecated.")));
            }
        }
        let paths = self.launch_paths(&product);
        let path = match given("PathId", "PathName") {
            (None, None) => match (&paths[..], before("PathId")) {
                ([], _) => return Err(not_found("A launch path of the product", &product)),
                (paths, Some(before)) if paths.iter().any(|path| path.id == before) => {
                    paths.iter().find(|path| path.id == before)
                }
                ([only], _) => Some(only),
                _ => {
                    return Err(invalid(format!(
                        "{product} has several launch paths: PathId must be given."
                    )));
                }
            },
            (id, name) => paths.iter().find(|path| id == Some(&path.id) || name == Some(&path.name)),
        };
        let path = path.ok_or_else(|| not_found("The launch path of the product", &product))?;
        let launch = self.constrained(&path.portfolio, &product, "LAUNCH").unwrap_or_default();
        let role = launch["RoleArn"]
            .as_str()
            .map(str::to_owned)
            .or_else(|| Some(format!("arn:aws:iam::{account}:role/{}", launch["LocalRoleName"].as_str()?)));
        let updates = self.constrained(&path.portfolio, &product, "RESOURCE_UPDATE").unwrap_or_default();
        Ok(Chosen {
            path: path.id.clone(),
            template: artifact.template.body.clone(),
            artifact: artifact_id,
            launch_role: role,
            may_change_tags: updates["Properties"]["TagUpdateOnProvisionedProduct"] == "ALLOWED",
            product,
        })
    }
}

/// The parameters that a request gives, or keeps.
pub(super) fn given(parameters: &Parameters, before: &Tags) -> Result<Tags, Refusal> {
    let mut given = Tags::new();
    for parameter in parameters.list("ProvisioningParameters") {
        let key = parameter["Key"].as_str().unwrap_or_default();
        let kept = before.get(key).filter(|_| parameter["UsePreviousValue"] == true);
        let value = parameter["Value"].as_str().or(kept.map(String::as_str));
        let value = value.ok_or_else(|| invalid(format!("The parameter {key} has no value.")))?;
        given.insert(key.to_owned(), value.to_owned());
    }
    Ok(given)
}

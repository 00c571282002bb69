//! Service Catalog. It signs as `servicecatalog`, and its ARNs say `catalog`.

use serde_json::Value;

use super::{Call, Need};
use crate::answers::service_catalog::location;

pub(super) fn needs(call: &Call<'_>) -> Vec<Need> {
    let body = serde_json::from_slice::<Value>(call.request.body()).unwrap_or_default();
    let text = |name: &str| body[name].as_str();
    let operation = call.operation();
    let arn = |kind: &str, id: Option<&str>| call.arn("catalog", &format!("{kind}/{}", id.unwrap_or("*")));
    let own = match operation {
        "CreatePortfolio" | "DescribePortfolio" | "UpdatePortfolio" | "DeletePortfolio" => {
            arn("portfolio", text("Id"))
        }
        "AssociatePrincipalWithPortfolio"
        | "DisassociatePrincipalFromPortfolio"
        | "ListPrincipalsForPortfolio" => arn("portfolio", text("PortfolioId")),
        "CreateProduct" | "DescribeProductAsAdmin" | "UpdateProduct" | "DeleteProduct" => {
            arn("product", text("Id"))
        }
        "CreateProvisioningArtifact"
        | "UpdateProvisioningArtifact"
        | "DeleteProvisioningArtifact"
        | "DescribeProvisioningArtifact"
        | "ListProvisioningArtifacts"
        | "ListPortfoliosForProduct"
        | "ListLaunchPaths"
        | "CreateConstraint"
        | "ProvisionProduct" => arn("product", text("ProductId")),
        _ => "*".to_owned(),
    };
    let mut needs = vec![call.own(own)];
    match operation {
        "CreateProduct" => template(&body["ProvisioningArtifactParameters"], &mut needs),
        "CreateProvisioningArtifact" => template(&body["Parameters"], &mut needs),
        "AssociatePrincipalWithPortfolio" | "DisassociatePrincipalFromPortfolio" => {
            let principal = text("PrincipalARN").filter(|_| text("PrincipalType") == Some("IAM"));
            needs.extend(principal.map(|arn| Need::new(look_up(arn), arn)));
        }
        "CreateConstraint" | "UpdateConstraint" => launch(call, text("Parameters"), &mut needs),
        "ProvisionProduct" | "UpdateProvisionedProduct" | "TerminateProvisionedProduct" => {
            let action = match operation {
                "ProvisionProduct" => "CreateStack",
                "UpdateProvisionedProduct" => "UpdateStack",
                _ => "DeleteStack",
            };
            let stack = call.arn("cloudformation", &format!("stack/SC-{}-pp/id", call.identity.account));
            needs.push(Need::new(format!("cloudformation:{action}"), stack));
        }
        _ => {}
    }
    needs
}

/// What a template needs that an artifact is made of.
fn template(artifact: &Value, needs: &mut Vec<Need>) {
    let info = &artifact["Info"];
    needs.push(Need::new("cloudformation:ValidateTemplate", "*"));
    if let Some(stack) = info["ImportFromPhysicalId"].as_str() {
        needs.push(Need::new("cloudformation:GetTemplate", stack));
    }
    if let Some((bucket, key)) = info["LoadTemplateFromURL"].as_str().and_then(location) {
        needs.push(Need::new("s3:GetObject", format!("arn:aws:s3:::{bucket}/{key}")));
    }
}

/// What a launch role needs.
fn launch(call: &Call<'_>, parameters: Option<&str>, needs: &mut Vec<Need>) {
    let parameters = parameters.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    let local =
        parameters["LocalRoleName"].as_str().map(|name| call.global_arn("iam", &format!("role/{name}")));
    if let Some(role) = parameters["RoleArn"].as_str().map(str::to_owned).or(local) {
        needs.push(Need::new("iam:GetRole", role.as_str()));
        needs.push(Call::passes(&role, "servicecatalog"));
    }
}

/// The action that tells of a principal.
fn look_up(arn: &str) -> &'static str {
    if arn.contains(":role/") {
        return "iam:GetRole";
    }
    if arn.contains(":group/") { "iam:GetGroup" } else { "iam:GetUser" }
}

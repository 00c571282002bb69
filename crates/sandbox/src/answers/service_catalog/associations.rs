//! What is in a portfolio, who may launch it, and the launch paths that come of both.

use serde_json::{Value, json};

use super::{Answer, Desk, ServiceCatalog, in_use, invalid, not_found, parameters::Parameters};
use crate::{SandboxError, reply::Refusal};

impl Desk<'_> {
    /// Refuses a principal of this account that is not there.
    pub(super) async fn check_principal(&self, parameters: &Parameters) -> Result<(), Refusal> {
        let arn = parameters.required("PrincipalARN")?;
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let (account, resource) = match parts[..] {
            ["arn", _, "iam", "", account, resource] => (account, resource),
            _ => return Err(invalid(format!("{arn} is not the ARN of a principal."))),
        };
        let is_principal = ["user/", "role/", "group/"].iter().any(|kind| resource.starts_with(kind));
        match parameters.required("PrincipalType")? {
            _ if !is_principal => Err(invalid(format!("{arn} is not the ARN of a user, a role or a group."))),
            "IAM_PATTERN" if account.is_empty() => Ok(()),
            "IAM_PATTERN" => Err(invalid("The ARN of a principal of type IAM_PATTERN names no account.")),
            "IAM" if account != self.identity.account || resource.contains(['*', '?']) => {
                Err(invalid(format!("{arn} is not the ARN of a principal of this account.")))
            }
            "IAM" => match self.has_principal(resource).await? {
                true => Ok(()),
                false => Err(invalid(format!("The principal {arn} does not exist."))),
            },
            other => Err(invalid(format!("{other} is no type of a principal."))),
        }
    }

    /// Whether IAM has a user, role or group.
    pub(super) async fn has_principal(&self, resource: &str) -> Result<bool, Refusal> {
        let name = resource.rsplit('/').next().unwrap_or_default();
        let (action, parameter) = match resource.split('/').next() {
            Some("role") => ("GetRole", "RoleName"),
            Some("group") => ("GetGroup", "GroupName"),
            _ => ("GetUser", "UserName"),
        };
        match self.ask().act("iam", action, &[(parameter, name)]).await {
            Ok(_) => Ok(true),
            Err(SandboxError::Refused { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl ServiceCatalog {
    pub(super) fn associate_product(&mut self, parameters: &Parameters) -> Answer {
        let product = parameters.required("ProductId")?;
        self.product(product)?;
        if let Some(source) = parameters.text("SourcePortfolioId") {
            self.portfolio(source)?;
        }
        let portfolio = self.portfolio_mut(parameters.required("PortfolioId")?)?;
        portfolio.products.insert(product.to_owned());
        Ok(json!({}))
    }

    pub(super) fn disassociate_product(&mut self, parameters: &Parameters) -> Answer {
        let (portfolio, product) = (parameters.required("PortfolioId")?, parameters.required("ProductId")?);
        self.product(product)?;
        self.check_associated(portfolio, product)?;
        if let Some((constraint, _)) =
            self.constraints.iter().find(|(_, constraint)| constraint.is_of(portfolio, product))
        {
            return Err(in_use(format!(
                "Product {product} cannot be taken out of {portfolio}: the constraint {constraint} is on it."
            )));
        }
        self.portfolio_mut(portfolio)?.products.remove(product);
        Ok(json!({}))
    }

    /// Refuses what is about a product in a portfolio that it is not in.
    pub(super) fn check_associated(&self, portfolio: &str, product: &str) -> Result<(), Refusal> {
        match self.portfolio(portfolio)?.products.contains(product) {
            true => Ok(()),
            false => Err(not_found("Association of the product", &format!("{product} with {portfolio}"))),
        }
    }

    pub(super) fn list_portfolios_for_product(&self, parameters: &Parameters) -> Answer {
        let product = parameters.required("ProductId")?;
        self.product(product)?;
        let holders = self.portfolios.values().filter(|portfolio| portfolio.products.contains(product));
        let details = holders.map(|portfolio| portfolio.detail.clone()).collect();
        parameters.page("PortfolioDetails", details)
    }

    pub(super) fn associate_principal(&mut self, parameters: &Parameters) -> Answer {
        let kind = parameters.required("PrincipalType")?.to_owned();
        let arn = parameters.required("PrincipalARN")?.to_owned();
        let portfolio = self.portfolio_mut(parameters.required("PortfolioId")?)?;
        portfolio.principals.insert(arn, kind);
        Ok(json!({}))
    }

    pub(super) fn disassociate_principal(&mut self, parameters: &Parameters) -> Answer {
        let arn = parameters.required("PrincipalARN")?;
        let portfolio = self.portfolio_mut(parameters.required("PortfolioId")?)?;
        let kind = parameters.text("PrincipalType").unwrap_or("IAM");
        match portfolio.principals.get(arn).is_some_and(|known| known == kind) {
            true => drop(portfolio.principals.remove(arn)),
            false => return Err(not_found("Principal", arn)),
        }
        Ok(json!({}))
    }

    pub(super) fn list_principals(&self, parameters: &Parameters) -> Answer {
        let portfolio = self.portfolio(parameters.required("PortfolioId")?)?;
        let principals = portfolio
            .principals
            .iter()
            .map(|(arn, kind)| json!({ "PrincipalARN": arn, "PrincipalType": kind }))
            .collect();
        parameters.page("Principals", principals)
    }

    pub(super) fn list_launch_paths(&self, parameters: &Parameters) -> Answer {
        let product = parameters.required("ProductId")?;
        self.product(product)?;
        let paths = self.launch_paths(product).into_iter().map(|path| {
            let constraints = self.constraints.values().filter(|found| found.is_of(&path.portfolio, product));
            let constraints: Vec<Value> = constraints
                .map(|found| {
                    json!({ "Description": found.detail["Description"], "Type": found.detail["Type"] })
                })
                .collect();
            json!({ "ConstraintSummaries": constraints, "Id": path.id, "Name": path.name, "Tags": [] })
        });
        parameters.page("LaunchPathSummaries", paths.collect())
    }

    /// The ways to launch a product: each portfolio that it is in, if somebody may launch what is in there. Who calls is
    /// not looked at.
    pub(super) fn launch_paths(&self, product: &str) -> Vec<LaunchPath> {
        let open = self.portfolios.iter().filter(|(_, portfolio)| {
            portfolio.products.contains(product) && !portfolio.principals.is_empty()
        });
        let path = |(id, portfolio): (&String, &super::portfolios::Portfolio)| LaunchPath {
            id: format!("lpv2-{}", id.trim_start_matches("port-")),
            name: portfolio.detail["DisplayName"].as_str().unwrap_or_default().to_owned(),
            portfolio: id.clone(),
        };
        open.map(path).collect()
    }
}

/// A way to launch a product.
pub(super) struct LaunchPath {
    pub(super) id: String,
    pub(super) name: String,
    /// The id of the portfolio that it leads through.
    pub(super) portfolio: String,
}

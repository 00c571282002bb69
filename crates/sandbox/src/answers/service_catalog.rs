//! AWS Service Catalog: portfolios, products with their versions, constraints, and products that are provisioned as stacks
//! of the emulator's CloudFormation. Nothing is shared with other accounts.

mod associations;
mod choices;
mod constraints;
mod parameters;
mod portfolios;
mod products;
mod provisioned;
mod records;
mod stacks;
mod templates;

use std::{
    collections::{BTreeMap, HashMap},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    reply::{self, Refusal},
};
use parameters::Parameters;
pub(crate) use templates::location;

/// What there is in one account in one region.
#[derive(Default)]
pub(crate) struct ServiceCatalog {
    pub(crate) portfolios: BTreeMap<String, portfolios::Portfolio>,
    pub(crate) products: BTreeMap<String, products::Product>,
    pub(crate) constraints: BTreeMap<String, constraints::Constraint>,
    pub(crate) provisioned: BTreeMap<String, provisioned::Provisioned>,
    /// In the order in which they were made.
    records: Vec<records::Record>,
    /// The requests that bore an idempotency token, and their answers, by operation and token.
    answered: HashMap<(String, String), (Value, Value)>,
}

type Answer = Result<Value, Refusal>;

/// Answers a request to Service Catalog.
pub(crate) async fn answer(front: &Front, request: &Request, identity: &Identity) -> Reply {
    let answer = match Parameters::of(request) {
        Ok(parameters) => Desk { front, identity }.perform(&parameters).await,
        Err(refusal) => Err(refusal),
    };
    match answer {
        Ok(value) => {
            let mut reply = reply::json(200, &value);
            reply::set(&mut reply, "content-type", "application/x-amz-json-1.1");
            reply
        }
        Err(refusal) => refusal.reply(identity.protocol, &identity.service),
    }
}

/// Where a request is dealt with that may need to ask the emulator.
struct Desk<'a> {
    front: &'a Front,
    identity: &'a Identity,
}

impl Desk<'_> {
    async fn perform(&self, parameters: &Parameters) -> Answer {
        let operation = self.identity.operation.as_str();
        let token = parameters.token();
        if let Some(answer) = token.and_then(|token| self.repeated(token, parameters)) {
            return answer;
        }
        self.catch_up().await?;
        let answer = match operation {
            "AssociatePrincipalWithPortfolio" => {
                self.check_principal(parameters).await?;
                self.with(|catalog, _| catalog.associate_principal(parameters))
            }
            "CreateProduct" => {
                let template = self.template(&parameters.table("ProvisioningArtifactParameters")).await?;
                self.with(|catalog, place| catalog.create_product(place, parameters, template))
            }
            "CreateProvisioningArtifact" => {
                let template = self.template(&parameters.table("Parameters")).await?;
                self.with(|catalog, _| catalog.create_artifact(parameters, template))
            }
            "ProvisionProduct" => self.provision(parameters).await,
            "UpdateProvisionedProduct" => self.update(parameters).await,
            "TerminateProvisionedProduct" => self.terminate(parameters).await,
            _ => self.with(|catalog, place| catalog.answer(place, operation, parameters)),
        }?;
        if let Some(token) = token {
            let key = (operation.to_owned(), token.to_owned());
            let pair = (parameters.value(), answer.clone());
            self.with(|catalog, _| catalog.answered.insert(key, pair));
        }
        Ok(answer)
    }

    /// The answer to a request that bears a token that was there before.
    fn repeated(&self, token: &str, parameters: &Parameters) -> Option<Answer> {
        let key = (self.identity.operation.clone(), token.to_owned());
        let (asked, answer) = self.with(|catalog, _| catalog.answered.get(&key).cloned())?;
        Some(match asked == parameters.value() {
            true => Ok(answer),
            false => Err(invalid("The idempotency token was used with other parameters.")),
        })
    }

    /// Works on the catalog of the account and region.
    fn with<T>(&self, work: impl FnOnce(&mut ServiceCatalog, &Place<'_>) -> T) -> T {
        let place = Place { account: &self.identity.account, region: &self.identity.region };
        self.front.kept.with(place.account, |account| {
            work(account.service_catalog.entry(place.region.to_owned()).or_default(), &place)
        })
    }
}

impl ServiceCatalog {
    /// All that there is, by kind and id.
    pub(crate) fn list(&self, mut found: impl FnMut(&str, String)) {
        for (id, portfolio) in &self.portfolios {
            found("portfolio", id.clone());
            portfolio
                .products
                .iter()
                .for_each(|product| found("product_association", format!("{id}/{product}")));
            portfolio.principals.keys().for_each(|arn| found("principal_association", format!("{id}/{arn}")));
        }
        self.products.keys().for_each(|id| found("product", id.clone()));
        self.constraints.keys().for_each(|id| found("constraint", id.clone()));
        self.provisioned.keys().for_each(|id| found("provisioned_product", id.clone()));
    }

    fn answer(&mut self, place: &Place<'_>, operation: &str, parameters: &Parameters) -> Answer {
        match operation {
            "CreatePortfolio" => self.create_portfolio(place, parameters),
            "DescribePortfolio" => self.describe_portfolio(parameters),
            "UpdatePortfolio" => self.update_portfolio(parameters),
            "DeletePortfolio" => self.delete_portfolio(parameters),
            "ListPortfolios" => self.list_portfolios(parameters),
            "DescribeProductAsAdmin" => self.describe_product(parameters),
            "UpdateProduct" => self.update_product(parameters),
            "DeleteProduct" => self.delete_product(parameters),
            "SearchProductsAsAdmin" => self.search_products(parameters),
            "DescribeProvisioningArtifact" => self.describe_artifact(parameters),
            "DescribeProvisioningParameters" => self.describe_provisioning_parameters(parameters),
            "ListProvisioningArtifacts" => self.list_artifacts(parameters),
            "UpdateProvisioningArtifact" => self.update_artifact(parameters),
            "DeleteProvisioningArtifact" => self.delete_artifact(parameters),
            "AssociateProductWithPortfolio" => self.associate_product(parameters),
            "DisassociateProductFromPortfolio" => self.disassociate_product(parameters),
            "ListPortfoliosForProduct" => self.list_portfolios_for_product(parameters),
            "DisassociatePrincipalFromPortfolio" => self.disassociate_principal(parameters),
            "ListPrincipalsForPortfolio" => self.list_principals(parameters),
            "ListLaunchPaths" => self.list_launch_paths(parameters),
            "CreateConstraint" => self.create_constraint(place, parameters),
            "DescribeConstraint" => self.describe_constraint(parameters),
            "UpdateConstraint" => self.update_constraint(parameters),
            "DeleteConstraint" => self.delete_constraint(parameters),
            "ListConstraintsForPortfolio" => self.list_constraints(parameters),
            "DescribeProvisionedProduct" => self.describe_provisioned(parameters),
            "GetProvisionedProductOutputs" => self.outputs(parameters),
            "SearchProvisionedProducts" => self.search_provisioned(parameters),
            "DescribeRecord" => self.describe_record(parameters),
            "ListRecordHistory" => self.list_records(parameters),
            _ => Err(Refusal::new(
                501,
                "NotImplemented",
                format!("the sandbox has no {operation} of Service Catalog"),
            )),
        }
    }
}

/// Whose ARNs are made.
struct Place<'a> {
    account: &'a str,
    region: &'a str,
}

impl Place<'_> {
    /// The ARN of a portfolio or product.
    fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:catalog:{}:{}:{kind}/{id}", self.region, self.account)
    }

    /// The ARN of a provisioned product.
    fn provisioned_arn(&self, name: &str, id: &str) -> String {
        format!("arn:aws:servicecatalog:{}:{}:stack/{name}/{id}", self.region, self.account)
    }
}

/// A new id, such as `port-0123456789abc`.
fn new_id(kind: &str) -> String {
    let digits: String = Uuid::new_v4().simple().to_string().chars().take(13).collect();
    format!("{kind}-{digits}")
}

/// Seconds since 1970, with their fractions.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// Takes the texts that a request has over to a document, some under another name. An empty one is none.
fn copy(document: &mut Value, parameters: &Parameters, names: &[(&str, &str)]) {
    for (from, to) in names {
        match parameters.text(from) {
            Some("") => drop(document.as_object_mut().map(|members| members.remove(*to))),
            Some(text) => document[*to] = json!(text),
            None => {}
        }
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidParametersException", message)
}

fn in_use(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "ResourceInUseException", message)
}

fn duplicate(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "DuplicateResourceException", message)
}

fn not_found(kind: &str, id: &str) -> Refusal {
    Refusal::new(400, "ResourceNotFoundException", format!("{kind} {id} not found."))
}

//! `aws_servicecatalog_constraint`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Block, Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Document, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, create_named, repeat_while};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;
use crate::service_catalog::{ABSENT, FRESH, constraints_of, lacking, passes, set};

/// What holds for a product of a portfolio of Service Catalog when it is launched: in which role, or with which values of
/// the template's parameters. From the Service Catalog API (`CreateConstraint`); its id is made by Service Catalog.
///
/// It is found again by what it says: two that say the same of one product in one portfolio would be one too many.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Constraint {
    /// Id of the portfolio.
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[a-zA-Z0-9_\-]+$"),
        extend("forces_replacement" = true)
    )]
    portfolio_id: String,
    /// Id of the product, which must be in the portfolio: let this depend on the association of both.
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[a-zA-Z0-9_\-]+$"),
        extend("forces_replacement" = true)
    )]
    product_id: String,
    /// What is constrained. A product in a portfolio has one of `LAUNCH`, `RESOURCE_UPDATE` and `STACKSET` at most, and
    /// not both `LAUNCH` and `STACKSET`.
    #[schemars(extend(
        "enum" = ["LAUNCH", "NOTIFICATION", "RESOURCE_UPDATE", "STACKSET", "TEMPLATE"],
        "forces_replacement" = true
    ))]
    r#type: String,
    /// A table, or JSON text. `LAUNCH`: `RoleArn`, or `LocalRoleName` for a role of that name in whichever account
    /// launches it. `NOTIFICATION`: `NotificationArns`, SNS topics. `RESOURCE_UPDATE`: `Version = "2.0"` and `Properties`
    /// with `TagUpdateOnProvisionedProduct`, `ALLOWED` or `NOT_ALLOWED`. `STACKSET`: `Version` and `Properties`.
    /// `TEMPLATE`: `Rules`, as in a template of CloudFormation. Compared by meaning.
    parameters: Document,
    /// What it is for.
    #[schemars(length(max = 2000))]
    description: Option<String>,
    /// Account that it belongs to.
    #[serde(default)]
    owner: Computed<String>,
    /// Whether it is in force: `AVAILABLE`, `CREATING` or `FAILED`.
    #[serde(default)]
    status: Computed<String>,
}

const TAKEN: &[&str] = &["DuplicateResourceException"];

#[async_trait]
impl Kind for Constraint {
    const NAME: &'static str = "aws_servicecatalog_constraint";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::ServiceCatalog::LaunchRoleConstraint", launch_role_constraint)
            .with(&[("id", Returned::Ref), ("owner", Returned::Sub("${AWS::AccountId}"))]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let parameters = configuration.get("parameters");
        match (configuration.get("type").as_str(), parameters) {
            (_, Value::Unknown | Value::Null) | (None, _) => Vec::new(),
            (Some(kind), Value::Map(_)) => parameter_problem(kind, parameters).into_iter().collect(),
            _ => vec![Problem::new("parameters", "the parameters of a constraint are a table")],
        }
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let answer = reader.service_catalog().describe_constraint().id(id).send().await.unless(ABSENT)?;
        let Some(answer) = answer else { return Ok(None) };
        let detail = answer.constraint_detail().ok_or_else(|| lacking("the constraint"))?;
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(Some(Self {
            portfolio_id: text(detail.portfolio_id()),
            product_id: text(detail.product_id()),
            r#type: text(detail.r#type()),
            parameters: Document::parse(answer.constraint_parameters().unwrap_or_default()),
            description: set(detail.description()),
            owner: detail.owner().map(str::to_owned).into(),
            status: answer.status().map(|status| status.as_str().to_owned()).into(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        for found in constraints_of(reader, &self.portfolio_id, Some(&self.product_id)).await? {
            let Some(id) = found.constraint_id() else { continue };
            if found.r#type() != Some(self.r#type.as_str()) {
                continue;
            }
            let there = Self::read(reader, id, self).await?;
            if there.is_some_and(|there| there.says_what(self)) {
                return Ok(Some(id.to_owned()));
            }
        }
        Ok(None)
    }

    async fn ensure_free(&self, reader: &Reader, token: &Token) -> Result<(), KindError> {
        match self.find(reader, token).await? {
            Some(id) => Err(KindError::new(format!("{id} says the same already"))
                .with_hint("import it, or leave this out")),
            None => Ok(()),
        }
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let request = writer
            .service_catalog()
            .create_constraint()
            .portfolio_id(&self.portfolio_id)
            .product_id(&self.product_id)
            .r#type(&self.r#type)
            .parameters(self.parameters.to_string())
            .set_description(self.description.clone())
            .idempotency_token(token.as_str());
        let create = async {
            let made =
                repeat_while(passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
            let id = made.constraint_detail.and_then(|detail| detail.constraint_id);
            id.ok_or_else(|| lacking("the id").undecided())
        };
        create_named(self, writer.reader(), token, TAKEN, create).await.map(Created::complete)
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let is_described_anew = self.description != prior.description;
        let request = writer
            .service_catalog()
            .update_constraint()
            .id(id)
            .set_description(is_described_anew.then(|| self.description.clone().unwrap_or_default()))
            .parameters(self.parameters.to_string());
        repeat_while(passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        writer.service_catalog().delete_constraint().id(id).send().await.unless(ABSENT)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let product = arn::regional("catalog", &format!("product/{}", of.text_or_any("product_id")));
        let launches = of.text("type").is_none_or(|kind| kind == "LAUNCH");
        let roles = match launches && of.changes() {
            true => launch_roles(&of),
            false => Vec::new(),
        };
        let needs = of
            .needs()
            .on(&[Act::Find, Act::Create], "*", &["servicecatalog:ListConstraintsForPortfolio"])
            .on(&[Act::Find, Act::Create, Act::Read], "*", &["servicecatalog:DescribeConstraint"])
            .create(&product, &["servicecatalog:CreateConstraint"])
            .update("*", &["servicecatalog:UpdateConstraint"])
            .delete("*", &["servicecatalog:DeleteConstraint"]);
        let needs = roles.iter().fold(needs, |needs, role| needs.change(role, &["iam:GetRole"]));
        arn::passing(needs, &roles, "servicecatalog").done()
    }
}

impl Constraint {
    /// Whether another says the same.
    fn says_what(&self, other: &Self) -> bool {
        self.parameters == other.parameters && self.description == set(other.description.as_deref())
    }
}

/// CloudFormation has another type of resources for each other type of constraints.
fn launch_role_constraint(constraint: &mut Block<'_>) {
    let kind = constraint.get("type").as_str().unwrap_or_default().to_owned();
    if ["NOTIFICATION", "RESOURCE_UPDATE", "STACKSET", "TEMPLATE"].contains(&kind.as_str()) {
        constraint
            .wrong("type", format!("constraints of type {kind} are not exported, and those of LAUNCH are"));
    }
    constraint.ours(&["type"]);
    constraint.same(&["portfolio_id", "product_id", "description"]);
    let parameters = match constraint.take("parameters") {
        Value::String(text) => serde_json::from_str(&text).map_or(Value::Null, Value::from_json),
        table => table,
    };
    for name in ["RoleArn", "LocalRoleName"] {
        constraint.put(name, parameters.get(name).clone());
    }
}

/// The roles that a constraint lets products be launched in.
fn launch_roles(of: &Undertaking<'_>) -> Vec<String> {
    let parameters = of.attributes.get("parameters");
    match (parameters.get("RoleArn"), parameters.get("LocalRoleName").as_str()) {
        (_, Some(name)) => vec![arn::role(of, name)],
        (Value::Null, None) => arn::roles(of, &Value::Unknown),
        (role, None) => arn::roles(of, role),
    }
}

/// What is wrong with the parameters of a constraint of that type.
fn parameter_problem(kind: &str, parameters: &Value) -> Option<Problem> {
    let path = Path::root().key("parameters");
    let is_table = |name: &str| matches!(parameters.get(name), Value::Map(_) | Value::Unknown);
    let wrong = |name: &str, message: &str| Some(Problem::new(path.key(name), message));
    match kind {
        "LAUNCH" => {
            let [arn, local] = ["RoleArn", "LocalRoleName"].map(|name| parameters.get(name));
            match (arn.is_null(), local.is_null()) {
                (true, true) => {
                    let message = "a launch constraint needs `RoleArn` or `LocalRoleName`";
                    Some(Problem::new(path, message).with_hint("add one of them"))
                }
                (false, false) => wrong("LocalRoleName", "`RoleArn` and `LocalRoleName` exclude each other")
                    .map(|problem| problem.with_hint("keep one of them")),
                _ if arn.as_str().is_some_and(|arn| !arn.contains(":role/")) => {
                    wrong("RoleArn", "`RoleArn` is not the ARN of a role")
                }
                _ => None,
            }
        }
        "NOTIFICATION" if parameters.get("NotificationArns").is_empty() => {
            wrong("NotificationArns", "a notification constraint needs `NotificationArns`, a list of topics")
        }
        "TEMPLATE" if !is_table("Rules") => {
            wrong("Rules", "a template constraint needs `Rules`, a table as in a template")
        }
        "STACKSET" | "RESOURCE_UPDATE" if !is_table("Properties") => {
            wrong("Properties", "such a constraint needs `Properties`, a table")
        }
        _ => None,
    }
}

//! `aws_servicecatalog_principal_portfolio_association`.

use async_trait::async_trait;
use aws_sdk_servicecatalog::types::PrincipalType;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Created, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::schema::Problem;
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, repeat_while};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;
use crate::service_catalog::{ABSENT, FRESH, passes, principals_of};

/// Who may launch the products of a portfolio of Service Catalog. From the Service Catalog API
/// (`AssociatePrincipalWithPortfolio`); its id is `portfolio_id/principal_type/principal_arn`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct PrincipalPortfolioAssociation {
    /// Id of the portfolio.
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[a-zA-Z0-9_\-]+$"),
        extend("forces_replacement" = true)
    )]
    portfolio_id: String,
    /// ARN of a user, a role or a group. With `principal_type = "IAM_PATTERN"` one without an account, such as
    /// `arn:aws:iam:::role/developer-*`, in which `*` and `?` stand for others.
    #[schemars(
        length(min = 1, max = 1000),
        regex(pattern = r"^arn:[a-z0-9-]+:iam::\d*:(role|user|group)/.+$"),
        extend("forces_replacement" = true)
    )]
    principal_arn: String,
    /// Whether the ARN is that of one principal of this account, or a pattern for those of any account that the portfolio
    /// is shared with.
    #[schemars(extend("enum" = ["IAM", "IAM_PATTERN"], "forces_replacement" = true))]
    #[serde(default = "iam")]
    principal_type: String,
}

fn iam() -> String {
    PrincipalType::Iam.as_str().to_owned()
}

#[async_trait]
impl Kind for PrincipalPortfolioAssociation {
    const NAME: &'static str = "aws_servicecatalog_principal_portfolio_association";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::ServiceCatalog::PortfolioPrincipalAssociation", |association| {
            association.same(&["portfolio_id", "principal_type"]);
            association.rename("principal_arn", "PrincipalARN");
        })
        .with(&[("id", Returned::Known(|arguments| Self::id_in_terraform(arguments).map(Value::from)))]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn validate(configuration: &Value) -> Vec<Problem> {
        let Some(principal) = configuration.get("principal_arn").as_str() else { return Vec::new() };
        let names_account = !principal.contains(":iam:::");
        let is_open = principal.contains(['*', '?']);
        let problem = match configuration.get("principal_type").as_str() {
            Some("IAM") if !names_account || is_open => {
                Problem::new("principal_arn", "a principal of type IAM is one of an account")
                    .with_hint("name it whole, or set `principal_type = \"IAM_PATTERN\"`")
            }
            Some("IAM_PATTERN") if names_account => {
                Problem::new("principal_arn", "a pattern for principals names no account")
                    .with_hint("write it as arn:aws:iam:::role/…")
            }
            _ => return Vec::new(),
        };
        vec![problem]
    }

    fn id_in_terraform(attributes: &Value) -> Option<String> {
        let [portfolio, arn] = ["portfolio_id", "principal_arn"].map(|name| attributes.get(name).as_str());
        Some(id(portfolio?, attributes.get("principal_type").as_str().unwrap_or("IAM"), arn?))
    }

    fn terraform_import_id(id: &str, _attributes: &Value) -> Option<String> {
        let (portfolio, kind, arn) = parts(id).ok()?;
        Some(format!("en,{arn},{portfolio},{kind}"))
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let (portfolio, kind, arn) = parts(id)?;
        let principals = principals_of(reader, portfolio).await?.unwrap_or_default();
        let found = principals.iter().any(|found| {
            found.principal_arn() == Some(arn)
                && found.principal_type().map_or("IAM", PrincipalType::as_str) == kind
        });
        Ok(found.then(|| Self {
            portfolio_id: portfolio.to_owned(),
            principal_arn: arn.to_owned(),
            principal_type: kind.to_owned(),
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let id = id(&self.portfolio_id, &self.principal_type, &self.principal_arn);
        Ok(Self::read(reader, &id, self).await?.map(|_| id))
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        let request = writer
            .service_catalog()
            .associate_principal_with_portfolio()
            .portfolio_id(&self.portfolio_id)
            .principal_arn(&self.principal_arn)
            .principal_type(PrincipalType::from(self.principal_type.as_str()));
        repeat_while(passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
        Ok(Created::complete(id(&self.portfolio_id, &self.principal_type, &self.principal_arn)))
    }

    /// Every argument forces a replacement.
    async fn update(&self, _writer: &Writer, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let (portfolio, kind, arn) = parts(id)?;
        let request = writer
            .service_catalog()
            .disassociate_principal_from_portfolio()
            .portfolio_id(portfolio)
            .principal_arn(arn)
            .principal_type(PrincipalType::from(kind));
        request.send().await.unless(ABSENT)?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let portfolio = arn::regional("catalog", &format!("portfolio/{}", of.text_or_any("portfolio_id")));
        let is_one = of.text("principal_type") != Some("IAM_PATTERN");
        // Service Catalog looks the principal up as whoever calls. Until it is known, it is most likely a role.
        let (action, principals) = match of.text("principal_arn") {
            Some(arn) if arn.contains(":user/") => ("iam:GetUser", vec![arn.to_owned()]),
            Some(arn) if arn.contains(":group/") => ("iam:GetGroup", vec![arn.to_owned()]),
            Some(arn) if arn.contains(":role/") => ("iam:GetRole", vec![arn.to_owned()]),
            _ => ("iam:GetRole", arn::roles(&of, &Value::Unknown)),
        };
        let looks = is_one && [Act::Create, Act::Delete].contains(&of.act);
        let needs = of
            .needs()
            .on(&[Act::Find, Act::Read], &portfolio, &["servicecatalog:ListPrincipalsForPortfolio"])
            .create(&portfolio, &["servicecatalog:AssociatePrincipalWithPortfolio"])
            .delete(&portfolio, &["servicecatalog:DisassociatePrincipalFromPortfolio"]);
        principals.iter().fold(needs, |needs, principal| needs.when(looks, principal, &[action])).done()
    }
}

/// The id of a principal's association with a portfolio.
pub(super) fn id(portfolio: &str, kind: &str, arn: &str) -> String {
    format!("{portfolio}/{kind}/{arn}")
}

fn parts(id: &str) -> Result<(&str, &str, &str), KindError> {
    let parts = id.split_once('/').and_then(|(portfolio, rest)| Some((portfolio, rest.split_once('/')?)));
    parts.map(|(portfolio, (kind, arn))| (portfolio, kind, arn)).ok_or_else(|| {
        KindError::new(format!("{id} is not the id of a principal of a portfolio"))
            .with_hint("write it as portfolio_id/principal_type/principal_arn")
    })
}

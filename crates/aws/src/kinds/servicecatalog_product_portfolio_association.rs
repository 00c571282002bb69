//! `aws_servicecatalog_product_portfolio_association`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Created, Departure, Holder, Kind, KindError, Token};
use provision_engine::permission::{Act, Permission, Undertaking};
use provision_engine::value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::{Outcome, repeat_while};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;
use crate::service_catalog::{ABSENT, FRESH, constraints_of, lets_go, passes, portfolios_of};

/// A product in a portfolio of Service Catalog. From the Service Catalog API (`AssociateProductWithPortfolio`); its id is
/// `portfolio_id/product_id`.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct ProductPortfolioAssociation {
    /// Id of the portfolio.
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[a-zA-Z0-9_\-]+$"),
        extend("forces_replacement" = true)
    )]
    portfolio_id: String,
    /// Id of the product.
    #[schemars(
        length(min = 1, max = 100),
        regex(pattern = r"^[a-zA-Z0-9_\-]+$"),
        extend("forces_replacement" = true)
    )]
    product_id: String,
    /// Id of the portfolio that another account shares the product through.
    #[schemars(length(min = 1, max = 100), extend("forces_replacement" = true, "kept" = true))]
    source_portfolio_id: Option<String>,
}

#[async_trait]
impl Kind for ProductPortfolioAssociation {
    const NAME: &'static str = "aws_servicecatalog_product_portfolio_association";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::ServiceCatalog::PortfolioProductAssociation", |association| {
            association.same(&["portfolio_id", "product_id", "source_portfolio_id"]);
        })
        .with(&[("id", Returned::Known(|arguments| Self::id_in_terraform(arguments).map(Value::from)))]),
    );
    type Reader = Reader;
    type Writer = Writer;

    fn id_in_terraform(attributes: &Value) -> Option<String> {
        let [portfolio, product] = ["portfolio_id", "product_id"].map(|name| attributes.get(name).as_str());
        Some(id(portfolio?, product?))
    }

    fn terraform_import_id(id: &str, _attributes: &Value) -> Option<String> {
        let (portfolio, product) = parts(id).ok()?;
        Some(format!("en:{portfolio}:{product}"))
    }

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let (portfolio, product) = parts(id)?;
        let portfolios = portfolios_of(reader, product).await?.unwrap_or_default();
        let is_in = portfolios.iter().any(|found| found.id() == Some(portfolio));
        Ok(is_in.then(|| Self {
            portfolio_id: portfolio.to_owned(),
            product_id: product.to_owned(),
            source_portfolio_id: None,
        }))
    }

    async fn find(&self, reader: &Reader, _token: &Token) -> Result<Option<String>, KindError> {
        let id = id(&self.portfolio_id, &self.product_id);
        Ok(Self::read(reader, &id, self).await?.map(|_| id))
    }

    async fn before_delete(reader: &Reader, id: &str, _prior: &Self) -> Result<Departure, KindError> {
        let (portfolio, product) = parts(id)?;
        let constraints = constraints_of(reader, portfolio, Some(product)).await?;
        let held_by = constraints.into_iter().map(|constraint| Holder {
            kind: "aws_servicecatalog_constraint",
            ids: constraint.constraint_id.into_iter().collect(),
        });
        Ok(Departure { held_by: held_by.collect(), ..Departure::default() })
    }

    async fn create(&self, writer: &Writer, _token: &Token) -> Result<Created<Self>, KindError> {
        let request = writer
            .service_catalog()
            .associate_product_with_portfolio()
            .portfolio_id(&self.portfolio_id)
            .product_id(&self.product_id)
            .set_source_portfolio_id(self.source_portfolio_id.clone());
        repeat_while(passes, FRESH, || async { request.clone().send().await.or_fail() }).await?;
        Ok(Created::complete(id(&self.portfolio_id, &self.product_id)))
    }

    /// Every argument forces a replacement.
    async fn update(&self, _writer: &Writer, _id: &str, _prior: &Self) -> Result<(), KindError> {
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let (portfolio, product) = parts(id)?;
        let request = writer
            .service_catalog()
            .disassociate_product_from_portfolio()
            .portfolio_id(portfolio)
            .product_id(product);
        repeat_while(lets_go, FRESH, || async { request.clone().send().await.unless(ABSENT) }).await?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let product = arn::regional("catalog", &format!("product/{}", of.text_or_any("product_id")));
        of.needs()
            .on(&[Act::Find, Act::Read], &product, &["servicecatalog:ListPortfoliosForProduct"])
            .create("*", &["servicecatalog:AssociateProductWithPortfolio"])
            .delete("*", &["servicecatalog:DisassociateProductFromPortfolio"])
            .done()
    }
}

/// The id of a product's association with a portfolio.
pub(super) fn id(portfolio: &str, product: &str) -> String {
    format!("{portfolio}/{product}")
}

fn parts(id: &str) -> Result<(&str, &str), KindError> {
    id.split_once('/').ok_or_else(|| {
        KindError::new(format!("{id} is not the id of a product in a portfolio"))
            .with_hint("write it as portfolio_id/product_id")
    })
}

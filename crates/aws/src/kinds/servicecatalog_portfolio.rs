//! `aws_servicecatalog_portfolio`.

use async_trait::async_trait;
use provision_engine::cloudformation::{Counterpart, Returned};
use provision_engine::kind::{Computed, Created, Departure, Holder, Kind, KindError, Token};
use provision_engine::permission::{Permission, Undertaking};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::servicecatalog_principal_portfolio_association as principal;
use crate::call::{Outcome, repeat_while};
use crate::clients::{Reader, Writer};
use crate::permissions::arn;
use crate::service_catalog::{
    ABSENT, FRESH, api_tags, constraints_of, lacking, lets_go, moment, own_tags, principals_of, set,
};
use crate::tags::{self, Tags};

/// A portfolio of Service Catalog: products, who may launch them, and how. From the Service Catalog API
/// (`CreatePortfolio`); its id is made by Service Catalog.
///
/// Nothing but AWS's own id identifies a portfolio, so it bears the token of its create in a tag (`provision:token`), by
/// which a later run finds it again. AWS keeps it as long as anything is in it.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Portfolio {
    /// Name that users see. Others may have it too.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// What is in it.
    #[schemars(length(max = 2000))]
    description: Option<String>,
    /// Who provides it: a person or an organization.
    #[schemars(length(min = 1, max = 50))]
    provider_name: String,
    /// Tags, 19 at most.
    #[serde(default)]
    tags: Tags,
    /// ARN.
    #[serde(default)]
    arn: Computed<String>,
    /// When it was made, as RFC 3339 writes it.
    #[serde(default)]
    created_time: Computed<String>,
}

#[async_trait]
impl Kind for Portfolio {
    const NAME: &'static str = "aws_servicecatalog_portfolio";
    const CLOUDFORMATION: Option<Counterpart> = Some(
        Counterpart::resource("AWS::ServiceCatalog::Portfolio", |portfolio| {
            portfolio.rename("name", "DisplayName");
            portfolio.same(&["description", "provider_name"]);
            portfolio.tags();
        })
        .with(&[
            ("id", Returned::Ref),
            (
                "arn",
                Returned::Sub(
                    "arn:${AWS::Partition}:catalog:${AWS::Region}:${AWS::AccountId}:portfolio/${Ref}",
                ),
            ),
        ]),
    );
    type Reader = Reader;
    type Writer = Writer;

    async fn read(reader: &Reader, id: &str, _prior: &Self) -> Result<Option<Self>, KindError> {
        let answer = reader.service_catalog().describe_portfolio().id(id).send().await.unless(ABSENT)?;
        let Some(answer) = answer else { return Ok(None) };
        let detail = answer.portfolio_detail().ok_or_else(|| lacking("the portfolio"))?;
        Ok(Some(Self {
            name: detail.display_name().unwrap_or_default().to_owned(),
            description: set(detail.description()),
            provider_name: detail.provider_name().unwrap_or_default().to_owned(),
            tags: own_tags(answer.tags()),
            arn: detail.arn().map(str::to_owned).into(),
            created_time: moment(detail.created_time()).into(),
        }))
    }

    /// The one that bears the token is looked for among all.
    async fn find(&self, reader: &Reader, token: &Token) -> Result<Option<String>, KindError> {
        let client = reader.service_catalog();
        let mut pages = client.list_portfolios().into_paginator().send();
        while let Some(page) = pages.next().await {
            for portfolio in page.or_fail()?.portfolio_details.unwrap_or_default() {
                let Some(id) = portfolio.id else { continue };
                let described = client.describe_portfolio().id(&id).send().await.unless(ABSENT)?;
                let tags = described.and_then(|described| described.tags).unwrap_or_default();
                if tags.iter().any(|tag| tag.key() == tags::TOKEN && tag.value() == token.as_str()) {
                    return Ok(Some(id));
                }
            }
        }
        Ok(None)
    }

    async fn before_delete(reader: &Reader, id: &str, _prior: &Self) -> Result<Departure, KindError> {
        let mut departure = Departure::default();
        for found in principals_of(reader, id).await?.unwrap_or_default() {
            let kind = found.principal_type().map_or("IAM", |kind| kind.as_str());
            let ids = vec![principal::id(id, kind, found.principal_arn().unwrap_or_default())];
            departure
                .held_by
                .push(Holder { kind: "aws_servicecatalog_principal_portfolio_association", ids });
        }
        for constraint in constraints_of(reader, id, None).await? {
            let ids = constraint.constraint_id.into_iter().collect();
            departure.held_by.push(Holder { kind: "aws_servicecatalog_constraint", ids });
        }
        Ok(departure)
    }

    async fn create(&self, writer: &Writer, token: &Token) -> Result<Created<Self>, KindError> {
        let mut tags = self.tags.clone();
        tags.insert(tags::TOKEN.to_owned(), token.as_str().to_owned());
        let answer = writer
            .service_catalog()
            .create_portfolio()
            .display_name(&self.name)
            .set_description(self.description.clone())
            .provider_name(&self.provider_name)
            .set_tags(api_tags(tags)?)
            .idempotency_token(token.as_str())
            .send()
            .await
            .or_fail()?;
        let id = answer.portfolio_detail.and_then(|detail| detail.id);
        id.map(Created::complete).ok_or_else(|| lacking("the id").undecided())
    }

    async fn update(&self, writer: &Writer, id: &str, prior: &Self) -> Result<(), KindError> {
        let (set, remove) = tags::changes(&prior.tags, &self.tags);
        let is_described_anew = self.description != prior.description;
        let request = writer
            .service_catalog()
            .update_portfolio()
            .id(id)
            .display_name(&self.name)
            .set_description(is_described_anew.then(|| self.description.clone().unwrap_or_default()))
            .provider_name(&self.provider_name)
            .set_add_tags(api_tags(set)?)
            .set_remove_tags((!remove.is_empty()).then_some(remove));
        request.send().await.or_fail()?;
        Ok(())
    }

    async fn delete(writer: &Writer, id: &str, _prior: &Self) -> Result<(), KindError> {
        let request = writer.service_catalog().delete_portfolio().id(id);
        repeat_while(lets_go, FRESH, || async { request.clone().send().await.unless(ABSENT) }).await?;
        Ok(())
    }

    fn permissions(of: Undertaking<'_>) -> Vec<Permission> {
        let portfolio = arn::regional("catalog", &format!("portfolio/{}", of.id_or_any()));
        of.needs()
            .find("*", &["servicecatalog:ListPortfolios"])
            .find(&arn::regional("catalog", "portfolio/*"), &["servicecatalog:DescribePortfolio"])
            .create(&portfolio, &["servicecatalog:CreatePortfolio"])
            .read(&portfolio, &["servicecatalog:DescribePortfolio"])
            .update(&portfolio, &["servicecatalog:UpdatePortfolio"])
            .delete(&portfolio, &["servicecatalog:DeletePortfolio"])
            .done()
    }
}

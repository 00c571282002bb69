//! Portfolios: who may launch which products.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    Answer, Place, ServiceCatalog, copy, in_use, new_id, not_found, now,
    parameters::{Parameters, Tags, listed},
};
use crate::reply::Refusal;

/// A portfolio.
pub(crate) struct Portfolio {
    pub(super) detail: Value,
    tags: Tags,
    /// The ids of its products.
    pub(crate) products: BTreeSet<String>,
    /// Who may launch them: ARNs, and of what type each is.
    pub(crate) principals: BTreeMap<String, String>,
}

const LIMITS: [(&str, usize); 3] = [("DisplayName", 100), ("ProviderName", 50), ("Description", 2000)];
const TEXTS: [(&str, &str); 3] =
    [("DisplayName", "DisplayName"), ("ProviderName", "ProviderName"), ("Description", "Description")];

impl ServiceCatalog {
    pub(super) fn portfolio(&self, id: &str) -> Result<&Portfolio, Refusal> {
        self.portfolios.get(id).ok_or_else(|| not_found("Portfolio", id))
    }

    pub(super) fn portfolio_mut(&mut self, id: &str) -> Result<&mut Portfolio, Refusal> {
        self.portfolios.get_mut(id).ok_or_else(|| not_found("Portfolio", id))
    }

    pub(super) fn create_portfolio(&mut self, place: &Place<'_>, parameters: &Parameters) -> Answer {
        parameters.required("DisplayName")?;
        parameters.required("ProviderName")?;
        parameters.limit(&LIMITS)?;
        let id = new_id("port");
        let mut detail = json!({ "ARN": place.arn("portfolio", &id), "CreatedTime": now(), "Id": id });
        copy(&mut detail, parameters, &TEXTS);
        let tags = parameters.tags("Tags")?;
        let portfolio =
            Portfolio { detail, tags, products: BTreeSet::default(), principals: BTreeMap::default() };
        let answer = portfolio.answer();
        self.portfolios.insert(id, portfolio);
        Ok(answer)
    }

    pub(super) fn describe_portfolio(&self, parameters: &Parameters) -> Answer {
        let mut answer = self.portfolio(parameters.required("Id")?)?.answer();
        answer["TagOptions"] = json!([]);
        answer["Budgets"] = json!([]);
        Ok(answer)
    }

    pub(super) fn update_portfolio(&mut self, parameters: &Parameters) -> Answer {
        parameters.limit(&LIMITS)?;
        let portfolio = self.portfolio_mut(parameters.required("Id")?)?;
        parameters.change_tags(&mut portfolio.tags)?;
        copy(&mut portfolio.detail, parameters, &TEXTS);
        Ok(portfolio.answer())
    }

    pub(super) fn delete_portfolio(&mut self, parameters: &Parameters) -> Answer {
        let id = parameters.required("Id")?;
        let portfolio = self.portfolio(id)?;
        let is_constrained =
            self.constraints.values().any(|constraint| constraint.detail["PortfolioId"] == id);
        let holds = [
            (!portfolio.products.is_empty(), "products"),
            (!portfolio.principals.is_empty(), "principals"),
            (is_constrained, "constraints"),
        ];
        if let Some((_, held)) = holds.iter().find(|(holds, _)| *holds) {
            return Err(in_use(format!("Portfolio {id} cannot be deleted: it still has {held}.")));
        }
        self.portfolios.remove(id);
        Ok(json!({}))
    }

    pub(super) fn list_portfolios(&self, parameters: &Parameters) -> Answer {
        let details = self.portfolios.values().map(|portfolio| portfolio.detail.clone());
        parameters.page("PortfolioDetails", details.collect())
    }
}

impl Portfolio {
    fn answer(&self) -> Value {
        json!({ "PortfolioDetail": self.detail, "Tags": listed(&self.tags) })
    }
}

//! Constraints: how products of a portfolio can be launched.

use serde_json::{Value, json};

use super::{
    Answer, Place, ServiceCatalog, copy, duplicate, invalid, new_id, not_found, parameters::Parameters,
};
use crate::reply::Refusal;

/// A constraint.
pub(crate) struct Constraint {
    pub(super) detail: Value,
    /// A JSON text, as it was put.
    pub(super) parameters: String,
}

/// The types of which a product in a portfolio can have one alone.
const SINGLE: [&str; 3] = ["LAUNCH", "RESOURCE_UPDATE", "STACKSET"];

impl ServiceCatalog {
    fn constraint(&self, id: &str) -> Result<&Constraint, Refusal> {
        self.constraints.get(id).ok_or_else(|| not_found("Constraint", id))
    }

    pub(super) fn create_constraint(&mut self, place: &Place<'_>, parameters: &Parameters) -> Answer {
        let (portfolio, product) = (parameters.required("PortfolioId")?, parameters.required("ProductId")?);
        let kind = parameters.required("Type")?;
        parameters.limit(&[("Description", 2000)])?;
        let document = parameters.required("Parameters")?;
        check(kind, document)?;
        self.product(product)?;
        self.check_associated(portfolio, product)?;
        let there = self.constraints.values().filter(|constraint| constraint.is_of(portfolio, product));
        for other in there {
            let other_kind = other.detail["Type"].as_str().unwrap_or_default();
            if SINGLE.contains(&kind) && other_kind == kind {
                return Err(duplicate(format!("{product} in {portfolio} has a {kind} constraint already.")));
            }
            if [(kind, other_kind), (other_kind, kind)].contains(&("LAUNCH", "STACKSET")) {
                return Err(invalid("A product cannot have both a LAUNCH and a STACKSET constraint."));
            }
        }
        let id = new_id("cons");
        let mut detail = json!({
            "ConstraintId": id,
            "Owner": place.account,
            "PortfolioId": portfolio,
            "ProductId": product,
            "Type": kind,
        });
        copy(&mut detail, parameters, &[("Description", "Description")]);
        let constraint = Constraint { detail, parameters: document.to_owned() };
        let answer = constraint.answer();
        self.constraints.insert(id, constraint);
        Ok(answer)
    }

    pub(super) fn describe_constraint(&self, parameters: &Parameters) -> Answer {
        Ok(self.constraint(parameters.required("Id")?)?.answer())
    }

    pub(super) fn update_constraint(&mut self, parameters: &Parameters) -> Answer {
        let id = parameters.required("Id")?;
        parameters.limit(&[("Description", 2000)])?;
        let constraint = self.constraints.get_mut(id).ok_or_else(|| not_found("Constraint", id))?;
        if let Some(document) = parameters.text("Parameters") {
            check(constraint.detail["Type"].as_str().unwrap_or_default(), document)?;
            constraint.parameters = document.to_owned();
        }
        copy(&mut constraint.detail, parameters, &[("Description", "Description")]);
        Ok(constraint.answer())
    }

    pub(super) fn delete_constraint(&mut self, parameters: &Parameters) -> Answer {
        let id = parameters.required("Id")?;
        self.constraint(id)?;
        self.constraints.remove(id);
        Ok(json!({}))
    }

    pub(super) fn list_constraints(&self, parameters: &Parameters) -> Answer {
        let portfolio = parameters.required("PortfolioId")?;
        self.portfolio(portfolio)?;
        let product = parameters.text("ProductId");
        let found = self.constraints.values().map(|constraint| constraint.detail.clone()).filter(|detail| {
            detail["PortfolioId"] == portfolio && product.is_none_or(|product| detail["ProductId"] == product)
        });
        parameters.page("ConstraintDetails", found.collect())
    }

    /// What the constraint of that type on a product in a portfolio says.
    pub(super) fn constrained(&self, portfolio: &str, product: &str, kind: &str) -> Option<Value> {
        let found = self
            .constraints
            .values()
            .find(|constraint| constraint.is_of(portfolio, product) && constraint.detail["Type"] == kind);
        serde_json::from_str(&found?.parameters).ok()
    }
}

impl Constraint {
    /// Whether it is on that product in that portfolio.
    pub(super) fn is_of(&self, portfolio: &str, product: &str) -> bool {
        self.detail["PortfolioId"] == portfolio && self.detail["ProductId"] == product
    }

    fn answer(&self) -> Value {
        json!({
            "ConstraintDetail": self.detail,
            "ConstraintParameters": self.parameters,
            "Status": "AVAILABLE",
        })
    }
}

/// Refuses parameters that are not those of a constraint of that type.
fn check(kind: &str, document: &str) -> Result<(), Refusal> {
    let wrong = |what: &str| Err(invalid(format!("The parameters of a {kind} constraint need {what}.")));
    let Ok(Value::Object(parameters)) = serde_json::from_str(document) else {
        return wrong("to be a JSON object");
    };
    let text = |name: &str| parameters.get(name).and_then(Value::as_str);
    let is_table = |name: &str| parameters.get(name).is_some_and(Value::is_object);
    match kind {
        "LAUNCH" => match (text("RoleArn"), text("LocalRoleName")) {
            (Some(arn), None) if arn.contains(":iam:") && arn.contains(":role/") => Ok(()),
            (None, Some(name)) if !name.is_empty() && !name.contains(['/', ':']) => Ok(()),
            _ => wrong("either RoleArn or LocalRoleName"),
        },
        "NOTIFICATION" => {
            let topics = parameters.get("NotificationArns").and_then(Value::as_array);
            match topics.is_some_and(|topics| !topics.is_empty() && topics.iter().all(Value::is_string)) {
                true => Ok(()),
                false => wrong("NotificationArns"),
            }
        }
        "TEMPLATE" if is_table("Rules") => Ok(()),
        "TEMPLATE" => wrong("Rules"),
        "RESOURCE_UPDATE" => {
            let update =
                parameters.get("Properties").map(|properties| &properties["TagUpdateOnProvisionedProduct"]);
            match update.and_then(Value::as_str) {
                Some("ALLOWED" | "NOT_ALLOWED") => Ok(()),
                _ => wrong("Properties with TagUpdateOnProvisionedProduct"),
            }
        }
        "STACKSET" if is_table("Properties") => Ok(()),
        "STACKSET" => wrong("Properties"),
        _ => Err(invalid(format!("{kind} is no type of a constraint."))),
    }
}

//! `aws_servicecatalog_product_portfolio_association`.

use serde_json::json;

use crate::lab::Lab;
use crate::service_catalog::{client, portfolio_with_product};

const KIND: &str = "aws_servicecatalog_product_portfolio_association";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let (_, product) = portfolio_with_product(&lab).await;
    let other = client.create_portfolio().display_name("Other").provider_name("Team").send().await.unwrap();
    let other = other.portfolio_detail().unwrap().id().unwrap().to_owned();
    let mut association = lab.resource(KIND);
    let configuration = json!({ "portfolio_id": other, "product_id": product });
    association.create(configuration.clone()).await;
    assert_eq!(association.id, format!("{other}/{product}"));
    let holders = client.list_portfolios_for_product().product_id(&product).send().await.unwrap();
    assert_eq!(holders.portfolio_details().len(), 2);
    association.replaces(json!({ "portfolio_id": "port-other", "product_id": product }), &["portfolio_id"]);
    association.replaces(json!({ "portfolio_id": other, "product_id": "prod-other" }), &["product_id"]);

    let launch = client.create_constraint().portfolio_id(&other).product_id(&product).r#type("LAUNCH");
    let launch = launch.parameters(r#"{"LocalRoleName":"launcher"}"#).send().await.unwrap();
    let refused = association.delete_fails().await;
    assert!(refused.contains("ResourceInUseException"), "{refused}");
    let launch = launch.constraint_detail().unwrap().constraint_id().unwrap();
    client.delete_constraint().id(launch).send().await.unwrap();
    association.delete().await;
}

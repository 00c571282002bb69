//! `aws_servicecatalog_principal_portfolio_association`.

use serde_json::json;

use crate::lab::Lab;
use crate::service_catalog::{client, portfolio_with_product, role};

const KIND: &str = "aws_servicecatalog_principal_portfolio_association";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let (portfolio, _) = portfolio_with_product(&lab).await;
    let mut association = lab.resource(KIND);
    association.create(json!({ "portfolio_id": portfolio, "principal_arn": role(&lab) })).await;
    assert_eq!(association.id, format!("{portfolio}/IAM/{}", role(&lab)));
    let pattern = "arn:aws:iam:::role/developer-*";
    let by_pattern =
        json!({ "portfolio_id": portfolio, "principal_arn": pattern, "principal_type": "IAM_PATTERN" });
    association.replaces(by_pattern.clone(), &["principal_arn", "principal_type"]);
    let mut other = lab.resource(KIND);
    other.create(by_pattern).await;
    let principals = client.list_principals_for_portfolio().portfolio_id(&portfolio).send().await.unwrap();
    assert_eq!(principals.principals().len(), 2);
    association.delete().await;
    other.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = |arn: &str, kind: &str| {
        lab.problems(KIND, json!({ "portfolio_id": "port-a", "principal_arn": arn, "principal_type": kind }))
    };
    let named = "arn:aws:iam::123456789012:role/developer";
    assert_eq!(problems(named, "IAM_PATTERN").len(), 1);
    assert_eq!(problems("arn:aws:iam:::role/developer-*", "IAM").len(), 1);
    assert_eq!(problems("arn:aws:iam::123456789012:role/developer-*", "IAM").len(), 1);
    assert_eq!(problems("developer", "USER").len(), 2);
    assert_eq!(problems(named, "IAM"), [""; 0]);
}

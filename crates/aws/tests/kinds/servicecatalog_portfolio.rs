//! `aws_servicecatalog_portfolio`.

use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::types::Tag;
use serde_json::json;

use crate::cloudfront::lose_reply;
use crate::lab::Lab;
use crate::service_catalog::{client, portfolio_with_product};

const KIND: &str = "aws_servicecatalog_portfolio";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = Client::new(&lab.sdk);
    lose_reply(&lab, "CreatePortfolio");
    let mut portfolio = lab.resource(KIND);
    let created = portfolio
        .create(json!({ "name": "Tools", "description": "For all", "provider_name": "Platform", "tags": { "a": "1" } }))
        .await;
    assert!(created.get("arn").as_str().unwrap().contains(":portfolio/port-"), "{created:?}");
    assert!(created.get("created_time").as_str().unwrap().ends_with('Z'), "{created:?}");
    portfolio
        .update(json!({ "name": "Things", "description": "For some", "provider_name": "Team", "tags": { "b": "2" } }))
        .await;
    let bare = json!({ "name": "Things", "provider_name": "Team" });
    portfolio.update(bare.clone()).await;
    let described = client.describe_portfolio().id(&portfolio.id).send().await.unwrap();
    assert_eq!(described.portfolio_detail().unwrap().display_name(), Some("Things"));
    let tags: Vec<&str> = described.tags().iter().map(Tag::key).collect();
    assert_eq!(tags, ["provision:token"], "it is left there");

    let added = Tag::builder().key("c").value("3").build().unwrap();
    let change = client.update_portfolio().id(&portfolio.id).description("changed").provider_name("Others");
    change.add_tags(added).send().await.unwrap();
    portfolio.repair_drift(bare, &["description", "provider_name", "tags"]).await;
    portfolio.delete().await;
}

#[tokio::test]
async fn is_found_among_others_of_its_name() {
    let lab = Lab::new().await;
    let client = Client::new(&lab.sdk);
    for _ in 0..25 {
        client.create_portfolio().display_name("Tools").provider_name("Others").send().await.unwrap();
    }
    let mut portfolio = lab.resource(KIND);
    portfolio.create(json!({ "name": "Tools", "provider_name": "Platform" })).await;
    portfolio.delete().await;
}

#[tokio::test]
async fn is_kept_while_something_is_in_it() {
    let lab = Lab::new().await;
    client(&lab).await;
    let (id, _) = portfolio_with_product(&lab).await;
    let mut portfolio = lab.resource(KIND);
    portfolio.id = id;
    portfolio.attributes =
        provision_engine::value::Value::from_json(json!({ "name": "Tools", "provider_name": "Platform" }));
    let refused = portfolio.delete_fails().await;
    assert!(refused.contains("ResourceInUseException"), "{refused}");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        KIND,
        json!({ "name": "", "provider_name": "p".repeat(51), "description": "d".repeat(2001) }),
    );
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

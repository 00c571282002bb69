//! `aws_servicecatalog_constraint`.

use serde_json::{Value as Json, json};

use crate::lab::Lab;
use crate::service_catalog::{client, portfolio_with_product, role};

const KIND: &str = "aws_servicecatalog_constraint";

fn constraint(at: &(String, String), kind: &str, parameters: Json, description: Option<&str>) -> Json {
    json!({
        "portfolio_id": at.0,
        "product_id": at.1,
        "type": kind,
        "parameters": parameters,
        "description": description,
    })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let at = portfolio_with_product(&lab).await;
    let mut launch = lab.resource(KIND);
    let created =
        launch.create(constraint(&at, "LAUNCH", json!({ "RoleArn": role(&lab) }), Some("as a role"))).await;
    assert_eq!(created.get("owner").as_str(), Some(lab.account()));
    assert_eq!(created.get("status").as_str(), Some("AVAILABLE"));
    launch.update(constraint(&at, "LAUNCH", json!({ "LocalRoleName": "launcher" }), None)).await;
    let local = constraint(&at, "LAUNCH", json!({ "LocalRoleName": "other" }), Some("locally"));
    launch.update(local.clone()).await;
    let text = r#"{ "LocalRoleName" : "other" }"#;
    launch.unchanged(constraint(&at, "LAUNCH", json!(text), Some("locally")));
    launch.replaces(constraint(&at, "TEMPLATE", json!({ "Rules": {} }), Some("locally")), &["type"]);
    let elsewhere = ("port-other".to_owned(), at.1.clone());
    launch.replaces(
        constraint(&elsewhere, "LAUNCH", json!({ "LocalRoleName": "other" }), Some("locally")),
        &["portfolio_id"],
    );
    let change = client.update_constraint().id(&launch.id).description("changed");
    change.parameters(json!({ "RoleArn": role(&lab) }).to_string()).send().await.unwrap();
    launch.repair_drift(local.clone(), &["description", "parameters"]).await;
    let refused = lab.resource(KIND).create_fails(local).await;
    assert!(refused.contains("says the same already"), "{refused}");
    let second = constraint(&at, "LAUNCH", json!({ "LocalRoleName": "third" }), None);
    let refused = lab.resource(KIND).create_fails(second).await;
    assert!(refused.contains("DuplicateResourceException"), "{refused}");
    launch.delete().await;
}

#[tokio::test]
async fn is_of_any_type() {
    let lab = Lab::new().await;
    client(&lab).await;
    let at = portfolio_with_product(&lab).await;
    let rules =
        json!({ "Short": { "Assertions": [{ "Assert": { "Fn::Equals": [{ "Ref": "Name" }, "a"] } }] } });
    let updates = json!({ "Version": "2.0", "Properties": { "TagUpdateOnProvisionedProduct": "ALLOWED" } });
    let sets = json!({ "Version": "String", "Properties": { "AccountList": [lab.account()], "RegionList": ["us-east-1"] } });
    let topic = format!("arn:aws:sns:us-east-1:{}:topic", lab.account());
    for (kind, parameters) in [
        ("NOTIFICATION", json!({ "NotificationArns": [topic] })),
        ("RESOURCE_UPDATE", updates),
        ("STACKSET", sets),
        ("TEMPLATE", json!({ "Rules": rules })),
    ] {
        let mut resource = lab.resource(KIND);
        resource.create(constraint(&at, kind, parameters.clone(), None)).await;
        resource.update(constraint(&at, kind, parameters, Some("what for"))).await;
        resource.delete().await;
    }
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let at = ("port-a".to_owned(), "prod-a".to_owned());
    for (kind, parameters) in [
        ("LAUNCH", json!({})),
        ("LAUNCH", json!({ "RoleArn": "launcher" })),
        ("LAUNCH", json!({ "RoleArn": "arn:aws:iam::123456789012:role/a", "LocalRoleName": "a" })),
        ("LAUNCH", json!(["a"])),
        ("NOTIFICATION", json!({ "NotificationArns": [] })),
        ("RESOURCE_UPDATE", json!({ "Version": "2.0" })),
        ("STACKSET", json!({ "Version": "String" })),
        ("TEMPLATE", json!({ "Rules": "none" })),
        ("OTHER", json!({})),
    ] {
        let problems = lab.problems(KIND, constraint(&at, kind, parameters, None));
        assert_eq!(problems.len(), 1, "{kind}: {problems:#?}");
    }
}

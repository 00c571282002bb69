//! `aws_servicecatalog_provisioned_product`.

use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::types::ProvisioningArtifactProperties;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::cloudfront::lose_reply;
use crate::lab::Lab;
use crate::service_catalog::{client, portfolio_with_product, role, url};

const KIND: &str = "aws_servicecatalog_provisioned_product";

/// A product that can be launched, and the id of the version that there is.
async fn launchable(lab: &Lab, client: &Client) -> (String, String) {
    let (portfolio, product) = portfolio_with_product(lab).await;
    let principal = json!({ "portfolio_id": portfolio, "principal_arn": role(lab) });
    lab.resource("aws_servicecatalog_principal_portfolio_association").create(principal).await;
    let launch = json!({
        "portfolio_id": portfolio,
        "product_id": product,
        "type": "LAUNCH",
        "parameters": { "RoleArn": role(lab) },
    });
    lab.resource("aws_servicecatalog_constraint").create(launch).await;
    let listed = client.list_provisioning_artifacts().product_id(&product).send().await.unwrap();
    let version = listed.provisioning_artifact_details()[0].id().unwrap().to_owned();
    (product, version)
}

fn launched(product: &str, version: &str, name: &str) -> Json {
    json!({
        "name": "news",
        "product_id": product,
        "provisioning_artifact_id": version,
        "provisioning_parameters": [{ "key": "Name", "value": name }],
    })
}

async fn new_version(lab: &Lab, client: &Client, product: &str) -> String {
    let parameters = ProvisioningArtifactProperties::builder()
        .name("v2")
        .info("LoadTemplateFromURL", url(lab, "two.json"))
        .build();
    let request = client.create_provisioning_artifact().product_id(product).parameters(parameters);
    request.send().await.unwrap().provisioning_artifact_detail().unwrap().id().unwrap().to_owned()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let (product, version) = launchable(&lab, &client).await;
    lose_reply(&lab, "ProvisionProduct");
    let mut resource = lab.resource(KIND);
    let created = resource.create(launched(&product, &version, "news")).await;
    let topic = format!("arn:aws:sns:us-east-1:{}:news", lab.account());
    assert_eq!(created.get("outputs").items()[0].get("value").as_str(), Some(topic.as_str()));
    assert_eq!(created.get("status").as_str(), Some("AVAILABLE"));
    assert_eq!(created.get("launch_role_arn").as_str(), Some(role(&lab).as_str()));
    assert!(created.get("path_id").as_str().is_some_and(|path| path.starts_with("lpv2-")));
    let sns = aws_sdk_sns::Client::new(&lab.sdk);
    sns.get_topic_attributes().topic_arn(&topic).send().await.unwrap();

    let second = new_version(&lab, &client, &product).await;
    lose_reply(&lab, "UpdateProvisionedProduct");
    resource.update(launched(&product, &second, "news")).await;
    let attributes = sns.get_topic_attributes().topic_arn(&topic).send().await.unwrap();
    assert_eq!(attributes.attributes().unwrap()["DisplayName"], "Two");
    resource.update(launched(&product, &second, "latest")).await;
    assert!(sns.get_topic_attributes().topic_arn(&topic).send().await.is_err(), "the topic was replaced");
    let mut renamed = launched(&product, &second, "latest");
    renamed["name"] = json!("other");
    resource.replaces(renamed, &["name"]);

    let back = client.update_provisioned_product().provisioned_product_id(&resource.id);
    let back = back.provisioning_artifact_id(&version).provisioning_parameters(
        aws_sdk_servicecatalog::types::UpdateProvisioningParameter::builder()
            .key("Name")
            .value("latest")
            .build(),
    );
    let record = back.send().await.unwrap().record_detail.unwrap().record_id.unwrap();
    while client
        .describe_record()
        .id(&record)
        .send()
        .await
        .unwrap()
        .record_detail
        .unwrap()
        .status
        .unwrap()
        .as_str()
        != "SUCCEEDED"
    {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    resource.repair_drift(launched(&product, &second, "latest"), &["provisioning_artifact_id"]).await;
    lose_reply(&lab, "TerminateProvisionedProduct");
    resource.delete().await;
    let left = lab.control().resources().await.unwrap();
    assert!(!left.iter().any(|left| left.kind == "stack" || left.service == "sns"), "{left:?}");
}

#[tokio::test]
async fn is_launched_by_names_and_tagged() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let (product, version) = launchable(&lab, &client).await;
    let paths = client.list_launch_paths().product_id(&product).send().await.unwrap();
    let by_name = |version: &str, tags: Json| {
        json!({
            "name": "news",
            "product_name": "topic",
            "provisioning_artifact_name": version,
            "path_name": "Tools",
            "provisioning_parameters": [{ "key": "Name", "value": "news" }],
            "tags": tags,
        })
    };
    let mut resource = lab.resource(KIND);
    let created = resource.create(by_name("v1", json!({ "team": "news" }))).await;
    assert_eq!(created.get("product_id").as_str(), Some(product.as_str()));
    assert_eq!(created.get("provisioning_artifact_id").as_str(), Some(version.as_str()));
    assert_eq!(created.get("path_id").as_str(), paths.launch_path_summaries()[0].id());
    new_version(&lab, &client, &product).await;
    resource.update(by_name("v2", json!({ "team": "news" }))).await;

    let refused = resource.update_fails(by_name("v2", json!({ "team": "others" }))).await;
    assert!(refused.message.contains("RESOURCE_UPDATE"), "{refused}");
    let portfolio = client.list_portfolios_for_product().product_id(&product).send().await.unwrap();
    let portfolio = portfolio.portfolio_details()[0].id().unwrap().to_owned();
    let allowed = json!({ "Version": "2.0", "Properties": { "TagUpdateOnProvisionedProduct": "ALLOWED" } });
    let allowed = json!({
        "portfolio_id": portfolio, "product_id": product, "type": "RESOURCE_UPDATE", "parameters": allowed,
    });
    lab.resource("aws_servicecatalog_constraint").create(allowed).await;
    resource.update(by_name("v2", json!({ "team": "others" }))).await;
    resource.update(by_name("v2", json!({}))).await;

    let refused = lab.resource(KIND).create_fails(by_name("v2", json!({}))).await;
    assert!(refused.contains("of this name already"), "{refused}");
    resource.delete().await;
}

#[tokio::test]
async fn what_cannot_be_launched_is_told_and_leaves_nothing() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let (product, version) = launchable(&lab, &client).await;
    let refused = lab.resource(KIND).create_fails(launched(&product, &version, "UPPER")).await;
    assert!(refused.contains("Name"), "AWS's reason is told: {refused}");
    let left = lab.control().resources().await.unwrap();
    assert!(!left.iter().any(|left| left.kind == "provisioned_product"), "{left:?}");

    let mut resource = lab.resource(KIND);
    resource.create(launched(&product, &version, "news")).await;
    let refused = resource.update_fails(launched(&product, &version, "UPPER")).await;
    assert!(refused.message.contains("Name"), "{refused}");
    let read = resource.reread().await.unwrap().unwrap();
    assert_eq!(read.get("status").as_str(), Some("TAINTED"));
    resource.update(launched(&product, &version, "latest")).await;
    assert_eq!(resource.attributes.get("status").as_str(), Some("AVAILABLE"));
}

#[tokio::test]
async fn one_whose_launch_has_failed_is_replaced() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let (product, version) = launchable(&lab, &client).await;
    let no =
        Effect::Error { status: 400, code: "AccessDeniedException".to_owned(), message: "no".to_owned() };
    let operation = Some("TerminateProvisionedProduct".to_owned());
    lab.inject(Fault { operation, times: Some(1), ..Fault::new(no) });
    lab.resource(KIND).create_fails(launched(&product, &version, "UPPER")).await;
    let left = client.describe_provisioned_product().name("news").send().await.unwrap();
    let mut resource = lab.resource(KIND);
    resource.id = left.provisioned_product_detail().unwrap().id().unwrap().to_owned();
    resource.attributes = provision_engine::value::Value::from_json(launched(&product, &version, "UPPER"));
    resource.attributes = resource.reread().await.unwrap().unwrap();
    assert_eq!(resource.attributes.get("status").as_str(), Some("ERROR"));
    resource.replaces(launched(&product, &version, "news"), &["provisioned"]);
    resource.delete().await;
}

#[tokio::test]
async fn its_stack_can_be_the_template_of_another_product() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let (product, version) = launchable(&lab, &client).await;
    let mut resource = lab.resource(KIND);
    let created = resource.create(launched(&product, &version, "news")).await;
    let stack = created.get("outputs").items()[1].get("value").as_str().unwrap().to_owned();
    let copy = |stack: &str| {
        json!({
            "name": "copy",
            "owner": "Platform",
            "type": "CLOUD_FORMATION_TEMPLATE",
            "provisioning_artifact_parameters": { "template_physical_id": stack },
        })
    };
    let kind = "aws_servicecatalog_product";
    let refused = lab.resource(kind).create_fails(copy(&format!("{stack}0"))).await;
    assert!(refused.contains("does not exist"), "{refused}");
    let mut other = lab.resource(kind);
    other.create(copy(&stack)).await;
    other.delete().await;
}

#[tokio::test]
async fn a_destroy_can_leave_the_stack() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let (product, version) = launchable(&lab, &client).await;
    let mut kept = launched(&product, &version, "news");
    kept["retain_physical_resources"] = json!(true);
    let mut resource = lab.resource(KIND);
    resource.create(kept).await;
    resource.delete().await;
    let left = lab.control().resources().await.unwrap();
    assert!(left.iter().any(|left| left.kind == "stack"), "{left:?}");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(KIND, json!({ "name": "-", "provisioned": false }));
    assert_eq!(problems.len(), 4, "{problems:#?}");
    let both = json!({
        "name": "news",
        "product_id": "prod-a",
        "product_name": "topic",
        "provisioning_artifact_id": "pa-a",
        "provisioning_artifact_name": "v1",
        "path_id": "lpv2-a",
        "path_name": "Tools",
    });
    assert_eq!(lab.problems(KIND, both).len(), 3);
}

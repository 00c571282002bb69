//! `aws_servicecatalog_product`.

use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::types::{ProvisioningArtifactDetail, ProvisioningArtifactGuidance};
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::cloudfront::lose_reply;
use crate::lab::Lab;
use crate::service_catalog::{client, portfolio_with_product, product, url};

const KIND: &str = "aws_servicecatalog_product";

/// The versions, and whether something new can be launched of each.
async fn versions(client: &Client, product: &str) -> Vec<(String, bool)> {
    let listed = client.list_provisioning_artifacts().product_id(product).send().await.unwrap();
    let version = |one: &ProvisioningArtifactDetail| {
        let is_in_use = one.guidance() != Some(&ProvisioningArtifactGuidance::Deprecated);
        (one.name().unwrap_or_default().to_owned(), is_in_use)
    };
    listed.provisioning_artifact_details().iter().map(version).collect()
}

fn with(mut configuration: Json, changes: Json) -> Json {
    for (name, value) in changes.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    configuration
}

fn version(lab: &Lab, name: &str, template: &str) -> Json {
    json!({ "name": name, "template_url": url(lab, template) })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    lose_reply(&lab, "CreateProduct");
    let mut resource = lab.resource(KIND);
    let texts = |text: &str| {
        json!({
            "description": text,
            "distributor": text,
            "support_description": text,
            "support_email": format!("{text}@example.com"),
            "support_url": format!("https://example.com/{text}"),
            "tags": { text: "1" },
        })
    };
    let created = resource.create(with(product(&lab), texts("one"))).await;
    assert!(created.get("arn").as_str().unwrap().contains(":product/prod-"), "{created:?}");
    assert_eq!(created.get("status").as_str(), Some("AVAILABLE"));
    let first = created.get("provisioning_artifact_id").as_str().unwrap().to_owned();
    resource.update(with(product(&lab), texts("two"))).await;
    resource.update(with(product(&lab), json!({ "name": "subject", "owner": "Team" }))).await;
    assert_eq!(resource.attributes.get("provisioning_artifact_id").as_str(), Some(first.as_str()));
    assert_eq!(versions(&client, &resource.id).await, [("v1".to_owned(), true)]);
    resource.replaces(with(product(&lab), json!({ "type": "EXTERNAL" })), &["type"]);

    let bare = product(&lab);
    resource.update(bare.clone()).await;
    let change = client.update_product().id(&resource.id).owner("Others").description("changed");
    change.send().await.unwrap();
    resource.repair_drift(bare, &["description", "owner"]).await;
    resource.delete().await;
}

#[tokio::test]
async fn another_template_is_a_new_version_of_the_same_product() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let mut resource = lab.resource(KIND);
    resource.create(product(&lab)).await;
    let id = resource.id.clone();
    lose_reply(&lab, "CreateProvisioningArtifact");
    let second =
        with(product(&lab), json!({ "provisioning_artifact_parameters": version(&lab, "v2", "two.json") }));
    resource.update(second.clone()).await;
    let v = |name: &str, is_in_use: bool| (name.to_owned(), is_in_use);
    assert_eq!(versions(&client, &id).await, [v("v1", false), v("v2", true)], "it is made once");
    let newest = resource.attributes.get("provisioning_artifact_id").as_str().unwrap().to_owned();

    // Back to the template of the first one: a version of its own.
    resource.update(product(&lab)).await;
    assert_eq!(versions(&client, &id).await, [v("v1", false), v("v2", false), v("v1", true)]);
    assert_ne!(resource.attributes.get("provisioning_artifact_id").as_str(), Some(newest.as_str()));

    // A version that somebody else has brought out, and one that was taken into use again.
    let parameters = aws_sdk_servicecatalog::types::ProvisioningArtifactProperties::builder()
        .name("theirs")
        .info("LoadTemplateFromURL", url(&lab, "two.json"))
        .build();
    client.create_provisioning_artifact().product_id(&id).parameters(parameters).send().await.unwrap();
    let guidance = client.update_provisioning_artifact().product_id(&id).provisioning_artifact_id(&newest);
    guidance.guidance(ProvisioningArtifactGuidance::Default).send().await.unwrap();
    let drifted = [
        "deprecate_earlier_artifacts",
        "provisioning_artifact_parameters.name",
        "provisioning_artifact_parameters.template_url",
    ];
    resource.repair_drift(product(&lab), &drifted).await;
    let in_use: Vec<bool> =
        versions(&client, &id).await.into_iter().map(|(_, is_in_use)| is_in_use).collect();
    assert_eq!(in_use, [false, false, false, false, true]);
    resource.delete().await;
}

#[tokio::test]
async fn earlier_versions_stay_in_use_where_that_is_asked_for() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let mut resource = lab.resource(KIND);
    let kept = with(product(&lab), json!({ "deprecate_earlier_artifacts": false }));
    resource.create(kept.clone()).await;
    let described = json!({ "name": "v1", "description": "better", "template_url": url(&lab, "one.json") });
    let described = json!({ "provisioning_artifact_parameters": described });
    resource.update(with(kept, described.clone())).await;
    let v1 = |is_in_use: bool| ("v1".to_owned(), is_in_use);
    assert_eq!(versions(&client, &resource.id).await, [v1(true), v1(true)]);
    resource.update(with(product(&lab), described)).await;
    assert_eq!(versions(&client, &resource.id).await, [v1(false), v1(true)]);
    resource.delete().await;
}

#[tokio::test]
async fn a_run_that_ended_between_two_versions_is_made_good() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let mut resource = lab.resource(KIND);
    resource.create(product(&lab)).await;
    let second =
        with(product(&lab), json!({ "provisioning_artifact_parameters": version(&lab, "v2", "two.json") }));
    let no =
        Effect::Error { status: 400, code: "AccessDeniedException".to_owned(), message: "no".to_owned() };
    let operation = Some("UpdateProvisioningArtifact".to_owned());
    lab.inject(Fault { operation, times: Some(1), ..Fault::new(no) });
    resource.update_fails(second.clone()).await;
    resource
        .repair_drift(
            second,
            &[
                "deprecate_earlier_artifacts",
                "provisioning_artifact_parameters.name",
                "provisioning_artifact_parameters.template_url",
            ],
        )
        .await;
    let versions = versions(&client, &resource.id).await;
    assert_eq!(versions, [("v1".to_owned(), false), ("v2".to_owned(), true)]);
}

#[tokio::test]
async fn a_template_that_is_refused_leaves_what_is_there_in_use() {
    let lab = Lab::new().await;
    let client = client(&lab).await;
    let broken = json!({ "provisioning_artifact_parameters": version(&lab, "v2", "broken.json") });
    let refused = lab.resource(KIND).create_fails(with(product(&lab), broken.clone())).await;
    assert!(refused.contains("At least one Resources member"), "{refused}");
    let mut resource = lab.resource(KIND);
    resource.create(product(&lab)).await;
    let refused = resource.update_fails(with(product(&lab), broken)).await;
    assert!(refused.is(&["InvalidParametersException"]), "{refused}");
    assert_eq!(versions(&client, &resource.id).await, [("v1".to_owned(), true)]);
    let unchecked = json!({
        "name": "v2", "template_url": url(&lab, "broken.json"), "disable_template_validation": true,
    });
    resource.update(with(product(&lab), json!({ "provisioning_artifact_parameters": unchecked }))).await;
}

#[tokio::test]
async fn a_product_that_is_in_a_portfolio_or_whose_name_is_taken_is_left_alone() {
    let lab = Lab::new().await;
    client(&lab).await;
    let (_, id) = portfolio_with_product(&lab).await;
    let refused = lab.resource(KIND).create_fails(product(&lab)).await;
    assert!(refused.contains("of this name already"), "{refused}");
    let mut resource = lab.resource(KIND);
    resource.id = id;
    resource.attributes = provision_engine::value::Value::from_json(product(&lab));
    let refused = resource.delete_fails().await;
    assert!(refused.contains("ResourceInUseException"), "{refused}");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = |artifact: Json| {
        let configuration = with(product(&lab), json!({ "provisioning_artifact_parameters": artifact }));
        lab.problems(KIND, configuration).len()
    };
    assert_eq!(problems(json!({ "name": "v1" })), 1);
    assert_eq!(problems(json!({ "template_url": "a", "template_physical_id": "b" })), 1);
    assert_eq!(problems(json!({ "template_url": "a", "type": "EXTERNAL" })), 1);
    assert_eq!(problems(json!({ "template_url": "a", "name": "version one" })), 1);
    assert_eq!(lab.problems(KIND, with(product(&lab), json!({ "type": "MARKETPLACE" }))).len(), 1);
}

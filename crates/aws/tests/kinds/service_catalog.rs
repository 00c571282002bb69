//! What the kinds of Service Catalog are tried with: templates in a bucket, a role, and a product in a portfolio.

use aws_sdk_servicecatalog::Client;
use serde_json::{Value as Json, json};

use crate::lab::Lab;

/// A topic whose name is a parameter.
pub(crate) const TEMPLATE: &str = r#"{
    "Parameters": { "Name": { "Type": "String", "AllowedPattern": "[a-z]+" } },
    "Resources": { "Topic": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": { "Ref": "Name" } } } },
    "Outputs": { "Topic": { "Value": { "Ref": "Topic" } } }
}"#;

/// The same, with a name to show.
pub(crate) const ANOTHER: &str = r#"{
    "Parameters": { "Name": { "Type": "String" } },
    "Resources": { "Topic": {
        "Type": "AWS::SNS::Topic", "Properties": { "TopicName": { "Ref": "Name" }, "DisplayName": "Two" }
    } },
    "Outputs": { "Topic": { "Value": { "Ref": "Topic" } } }
}"#;

/// Puts the templates into a bucket of the lab's own, and makes a role.
pub(crate) async fn client(lab: &Lab) -> Client {
    let config = aws_sdk_s3::config::Builder::from(&lab.sdk).force_path_style(true).build();
    let s3 = aws_sdk_s3::Client::from_conf(config);
    let bucket = format!("templates-{}", lab.account());
    s3.create_bucket().bucket(&bucket).send().await.unwrap();
    for (key, template) in [("one.json", TEMPLATE), ("two.json", ANOTHER), ("broken.json", "{}")] {
        let body = template.as_bytes().to_vec().into();
        s3.put_object().bucket(&bucket).key(key).body(body).send().await.unwrap();
    }
    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.create_role().role_name("launcher").assume_role_policy_document("{}").send().await.unwrap();
    Client::new(&lab.sdk)
}

/// Where a template is.
pub(crate) fn url(lab: &Lab, name: &str) -> String {
    format!("https://templates-{}.s3.amazonaws.com/{name}", lab.account())
}

/// The role that [`client`] makes.
pub(crate) fn role(lab: &Lab) -> String {
    format!("arn:aws:iam::{}:role/launcher", lab.account())
}

/// A configuration of a product.
pub(crate) fn product(lab: &Lab) -> Json {
    json!({
        "name": "topic",
        "owner": "Platform",
        "type": "CLOUD_FORMATION_TEMPLATE",
        "provisioning_artifact_parameters": { "name": "v1", "template_url": url(lab, "one.json") },
    })
}

/// The ids of a portfolio and of a product that is in it.
pub(crate) async fn portfolio_with_product(lab: &Lab) -> (String, String) {
    let mut portfolio = lab.resource("aws_servicecatalog_portfolio");
    portfolio.create(json!({ "name": "Tools", "provider_name": "Platform" })).await;
    let mut made = lab.resource("aws_servicecatalog_product");
    made.create(product(lab)).await;
    let association = json!({ "portfolio_id": portfolio.id, "product_id": made.id });
    lab.resource("aws_servicecatalog_product_portfolio_association").create(association).await;
    (portfolio.id, made.id)
}

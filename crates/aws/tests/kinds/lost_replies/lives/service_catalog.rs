//! The lives of the kinds of Service Catalog.

use serde_json::{Value as Json, json};

use super::{Life, trust};
use crate::service_catalog::{ANOTHER, TEMPLATE};

pub(super) fn lives() -> Vec<Life> {
    let portfolio = |description: &str, tags: Json| json!({ "name": "Tools", "provider_name": "Platform", "description": description, "tags": tags });
    let product = |owner: &str, template: &str, tags: Json| {
        json!({
            "name": "topic",
            "owner": owner,
            "type": "CLOUD_FORMATION_TEMPLATE",
            "provisioning_artifact_parameters": { "name": "v1", "template_url": url(template) },
            "tags": tags,
        })
    };
    let constraint = |role: &str| {
        json!({
            "portfolio_id": "$4",
            "product_id": "$5",
            "type": "LAUNCH",
            "parameters": { "LocalRoleName": role },
        })
    };
    let launched = |name: &str| {
        json!({
            "name": "news",
            "product_id": "$5",
            "provisioning_artifact_name": "v1",
            "provisioning_parameters": [{ "key": "Name", "value": name }],
        })
    };
    let association = json!({ "portfolio_id": "$4", "product_id": "$5" });
    let principal = json!({ "portfolio_id": "$4", "principal_arn": "$3.arn" });
    let with_both = |life: Life| {
        with_templates(life)
            .with("aws_servicecatalog_portfolio", portfolio("a", json!({})))
            .with("aws_servicecatalog_product", product("a", "one.json", json!({})))
    };
    let with_association = |life: Life| {
        with_both(life).with("aws_servicecatalog_product_portfolio_association", association.clone())
    };
    vec![
        Life::of(
            "aws_servicecatalog_portfolio",
            [portfolio("a", json!({ "a": "1" })), portfolio("b", json!({ "b": "2" }))],
        ),
        with_templates(Life::of(
            "aws_servicecatalog_product",
            [
                product("a", "one.json", json!({ "a": "1" })),
                product("b", "one.json", json!({ "b": "2" })),
                product("b", "two.json", json!({})),
            ],
        )),
        with_both(Life::of("aws_servicecatalog_product_portfolio_association", [association.clone()])),
        with_both(Life::of("aws_servicecatalog_principal_portfolio_association", [principal.clone()])),
        with_association(Life::of("aws_servicecatalog_constraint", [constraint("a"), constraint("b")])),
        with_association(Life::of(
            "aws_servicecatalog_provisioned_product",
            [launched("news"), launched("latest")],
        ))
        .with("aws_servicecatalog_principal_portfolio_association", principal),
    ]
}

fn url(template: &str) -> String {
    format!("https://catalog-$account.s3.amazonaws.com/{template}")
}

/// What is there before a life: the templates, and a role.
fn with_templates(life: Life) -> Life {
    let object =
        |key: &str, content: &str| json!({ "bucket": "catalog-$account", "key": key, "content": content });
    life.with("aws_s3_bucket", json!({ "bucket": "catalog-$account" }))
        .with("aws_s3_object", object("one.json", TEMPLATE))
        .with("aws_s3_object", object("two.json", ANOTHER))
        .with(
            "aws_iam_role",
            json!({ "name": "launcher", "assume_role_policy": trust("servicecatalog.amazonaws.com") }),
        )
}

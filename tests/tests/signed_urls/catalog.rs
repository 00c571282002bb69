//! `envs/signed-urls/portfolio.toml`: the portfolio of Service Catalog from which teams launch the modules.

use std::collections::BTreeMap;

use aws_sdk_servicecatalog::Client;
use aws_sdk_servicecatalog::types::Tag;
use provision_tests::{World, actions};

use crate::cloud::{Cloud, outputs, policy};

const ENVIRONMENT: &str = "envs/signed-urls/portfolio.toml";
/// What the modules' document calls products, and the whole stack.
const PRODUCTS: [&str; 7] = ["bucket", "distribution", "key-pair", "private-key", "role", "stack", "table"];

/// An environment of a team that launches the table.
const TEAM: &str = r#"
[env]
name = "dev"
project = "PROJECT-team"
region = "us-east-1"

[resource.aws_servicecatalog_provisioned_product.files]
name = "PROJECT-files"
product_name = "Signed URLs: table of files"
provisioning_artifact_id = "ARTIFACT"
provisioning_parameters = [
    { key = "TableName", value = "PROJECT-files" },
    { key = "PrimaryKey", value = "file_id" },
]
"#;

#[test]
fn teams_launch_from_the_portfolio_what_they_are_given_access_to() {
    let world = World::new();
    let cloud = Cloud::of(&world);
    let developers = world.wait(make_role(&cloud));
    world.edit(ENVIRONMENT, "default = [] # ", &format!("default = [\"{developers}\"] # "));
    world.succeed(&["apply", ENVIRONMENT, "--auto-approve"]);
    world.assert_no_changes(ENVIRONMENT);

    let client = Client::new(&world.sdk());
    let outputs = outputs(&world, ENVIRONMENT);
    let portfolio = outputs["portfolio_id"].as_str().unwrap().to_owned();
    let products: BTreeMap<String, String> = serde_json::from_value(outputs["product_ids"].clone()).unwrap();
    assert_eq!(products.keys().map(String::as_str).collect::<Vec<_>>(), PRODUCTS);
    world.wait(assert_published(&client, &portfolio, &products, &developers));
    world.wait(assert_least_privilege(&cloud, world.project()));

    // A team launches one of them, and has the table that the module makes.
    let artifact = world.wait(newest(&client, &products["table"]));
    let team = TEAM.replace("PROJECT", world.project()).replace("ARTIFACT", &artifact);
    world.write("envs/team.toml", &team);
    world.succeed(&["apply", "envs/team.toml", "--auto-approve"]);
    world.assert_no_changes("envs/team.toml");
    let table = format!("{}-files", world.project());
    world.wait(async {
        let described = cloud.dynamodb.describe_table().table_name(&table).send().await.unwrap();
        let keys = described.table.unwrap().key_schema.unwrap();
        assert_eq!(keys[0].attribute_name, "file_id");
    });
    world.succeed(&["destroy", "envs/team.toml", "--auto-approve"]);

    // A module that changes is another version of the same product.
    world.edit(
        "modules/signed-urls-table/module.toml",
        "PAY_PER_REQUEST\"",
        "PAY_PER_REQUEST\"\ntable_class = \"STANDARD_INFREQUENT_ACCESS\"",
    );
    let changed: BTreeMap<String, String> = actions(&world.plan(&[ENVIRONMENT]))
        .into_iter()
        .filter(|(_, action)| action != "no-op" && action != "read")
        .collect();
    let expected: BTreeMap<String, String> = ["stack", "table"]
        .into_iter()
        .flat_map(|key| {
            let module = format!("portfolio.product[\"{key}\"]");
            [
                (format!("{module}.aws_s3_object.template"), "replace".to_owned()),
                (format!("{module}.aws_servicecatalog_product.this"), "update".to_owned()),
            ]
        })
        .collect();
    assert_eq!(changed, expected);
    world.succeed(&["apply"]);
    world.assert_no_changes(ENVIRONMENT);
    assert_ne!(world.wait(newest(&client, &products["table"])), artifact);

    world.succeed(&["destroy", ENVIRONMENT, "--auto-approve"]);
    let left: Vec<String> = world.resources().into_iter().map(|resource| resource.id).collect();
    assert_eq!(left, ["developers"], "nothing but what was there before");
}

/// The role of a team, which was there before.
async fn make_role(cloud: &Cloud) -> String {
    let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let request = cloud.iam.create_role().role_name("developers").assume_role_policy_document(trust);
    request.send().await.unwrap().role.unwrap().arn
}

/// Epic, line 22: all modules are in it, and it has a clear name and description.
async fn assert_published(
    client: &Client,
    portfolio: &str,
    products: &BTreeMap<String, String>,
    developers: &str,
) {
    let described = client.describe_portfolio().id(portfolio).send().await.unwrap();
    let detail = described.portfolio_detail.unwrap();
    assert_eq!(detail.display_name(), Some("CloudFront Signed URLs"));
    assert!(detail.description().unwrap().contains("signed URLs"), "{detail:?}");
    let has_tag = |tag: &Tag| (tag.key(), tag.value()) == ("environment", "portfolio");
    assert!(described.tags.unwrap().iter().any(has_tag));
    let principals = client.list_principals_for_portfolio().portfolio_id(portfolio).send().await.unwrap();
    let principals: Vec<&str> =
        principals.principals().iter().map(|principal| principal.principal_arn().unwrap()).collect();
    assert_eq!(principals, [developers]);
    for (key, product) in products {
        let answer = client.list_portfolios_for_product().product_id(product).send().await.unwrap();
        let portfolios: Vec<&str> =
            answer.portfolio_details().iter().map(|detail| detail.id().unwrap()).collect();
        assert_eq!(portfolios, [portfolio], "{key}");
        let constraints = client.list_constraints_for_portfolio();
        let constraints = constraints.portfolio_id(portfolio).product_id(product).send().await.unwrap();
        let types: Vec<&str> =
            constraints.constraint_details().iter().map(|detail| detail.r#type().unwrap()).collect();
        assert_eq!(types, ["LAUNCH"], "{key}");
    }
}

/// Nobody can make a role by launching something that is not called as roles of this portfolio are; and what launches one
/// product may not make what others are made of.
async fn assert_least_privilege(cloud: &Cloud, project: &str) {
    for key in PRODUCTS {
        let role = format!("{project}-portfolio-launch-{key}");
        let answer = cloud.iam.get_role_policy().role_name(&role).policy_name("launch").send().await.unwrap();
        let policy = policy(answer.policy_document());
        let statements = policy["Statement"].as_array().unwrap();
        let actions: Vec<&str> = statements
            .iter()
            .flat_map(|statement| match &statement["Action"] {
                serde_json::Value::Array(actions) => actions.iter().filter_map(|it| it.as_str()).collect(),
                action => action.as_str().into_iter().collect::<Vec<_>>(),
            })
            .collect();
        assert!(actions.iter().all(|action| !action.contains('*')), "{key}: {actions:?}");
        let makes = |action: &str| actions.contains(&action);
        assert_eq!(makes("iam:CreateRole"), ["role", "stack"].contains(&key), "{key}");
        assert_eq!(makes("s3:CreateBucket"), ["bucket", "stack"].contains(&key), "{key}");
        assert_eq!(makes("dynamodb:CreateTable"), ["table", "stack"].contains(&key), "{key}");
        for statement in statements.iter().filter(|statement| statement["Sid"] == "Roles") {
            assert!(statement["Resource"].as_str().unwrap().ends_with(":role/signed-urls-*"), "{key}");
        }
    }
}

/// The version of a product that is launched now.
async fn newest(client: &Client, product: &str) -> String {
    let answer = client.list_provisioning_artifacts().product_id(product).send().await.unwrap();
    let newest = answer.provisioning_artifact_details().last().unwrap();
    newest.id().unwrap().to_owned()
}

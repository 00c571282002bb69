//! Service Catalog, which ministack lacks: what it refuses, and the stacks that it makes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::aws::{Answer, Aws};

/// A topic whose name is a parameter.
const TEMPLATE: &str = r#"{
    "Parameters": { "Name": { "Type": "String", "AllowedPattern": "[a-z]+" } },
    "Resources": { "Topic": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": { "Ref": "Name" } } } },
    "Outputs": { "Topic": { "Value": { "Ref": "Topic" } } }
}"#;

/// The same in YAML, with another output.
const ANOTHER: &str = "Parameters: {Name: {Type: String}}\nResources: {Topic: {Type: AWS::SNS::Topic, \
                       Properties: {TopicName: !Ref Name, DisplayName: Two}}}\nOutputs: {Arn: {Value: !Ref Topic}}\n";

struct Catalog {
    aws: Aws,
}

impl Catalog {
    async fn new() -> Self {
        let catalog = Self { aws: Aws::new() };
        let aws = &catalog.aws;
        let bucket = format!("/templates-{}", aws.account);
        aws.rest("s3", "PUT", &bucket, "").await.done();
        let taken = json!({ "Type": "AWS::S3::Bucket", "Properties": { "BucketName": &bucket[1..] } });
        let taken =
            json!({ "Parameters": { "Name": { "Type": "String" } }, "Resources": { "Bucket": taken } });
        let taken = taken.to_string();
        for (name, template) in [
            ("one.json", TEMPLATE),
            ("two.yaml", ANOTHER),
            ("broken.json", "{}"),
            ("taken.json", taken.as_str()),
        ] {
            aws.rest("s3", "PUT", &format!("{bucket}/{name}"), template).await.done();
        }
        let trust = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let role = format!("Action=CreateRole&RoleName=launcher&AssumeRolePolicyDocument={trust}");
        aws.form("iam", &role.replace('"', "%22")).await.done();
        catalog
    }

    async fn call(&self, operation: &str, body: &Value) -> Answer {
        let target = format!("AWS242ServiceCatalogService.{operation}");
        self.aws.json("servicecatalog", &target, body).await
    }

    async fn ask(&self, operation: &str, body: Value) -> Value {
        self.call(operation, &body).await.done().value()
    }

    async fn refuses(&self, operation: &str, body: Value, code: &str) {
        self.call(operation, &body).await.refused(400, code);
    }

    fn url(&self, name: &str) -> String {
        format!("https://templates-{}.s3.amazonaws.com/{name}", self.aws.account)
    }

    fn role(&self) -> String {
        format!("arn:aws:iam::{}:role/launcher", self.aws.account)
    }

    async fn portfolio(&self) -> String {
        let body = json!({ "DisplayName": "Tools", "ProviderName": "Platform", "IdempotencyToken": "p" });
        text(&self.ask("CreatePortfolio", body).await["PortfolioDetail"]["Id"])
    }

    async fn product(&self) -> (String, String) {
        let made = self.ask("CreateProduct", product(&self.url("one.json"))).await;
        let id = text(&made["ProductViewDetail"]["ProductViewSummary"]["ProductId"]);
        (id, text(&made["ProvisioningArtifactDetail"]["Id"]))
    }

    /// A product in a portfolio whose products the role may launch.
    async fn launchable(&self) -> (String, String, String) {
        let (portfolio, (product, artifact)) = (self.portfolio().await, self.product().await);
        self.ask("AssociateProductWithPortfolio", json!({ "PortfolioId": portfolio, "ProductId": product }))
            .await;
        self.ask("AssociatePrincipalWithPortfolio", principal(&portfolio, &self.role(), "IAM")).await;
        (portfolio, product, artifact)
    }

    /// A record, once it is decided.
    async fn record(&self, answer: &Value) -> Value {
        let id = json!({ "Id": answer["RecordDetail"]["RecordId"] });
        for _ in 0..200 {
            let record = self.ask("DescribeRecord", id.clone()).await;
            if !["CREATED", "IN_PROGRESS"].contains(&record["RecordDetail"]["Status"].as_str().unwrap()) {
                return record;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the record is never decided")
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn artifact(url: &str) -> Value {
    json!({ "Name": "v1", "Type": "CLOUD_FORMATION_TEMPLATE", "Info": { "LoadTemplateFromURL": url } })
}

fn product(url: &str) -> Value {
    json!({
        "Name": "topic",
        "Owner": "Platform",
        "ProductType": "CLOUD_FORMATION_TEMPLATE",
        "ProvisioningArtifactParameters": artifact(url),
        "IdempotencyToken": url,
    })
}

fn principal(portfolio: &str, arn: &str, kind: &str) -> Value {
    json!({ "PortfolioId": portfolio, "PrincipalARN": arn, "PrincipalType": kind })
}

#[tokio::test]
async fn portfolios_and_products_are_deleted_once_nothing_holds_on_to_them() {
    let catalog = Catalog::new().await;
    let (portfolio, product, _) = catalog.launchable().await;
    assert_eq!(catalog.portfolio().await, portfolio, "a token that is repeated makes nothing");
    let changed = json!({ "DisplayName": "Other", "ProviderName": "Platform", "IdempotencyToken": "p" });
    catalog.refuses("CreatePortfolio", changed, "InvalidParametersException").await;
    let launch = json!({
        "PortfolioId": portfolio,
        "ProductId": product,
        "Type": "LAUNCH",
        "Parameters": json!({ "RoleArn": catalog.role() }).to_string(),
        "IdempotencyToken": "a",
    });
    let constraint = catalog.ask("CreateConstraint", launch.clone()).await;
    let constraint = text(&constraint["ConstraintDetail"]["ConstraintId"]);

    let (the_portfolio, the_product) = (json!({ "Id": portfolio }), json!({ "Id": product }));
    let association = json!({ "PortfolioId": portfolio, "ProductId": product });
    catalog.refuses("DeletePortfolio", the_portfolio.clone(), "ResourceInUseException").await;
    catalog.refuses("DeleteProduct", the_product.clone(), "ResourceInUseException").await;
    catalog.refuses("DisassociateProductFromPortfolio", association.clone(), "ResourceInUseException").await;
    catalog.ask("DeleteConstraint", json!({ "Id": constraint })).await;
    catalog.ask("DisassociateProductFromPortfolio", association.clone()).await;
    catalog.refuses("DisassociateProductFromPortfolio", association, "ResourceNotFoundException").await;
    let another = json!({ "IdempotencyToken": "b" });
    let another: Value = [launch, another]
        .iter()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    catalog.refuses("CreateConstraint", another, "ResourceNotFoundException").await;
    catalog.refuses("DeletePortfolio", the_portfolio.clone(), "ResourceInUseException").await;
    let held = principal(&portfolio, &catalog.role(), "IAM");
    catalog.ask("DisassociatePrincipalFromPortfolio", held.clone()).await;
    catalog.refuses("DisassociatePrincipalFromPortfolio", held, "ResourceNotFoundException").await;
    for (operation, id) in [("DeletePortfolio", the_portfolio), ("DeleteProduct", the_product)] {
        catalog.ask(operation, id.clone()).await;
        catalog.refuses(operation, id, "ResourceNotFoundException").await;
    }
    let left = catalog.aws.existing().await;
    assert!(!left.iter().any(|resource| resource.contains("servicecatalog")), "{left:?}");
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let catalog = Catalog::new().await;
    let (portfolio, product_id, _) = catalog.launchable().await;
    for (url, what) in [
        (catalog.url("none.json"), "cannot be read"),
        (catalog.url("broken.json"), "At least one Resources member"),
        ("templates/one.json".to_owned(), "no URL"),
    ] {
        let refused = catalog.call("CreateProduct", &product(&url)).await;
        refused.refused(400, "InvalidParametersException");
        assert!(refused.body.contains(what), "{}", refused.body);
    }
    let nobody = catalog.role().replace("launcher", "nobody");
    for (arn, kind) in [(nobody.as_str(), "IAM"), (&catalog.role(), "IAM_PATTERN"), ("role/launcher", "IAM")]
    {
        let body = principal(&portfolio, arn, kind);
        catalog.refuses("AssociatePrincipalWithPortfolio", body, "InvalidParametersException").await;
    }
    catalog
        .ask("AssociatePrincipalWithPortfolio", principal(&portfolio, "arn:aws:iam:::role/a*", "IAM_PATTERN"))
        .await;
    let constraint = |kind: &str, parameters: Value| {
        let (portfolio, product) = (&portfolio, &product_id);
        json!({ "PortfolioId": portfolio, "ProductId": product, "Type": kind, "Parameters": parameters.to_string() })
    };
    for (kind, parameters) in [
        ("LAUNCH", json!({})),
        ("LAUNCH", json!({ "RoleArn": catalog.role(), "LocalRoleName": "launcher" })),
        ("LAUNCH", json!("text")),
        ("NOTIFICATION", json!({ "NotificationArns": [] })),
        ("TEMPLATE", json!({ "Rules": "none" })),
        ("RESOURCE_UPDATE", json!({ "Properties": {} })),
        ("OTHER", json!({})),
    ] {
        catalog.refuses("CreateConstraint", constraint(kind, parameters), "InvalidParametersException").await;
    }
    catalog.ask("CreateConstraint", constraint("LAUNCH", json!({ "LocalRoleName": "launcher" }))).await;
    let second = constraint("LAUNCH", json!({ "RoleArn": catalog.role() }));
    catalog.refuses("CreateConstraint", second, "DuplicateResourceException").await;
    let sets = constraint("STACKSET", json!({ "Version": "String", "Properties": {} }));
    catalog.refuses("CreateConstraint", sets, "InvalidParametersException").await;
    let many: Vec<Value> = (0..21).map(|n| json!({ "Key": format!("k{n}"), "Value": "v" })).collect();
    let tagged = json!({ "DisplayName": "a", "ProviderName": "b", "Tags": many });
    catalog.refuses("CreatePortfolio", tagged, "InvalidParametersException").await;
}

#[tokio::test]
async fn versions_of_a_product_come_and_go() {
    let catalog = Catalog::new().await;
    let (id, first) = catalog.product().await;
    let url = format!("https://s3.us-east-1.amazonaws.com/templates-{}/two.yaml", catalog.aws.account);
    let new = json!({ "ProductId": id, "Parameters": artifact(&url) });
    let second = catalog.ask("CreateProvisioningArtifact", new).await;
    assert_eq!(second["Status"], "CREATING");
    let of = |artifact: &str| json!({ "ProductId": id, "ProvisioningArtifactId": artifact });
    let second = text(&second["ProvisioningArtifactDetail"]["Id"]);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let described = catalog.ask("DescribeProvisioningArtifact", of(&second)).await;
    assert_eq!(described["Status"], "AVAILABLE");
    assert_eq!(described["Info"]["TemplateUrl"], url.as_str());
    let mut outdated = of(&first);
    outdated["Guidance"] = json!("DEPRECATED");
    catalog.ask("UpdateProvisioningArtifact", outdated).await;
    let listed = catalog.ask("ListProvisioningArtifacts", json!({ "ProductId": id })).await;
    let guidance =
        listed["ProvisioningArtifactDetails"].as_array().unwrap().iter().map(|one| &one["Guidance"]);
    assert_eq!(guidance.collect::<Vec<_>>(), ["DEPRECATED", "DEFAULT"]);
    catalog.ask("DeleteProvisioningArtifact", of(&first)).await;
    catalog.refuses("DeleteProvisioningArtifact", of(&second), "ResourceInUseException").await;
}

#[tokio::test]
async fn products_are_provisioned_as_stacks() {
    let catalog = Catalog::new().await;
    let (portfolio, product, first) = catalog.launchable().await;
    let provision = |name: &str, value: &str| {
        json!({
            "ProductId": product,
            "ProvisioningArtifactId": first,
            "ProvisionedProductName": name,
            "ProvisioningParameters": [{ "Key": "Name", "Value": value }],
            "ProvisionToken": format!("{name}-token"),
        })
    };
    let asked = catalog.ask("ProvisionProduct", provision("news", "news")).await;
    assert_eq!(
        catalog.ask("ProvisionProduct", provision("news", "news")).await,
        asked,
        "it was asked already"
    );
    let record = catalog.record(&asked).await;
    assert_eq!(record["RecordDetail"]["Status"], "SUCCEEDED", "{record}");
    let by_name = json!({ "Name": "news" });
    let there =
        catalog.ask("DescribeProvisionedProduct", by_name.clone()).await["ProvisionedProductDetail"].clone();
    assert_eq!((&there["Status"], &there["IdempotencyToken"]), (&json!("AVAILABLE"), &json!("news-token")));
    let topic = format!("arn:aws:sns:us-east-1:{}:news", catalog.aws.account);
    let outputs =
        catalog.ask("GetProvisionedProductOutputs", json!({ "ProvisionedProductName": "news" })).await;
    assert_eq!(outputs["Outputs"][0], json!({ "OutputKey": "Topic", "OutputValue": topic }));
    let stack = format!("cloudformation stack SC-{}-{}", catalog.aws.account, text(&there["Id"]));
    assert!(catalog.aws.existing().await.contains(&stack));

    let mut again = provision("news", "other");
    again["ProvisionToken"] = json!("another");
    catalog.refuses("ProvisionProduct", again, "DuplicateResourceException").await;
    let failed = catalog.ask("ProvisionProduct", provision("wrong", "UPPER")).await;
    let failed = catalog.record(&failed).await;
    assert_eq!(failed["RecordDetail"]["Status"], "FAILED");
    assert!(text(&failed["RecordDetail"]["RecordErrors"][0]["Description"]).contains("Name"), "{failed}");
    let wrong = catalog.ask("DescribeProvisionedProduct", json!({ "Name": "wrong" })).await;
    assert_eq!(wrong["ProvisionedProductDetail"]["Status"], "ERROR");

    let new = json!({ "ProductId": product, "Parameters": artifact(&catalog.url("two.yaml")) });
    let second =
        catalog.ask("CreateProvisioningArtifact", new).await["ProvisioningArtifactDetail"]["Id"].clone();
    let mut update = json!({
        "ProvisionedProductName": "news",
        "ProvisioningArtifactId": second,
        "ProvisioningParameters": [{ "Key": "Name", "UsePreviousValue": true }],
        "UpdateToken": "u",
    });
    let updated = catalog.ask("UpdateProvisionedProduct", update.clone()).await;
    let updated = catalog.record(&updated).await;
    assert_eq!(updated["RecordDetail"]["Status"], "SUCCEEDED", "{updated}");
    assert_eq!(updated["RecordOutputs"][0], json!({ "OutputKey": "Arn", "OutputValue": topic }));
    update["Tags"] = json!([{ "Key": "team", "Value": "news" }]);
    update["UpdateToken"] = json!("v");
    catalog.refuses("UpdateProvisionedProduct", update.clone(), "InvalidParametersException").await;
    let allowed = json!({ "Version": "2.0", "Properties": { "TagUpdateOnProvisionedProduct": "ALLOWED" } });
    let allowed = json!({ "PortfolioId": portfolio, "ProductId": product, "Type": "RESOURCE_UPDATE", "Parameters": allowed.to_string() });
    catalog.ask("CreateConstraint", allowed).await;
    let updated = catalog.ask("UpdateProvisionedProduct", update).await;
    assert_eq!(catalog.record(&updated).await["RecordDetail"]["RecordTags"][0]["Value"], "news");

    for name in ["news", "wrong"] {
        let gone = json!({ "ProvisionedProductName": name, "TerminateToken": name });
        let gone = catalog.ask("TerminateProvisionedProduct", gone).await;
        assert_eq!(catalog.record(&gone).await["RecordDetail"]["Status"], "SUCCEEDED");
    }
    catalog.refuses("DescribeProvisionedProduct", by_name, "ResourceNotFoundException").await;
    assert!(!catalog.aws.existing().await.iter().any(|left| left.contains("stack") || left.contains("sns")));
}

#[tokio::test]
async fn a_product_that_nobody_may_launch_or_that_is_out_of_use_is_not_launched() {
    let catalog = Catalog::new().await;
    let (portfolio, product, artifact) = catalog.launchable().await;
    let provision = json!({
        "ProductName": "topic",
        "ProvisioningArtifactName": "v1",
        "ProvisionedProductName": "news",
        "ProvisioningParameters": [{ "Key": "Name", "Value": "news" }],
    });
    let launch = json!({ "LocalRoleName": "nobody" }).to_string();
    let launch =
        json!({ "PortfolioId": portfolio, "ProductId": product, "Type": "LAUNCH", "Parameters": launch });
    let launch = catalog.ask("CreateConstraint", launch).await;
    catalog.refuses("ProvisionProduct", provision.clone(), "InvalidParametersException").await;
    catalog.ask("DeleteConstraint", json!({ "Id": launch["ConstraintDetail"]["ConstraintId"] })).await;
    let guidance = |guidance: &str| json!({ "ProductId": product, "ProvisioningArtifactId": artifact, "Guidance": guidance });
    catalog.ask("UpdateProvisioningArtifact", guidance("DEPRECATED")).await;
    catalog.refuses("ProvisionProduct", provision.clone(), "InvalidParametersException").await;
    catalog.ask("UpdateProvisioningArtifact", guidance("DEFAULT")).await;
    catalog.ask("DisassociatePrincipalFromPortfolio", principal(&portfolio, &catalog.role(), "IAM")).await;
    let paths = catalog.ask("ListLaunchPaths", json!({ "ProductId": product })).await;
    assert_eq!(paths["LaunchPathSummaries"], json!([]));
    catalog.refuses("ProvisionProduct", provision, "ResourceNotFoundException").await;
}

#[tokio::test]
async fn a_stack_that_fails_is_told_and_taken_back() {
    let catalog = Catalog::new().await;
    let (_, product, first) = catalog.launchable().await;
    let taken = json!({ "ProductId": product, "Parameters": artifact(&catalog.url("taken.json")) });
    let taken = catalog.ask("CreateProvisioningArtifact", taken).await;
    let taken = text(&taken["ProvisioningArtifactDetail"]["Id"]);
    let provision = |artifact: &str, name: &str| {
        json!({
            "ProductId": product,
            "ProvisioningArtifactId": artifact,
            "ProvisionedProductName": name,
            "ProvisioningParameters": [{ "Key": "Name", "Value": "news" }],
        })
    };
    for (operation, body, status) in [
        ("ProvisionProduct", provision(&taken, "wrong"), "ERROR"),
        ("ProvisionProduct", provision(&first, "news"), "AVAILABLE"),
        (
            "UpdateProvisionedProduct",
            json!({
                "ProvisionedProductName": "news",
                "ProvisioningArtifactId": taken,
                "ProvisioningParameters": [{ "Key": "Name", "Value": "news" }],
            }),
            "TAINTED",
        ),
    ] {
        let asked = catalog.ask(operation, body.clone()).await;
        let record = catalog.record(&asked).await["RecordDetail"].clone();
        let name = json!({ "Name": body["ProvisionedProductName"] });
        let there = catalog.ask("DescribeProvisionedProduct", name).await["ProvisionedProductDetail"].clone();
        assert_eq!(there["Status"], status, "{record}");
        if status != "AVAILABLE" {
            assert_eq!(record["Status"], "FAILED");
            assert!(text(&record["RecordErrors"][0]["Description"]).contains("already exists"), "{record}");
        }
        if status == "TAINTED" {
            assert_eq!(there["ProvisioningArtifactId"], first, "it runs as before");
        }
    }
    for name in ["news", "wrong"] {
        let gone =
            catalog.ask("TerminateProvisionedProduct", json!({ "ProvisionedProductName": name })).await;
        assert_eq!(catalog.record(&gone).await["RecordDetail"]["Status"], "SUCCEEDED");
    }
    assert!(!catalog.aws.existing().await.iter().any(|left| left.contains("stack") || left.contains("sns")));
}

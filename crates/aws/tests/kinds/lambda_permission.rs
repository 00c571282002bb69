//! `aws_lambda_permission`.

use aws_sdk_lambda::Client;
use serde_json::{Value as Json, json};

use crate::lab::{Lab, Resource};
use crate::lambda_function::{self, PACKAGE, ready, role};

const KIND: &str = "aws_lambda_permission";

async fn function<'a>(lab: &'a Lab, role_arn: &str) -> Resource<'a> {
    let mut function = lab.resource(lambda_function::KIND);
    function
        .create(json!({
            "function_name": "reporter",
            "role": role_arn,
            "handler": "index.handler",
            "runtime": "python3.11",
            "zip_file": PACKAGE,
            "publish": true,
        }))
        .await;
    function
}

async fn policy(lambda: &Client) -> Json {
    let answer = lambda.get_policy().function_name("reporter").send().await.unwrap();
    serde_json::from_str(answer.policy().unwrap()).unwrap()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let lambda = Client::new(&lab.sdk);
    let (_role, role_arn) = role(&lab, "reporter").await;
    let function = function(&lab, &role_arn).await;
    ready(&lambda, "reporter").await;
    let rule = format!("arn:aws:events:us-east-1:{}:rule/daily", lab.account());
    let configuration = json!({
        "statement_id": "daily",
        "function_name": "reporter",
        "action": "lambda:InvokeFunction",
        "principal": "events.amazonaws.com",
        "source_arn": rule,
        "source_account": lab.account(),
    });
    let mut permission = lab.resource(KIND);
    permission.create(configuration.clone()).await;
    assert_eq!(permission.id, "reporter/daily");
    let statement = policy(&lambda).await["Statement"][0].clone();
    assert_eq!(statement["Principal"], json!({ "Service": "events.amazonaws.com" }));
    assert_eq!(statement["Condition"]["ArnLike"]["AWS:SourceArn"], json!(rule));

    let failure = lab.resource(KIND).create_fails(configuration.clone()).await;
    assert!(failure.contains("one of this name already"), "{failure}");
    let mut other = configuration.clone();
    other["source_arn"] = json!(format!("{rule}-2"));
    other["principal"] = json!("s3.amazonaws.com");
    permission.replaces(other, &["principal", "source_arn"]);
    let mut without = configuration;
    without["source_account"] = json!(null);
    permission.replaces(without, &["source_account"]);
    permission.delete().await;
    let gone = lambda.get_policy().function_name("reporter").send().await.unwrap_err();
    assert!(gone.into_service_error().is_resource_not_found_exception());
    function.delete().await;
}

#[tokio::test]
async fn is_read_back_whatever_it_says() {
    let lab = Lab::new().await;
    let (_role, role_arn) = role(&lab, "reporter").await;
    let function = function(&lab, &role_arn).await;
    let arn = function.attributes.get("arn").as_str().unwrap().to_owned();
    for configuration in [
        json!({ "function_name": arn, "action": "lambda:InvokeFunction", "principal": "111122223333" }),
        json!({
            "function_name": "reporter",
            "action": "lambda:GetFunction",
            "principal": "arn:aws:iam::111122223333:root",
            "statement_id_prefix": "other-",
        }),
        json!({
            "function_name": "reporter",
            "qualifier": "1",
            "action": "lambda:InvokeFunctionUrl",
            "principal": "*",
            "function_url_auth_type": "NONE",
            "principal_org_id": "o-0123456789",
        }),
        json!({
            "function_name": "reporter",
            "action": "lambda:InvokeFunction",
            "principal": "alexa-appkit.amazon.com",
            "event_source_token": "amzn1.ask.skill.1",
        }),
    ] {
        let mut permission = lab.resource(KIND);
        permission.create(configuration).await;
        permission.delete().await;
    }
    // A permission goes with its function.
    let mut permission = lab.resource(KIND);
    let rest = json!({
        "function_name": "reporter",
        "action": "lambda:InvokeFunction",
        "principal": "events.amazonaws.com",
    });
    permission.create(rest).await;
    function.delete().await;
    permission.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        KIND,
        json!({
            "statement_id": "a b",
            "statement_id_prefix": "c",
            "function_name": "f",
            "action": "InvokeFunction",
            "principal": "*",
            "source_account": "1",
        }),
    );
    assert_eq!(problems.len(), 3, "{problems:?}");
    let problems = lab.problems(
        KIND,
        json!({
            "function_name": "f",
            "action": "lambda:InvokeFunction",
            "principal": "*",
            "function_url_auth_type": "NONE",
        }),
    );
    assert_eq!(problems, ["function_url_auth_type: a function's URL is another action's"]);
}

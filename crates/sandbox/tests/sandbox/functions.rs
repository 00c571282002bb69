//! Lambda: functions run, under roles that Lambda may assume, and take one change at a time.

use std::time::Duration;

use serde_json::{Value, json};

use crate::aws::{Answer, Aws};

/// A package whose `index.handler` asks S3 how many buckets there are. Made with Python's `zipfile`.
const PACKAGE: &str = "UEsDBBQAAAAIAAAAIQBJOgEOawAAAH8AAAAIAAAAaW5kZXgucHktjEEKgzAQRfdzimFWiYgbdy57jVKKiSMG00lJRikU765I3va9\
    /8Pnm7KiS5p6AJh4xmWUKXI2vLNoiz6J8k/tAHiRWbcs+G+aqsltfmUtNGBkMfdR52O4pKHSk+1iKPqulbFPetTByx5wAlBLAQIU\
    AxQAAAAIAAAAIQBJOgEOawAAAH8AAAAIAAAAAAAAAAAAAACkgQAAAABpbmRleC5weVBLBQYAAAAAAQABADYAAACRAAAAAAA=";
const FUNCTIONS: &str = "/2015-03-31/functions";

async fn role(aws: &Aws, name: &str, service: &str) -> String {
    let trust = format!(
        "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B\
         %22Service%22%3A%22{service}%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"
    );
    let form =
        format!("Action=CreateRole&Version=2010-05-08&RoleName={name}&AssumeRolePolicyDocument={trust}");
    aws.form("iam", &form).await.done().text("Arn")
}

async fn create(aws: &Aws, role: &str, more: &Value) -> Answer {
    let mut asked = json!({
        "FunctionName": "f",
        "Role": role,
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Code": { "ZipFile": PACKAGE },
        "Timeout": 30,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        asked[name] = value.clone();
    }
    aws.rest("lambda", "POST", FUNCTIONS, &asked.to_string()).await
}

async fn described(aws: &Aws, name: &str) -> Value {
    aws.rest("lambda", "GET", &format!("{FUNCTIONS}/{name}/configuration"), "").await.done().value()
}

async fn ready(aws: &Aws, name: &str) {
    for _ in 0..100 {
        let function = described(aws, name).await;
        if function["State"] == "Active" && function["LastUpdateStatus"] == "Successful" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(described(aws, name).await["State"], "Active");
}

#[tokio::test]
async fn a_function_runs_and_speaks_to_the_sandbox() {
    let aws = Aws::new();
    aws.rest("s3", "PUT", &format!("/functions-{}", aws.account), "").await.done();
    let role = role(&aws, "r", "lambda.amazonaws.com").await;
    // A name of its own: ministack ends the runs of a function that is changed, in whatever account.
    create(&aws, &role, &json!({ "FunctionName": "counter" })).await.done();
    let invoke = format!("{FUNCTIONS}/counter/invocations");
    aws.rest("lambda", "POST", &invoke, "{}").await.refused(409, "ResourceConflictException");
    ready(&aws, "counter").await;
    let answer = aws.rest("lambda", "POST", &invoke, r#"{"asked":"buckets"}"#).await.done();
    assert_eq!(answer.value(), json!({ "asked": "buckets", "buckets": 1 }), "{}", answer.body);
    let calls = aws.control.calls().await.unwrap();
    assert!(calls.iter().any(|call| call.operation == "ListBuckets"), "the function's own calls are seen");
    assert_eq!(
        aws.existing().await,
        [
            "iam role r".to_owned(),
            "lambda function counter".to_owned(),
            format!("s3 bucket functions-{}", aws.account)
        ]
    );
}

#[tokio::test]
async fn a_function_needs_a_role_that_lambda_may_assume() {
    let aws = Aws::new();
    let missing = format!("arn:aws:iam::{}:role/r", aws.account);
    create(&aws, &missing, &json!({})).await.refused(400, "InvalidParameterValueException");
    let other = role(&aws, "other", "ec2.amazonaws.com").await;
    create(&aws, &other, &json!({})).await.refused(400, "InvalidParameterValueException");
    let role = role(&aws, "r", "lambda.amazonaws.com").await;
    let reserved = json!({ "Environment": { "Variables": { "AWS_REGION": "x" } } });
    create(&aws, &role, &reserved).await.refused(400, "InvalidParameterValueException");

    let queue = format!("arn:aws:sqs:us-east-1:{}:failures", aws.account);
    let dead_letters = json!({ "DeadLetterConfig": { "TargetArn": queue } });
    create(&aws, &role, &dead_letters).await.refused(400, "InvalidParameterValueException");
    let policy = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A\
                  %22sqs%3ASendMessage%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D";
    let form =
        format!("Action=PutRolePolicy&Version=2010-05-08&RoleName=r&PolicyName=p&PolicyDocument={policy}");
    aws.form("iam", &form).await.done();
    create(&aws, &role, &dead_letters).await.done();
    ready(&aws, "f").await;
    let change = json!({ "Role": other }).to_string();
    let path = format!("{FUNCTIONS}/f/configuration");
    aws.rest("lambda", "PUT", &path, &change).await.refused(400, "InvalidParameterValueException");
}

#[tokio::test]
async fn a_function_takes_one_change_at_a_time() {
    let aws = Aws::new();
    let role = role(&aws, "r", "lambda.amazonaws.com").await;
    create(&aws, &role, &json!({})).await.done();
    let change = async || {
        let path = format!("{FUNCTIONS}/f/configuration");
        aws.rest("lambda", "PUT", &path, r#"{"Timeout":10}"#).await
    };
    change().await.refused(409, "ResourceConflictException");
    ready(&aws, "f").await;
    let changed = change().await.done().value();
    assert_eq!((&changed["State"], &changed["LastUpdateStatus"]), (&json!("Active"), &json!("InProgress")));
    change().await.refused(409, "ResourceConflictException");
    aws.rest("lambda", "POST", &format!("{FUNCTIONS}/f/invocations"), "{}").await.done();
    ready(&aws, "f").await;
    change().await.done();
}

#[tokio::test]
async fn the_policy_of_a_function_is_that_of_what_was_asked_for() {
    let aws = Aws::new();
    let role = role(&aws, "r", "lambda.amazonaws.com").await;
    create(&aws, &role, &json!({ "Publish": true })).await.done();
    let path = format!("{FUNCTIONS}/f/policy");
    aws.rest("lambda", "GET", &path, "").await.refused(404, "ResourceNotFoundException");
    let permit = async |id: &str, principal: &str, query: &str| {
        let asked = json!({ "StatementId": id, "Action": "lambda:InvokeFunction", "Principal": principal })
            .to_string();
        aws.rest("lambda", "POST", &format!("{path}{query}"), &asked).await
    };
    permit("account", "111122223333", "").await.done();
    permit("account", "111122223333", "").await.refused(409, "ResourceConflictException");
    permit("events", "events.amazonaws.com", "?Qualifier=1").await.done();
    let policy = async |query: &str| {
        let answer = aws.rest("lambda", "GET", &format!("{path}{query}"), "").await.done().value();
        serde_json::from_str::<Value>(answer["Policy"].as_str().unwrap()).unwrap()
    };
    let own = policy("").await;
    assert_eq!(own["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(own["Statement"][0]["Principal"], json!({ "AWS": "arn:aws:iam::111122223333:root" }));
    assert_eq!(policy("?Qualifier=1").await["Statement"][0]["Sid"], "events");
    let existing = aws.existing().await;
    assert!(existing.contains(&"lambda permission f/account".to_owned()), "{existing:?}");
}

//! `aws_lambda_function`.

mod code;
mod refusals;

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{Environment, LastUpdateStatus, State};
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::{Lab, Resource};

pub(crate) const KIND: &str = "aws_lambda_function";

/// A package whose `index.handler` answers with its event and with the variable `GREETING`.
pub(crate) const PACKAGE: &str = "UEsDBBQAAAAIAAAAIQBLkHdJXAAAAGIAAAAIAAAAaW5kZXgucHnLzC3ILypRyC/m4uJKSU1TyEjMS8lJLdJILUvNK9FRSM7PK0mt\
    KNG04lIAgqLUktKiPIVqLS2otFJ6UWpqSWZeupIV0Ai91LyyzKL8vGgl9yBX1xBPP3el2FouAFBLAQIUAxQAAAAIAAAAIQBLkHdJ\
    XAAAAGIAAAAIAAAAAAAAAAAAAACkgQAAAABpbmRleC5weVBLBQYAAAAAAQABADYAAACCAAAAAAA=";

/// Another one, whose `index.handler` answers with its event alone.
pub(crate) const ANOTHER_PACKAGE: &str = "UEsDBBQAAAAIAAAAIQC0CHBpKwAAAC4AAAAIAAAAaW5kZXgucHlLSU1TyEjMS8lJLdJILUvNK9FRSM7PK0mtKNG04lIAgqLUktKi\
    PAWwHBcAUEsBAhQDFAAAAAgAAAAhALQIcGkrAAAALgAAAAgAAAAAAAAAAAAAAKSBAAAAAGluZGV4LnB5UEsFBgAAAAABAAEANgAA\
    AFEAAAAAAA==";

/// A role that functions can have, and its ARN.
pub(crate) async fn role<'a>(lab: &'a Lab, name: &str) -> (Resource<'a>, String) {
    let mut role = lab.resource("aws_iam_role");
    role.create(json!({ "name": name, "assume_role_policy": trust() })).await;
    let arn = role.attributes.get("arn").as_str().unwrap().to_owned();
    (role, arn)
}

pub(crate) fn trust() -> Json {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }],
    })
}

fn function(role: &str, more: Json) -> Json {
    let mut configuration = json!({
        "function_name": "reporter",
        "role": role,
        "handler": "index.handler",
        "runtime": "python3.11",
        "zip_file": PACKAGE,
    });
    for (name, value) in more.as_object().unwrap() {
        configuration[name] = value.clone();
    }
    configuration
}

/// Waits until the function can be invoked and changed from outside.
pub(crate) async fn ready(lambda: &Client, name: &str) {
    for _ in 0..200 {
        let function = lambda.get_function_configuration().function_name(name).send().await.unwrap();
        if function.state() == Some(&State::Active)
            && function.last_update_status() == Some(&LastUpdateStatus::Successful)
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} does not become ready");
}

/// How often an operation was called.
async fn called(lab: &Lab, operation: &str) -> usize {
    let calls = lab.control().calls().await.unwrap();
    calls.iter().filter(|call| call.operation == operation).count()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let lambda = Client::new(&lab.sdk);
    let (_role, role_arn) = role(&lab, "reporter").await;
    let (_other, other_arn) = role(&lab, "other").await;
    let sending = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": ["sqs:SendMessage", "sns:Publish"], "Resource": "*" }],
    });
    for name in ["reporter", "other"] {
        let policy = json!({ "role": name, "name": "sending", "policy": sending });
        lab.resource("aws_iam_role_policy").create(policy).await;
    }
    let account = lab.account().to_owned();

    let mut reporter = lab.resource(KIND);
    let created = reporter
        .create(function(
            &role_arn,
            json!({
                "description": "reports",
                "memory_size": 256,
                "timeout": 60,
                "environment": { "variables": { "GREETING": "hello" } },
                "dead_letter_config": { "target_arn": format!("arn:aws:sqs:us-east-1:{account}:failures") },
                "tracing_config": { "mode": "Active" },
                "ephemeral_storage": { "size": 1024 },
                "logging_config": { "log_format": "JSON", "log_group": "/reports", "system_log_level": "WARN" },
                "vpc_config": { "subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"] },
                "kms_key_arn": format!("arn:aws:kms:us-east-1:{account}:key/1"),
                "reserved_concurrent_executions": 2,
                "snap_start": { "apply_on": "None" },
                "tags": { "team": "books" },
            }),
        ))
        .await;
    let arn = format!("arn:aws:lambda:us-east-1:{account}:function:reporter");
    assert_eq!(created.get("arn").as_str(), Some(arn.as_str()));
    assert_eq!(created.get("version").as_str(), Some("$LATEST"));
    assert_eq!(created.get("qualified_arn").as_str(), Some(format!("{arn}:$LATEST").as_str()));
    assert_eq!(
        created.get("invoke_arn").as_str().unwrap(),
        format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations")
    );
    let there = lambda.get_function().function_name("reporter").send().await.unwrap();
    let configuration = there.configuration().unwrap();
    assert_eq!(configuration.memory_size(), Some(256));
    assert_eq!(configuration.environment().unwrap().variables().unwrap()["GREETING"], "hello");
    assert_eq!(configuration.logging_config().unwrap().log_group(), Some("/reports"));
    assert_eq!(there.concurrency().unwrap().reserved_concurrent_executions(), Some(2));
    assert_eq!(there.tags().unwrap()["team"], "books");

    let changed = function(
        &other_arn,
        json!({
            "handler": "index.other",
            "runtime": "python3.12",
            "description": "reports, differently",
            "memory_size": 512,
            "timeout": 30,
            "architectures": ["arm64"],
            "environment": { "variables": { "GREETING": "good morning", "LANGUAGE": "en" } },
            "dead_letter_config": { "target_arn": format!("arn:aws:sns:us-east-1:{account}:failures") },
            "ephemeral_storage": { "size": 2048 },
            "logging_config": { "log_format": "JSON", "application_log_level": "ERROR" },
            "vpc_config": { "subnet_ids": ["subnet-3"], "security_group_ids": ["sg-1", "sg-2"] },
            "kms_key_arn": format!("arn:aws:kms:us-east-1:{account}:key/2"),
            "file_system_config": {
                "arn": format!("arn:aws:elasticfilesystem:us-east-1:{account}:access-point/fsap-00000000000000001"),
                "local_mount_path": "/mnt/books",
            },
            "snap_start": { "apply_on": "PublishedVersions" },
            "ephemeral_storage": { "size": 512 },
            "reserved_concurrent_executions": 0,
            "tags": { "team": "books", "cost": "1" },
        }),
    );
    reporter.update(changed).await;
    let there = lambda.get_function_configuration().function_name("reporter").send().await.unwrap();
    assert_eq!((there.handler(), there.role()), (Some("index.other"), Some(other_arn.as_str())));
    assert_eq!(there.architectures()[0].as_str(), "arm64");
    assert_eq!(there.vpc_config().unwrap().subnet_ids(), ["subnet-3"]);

    let bare = function(&role_arn, json!({}));
    reporter.update(bare.clone()).await;
    let there = lambda.get_function().function_name("reporter").send().await.unwrap();
    let configuration = there.configuration().unwrap();
    assert_eq!((configuration.memory_size(), configuration.timeout()), (Some(128), Some(3)));
    assert!(configuration.environment().is_none_or(|all| all.variables().is_none_or(|all| all.is_empty())));
    assert_eq!(
        configuration.dead_letter_config().and_then(|letters| letters.target_arn()).unwrap_or_default(),
        ""
    );
    assert!(configuration.vpc_config().is_none_or(|network| network.subnet_ids().is_empty()));
    assert_eq!(configuration.logging_config().unwrap().log_group(), Some("/aws/lambda/reporter"));
    assert!(there.concurrency().is_none());
    reporter.replaces(
        json!({ "function_name": "other", "role": role_arn, "package_type": "Image", "image_uri": "x" }),
        &["function_name", "package_type"],
    );

    ready(&lambda, "reporter").await;
    let environment = Environment::builder().variables("STRANGE", "1").build();
    let strange = lambda.update_function_configuration().function_name("reporter");
    strange.description("changed").timeout(9).environment(environment).send().await.unwrap();
    lambda.tag_resource().resource(&arn).tags("stranger", "1").send().await.unwrap();
    let reserve = lambda.put_function_concurrency().function_name("reporter");
    reserve.reserved_concurrent_executions(1).send().await.unwrap();
    let drifted = ["description", "environment", "reserved_concurrent_executions", "tags", "timeout"];
    reporter.repair_drift(bare, &drifted).await;
    reporter.delete().await;
}

#[tokio::test]
async fn runs_what_it_was_given() {
    let lab = Lab::new().await;
    let lambda = Client::new(&lab.sdk);
    let (_role, role_arn) = role(&lab, "reporter").await;
    let mut reporter = lab.resource(KIND);
    // A name of its own: ministack ends the runs of a function that is changed, in whatever account.
    let greeting = json!({
        "function_name": "greeter",
        "environment": { "variables": { "GREETING": "hello" } },
        "timeout": 30,
    });
    reporter.create(function(&role_arn, greeting)).await;
    ready(&lambda, "greeter").await;
    let answer =
        lambda.invoke().function_name("greeter").payload(br#"{"to":"you"}"#.to_vec().into()).send().await;
    let answer = answer.unwrap().payload.unwrap().into_inner();
    let answer: Json = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer, json!({ "to": "you", "greeting": "hello" }));
    reporter.delete().await;
}

#[tokio::test]
async fn waits_for_a_role_that_was_made_a_moment_ago() {
    let lab = Lab::new().await;
    let (_role, role_arn) = role(&lab, "reporter").await;
    let unknown = |operation: &str, message: &str| Fault {
        operation: Some(operation.to_owned()),
        times: Some(2),
        ..Fault::new(Effect::Error {
            status: 400,
            code: "InvalidParameterValueException".to_owned(),
            message: message.to_owned(),
        })
    };
    lab.inject(unknown("CreateFunction", "The role defined for the function cannot be assumed by Lambda."));
    let mut reporter = lab.resource(KIND);
    reporter.create(function(&role_arn, json!({}))).await;
    lab.inject(unknown(
        "UpdateFunctionConfiguration",
        "The provided execution role does not have permissions to call SendMessage on SQS",
    ));
    reporter.update(function(&role_arn, json!({ "timeout": 10 }))).await;
    reporter.delete().await;
}

#[tokio::test]
async fn fails_at_once_where_waiting_does_not_help() {
    let lab = Lab::new().await;
    let (_role, role_arn) = role(&lab, "reporter").await;
    let refused = Effect::Error {
        status: 400,
        code: "InvalidParameterValueException".to_owned(),
        message: "The runtime parameter of python2.7 is no longer supported".to_owned(),
    };
    lab.inject(Fault { operation: Some("CreateFunction".to_owned()), ..Fault::new(refused) });
    let failure = lab.resource(KIND).create_fails(function(&role_arn, json!({}))).await;
    assert!(failure.contains("no longer supported"), "{failure}");
    assert_eq!(called(&lab, "CreateFunction").await, 1);
}

#[tokio::test]
async fn does_not_take_over_what_bears_its_name() {
    let lab = Lab::new().await;
    let (_role, role_arn) = role(&lab, "reporter").await;
    let mut reporter = lab.resource(KIND);
    reporter.create(function(&role_arn, json!({}))).await;
    let failure = lab.resource(KIND).create_fails(function(&role_arn, json!({}))).await;
    assert!(failure.contains("the account has one of this name already"), "{failure}");
    reporter.delete().await;
}

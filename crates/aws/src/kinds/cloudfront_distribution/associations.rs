//! Functions that run on requests and answers: `function_association` and `lambda_function_association`.

use std::collections::BTreeSet;

use aws_sdk_cloudfront::types as sdk;
use provision_engine::kind::KindError;
use provision_engine::schema::Problem;
use provision_engine::value::{Path, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::malformed;

/// A CloudFront Function that runs on each request or answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct FunctionAssociation {
    /// On what it runs.
    #[schemars(extend("enum" = ["viewer-request", "viewer-response"]))]
    event_type: String,
    /// ARN of the function.
    #[schemars(regex(pattern = r"^arn:[a-z0-9-]+:cloudfront::\d{12}:function/[a-zA-Z0-9_-]{1,64}$"))]
    function_arn: String,
}

/// A Lambda function that runs on each request or answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct LambdaFunctionAssociation {
    /// On what it runs.
    #[schemars(extend("enum" = ["viewer-request", "viewer-response", "origin-request", "origin-response"]))]
    event_type: String,
    /// ARN of a version of the function, in us-east-1: its `qualified_arn`.
    lambda_arn: String,
    /// Whether the function sees the body of the request.
    #[serde(default)]
    include_body: bool,
}

impl FunctionAssociation {
    pub(super) fn from_sdk(association: &sdk::FunctionAssociation) -> Self {
        Self {
            event_type: association.event_type().as_str().to_owned(),
            function_arn: association.function_arn().to_owned(),
        }
    }
}

impl LambdaFunctionAssociation {
    pub(super) fn from_sdk(association: &sdk::LambdaFunctionAssociation) -> Self {
        Self {
            event_type: association.event_type().as_str().to_owned(),
            lambda_arn: association.lambda_function_arn().to_owned(),
            include_body: association.include_body().unwrap_or_default(),
        }
    }
}

/// CloudFront Functions as AWS takes them.
pub(super) fn functions(
    associations: &[FunctionAssociation],
) -> Result<sdk::FunctionAssociations, KindError> {
    let items = associations
        .iter()
        .map(|association| {
            sdk::FunctionAssociation::builder()
                .event_type(association.event_type.as_str().into())
                .function_arn(&association.function_arn)
                .build()
                .map_err(malformed)
        })
        .collect::<Result<Vec<_>, _>>()?;
    sdk::FunctionAssociations::builder()
        .quantity(items.len() as i32)
        .set_items((!items.is_empty()).then_some(items))
        .build()
        .map_err(malformed)
}

/// Lambda functions as AWS takes them.
pub(super) fn lambda_functions(
    associations: &[LambdaFunctionAssociation],
) -> Result<sdk::LambdaFunctionAssociations, KindError> {
    let items = associations
        .iter()
        .map(|association| {
            sdk::LambdaFunctionAssociation::builder()
                .event_type(association.event_type.as_str().into())
                .lambda_function_arn(&association.lambda_arn)
                .include_body(association.include_body)
                .build()
                .map_err(malformed)
        })
        .collect::<Result<Vec<_>, _>>()?;
    sdk::LambdaFunctionAssociations::builder()
        .quantity(items.len() as i32)
        .set_items((!items.is_empty()).then_some(items))
        .build()
        .map_err(malformed)
}

/// What is wrong with the functions of a behavior. They are sets, so a problem names the function it is about.
pub(super) fn problems(behavior: &Value, path: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut events = BTreeSet::new();
    let mut viewer_function = false;
    for association in behavior.get("function_association").items() {
        viewer_function = true;
        if let Some(event) = association.get("event_type").as_str()
            && !events.insert(event)
        {
            problems.push(twice(path.key("function_association"), event));
        }
    }
    let mut events = BTreeSet::new();
    for association in behavior.get("lambda_function_association").items() {
        let path = path.key("lambda_function_association");
        let event = association.get("event_type").as_str().unwrap_or_default();
        if !event.is_empty() && !events.insert(event) {
            problems.push(twice(path.clone(), event));
        }
        if viewer_function && event.starts_with("viewer-") {
            problems.push(
                Problem::new(
                    path.clone(),
                    format!("a Lambda function on {event} and a CloudFront Function exclude each other"),
                )
                .with_hint("let one of them do the work of both"),
            );
        }
        if association.get("include_body").as_bool() == Some(true) && event.ends_with("-response") {
            problems.push(
                Problem::new(path.clone(), format!("`include_body` has no meaning on {event}"))
                    .with_hint("an answer's body cannot be seen; remove it"),
            );
        }
        if let Some(arn) = association.get("lambda_arn").as_str()
            && !is_version(arn)
        {
            problems.push(
                Problem::new(path.clone(), format!("{arn} is no version of a Lambda function in us-east-1"))
                    .with_hint("use its `qualified_arn`, which ends with the number of a version"),
            );
        }
    }
    problems
}

fn twice(path: Path, event: &str) -> Problem {
    Problem::new(path, format!("two functions on {event}")).with_hint("CloudFront runs one on each event")
}

/// `arn:aws:lambda:us-east-1:123456789012:function:name:7`.
fn is_version(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    matches!(parts[..], ["arn", _, "lambda", "us-east-1", _, "function", _, version]
        if !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit()))
}

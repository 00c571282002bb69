//! Lambda runs a function under a role that it may assume, sends what fails where that role may send it, and takes one
//! change of a function at a time.

use hyper::{Method, body::Bytes};
use serde_json::{Map, Value, json};

use crate::{
    ask::Ask,
    call::Identity,
    front::Front,
    proxy::{Reply, Request},
    query,
    reply::{self, Refusal},
};

/// Names of environment variables that Lambda sets itself.
const RESERVED: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_TASK_ROOT",
];

/// Refuses what AWS would refuse and ministack would not.
pub(super) async fn before(front: &Front, request: &Request, identity: &Identity) -> Result<(), Refusal> {
    let operation = identity.operation.as_str();
    let ask = front.ask(&identity.account, &identity.region);
    if ["UpdateFunctionConfiguration", "UpdateFunctionCode", "PublishVersion", "Invoke"].contains(&operation)
        && let Some(function) = described(&ask, &function_of(request)).await
    {
        busy(operation, &function)?;
    }
    if ["CreateFunction", "UpdateFunctionConfiguration"].contains(&operation) {
        let asked = serde_json::from_slice::<Map<String, Value>>(request.body()).unwrap_or_default();
        reserved(&asked)?;
        let role = match asked.get("Role").and_then(Value::as_str) {
            Some(role) => {
                assumed(&ask, role).await?;
                role.to_owned()
            }
            None => described(&ask, &function_of(request))
                .await
                .and_then(|function| function["Role"].as_str().map(str::to_owned))
                .unwrap_or_default(),
        };
        if let Some(target) = asked.get("DeadLetterConfig").and_then(|config| config["TargetArn"].as_str()) {
            permitted(&ask, &role, target).await?;
        }
    }
    Ok(())
}

/// Makes of ministack's answer the one that AWS would give.
pub(super) fn after(request: &Request, identity: &Identity, reply: Reply) -> Result<Reply, Refusal> {
    if !reply.status().is_success() {
        return Ok(reply);
    }
    match identity.operation.as_str() {
        "GetPolicy" => policy(request, &reply),
        "GetFunction" | "GetFunctionConfiguration" | "UpdateFunctionCode" | "UpdateFunctionConfiguration" => {
            Ok(still_active(reply))
        }
        _ => Ok(reply),
    }
}

/// Refuses what a function does not take while it is being made or changed.
fn busy(operation: &str, function: &Value) -> Result<(), Refusal> {
    let is_new = function["State"] == "Pending" && function["StateReasonCode"] == "Creating";
    let arn = function["FunctionArn"].as_str().unwrap_or_default();
    let what = if is_new {
        "The function is currently in the following state: Pending".to_owned()
    } else if function["LastUpdateStatus"] == "InProgress" && operation != "Invoke" {
        format!("An update is in progress for resource: {arn}")
    } else {
        return Ok(());
    };
    let message = format!("The operation cannot be performed at this time. {what}");
    Err(Refusal::new(409, "ResourceConflictException", message))
}

fn reserved(asked: &Map<String, Value>) -> Result<(), Refusal> {
    let variables = asked.get("Environment").and_then(|environment| environment["Variables"].as_object());
    let taken: Vec<&str> = variables
        .into_iter()
        .flat_map(|variables| variables.keys())
        .map(String::as_str)
        .filter(|name| RESERVED.contains(name))
        .collect();
    if taken.is_empty() {
        return Ok(());
    }
    Err(invalid(format!(
        "Lambda was unable to configure your environment variables because the environment variables you have provided \
         contains reserved keys that are currently not supported for modification. Reserved keys used in this request: \
         {}",
        taken.join(", ")
    )))
}

/// Refuses a role that is not there, or whose trust policy does not let Lambda assume it.
async fn assumed(ask: &Ask<'_>, role: &str) -> Result<(), Refusal> {
    let name = role.rsplit('/').next().unwrap_or(role);
    let answer = ask.act("iam", "GetRole", &[("RoleName", name)]).await.ok();
    let trust = answer.and_then(|answer| {
        let document = answer.descendant("AssumeRolePolicyDocument")?.text.clone();
        serde_json::from_str::<Value>(&query::percent_decode(&document)).ok()
    });
    let includes = |said: &Value, wanted: &str| {
        said == wanted || said.as_array().is_some_and(|items| items.iter().any(|item| item == wanted))
    };
    let statements = trust.map(|mut trust| match trust["Statement"].take() {
        Value::Array(statements) => statements,
        single => vec![single],
    });
    let is_trusted = statements.into_iter().flatten().any(|statement| {
        statement["Effect"] == "Allow"
            && includes(&statement["Principal"]["Service"], "lambda.amazonaws.com")
            && includes(&statement["Action"], "sts:AssumeRole")
    });
    if is_trusted {
        return Ok(());
    }
    Err(invalid("The role defined for the function cannot be assumed by Lambda."))
}

/// Refuses dead letters to where the role may not send them.
async fn permitted(ask: &Ask<'_>, role: &str, target: &str) -> Result<(), Refusal> {
    let (action, message) = match target.split(':').nth(2) {
        Some("sqs") => ("sqs:SendMessage", "SendMessage on SQS"),
        Some("sns") => ("sns:Publish", "Publish on SNS"),
        _ => return Ok(()),
    };
    let question =
        [("PolicySourceArn", role), ("ActionNames.member.1", action), ("ResourceArns.member.1", target)];
    let answer = ask.act("iam", "SimulatePrincipalPolicy", &question).await?;
    if answer.descendant("EvalDecision").is_some_and(|decision| decision.text == "allowed") {
        return Ok(());
    }
    Err(invalid(format!("The provided execution role does not have permissions to call {message}")))
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidParameterValueException", message)
}

/// The policy that was asked for: that of the function alone, or that of one of its versions and aliases. One that has
/// no statement is none.
fn policy(request: &Request, reply: &Reply) -> Result<Reply, Refusal> {
    let answer = serde_json::from_slice::<Value>(reply.body()).unwrap_or_default();
    let mut policy =
        serde_json::from_str::<Value>(answer["Policy"].as_str().unwrap_or_default()).unwrap_or_default();
    let function = function_of(request);
    // The ARN of a function has six colons of its own.
    let colons = if function.starts_with("arn:") { 6 } else { 0 };
    let is_qualified = query::has(request.uri().query().unwrap_or_default(), "Qualifier")
        || function.matches(':').count() > colons;
    let Some(statements) = policy["Statement"].as_array_mut() else { return Ok(reply.clone()) };
    // An unqualified ARN has seven parts.
    statements.retain(|statement| {
        is_qualified || statement["Resource"].as_str().is_none_or(|arn| arn.split(':').count() == 7)
    });
    if statements.is_empty() {
        let message = "The resource you requested does not exist.";
        return Err(Refusal::new(404, "ResourceNotFoundException", message));
    }
    for statement in statements.iter_mut() {
        let named = statement["Principal"]["AWS"].as_str().filter(|named| is_account(named));
        if let Some(arn) = named.map(|number| format!("arn:aws:iam::{number}:root")) {
            statement["Principal"]["AWS"] = json!(arn);
        }
    }
    Ok(reply::json(200, &json!({ "Policy": policy.to_string(), "RevisionId": answer["RevisionId"] })))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A function that is changed stays active meanwhile: the next change has to wait, and invocations do not.
fn still_active(reply: Reply) -> Reply {
    let Ok(mut answer) = serde_json::from_slice::<Value>(reply.body()) else { return reply };
    let is_nested = answer.get("Configuration").is_some();
    let function = if is_nested { &mut answer["Configuration"] } else { &mut answer };
    if function["StateReasonCode"] != "Updating" {
        return reply;
    }
    function["State"] = json!("Active");
    if let Some(function) = function.as_object_mut() {
        function.remove("StateReason");
        function.remove("StateReasonCode");
    }
    let (mut parts, _) = reply.into_parts();
    parts.headers.remove("content-length");
    Reply::from_parts(parts, Bytes::from(answer.to_string()))
}

/// What ministack says of a function.
async fn described(ask: &Ask<'_>, name: &str) -> Option<Value> {
    let path = format!("/2015-03-31/functions/{}/configuration", query::encode(name));
    let reply = ask.send("lambda", Method::GET, &path, &[], Bytes::new()).await.ok()?;
    reply.status().is_success().then(|| serde_json::from_slice(reply.body()).ok()).flatten()
}

/// The function in the path of a request, as it is named there.
fn function_of(request: &Request) -> String {
    query::percent_decode(request.uri().path().split('/').nth(3).unwrap_or_default())
}

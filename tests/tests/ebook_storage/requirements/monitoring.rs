//! Lines 285 to 288: the function, its topic and its schedule.

use aws_sdk_kms::types::KeyMetadata;
use aws_sdk_lambda::types::{LastUpdateStatus, Runtime, State};
use serde_json::{Value as Json, json};

use super::Expected;
use crate::cloud::{Cloud, statement};

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>, key: &KeyMetadata) {
    assert_function(cloud, expected).await;
    assert_topic(cloud, expected, key).await;
    assert_schedule(cloud, expected).await;
}

async fn assert_function(cloud: &Cloud, expected: &Expected<'_>) {
    let name = expected.function();
    let function = cloud.lambda.get_function_configuration().function_name(&name).send().await.unwrap();
    assert_eq!(function.runtime(), Some(&Runtime::Python311), "lines 68 and 380: Python 3.11");
    let role = expected.role_arn(&expected.monitoring_role());
    assert_eq!(function.role(), Some(role.as_str()), "line 282: the role of {name}");
    let variables = function.environment().unwrap().variables().unwrap();
    assert_eq!(variables["BUCKET"], expected.bucket(), "line 57: what it measures");
    assert_eq!(variables["TOPIC_ARN"], expected.topic(), "line 59: where it reports");
    assert_eq!(function.state(), Some(&State::Active), "line 26: the apply has waited until it runs");
    assert_eq!(function.last_update_status(), Some(&LastUpdateStatus::Successful), "line 26");
    let letters = function.dead_letter_config().and_then(|config| config.target_arn());
    assert_eq!(letters, Some(expected.topic().as_str()), "line 317: runs that fail are told");

    let group = format!("/aws/lambda/{name}");
    let groups = cloud.logs.describe_log_groups().log_group_name_prefix(&group).send().await.unwrap();
    let [found] = groups.log_groups() else {
        panic!("line 318: one log group, not {:?}", groups.log_groups())
    };
    assert_eq!(found.log_group_name(), Some(group.as_str()), "line 318: CloudWatch Logs integration");
    assert!(found.retention_in_days().is_some(), "line 318: logs are kept for a while");
    assert_eq!(function.logging_config().unwrap().log_group(), Some(group.as_str()), "line 318");
}

async fn assert_topic(cloud: &Cloud, expected: &Expected<'_>, key: &KeyMetadata) {
    let answer = cloud.sns.get_topic_attributes().topic_arn(expected.topic()).send().await;
    let answer = answer.expect("line 286: the topic");
    let attributes = answer.attributes().unwrap();
    assert_eq!(attributes.get("KmsMasterKeyId").map(String::as_str), key.arn(), "line 36: at rest");
    let policy: Json = serde_json::from_str(&attributes["Policy"]).unwrap();
    let publish = statement(&policy["Statement"], "Publish");
    let role = json!({ "AWS": expected.role_arn(&expected.monitoring_role()) });
    assert_eq!(publish["Principal"], role, "line 309: the function publishes");
    let tls = statement(&policy["Statement"], "TlsOnly");
    assert_eq!(tls["Effect"], "Deny", "line 36: in transit");
    assert_eq!(
        tls["Condition"],
        json!({ "Bool": { "aws:SecureTransport": "false" } }),
        "line 36: in transit"
    );
}

async fn assert_schedule(cloud: &Cloud, expected: &Expected<'_>) {
    let name = expected.rule();
    let rule = cloud.events.describe_rule().name(&name).send().await.expect("line 287: the rule");
    assert_eq!(rule.schedule_expression(), Some("rate(1 day)"), "lines 28 and 371: daily");
    assert_eq!(rule.state().unwrap().as_str(), "ENABLED", "line 28");
    let targets = cloud.events.list_targets_by_rule().rule(&name).send().await.unwrap();
    let arns: Vec<&str> = targets.targets().iter().map(|target| target.arn()).collect();
    let function = expected.arn("lambda", &format!("function:{}", expected.function()));
    assert_eq!(arns, [function.as_str()], "line 58: the rule triggers the function");

    let policy = cloud.lambda.get_policy().function_name(expected.function()).send().await.unwrap();
    let policy: Json = serde_json::from_str(policy.policy().unwrap()).unwrap();
    let [permission] = policy["Statement"].as_array().unwrap().as_slice() else {
        panic!("line 288: one permission, not {policy}")
    };
    assert_eq!(permission["Principal"], json!({ "Service": "events.amazonaws.com" }), "line 288");
    assert_eq!(permission["Action"], "lambda:InvokeFunction", "line 288");
    let rule = expected.arn("events", &format!("rule/{name}"));
    assert_eq!(permission["Condition"]["ArnLike"]["AWS:SourceArn"], rule, "line 288: for this rule alone");
}

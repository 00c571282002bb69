//! What of a subscription fits together: each protocol has endpoints of its form, and settings of its own.

use provision_engine::schema::Problem;
use provision_engine::value::Value;

use crate::given::Given;

/// A setting, and the protocols that have it.
const SETTINGS: [(&str, &[&str]); 4] = [
    ("raw_message_delivery", &["sqs", "http", "https", "firehose"]),
    ("delivery_policy", &["http", "https"]),
    ("endpoint_auto_confirms", &["http", "https"]),
    ("subscription_role_arn", &["firehose"]),
];

/// What does not fit together.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let given = Given(configuration);
    let mut problems = Vec::new();
    if let Some(protocol) = configuration.get("protocol").as_str() {
        if let Some(endpoint) = configuration.get("endpoint").as_str()
            && let Err(expected) = fits(protocol, endpoint)
        {
            problems.push(Problem::new("endpoint", format!("the endpoint of `{protocol}` is {expected}")));
        }
        for (setting, protocols) in SETTINGS {
            if given.has(setting) && !protocols.contains(&protocol) {
                let message = format!("a subscription of `{protocol}` has no `{setting}`");
                problems.push(
                    Problem::new(setting, message)
                        .with_hint(format!("remove it: it is for {}", protocols.join(", "))),
                );
            }
        }
        if protocol == "firehose" && given.lacks("subscription_role_arn") {
            problems.push(
                Problem::new("subscription_role_arn", "SNS needs a role to write to a delivery stream")
                    .with_hint("add `subscription_role_arn`: a role that sns.amazonaws.com can assume"),
            );
        }
    }
    if given.has("filter_policy_scope") && given.lacks("filter_policy") {
        problems.push(
            Problem::new("filter_policy_scope", "there is no filter to have a scope")
                .with_hint("add `filter_policy`, or remove it"),
        );
    }
    problems
}

/// Whether an endpoint has the form of its protocol; what it should be, if not.
fn fits(protocol: &str, endpoint: &str) -> Result<(), &'static str> {
    let is_arn_of = |service: &str| endpoint.split(':').nth(2) == Some(service);
    let (is_fit, expected) = match protocol {
        "http" => (endpoint.starts_with("http://"), "a URL that begins with http://"),
        "https" => (endpoint.starts_with("https://"), "a URL that begins with https://"),
        "email" | "email-json" => (endpoint.contains('@'), "a mail address"),
        "sms" => (
            endpoint.strip_prefix('+').unwrap_or(endpoint).bytes().all(|byte| byte.is_ascii_digit()),
            "a phone number in the form +14155550123",
        ),
        "sqs" => (is_arn_of("sqs"), "the ARN of a queue"),
        "lambda" => (is_arn_of("lambda"), "the ARN of a function"),
        "firehose" => (is_arn_of("firehose"), "the ARN of a delivery stream"),
        "application" => (is_arn_of("sns"), "the ARN of a platform endpoint"),
        _ => (true, ""),
    };
    if is_fit { Ok(()) } else { Err(expected) }
}

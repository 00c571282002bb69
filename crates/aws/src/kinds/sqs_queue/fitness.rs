//! What of a queue fits together.

use provision_engine::schema::Problem;
use provision_engine::value::Value;

use crate::given::Given;
use crate::{iam, names};

/// Characters that the policy of a queue can have.
const POLICY_LIMIT: usize = 8192;
/// What only a FIFO queue has.
const FIFO_ONLY: [&str; 3] = ["content_based_deduplication", "deduplication_scope", "fifo_throughput_limit"];

/// What does not fit together.
pub(super) fn problems(configuration: &Value) -> Vec<Problem> {
    let given = Given(configuration);
    let mut problems = names::exclusive(configuration, "name", "name_prefix");
    problems.extend(names::fifo(configuration, "fifo_queue"));
    if given.lacks("fifo_queue") {
        problems.extend(FIFO_ONLY.iter().filter(|name| given.has(name)).map(|name| {
            Problem::new(*name, format!("only a FIFO queue has `{name}`"))
                .with_hint("add `fifo_queue = true`, or remove it")
        }));
    }
    let scope = configuration.get("deduplication_scope");
    if configuration.get("fifo_throughput_limit").as_str() == Some("perMessageGroupId")
        && !scope.is_unknown()
        && scope.as_str() != Some("messageGroup")
    {
        problems.push(
            Problem::new(
                "fifo_throughput_limit",
                "throughput by message group needs deduplication by message group",
            )
            .with_hint("add `deduplication_scope = \"messageGroup\"`"),
        );
    }
    if given.has("kms_master_key_id") && given.has("sqs_managed_sse_enabled") {
        problems.push(
            Problem::new(
                "sqs_managed_sse_enabled",
                "a queue is encrypted by SQS or with a KMS key, and not by both",
            )
            .with_hint("keep one of `sqs_managed_sse_enabled` and `kms_master_key_id`"),
        );
    }
    problems.extend(iam::policy_problems(configuration.get("policy"), "policy", POLICY_LIMIT));
    problems.extend(redrive(configuration.get("redrive_policy")));
    problems
}

/// What is wrong with where messages go that were received too often, as far as it is known.
fn redrive(policy: &Value) -> Option<Problem> {
    if policy.is_null() || policy.is_unknown() {
        return None;
    }
    let target = policy.get("deadLetterTargetArn");
    let count = policy.get("maxReceiveCount");
    let number = count.as_i64().or_else(|| count.as_str().and_then(|text| text.parse().ok()));
    let is_wrong = target.is_null()
        || !(count.is_unknown() || number.is_some_and(|number| (1..=1000).contains(&number)));
    is_wrong.then(|| {
        Problem::new("redrive_policy", "a redrive policy says where messages go, and after how many receives")
            .with_hint(
                "write `{ deadLetterTargetArn = \"…\", maxReceiveCount = 5 }`, with a count from 1 to 1000",
            )
    })
}

//! An environment of a bucket, a queue that it tells of new objects, and an alarm on that.

use provision_tests::{Output, World};

pub(crate) const ENVIRONMENT: &str = "envs/uploads.toml";

pub(crate) const TEXT: &str = r#"[env]
name = "dev"
project = "story"
region = "us-east-1"

[variable.days]
type = "number"
default = 30

[resource.aws_s3_bucket.uploads]
bucket = "PROJECT-uploads"
tags = { team = "video" }

[resource.aws_sqs_queue.uploads]
name = "PROJECT-uploads"
message_retention_seconds = 86400

[resource.aws_cloudwatch_metric_alarm.backlog]
alarm_name = "PROJECT-backlog"
comparison_operator = "GreaterThanThreshold"
evaluation_periods = 1
metric_name = "ApproximateNumberOfMessagesVisible"
namespace = "AWS/SQS"
period = 300
statistic = "Maximum"
threshold = 100
dimensions = { QueueName = "${aws_sqs_queue.uploads.name}" }

[resource.aws_cloudwatch_log_group.encoder]
name = "/PROJECT/encoder"
retention_in_days = "${var.days}"

[output.bucket]
value = "${aws_s3_bucket.uploads.id}"
"#;

/// A world with that environment in it.
pub(crate) fn world() -> World {
    let world = World::new();
    write(&world, TEXT);
    world
}

/// Writes the environment anew.
pub(crate) fn write(world: &World, text: &str) {
    world.write(ENVIRONMENT, &text.replace("PROJECT", world.project()));
}

/// A world in which it has been applied.
pub(crate) fn applied() -> World {
    let world = world();
    apply(&world, &[]);
    world
}

/// Applies it.
pub(crate) fn apply(world: &World, arguments: &[&str]) -> Output {
    world.succeed(&[&["apply", ENVIRONMENT, "--auto-approve"], arguments].concat())
}

/// The operations that change something and that a piece of work has called.
pub(crate) fn changes(world: &World, work: impl FnOnce()) -> Vec<String> {
    let calls = || world.wait(world.control().calls()).unwrap();
    let before = calls().len();
    work();
    calls().into_iter().skip(before).filter(|call| call.mutating).map(|call| call.operation).collect()
}

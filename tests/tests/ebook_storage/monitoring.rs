//! The function: its own logic in Python, and that it runs, reports and raises the alarm on the local AWS.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sqs::types::QueueAttributeName;
use provision_tests::World;
use serde_json::{Value as Json, json};

use crate::cloud::Cloud;

const DEV: &str = "envs/ebook-storage/dev.toml";
const FUNCTION: &str = "eBook-StorageMonitoring-dev";
/// How long something may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Uploads an e-book of that size.
pub(crate) async fn upload(cloud: &Cloud, bucket: &str, key: &str, size: usize) {
    let put = cloud.s3.put_object().bucket(bucket).key(key).body(vec![b'x'; size].into());
    put.send().await.unwrap();
}

/// Runs the function, and gives its report.
pub(crate) async fn invoke(cloud: &Cloud) -> Json {
    let begin = Instant::now();
    loop {
        let answer =
            cloud.lambda.invoke().function_name(FUNCTION).payload(b"{}".to_vec().into()).send().await;
        let answer = answer.unwrap();
        let payload: Json = serde_json::from_slice(&answer.payload.unwrap().into_inner()).unwrap();
        // ministack ends the runs of a function that is changed, in whatever account that is.
        let was_ended =
            payload["errorMessage"].as_str().is_some_and(|message| message.contains("Worker process"));
        if !was_ended || begin.elapsed() > PATIENCE {
            return payload;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// A queue that hears what the topic says, by its URL.
async fn listen(world: &World, cloud: &Cloud) -> String {
    let queue = cloud.sqs.create_queue().queue_name("listener").send().await.unwrap().queue_url.unwrap();
    let attributes = cloud.sqs.get_queue_attributes().queue_url(&queue);
    let attributes = attributes.attribute_names(QueueAttributeName::QueueArn).send().await.unwrap();
    let arn = attributes.attributes().unwrap()[&QueueAttributeName::QueueArn].clone();
    let topic = format!("arn:aws:sns:us-east-1:{}:eBook-Alerts-dev", world.account());
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": { "ArnEquals": { "aws:SourceArn": topic } },
        }],
    });
    let set = cloud.sqs.set_queue_attributes().queue_url(&queue);
    set.attributes(QueueAttributeName::Policy, policy.to_string()).send().await.unwrap();
    cloud.sns.subscribe().topic_arn(topic).protocol("sqs").endpoint(arn).send().await.unwrap();
    queue
}

/// The next `count` messages on a queue, by their subjects, each with what it says.
async fn heard(cloud: &Cloud, queue: &str, count: usize) -> Vec<(String, Json)> {
    let begin = Instant::now();
    let mut heard = Vec::new();
    while heard.len() < count {
        assert!(begin.elapsed() < PATIENCE, "{count} messages come, and not only {heard:?}");
        let receive =
            cloud.sqs.receive_message().queue_url(queue).max_number_of_messages(10).wait_time_seconds(1);
        for message in receive.send().await.unwrap().messages() {
            let notification: Json = serde_json::from_str(message.body().unwrap()).unwrap();
            let text = |name: &str| notification[name].as_str().unwrap_or_default().to_owned();
            heard.push((text("Subject"), serde_json::from_str(&text("Message")).unwrap_or(Json::Null)));
            let delete = cloud.sqs.delete_message().queue_url(queue);
            delete.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
        }
    }
    heard.sort_by(|one, other| one.0.cmp(&other.0));
    heard
}

#[test]
fn the_function_does_what_its_own_tests_say() {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../modules/ebook-storage");
    let arguments = ["-B", "-m", "unittest", "discover", "--start-directory", "tests"];
    let tested = Command::new("python3").args(arguments).current_dir(module).output().expect("python3 runs");
    let said = String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success(), "{said}");
    assert!(!said.contains("Ran 0 tests"), "{said}");
}

#[test]
fn reports_reach_those_who_listen() {
    let world = World::new();
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let cloud = Cloud::of(&world);
    let bucket = format!("{}-storage-dev", world.project());
    world.wait(async {
        let queue = listen(&world, &cloud).await;
        upload(&cloud, &bucket, "a.epub", 1000).await;
        upload(&cloud, &bucket, "a.epub", 500).await;
        upload(&cloud, &bucket, "b.pdf", 20).await;
        let report = invoke(&cloud).await;
        let usage = &report["usage"];
        assert_eq!((&usage["objects"], &usage["bytes"]), (&json!(2), &json!(520)), "line 57: {report}");
        let previous = (&usage["previous_versions"], &usage["previous_bytes"]);
        assert_eq!(previous, (&json!(1), &json!(1000)), "line 57: {report}");
        assert_eq!(usage["uploads_of_a_day"], 3, "line 57: {report}");
        assert_eq!(report["alarms"], json!([]), "{report}");
        let [(subject, message)] = heard(&cloud, &queue, 1).await.try_into().unwrap();
        assert_eq!(subject, format!("Storage report: {bucket}"), "line 27: reports via SNS");
        assert_eq!(message, report, "line 27: reports via SNS");

        assert!(logs_say(&cloud, "measured_at").await, "line 318: CloudWatch Logs integration");
    });
}

/// Whether the function's logs say that, if only after a while.
async fn logs_say(cloud: &Cloud, words: &str) -> bool {
    for _ in 0..100 {
        let logs = cloud.logs.filter_log_events().log_group_name(format!("/aws/lambda/{FUNCTION}"));
        let logs = logs.send().await.unwrap();
        if logs.events().iter().any(|event| event.message().unwrap_or_default().contains(words)) {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    false
}

#[test]
fn what_is_too_much_raises_the_alarm() {
    let world = World::new();
    world.edit(DEV, "max_objects = 10000", "max_objects = 1");
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let cloud = Cloud::of(&world);
    let bucket = format!("{}-storage-dev", world.project());
    world.wait(async {
        let queue = listen(&world, &cloud).await;
        upload(&cloud, &bucket, "a.epub", 1).await;
        upload(&cloud, &bucket, "b.epub", 1).await;
        // As the rule does it: nobody waits for the answer.
        let invoke = cloud.lambda.invoke().function_name(FUNCTION).invocation_type(InvocationType::Event);
        invoke.payload(b"{}".to_vec().into()).send().await.unwrap();
        let heard = heard(&cloud, &queue, 2).await;
        let subjects: Vec<&str> = heard.iter().map(|(subject, _)| subject.as_str()).collect();
        let expected = [format!("Storage ALARM: {bucket}"), format!("Storage report: {bucket}")];
        assert_eq!(subjects, expected, "lines 27 and 317: alerts via SNS");
        let alarms = &heard[0].1["alarms"];
        assert_eq!(*alarms, json!(["there are 2 e-books, and the limit is 1"]), "line 317: anomalies");
    });
}

#[test]
fn a_run_that_fails_is_told_to_those_who_wait_for_its_report() {
    let world = World::new();
    let source = "modules/ebook-storage/function/monitoring.py";
    world.edit(source, "    import boto3\n", "    raise RuntimeError(\"no report today\")\n");
    world.succeed(&["apply", DEV, "--auto-approve"]);
    let cloud = Cloud::of(&world);
    world.wait(async {
        let queue = listen(&world, &cloud).await;
        let invoke = cloud.lambda.invoke().function_name(FUNCTION).invocation_type(InvocationType::Event);
        invoke.payload(b"{}".to_vec().into()).send().await.unwrap();
        let [(subject, letter)] = heard(&cloud, &queue, 1).await.try_into().unwrap();
        assert!(
            !subject.starts_with("Storage") && letter["usage"].is_null(),
            "line 317: {subject}: {letter}"
        );
    });
}

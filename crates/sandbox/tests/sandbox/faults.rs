//! Misbehaviour on request.

use std::time::{Duration, Instant};

use provision_sandbox::{Effect, Fault};
use serde_json::json;

use crate::aws::Aws;

fn bucket(aws: &Aws) -> String {
    format!("/faulty-{}", aws.account)
}

#[tokio::test]
async fn each_service_is_throttled_in_its_own_words() {
    let aws = Aws::new();
    aws.control.inject(&Fault::new(Effect::Throttle)).await.unwrap();
    aws.rest("s3", "PUT", &bucket(&aws), "").await.refused(503, "SlowDown");
    aws.form("iam", "Action=ListRoles").await.refused(400, "Throttling");
    aws.rest("cloudfront", "GET", "/2020-05-31/distribution", "").await.refused(400, "Throttling");
    aws.json("kms", "TrentService.ListKeys", &json!({})).await.refused(400, "ThrottlingException");
    aws.rest("mediaconvert", "GET", "/2017-08-29/queues", "").await.refused(429, "TooManyRequestsException");
    aws.control.clear_faults().await.unwrap();
    aws.rest("s3", "PUT", &bucket(&aws), "").await.done();
}

#[tokio::test]
async fn a_service_lets_so_many_calls_a_second_pass_and_refuses_the_others() {
    let aws = Aws::new();
    aws.control.inject(&Fault::new(Effect::RateLimit(2))).await.unwrap();
    aws.control.inject(&Fault::new(Effect::Delay(1))).await.unwrap();
    let start = Instant::now();
    let (mut passed, mut refused) = (0, 0);
    while passed < 5 {
        let answer = aws.send("s3", "GET", "/", &[], "").await.unwrap();
        match answer.status {
            200 => passed += 1,
            503 => refused += 1,
            other => panic!("{other} is none of its answers"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Two at once, and the other three take half a second each.
    assert!(start.elapsed() >= Duration::from_millis(1500) && refused > 0);
    aws.form("iam", "Action=ListRoles").await.done();
    let calls = aws.control.calls().await.unwrap();
    assert_eq!(calls.iter().filter(|call| call.status == Some(503)).count(), refused);
}

#[tokio::test]
async fn the_nth_call_fails_or_is_late() {
    let aws = Aws::new();
    let denied = Effect::Error { status: 403, code: "AccessDenied".into(), message: "no".into() };
    let fault = Fault {
        service: Some("s3".into()),
        mutating_only: true,
        skip: 1,
        times: Some(1),
        ..Fault::new(denied)
    };
    aws.control.inject(&fault).await.unwrap();
    let path = bucket(&aws);
    aws.rest("s3", "PUT", &path, "").await.done();
    aws.rest("s3", "GET", &format!("{path}?location"), "").await.done();
    aws.rest("s3", "PUT", &format!("{path}/key"), "").await.refused(403, "AccessDenied");
    aws.rest("s3", "PUT", &format!("{path}/key"), "").await.done();

    let late = Fault { operation: Some("HeadBucket".into()), ..Fault::new(Effect::Delay(150)) };
    aws.control.inject(&late).await.unwrap();
    let start = Instant::now();
    aws.rest("s3", "HEAD", &path, "").await.done();
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_reply_is_lost_after_the_call_took_effect() {
    let aws = Aws::new();
    aws.control.inject(&Fault { times: Some(1), ..Fault::new(Effect::LoseReply) }).await.unwrap();
    assert!(aws.send("s3", "PUT", &bucket(&aws), &[], "").await.is_none());
    assert_eq!(aws.existing().await.len(), 1);
    assert_eq!(aws.control.calls().await.unwrap()[0].status, Some(200));
}

#[tokio::test]
async fn a_call_fails_though_it_took_effect_and_one_is_cut_before() {
    let aws = Aws::new();
    let failed = Effect::ErrorAfter { status: 500, code: "InternalError".into(), message: "oh".into() };
    aws.control.inject(&Fault { times: Some(1), ..Fault::new(failed) }).await.unwrap();
    aws.rest("s3", "PUT", &bucket(&aws), "").await.refused(500, "InternalError");
    assert_eq!(aws.existing().await.len(), 1);
    assert_eq!(aws.control.calls().await.unwrap()[0].status, Some(200), "it took effect");
    aws.control.inject(&Fault { times: Some(1), ..Fault::new(Effect::Cut) }).await.unwrap();
    assert!(aws.send("s3", "DELETE", &bucket(&aws), &[], "").await.is_none());
    assert_eq!(aws.existing().await.len(), 1);
}

#[tokio::test]
async fn calls_are_hit_at_random_and_the_same_ones_for_the_same_seed() {
    let outcomes = async |seed| {
        let aws = Aws::new();
        aws.control.inject(&Fault::new(Effect::Random { percent: 40, seed })).await.unwrap();
        let mut outcomes = Vec::new();
        for _ in 0..50 {
            let answer = aws.send("s3", "GET", "/", &[], "").await;
            outcomes.push(answer.map(|answer| answer.status));
        }
        outcomes
    };
    let first = outcomes(1).await;
    assert_eq!(first, outcomes(1).await);
    assert_ne!(first, outcomes(2).await);
    for outcome in [None, Some(200), Some(500), Some(503)] {
        assert!(first.contains(&outcome), "{outcome:?} in {first:?}");
    }
}

#[tokio::test]
async fn a_call_is_held_before_or_after_it_took_effect() {
    for (effect, takes_effect) in [(Effect::Hold, true), (Effect::HoldBefore, false)] {
        let aws = Aws::new();
        aws.control
            .inject(&Fault { operation: Some("CreateBucket".into()), ..Fault::new(effect) })
            .await
            .unwrap();
        assert_eq!(aws.control.held().await.unwrap(), 0);
        let path = bucket(&aws);
        let watching = async {
            aws.control.wait_until_held(Duration::from_secs(10)).await.unwrap();
            let existing = aws.existing().await.len();
            aws.control.clear_faults().await.unwrap();
            existing
        };
        let (answer, existing) = tokio::join!(aws.send("s3", "PUT", &path, &[], ""), watching);
        assert_eq!((answer.is_some(), existing == 1), (takes_effect, takes_effect));
        assert_eq!(aws.existing().await.len(), usize::from(takes_effect));
        assert_eq!(aws.control.held().await.unwrap(), 0);
    }
    let aws = Aws::new();
    assert!(aws.control.wait_until_held(Duration::from_millis(50)).await.is_err());
}

#[tokio::test]
async fn the_log_says_when_each_call_began_and_ended_and_of_which_invocation_it_is() {
    let aws = Aws::new();
    let late = Fault { operation: Some("CreateBucket".into()), ..Fault::new(Effect::Delay(150)) };
    aws.control.inject(&late).await.unwrap();
    let begin = Instant::now();
    let invocation = [("amz-sdk-invocation-id", "6f0cb2a5-0d0b-4a53-b0a4-6bb6f3a6a1d9")];
    aws.send("s3", "PUT", &bucket(&aws), &invocation, "").await.unwrap();
    aws.rest("s3", "GET", "/", "").await.done();
    let within = u64::try_from(begin.elapsed().as_millis()).unwrap() + 1;
    let calls = aws.control.calls().await.unwrap();
    let took: Vec<u64> = calls.iter().map(|call| call.ended_ms.unwrap() - call.began_ms).collect();
    assert!(took[0] >= 150, "the delay is within: {took:?}");
    assert!(calls[1].began_ms >= calls[0].ended_ms.unwrap(), "one came after the other: {calls:?}");
    assert!(calls[1].ended_ms.unwrap() - calls[0].began_ms <= within, "{calls:?} within {within} ms");
    assert_eq!(calls[0].invocation_id.as_deref(), Some(invocation[0].1));
    assert_eq!(calls[1].invocation_id, None, "this one sent none");

    aws.control.inject(&Fault { times: Some(1), ..Fault::new(Effect::Hold) }).await.unwrap();
    let path = bucket(&aws);
    let held = aws.send("s3", "GET", &path, &[], "");
    let watching = async {
        aws.control.wait_until_held(Duration::from_secs(10)).await.unwrap();
        let last = aws.control.calls().await.unwrap().pop().unwrap();
        aws.control.clear_faults().await.unwrap();
        last
    };
    let (_, under_way) = tokio::join!(held, watching);
    assert_eq!(under_way.ended_ms, None, "it is under way while it is held");
    assert!(aws.control.calls().await.unwrap().pop().unwrap().ended_ms.is_some());
}

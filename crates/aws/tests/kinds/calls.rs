//! What is told of calls to whoever observes them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use provision_aws::{Aws, CallOutcome, FinishedCall, account_id};
use provision_engine::address::Address;
use provision_engine::kind::Registry;
use provision_engine::value::Value;
use provision_engine::{behalf, diff};
use provision_sandbox::{Effect, Fault};
use serde_json::json;

use crate::lab::Lab;

/// Clients in the account of a lab, and the calls that they have made.
fn observed(lab: &Lab) -> (Arc<Aws>, Registry, Arc<Mutex<Vec<FinishedCall>>>) {
    let aws = Arc::new(Aws::with_config(lab.sdk.clone()));
    let calls: Arc<Mutex<Vec<FinishedCall>>> = Arc::default();
    let told = calls.clone();
    aws.observe(move |call| told.lock().unwrap().push(call));
    let registry = provision_aws::registry(&aws);
    (aws, registry, calls)
}

fn fault(operation: &str, effect: Effect) -> Fault {
    Fault { operation: Some(operation.to_owned()), ..Fault::new(effect) }
}

#[tokio::test]
async fn a_call_is_told_of_with_the_resource_that_it_is_made_for() {
    let lab = Lab::new().await;
    let (aws, registry, calls) = observed(&lab);
    account_id(&aws).await.unwrap();
    let bucket = registry.kind("aws_s3_bucket").unwrap();
    let address = Address::from("module.a.aws_s3_bucket.logs");
    lab.inject(fault("HeadBucket", Effect::Delay(120)));
    let name = "nobodys-bucket-a8f1";
    let (configuration, _) = bucket.schema().check(&Value::from_json(json!({ "bucket": name })));
    let prior = diff::create(bucket.schema(), &configuration);
    let read = behalf::of(&address, bucket.read(Some("eu-west-1"), name, &prior)).await.unwrap();
    assert_eq!(read, None);
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    let first = &calls[0];
    assert_eq!((first.service.as_str(), first.operation.as_str()), ("STS", "GetCallerIdentity"));
    assert_eq!((first.address.as_ref(), first.region.as_deref()), (None, Some("us-east-1")));
    let head = calls.iter().find(|call| call.operation == "HeadBucket").unwrap();
    assert_eq!((head.address.as_ref(), head.region.as_deref()), (Some(&address), Some("eu-west-1")));
    assert_eq!((head.outcome, head.attempts, head.throttled), (CallOutcome::Answered(404), 1, 0));
    assert!(head.ended - head.began >= Duration::from_millis(120));
    let of_bucket = calls.iter().filter(|call| call.address.is_some()).count();
    assert_eq!(of_bucket, calls.len() - 1, "whatever is read along with it, too: {calls:?}");
    let seen = lab.control().calls().await.unwrap();
    for call in &calls {
        let is_seen = |id: &str| seen.iter().any(|seen| seen.invocation_id.as_deref() == Some(id));
        assert!(is_seen(&call.invocation_id), "{call:?}");
    }
}

#[tokio::test]
async fn a_call_that_has_no_answer_is_told_of_too() {
    let lab = Lab::new().await;
    let (aws, registry, calls) = observed(&lab);
    lab.inject(fault("GetCallerIdentity", Effect::Cut));
    account_id(&aws).await.unwrap_err();
    let cut = calls.lock().unwrap().pop().unwrap();
    assert_eq!((cut.outcome, cut.attempts), (CallOutcome::Unanswered, 3));

    lab.inject(Fault { service: Some("kms".to_owned()), ..Fault::new(Effect::Hold) });
    let aliases = registry.data("aws_kms_alias").unwrap();
    let configuration = Value::from_json(json!({ "name": "alias/none" }));
    let read = aliases.read(None, &configuration);
    assert!(tokio::time::timeout(Duration::from_millis(300), read).await.is_err(), "it is held");
    lab.control().clear_faults().await.unwrap();
    let held = calls.lock().unwrap().pop().unwrap();
    assert_eq!((held.service.as_str(), held.outcome), ("KMS", CallOutcome::GivenUp));
    assert!(calls.lock().unwrap().is_empty(), "each is told of once");
}

#[tokio::test]
async fn who_calls_is_asked_once() {
    let lab = Lab::new().await;
    let (aws, registry, calls) = observed(&lab);
    lab.inject(Fault { times: Some(3), ..fault("GetCallerIdentity", Effect::Cut) });
    account_id(&aws).await.unwrap_err();
    let account = account_id(&aws).await.unwrap();
    let caller = registry.data("aws_caller_identity").unwrap();
    let answer = caller.read(None, &Value::from_json(json!({}))).await.unwrap();
    assert_eq!(answer.get("account_id").as_str(), Some(account.as_str()));
    let outcomes: Vec<_> = calls.lock().unwrap().iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, [CallOutcome::Unanswered, CallOutcome::Answered(200)], "a failure is not kept");
}

//! Every kind survives that it does not hear of what it has done: whichever change of its life takes effect
//! without an answer, or with an error for one, it is made once, changed as it should be, and gone in the end.

mod lives;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

use futures::{FutureExt, StreamExt};
use provision_engine::kind::KindError;
use provision_sandbox::{Call, Effect, Fault};
use serde_json::{Value as Json, json};

use crate::cloudfront::{create_fails, lose_reply};
use crate::lab::Lab;
use lives::{Life, lives};

#[tokio::test(flavor = "multi_thread")]
async fn of_any_change() {
    survives(|| Effect::LoseReply, usize::MAX).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_create_that_seems_to_have_failed() {
    let failed = || Effect::ErrorAfter {
        status: 500,
        code: "InternalFailure".to_owned(),
        message: "We encountered an internal error. Please try again.".to_owned(),
    };
    survives(failed, 1).await;
}

#[tokio::test]
async fn is_asked_of_every_kind() {
    // A wait changes nothing at AWS.
    let told = lives().into_iter().map(|life| life.kind).chain(["aws_acm_certificate_validation"]);
    assert_eq!(Lab::new().await.kinds(), told.collect(), "there is a life of each kind");
}

fn denied() -> Fault {
    let denied = Effect::Error { status: 403, code: "AccessDenied".to_owned(), message: "no".to_owned() };
    Fault { operation: Some("CreateRole".to_owned()), ..Fault::new(denied) }
}

async fn role_fails(lab: &Lab) -> KindError {
    let trust = json!({ "Version": "2012-10-17", "Statement": [] });
    create_fails(lab, "aws_iam_role", json!({ "name": "role", "assume_role_policy": trust })).await
}

#[tokio::test]
async fn leaves_open_what_was_done_though_the_repetition_is_refused() {
    let lab = Lab::new().await;
    lose_reply(&lab, "CreateRole");
    lab.inject(Fault { skip: 1, ..denied() });
    let failed = role_fails(&lab).await;
    assert!(failed.is(&["AccessDenied"]) && !failed.is_refusal(), "{failed:?}");
    assert_eq!(lab.control().resources().await.unwrap().len(), 1, "the role is there");
}

#[tokio::test]
async fn is_told_from_a_plain_refusal_and_from_what_was_never_sent() {
    let lab = Lab::new().await;
    lab.inject(denied());
    let refused = role_fails(&lab).await;
    assert!(refused.is(&["AccessDenied"]) && refused.is_refusal(), "{refused:?}");
    // The role of that name may be someone else's: that it cannot be looked for must not make it ours.
    lab.inject(Fault { operation: Some("GetRole".to_owned()), ..Fault::new(Effect::LoseReply) });
    let unsent = role_fails(&lab).await;
    assert!(unsent.code.is_none() && unsent.is_refusal(), "{unsent:?}");
}

/// Lives every life once undisturbed, and then once for each of its first `number` changes, which is hit.
async fn survives(effect: fn() -> Effect, number: usize) {
    const AT_A_TIME: usize = 6;
    let undisturbed = futures::stream::iter(lives()).map(async |life| {
        let lab = Lab::new().await;
        let inventory = live(&lab, &life, None).await;
        let changes: Vec<Call> = changes(&lab).await.into_iter().skip(inventory.changes_before).collect();
        assert!(!changes.is_empty(), "{} changes something", life.kind);
        (life, inventory.made, changes)
    });
    let undisturbed: Vec<_> = undisturbed.buffer_unordered(AT_A_TIME).collect().await;
    let stories = undisturbed.iter().flat_map(|(life, made, changes)| {
        changes.iter().enumerate().take(number).map(move |(number, call)| (life, made, number, call))
    });
    let failures: Vec<String> = futures::stream::iter(stories)
        .map(async |(life, made, number, call)| {
            let lab = Lab::new().await;
            let fault = Fault {
                mutating_only: true,
                skip: u32::try_from(number).unwrap(),
                times: Some(1),
                ..Fault::new(effect())
            };
            let story = async {
                let inventory = live(&lab, life, Some(fault)).await;
                assert_eq!(inventory.made, *made, "what is created exists once");
                let calls = changes(&lab).await.len();
                assert!(calls > inventory.changes_before + number, "a change was hit");
            };
            let outcome = AssertUnwindSafe(story).catch_unwind().await;
            outcome.err().map(|_| format!("{}: {} (change {number})", life.kind, call.operation))
        })
        .buffer_unordered(AT_A_TIME)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    assert_eq!(failures, [""; 0], "these do not survive it (see above)");
}

/// How many there are of what, by service and kind.
type Counts = BTreeMap<(String, String), usize>;

struct Inventory {
    /// What there is once it is created.
    made: Counts,
    /// How many changes had been made before the life began.
    changes_before: usize,
}

/// Lives a life: what it needs is there first, and stays.
async fn live(lab: &Lab, life: &Life, fault: Option<Fault>) -> Inventory {
    let mut needed = Vec::new();
    for (kind, configuration) in &life.needs {
        let mut resource = lab.resource(kind);
        resource.create(filled(configuration, lab, &needed)).await;
        needed.push((resource.id.clone(), resource.attributes.to_json()));
    }
    let (before, changes_before) = (counts(lab).await, changes(lab).await.len());
    if let Some(fault) = fault {
        lab.inject(fault);
    }
    let mut resource = lab.resource(life.kind);
    let (first, others) = life.configurations.split_first().unwrap();
    resource.create(filled(first, lab, &needed)).await;
    let made = counts(lab).await;
    for configuration in others {
        resource.update(filled(configuration, lab, &needed)).await;
    }
    assert_eq!(counts(lab).await, made, "changing it makes nothing");
    if life.is_deleted {
        resource.delete().await;
        assert_eq!(counts(lab).await, before, "nothing is left of it");
    }
    Inventory { made, changes_before }
}

async fn counts(lab: &Lab) -> Counts {
    let mut counts = Counts::new();
    for resource in lab.control().resources().await.unwrap() {
        *counts.entry((resource.service, resource.kind)).or_default() += 1;
    }
    counts
}

async fn changes(lab: &Lab) -> Vec<Call> {
    lab.control().calls().await.unwrap().into_iter().filter(|call| call.mutating).collect()
}

/// The configuration with `$account`, and with `$0` and `$0.arn` for the id and an attribute of what it needs.
fn filled(configuration: &Json, lab: &Lab, needed: &[(String, Json)]) -> Json {
    let mut text = configuration.to_string().replace("$account", lab.account());
    for (index, (id, attributes)) in needed.iter().enumerate() {
        for (name, attribute) in attributes.as_object().unwrap() {
            if let Some(attribute) = attribute.as_str() {
                let attribute = Json::from(attribute).to_string();
                text = text.replace(&format!("${index}.{name}"), attribute.trim_matches('"'));
            }
        }
        text = text.replace(&format!("${index}"), id);
    }
    serde_json::from_str(&text).unwrap()
}

//! `aws_media_convert_queue`.

use aws_sdk_mediaconvert::Client;
use aws_sdk_mediaconvert::types::QueueStatus;
use provision_sandbox::{Effect, Fault};
use serde_json::json;

use crate::lab::Lab;

const KIND: &str = "aws_media_convert_queue";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = Client::new(&lab.sdk);
    lab.inject(Fault {
        operation: Some("CreateQueue".to_owned()),
        times: Some(1),
        ..Fault::new(Effect::LoseReply)
    });
    let mut queue = lab.resource(KIND);
    let created = queue
        .create(json!({ "name": "books", "description": "audio books", "concurrent_jobs": 5, "tags": { "team": "video" } }))
        .await;
    assert!(created.get("arn").as_str().unwrap().ends_with(":queues/books"));
    assert_eq!(queue.id, "books");

    queue
        .update(json!({
            "name": "books",
            "description": "all books",
            "concurrent_jobs": 7,
            "status": "PAUSED",
            "tags": { "team": "audio", "cost": "1" },
        }))
        .await;
    let bare = json!({ "name": "books" });
    queue.update(bare.clone()).await;
    assert_eq!(queue.attributes.get("concurrent_jobs").as_i64(), Some(7), "AWS keeps it");
    queue.replaces(
        json!({
            "name": "other",
            "pricing_plan": "RESERVED",
            "reservation_plan_settings": { "commitment": "ONE_YEAR", "renewal_type": "EXPIRE", "reserved_slots": 1 },
        }),
        &["name", "pricing_plan"],
    );

    client
        .update_queue()
        .name("books")
        .status(QueueStatus::Paused)
        .description("changed")
        .send()
        .await
        .unwrap();
    queue.repair_drift(bare, &["description", "status"]).await;
    queue.delete().await;
}

#[tokio::test]
async fn is_reserved() {
    let lab = Lab::new().await;
    let mut queue = lab.resource(KIND);
    let reserved = |slots: i32, renewal: &str| {
        json!({
            "name": "reserved",
            "pricing_plan": "RESERVED",
            "reservation_plan_settings": { "commitment": "ONE_YEAR", "renewal_type": renewal, "reserved_slots": slots },
        })
    };
    queue.create(reserved(1, "EXPIRE")).await;
    queue.update(reserved(2, "AUTO_RENEW")).await;
    let refused = queue.delete_fails().await;
    assert!(refused.contains("active reservation"), "{refused}");
}

#[tokio::test]
async fn leaves_the_queues_of_others_alone() {
    let lab = Lab::new().await;
    Client::new(&lab.sdk).create_queue().name("taken").send().await.unwrap();
    let refused = lab.resource(KIND).create_fails(json!({ "name": "taken" })).await;
    assert!(refused.contains("of this name already"), "{refused}");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let settings = json!({ "commitment": "ONE_YEAR", "renewal_type": "EXPIRE", "reserved_slots": 1 });
    assert_eq!(lab.problems(KIND, json!({ "name": "q", "pricing_plan": "RESERVED" })).len(), 1);
    assert_eq!(lab.problems(KIND, json!({ "name": "q", "reservation_plan_settings": settings })).len(), 1);
    assert_eq!(
        lab.problems(KIND, json!({ "name": "q", "status": "STOPPED", "concurrent_jobs": 0 })),
        ["concurrent_jobs: `concurrent_jobs` is at least 1", "status: `status` is one of ACTIVE, PAUSED"]
    );
}

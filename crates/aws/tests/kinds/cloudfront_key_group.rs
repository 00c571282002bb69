//! `aws_cloudfront_key_group`.

use serde_json::json;

use crate::cloudfront::{create_fails, lose_reply};
use crate::cloudfront_public_key::{ANOTHER_RSA, RSA};
use crate::lab::Lab;

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut first = lab.resource("aws_cloudfront_public_key");
    first.create(json!({ "name": "first", "encoded_key": RSA })).await;
    let mut second = lab.resource("aws_cloudfront_public_key");
    second.create(json!({ "name": "second", "encoded_key": ANOTHER_RSA })).await;

    let mut group = lab.resource("aws_cloudfront_key_group");
    let created = group.create(json!({ "name": "playback", "items": [first.id] })).await;
    assert!(created.get("etag").as_str().is_some());
    let current = json!({ "name": "listeners", "comment": "Both", "items": [second.id, first.id] });
    group.update(current.clone()).await;

    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let there = cloudfront.get_key_group_config().id(&group.id).send().await.unwrap();
    let mut config = there.key_group_config.clone().unwrap();
    assert_eq!((config.name(), config.comment(), config.items().len()), ("listeners", Some("Both"), 2));
    config.items = vec![second.id.clone()];
    let update =
        cloudfront.update_key_group().id(&group.id).set_if_match(there.e_tag).key_group_config(config);
    update.send().await.unwrap();
    group.repair_drift(current, &["items"]).await;

    // A key that is in use cannot be deleted; one that stops being so in the meantime can.
    group.update(json!({ "name": "listeners", "items": [second.id] })).await;
    first.delete().await;
    tokio::join!(second.delete(), async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        group.delete().await;
    });
}

#[tokio::test]
async fn takes_over_nothing_of_the_same_name() {
    let lab = Lab::new().await;
    let mut key = lab.resource("aws_cloudfront_public_key");
    key.create(json!({ "name": "first", "encoded_key": RSA })).await;
    let mut group = lab.resource("aws_cloudfront_key_group");
    // What our own lost attempt made is ours nevertheless.
    lose_reply(&lab, "CreateKeyGroup");
    group.create(json!({ "name": "playback", "items": [key.id] })).await;
    let namesake = json!({ "name": "playback", "items": [key.id] });
    let refused = create_fails(&lab, "aws_cloudfront_key_group", namesake).await;
    assert!(refused.message.contains("of this name already"), "{refused}");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems("aws_cloudfront_key_group", json!({ "name": "playback", "items": [] }));
    assert_eq!(problems, ["items: `items` has at least 1 elements, not 0"]);
}

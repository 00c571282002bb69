//! `aws_cloudfront_origin_access_control`.

use aws_sdk_cloudfront::types::OriginAccessControlConfig;
use serde_json::json;

use crate::cloudfront::{create_fails, lose_reply};
use crate::lab::Lab;

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let mut control = lab.resource("aws_cloudfront_origin_access_control");
    let created = control
        .create(json!({
            "name": "videos",
            "origin_access_control_origin_type": "s3",
            "signing_behavior": "always",
            "signing_protocol": "sigv4",
        }))
        .await;
    let arn = created.get("arn").as_str().unwrap().to_owned();
    assert!(arn.starts_with("arn:aws:cloudfront::1"), "{arn}");
    assert!(arn.ends_with(&format!(":origin-access-control/{}", control.id)), "{arn}");
    assert!(control.attributes.get("etag").as_str().is_some());

    let current = json!({
        "name": "functions",
        "description": "Signs for the function URLs",
        "origin_access_control_origin_type": "lambda",
        "signing_behavior": "no-override",
        "signing_protocol": "sigv4",
    });
    control.update(current.clone()).await;

    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let there = cloudfront.get_origin_access_control().id(&control.id).send().await.unwrap();
    let config = there.origin_access_control().unwrap().origin_access_control_config().unwrap();
    assert_eq!(config.name(), "functions");
    assert_eq!(config.origin_access_control_origin_type().as_str(), "lambda");
    cloudfront
        .update_origin_access_control()
        .id(&control.id)
        .set_if_match(there.e_tag.clone())
        .origin_access_control_config(
            OriginAccessControlConfig::builder()
                .name("functions")
                .origin_access_control_origin_type("lambda".into())
                .signing_behavior("never".into())
                .signing_protocol("sigv4".into())
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    control.repair_drift(current, &["description", "signing_behavior"]).await;
    control.delete().await;
}

#[tokio::test]
async fn goes_in_the_version_that_is_known_or_in_the_one_that_there_is() {
    let lab = Lab::new().await;
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    for is_changed in [false, true] {
        let mut control = lab.resource("aws_cloudfront_origin_access_control");
        control
            .create(json!({
                "name": "videos",
                "origin_access_control_origin_type": "s3",
                "signing_behavior": "always",
                "signing_protocol": "sigv4",
            }))
            .await;
        if is_changed {
            let there = cloudfront.get_origin_access_control().id(&control.id).send().await.unwrap();
            let config = there.origin_access_control.unwrap().origin_access_control_config.unwrap();
            let config = OriginAccessControlConfig::builder()
                .name(config.name())
                .description("changed since it was read")
                .origin_access_control_origin_type(config.origin_access_control_origin_type)
                .signing_behavior(config.signing_behavior)
                .signing_protocol(config.signing_protocol)
                .build()
                .unwrap();
            let change = cloudfront.update_origin_access_control().id(&control.id).set_if_match(there.e_tag);
            change.origin_access_control_config(config).send().await.unwrap();
        }
        let before = lab.control().calls().await.unwrap().len();
        control.delete().await;
        let calls = lab.control().calls().await.unwrap().split_off(before);
        let operations: Vec<&str> = calls.iter().map(|call| call.operation.as_str()).collect();
        let (get, delete) = ("GetOriginAccessControl", "DeleteOriginAccessControl");
        let expected: &[&str] = if is_changed { &[delete, get, delete] } else { &[delete] };
        assert!(operations.starts_with(expected), "{is_changed}: {operations:?}");
    }
}

#[tokio::test]
async fn takes_over_nothing_of_the_same_name() {
    let lab = Lab::new().await;
    let configuration = json!({
        "name": "videos",
        "origin_access_control_origin_type": "s3",
        "signing_behavior": "always",
        "signing_protocol": "sigv4",
    });
    let mut first = lab.resource("aws_cloudfront_origin_access_control");
    // What our own lost attempt made is ours nevertheless.
    lose_reply(&lab, "CreateOriginAccessControl");
    first.create(configuration.clone()).await;
    let refused = create_fails(&lab, "aws_cloudfront_origin_access_control", configuration).await;
    assert!(refused.message.contains("of this name already"), "{refused}");
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_cloudfront_origin_access_control",
        json!({
            "name": "",
            "origin_access_control_origin_type": "S3",
            "signing_behavior": "sometimes",
            "signing_protocol": "sigv2",
        }),
    );
    assert_eq!(problems.len(), 4, "{problems:?}");
}

//! `aws_iam_role_policy_attachment`.

use serde_json::json;

use crate::lab::Lab;

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.create_role().role_name("reader").assume_role_policy_document("{}").send().await.unwrap();
    let mut attachment = lab.resource("aws_iam_role_policy_attachment");
    attachment.create(json!({ "role": "reader", "policy_arn": READ_ONLY })).await;
    assert_eq!(attachment.id, format!("reader/{READ_ONLY}"));
    let attached = iam.list_attached_role_policies().role_name("reader").send().await.unwrap();
    assert_eq!(attached.attached_policies()[0].policy_arn(), Some(READ_ONLY));

    attachment.replaces(json!({ "role": "other", "policy_arn": READ_ONLY }), &["role"]);
    let other = "arn:aws:iam::aws:policy/PowerUserAccess";
    attachment.replaces(json!({ "role": "reader", "policy_arn": other }), &["policy_arn"]);
    attachment.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_iam_role_policy_attachment",
        json!({ "role": "arn:aws:iam::123456789012:role/reader", "policy_arn": "ReadOnlyAccess" }),
    );
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

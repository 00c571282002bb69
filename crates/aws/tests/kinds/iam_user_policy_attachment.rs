//! `aws_iam_user_policy_attachment`.

use serde_json::json;

use crate::lab::Lab;

const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let iam = aws_sdk_iam::Client::new(&lab.sdk);
    iam.create_user().user_name("reader").send().await.unwrap();
    let mut attachment = lab.resource("aws_iam_user_policy_attachment");
    attachment.create(json!({ "user": "reader", "policy_arn": READ_ONLY })).await;
    assert_eq!(attachment.id, format!("reader/{READ_ONLY}"));
    let attached = iam.list_attached_user_policies().user_name("reader").send().await.unwrap();
    assert_eq!(attached.attached_policies()[0].policy_arn(), Some(READ_ONLY));

    attachment.replaces(json!({ "user": "other", "policy_arn": READ_ONLY }), &["user"]);
    let other = "arn:aws:iam::aws:policy/PowerUserAccess";
    attachment.replaces(json!({ "user": "reader", "policy_arn": other }), &["policy_arn"]);
    attachment.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = lab.problems(
        "aws_iam_user_policy_attachment",
        json!({ "user": "arn:aws:iam::123456789012:user/reader", "policy_arn": "ReadOnlyAccess" }),
    );
    assert_eq!(problems.len(), 3, "{problems:#?}");
}

//! The data source `aws_caller_identity`.

use serde_json::json;

use crate::lab::Lab;

#[tokio::test]
async fn says_whose_account_it_is() {
    let lab = Lab::new().await;
    let answer = lab.data("aws_caller_identity", json!({})).await.unwrap();
    let account = answer.get("account_id").as_str().unwrap();
    assert_eq!(answer.get("arn").as_str().unwrap(), format!("arn:aws:iam::{account}:root"));
    assert_eq!(answer.get("id"), answer.get("account_id"));
    assert!(answer.get("user_id").as_str().is_some());
}

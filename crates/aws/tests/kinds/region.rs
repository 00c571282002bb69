//! The data source `aws_region`.

use serde_json::json;

use crate::lab::Lab;

#[tokio::test]
async fn is_that_of_the_environment() {
    let lab = Lab::new().await;
    let answer = lab.data("aws_region", json!({})).await.unwrap();
    for name in ["region", "id", "name"] {
        assert_eq!(answer.get(name).as_str(), Some("us-east-1"), "{name}");
    }
    assert_eq!(answer.get("description").as_str(), Some("US East (N. Virginia)"));
    assert_eq!(answer.get("endpoint").as_str(), Some("ec2.us-east-1.amazonaws.com"));
}

#[tokio::test]
async fn is_the_selected_one() {
    let lab = Lab::new().await;
    let by_name = lab.data("aws_region", json!({ "name": "cn-north-1" })).await.unwrap();
    assert_eq!(by_name.get("endpoint").as_str(), Some("ec2.cn-north-1.amazonaws.com.cn"));
    assert_eq!(by_name.get("description").as_str(), Some("China (Beijing)"));
    let endpoint = "ec2.eu-central-1.amazonaws.com";
    let by_endpoint = lab.data("aws_region", json!({ "endpoint": endpoint })).await.unwrap();
    assert_eq!(by_endpoint.get("region").as_str(), Some("eu-central-1"));

    let both = json!({ "name": "eu-west-1", "endpoint": endpoint });
    assert_eq!(
        lab.data("aws_region", both).await.unwrap_err(),
        "the endpoint is that of eu-central-1, and not of eu-west-1"
    );
    let elsewhere = json!({ "endpoint": "s3.eu-central-1.amazonaws.com" });
    assert!(lab.data("aws_region", elsewhere).await.unwrap_err().contains("endpoint of no region"));
}

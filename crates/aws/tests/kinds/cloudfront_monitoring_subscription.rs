//! `aws_cloudfront_monitoring_subscription`.

use aws_sdk_cloudfront::types::{
    MonitoringSubscription, RealtimeMetricsSubscriptionConfig, RealtimeMetricsSubscriptionStatus,
};
use serde_json::{Value as Json, json};

use crate::cloudfront::{create_fails, distribution, lose_reply};
use crate::lab::Lab;

const KIND: &str = "aws_cloudfront_monitoring_subscription";

fn subscription(distribution: &str, status: &str) -> Json {
    json!({
        "distribution_id": distribution,
        "monitoring_subscription": {
            "realtime_metrics_subscription_config": { "realtime_metrics_subscription_status": status },
        },
    })
}

/// What the distribution is subscribed to, in AWS's words.
async fn status(lab: &Lab, distribution: &str) -> String {
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let answer = cloudfront.get_monitoring_subscription().distribution_id(distribution).send().await.unwrap();
    let config = answer.monitoring_subscription.unwrap().realtime_metrics_subscription_config.unwrap();
    config.realtime_metrics_subscription_status().as_str().to_owned()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let cloudfront = aws_sdk_cloudfront::Client::new(&lab.sdk);
    let mut cdn = lab.resource("aws_cloudfront_distribution");
    cdn.create(distribution(json!({ "enabled": false }))).await;
    let id = cdn.id.clone();

    let mut metrics = lab.resource(KIND);
    lose_reply(&lab, "CreateMonitoringSubscription");
    metrics.create(subscription(&id, "Enabled")).await;
    assert_eq!((metrics.id.as_str(), status(&lab, &id).await.as_str()), (id.as_str(), "Enabled"));
    let refused = create_fails(&lab, KIND, subscription(&id, "Enabled")).await;
    assert_eq!(refused.message, format!("the distribution {id} has a subscription already"));
    metrics.update(subscription(&id, "Disabled")).await;
    assert_eq!(status(&lab, &id).await, "Disabled");
    metrics.replaces(subscription("E1", "Disabled"), &["distribution_id"]);

    cloudfront.delete_monitoring_subscription().distribution_id(&id).send().await.unwrap();
    let enabled = RealtimeMetricsSubscriptionConfig::builder()
        .realtime_metrics_subscription_status(RealtimeMetricsSubscriptionStatus::Enabled)
        .build()
        .unwrap();
    let enabled = MonitoringSubscription::builder().realtime_metrics_subscription_config(enabled).build();
    let create = cloudfront.create_monitoring_subscription().distribution_id(&id);
    create.monitoring_subscription(enabled).send().await.unwrap();
    const STATUS: &str =
        "monitoring_subscription.realtime_metrics_subscription_config.realtime_metrics_subscription_status";
    metrics.repair_drift(subscription(&id, "Disabled"), &[STATUS]).await;
    metrics.delete().await;
}

#[tokio::test]
async fn goes_with_its_distribution() {
    let lab = Lab::new().await;
    let mut cdn = lab.resource("aws_cloudfront_distribution");
    cdn.create(distribution(json!({ "enabled": false }))).await;
    let mut metrics = lab.resource(KIND);
    metrics.create(subscription(&cdn.id, "Enabled")).await;
    cdn.delete().await;
    metrics.delete().await;
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    assert_eq!(lab.problems(KIND, subscription("E1", "On")).len(), 1);
}

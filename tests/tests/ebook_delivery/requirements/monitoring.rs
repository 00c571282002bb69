//! The dashboard and the alarms.

use aws_sdk_cloudwatch::types::ComparisonOperator;
use serde_json::Value as Json;

use super::Expected;
use crate::cloud::Cloud;

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let (distribution, _) = cloud.distribution().await;
    let id = distribution.id();
    let answer = cloud.cloudfront.get_monitoring_subscription().distribution_id(id).send().await.unwrap();
    let config = answer.monitoring_subscription.unwrap().realtime_metrics_subscription_config.unwrap();
    let cited = "Functional Requirements, line 27: the cache hit rate is there at all";
    assert_eq!(config.realtime_metrics_subscription_status().as_str(), "Enabled", "{cited}");

    let answer = cloud.cloudwatch.get_dashboard().dashboard_name(expected.name()).send().await;
    let answer = answer.expect("Template Structure, line 85: a dashboard");
    let body: Json = serde_json::from_str(answer.dashboard_body().unwrap()).unwrap();
    let widgets = body["widgets"].as_array().unwrap();
    for (metric, cited) in [
        ("Requests", "Acceptance, line 124: downloads"),
        ("BytesDownloaded", "Cost Optimization, line 104: transfer"),
        ("OriginLatency", "Acceptance, line 124: latency"),
        ("CacheHitRate", "Monitoring & Alerts, line 108: cache hit ratio"),
        ("4xxErrorRate", "Acceptance, line 124: errors"),
        ("5xxErrorRate", "Acceptance, line 124: errors"),
    ] {
        let widget = widgets.iter().find(|widget| {
            widget["properties"]["metrics"].as_array().into_iter().flatten().any(|it| it[1] == metric)
        });
        let widget = widget.unwrap_or_else(|| panic!("{cited}: {metric} is shown"));
        let shown = widget["properties"]["metrics"][0].as_array().unwrap();
        assert_eq!(shown[0], "AWS/CloudFront", "{cited}");
        assert_eq!(shown[shown.len() - 1], id, "{cited}: of this distribution");
        assert_eq!(widget["properties"]["region"], "us-east-1", "{cited}: from where CloudFront counts");
    }
    let size = widgets.iter().find(|widget| widget["properties"]["metrics"][0][1] == "BucketSizeBytes");
    let size = size.expect("Functional Requirements, line 27: S3's metrics too");
    assert_eq!(size["properties"]["metrics"][0][3], expected.bucket(), "Functional Requirements, line 27");

    let alarms = cloud.alarms.describe_alarms().send().await.unwrap();
    let above = ComparisonOperator::GreaterThanThreshold;
    for (name, metric, operator, cited) in [
        ("4xx", "4xxErrorRate", &above, "Monitoring & Alerts, line 109"),
        ("5xx", "5xxErrorRate", &above, "Monitoring & Alerts, line 109"),
        ("latency", "OriginLatency", &above, "Prompt, line 138: latency"),
        (
            "cache-hit-rate",
            "CacheHitRate",
            &ComparisonOperator::LessThanThreshold,
            "Prompt, line 138: cache hit ratio",
        ),
    ] {
        let name = format!("{}-{name}", expected.name());
        let alarm = alarms.metric_alarms().iter().find(|alarm| alarm.alarm_name() == Some(&name));
        let alarm = alarm.unwrap_or_else(|| panic!("{cited}: an alarm on {metric}"));
        assert_eq!(alarm.namespace(), Some("AWS/CloudFront"), "{cited}");
        assert_eq!(alarm.metric_name(), Some(metric), "{cited}");
        assert_eq!(alarm.comparison_operator(), Some(operator), "{cited}");
        assert!(alarm.threshold().is_some_and(|threshold| threshold > 0.0), "{cited}");
        let mut dimensions: Vec<(Option<&str>, Option<&str>)> =
            alarm.dimensions().iter().map(|it| (it.name(), it.value())).collect();
        dimensions.sort_unstable();
        let of_this = [(Some("DistributionId"), Some(id)), (Some("Region"), Some("Global"))];
        assert_eq!(dimensions, of_this, "{cited}: of this distribution");
    }
    if expected.region != "us-east-1" {
        let elsewhere = cloud.cloudwatch.describe_alarms().send().await.unwrap();
        let cited = "Monitoring & Alerts, line 109: where there is nothing to measure, there is no alarm";
        assert_eq!(elsewhere.metric_alarms().len(), 0, "{cited}");
    }
}

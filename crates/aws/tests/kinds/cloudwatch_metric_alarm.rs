//! `aws_cloudwatch_metric_alarm`.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::{ComparisonOperator, MetricAlarm, Statistic};
use futures::future::join_all;
use provision_engine::value::Value;
use provision_sandbox::{Effect, Fault};
use serde_json::{Value as Json, json};

use crate::lab::Lab;

const KIND: &str = "aws_cloudwatch_metric_alarm";

fn errors(more: Json) -> Json {
    let mut alarm = json!({
        "alarm_name": "errors",
        "namespace": "AWS/Lambda",
        "metric_name": "Errors",
        "statistic": "Sum",
        "period": 60,
        "evaluation_periods": 1,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 0,
    });
    for (name, value) in more.as_object().unwrap() {
        alarm[name] = value.clone();
    }
    alarm
}

async fn described(lab: &Lab, name: &str) -> MetricAlarm {
    let answer = Client::new(&lab.sdk).describe_alarms().alarm_names(name).send().await.unwrap();
    answer.metric_alarms()[0].clone()
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = Client::new(&lab.sdk);
    let topic = |name: &str| format!("arn:aws:sns:us-east-1:{}:{name}", lab.account());
    let mut alarm = lab.resource(KIND);
    let created = alarm.create(errors(json!({ "tags": { "team": "video" } }))).await;
    let arn = created.get("arn").as_str().unwrap().to_owned();
    assert!(arn.ends_with(":alarm:errors"), "{arn}");
    assert_eq!(described(&lab, "errors").await.threshold(), Some(0.0));

    alarm
        .update(errors(json!({
            "alarm_description": "too many errors",
            "namespace": "Books",
            "metric_name": "Failures",
            "dimensions": { "Stage": "prod", "Function": "encode" },
            "statistic": "Maximum",
            "unit": "Count",
            "period": 300,
            "evaluation_periods": 5,
            "datapoints_to_alarm": 3,
            "comparison_operator": "LessThanOrEqualToThreshold",
            "threshold": 2.5,
            "treat_missing_data": "breaching",
            "actions_enabled": false,
            "alarm_actions": [topic("alarm"), topic("other")],
            "ok_actions": [topic("ok")],
            "insufficient_data_actions": [topic("unknown")],
            "tags": { "team": "audio", "cost": "1" },
        })))
        .await;
    let read = described(&lab, "errors").await;
    assert_eq!(read.alarm_description(), Some("too many errors"));
    assert_eq!((read.namespace(), read.metric_name()), (Some("Books"), Some("Failures")));
    let dimensions: Vec<_> =
        read.dimensions().iter().map(|dimension| (dimension.name(), dimension.value())).collect();
    assert_eq!(dimensions, [(Some("Function"), Some("encode")), (Some("Stage"), Some("prod"))]);
    assert_eq!((read.statistic(), read.period()), (Some(&Statistic::Maximum), Some(300)));
    assert_eq!((read.evaluation_periods(), read.datapoints_to_alarm()), (Some(5), Some(3)));
    assert_eq!(read.comparison_operator(), Some(&ComparisonOperator::LessThanOrEqualToThreshold));
    assert_eq!((read.threshold(), read.treat_missing_data()), (Some(2.5), Some("breaching")));
    assert_eq!((read.actions_enabled(), read.alarm_actions().len()), (Some(false), 2));
    assert_eq!(
        (read.ok_actions(), read.insufficient_data_actions()),
        (&[topic("ok")][..], &[topic("unknown")][..])
    );
    let tags = client.list_tags_for_resource().resource_arn(&arn).send().await.unwrap();
    assert_eq!(tags.tags().len(), 2);

    alarm
        .update(errors(json!({
            "statistic": null,
            "extended_statistic": "p99.9",
            "evaluate_low_sample_count_percentiles": "ignore",
        })))
        .await;
    let read = described(&lab, "errors").await;
    assert_eq!((read.extended_statistic(), read.statistic()), (Some("p99.9"), None));
    assert_eq!(read.evaluate_low_sample_count_percentile(), Some("ignore"));
    let current = errors(json!({}));
    alarm.update(current.clone()).await;
    assert_eq!(described(&lab, "errors").await.alarm_description(), None);
    alarm.replaces(errors(json!({ "alarm_name": "other" })), &["alarm_name"]);

    client.disable_alarm_actions().alarm_names("errors").send().await.unwrap();
    let tag = aws_sdk_cloudwatch::types::Tag::builder().key("owner").value("me").build();
    client.tag_resource().resource_arn(&arn).tags(tag).send().await.unwrap();
    alarm.repair_drift(current, &["actions_enabled", "tags"]).await;
    alarm.delete().await;
}

#[tokio::test]
async fn watches_a_calculation_or_a_band() {
    let lab = Lab::new().await;
    let bare = json!({ "namespace": null, "metric_name": null, "statistic": null, "period": null });
    let with = |more: Json| {
        let mut all = bare.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        errors(all)
    };
    let metric = |name: &str| {
        json!({
            "metric_name": name,
            "namespace": "AWS/ApplicationELB",
            "dimensions": { "LoadBalancer": "app/web" },
            "period": 120,
            "stat": "Sum",
            "unit": "Count",
        })
    };
    let rate = json!({
        "id": "rate", "expression": "failures / requests * 100", "label": "Error rate", "return_data": true,
    });
    let mut alarm = lab.resource(KIND);
    alarm
        .create(with(json!({
            "metric_query": [
                rate,
                { "id": "failures", "metric": metric("HTTPCode_ELB_5XX_Count") },
                { "id": "requests", "metric": metric("RequestCount"), "account_id": "111122223333" },
            ],
        })))
        .await;
    let read = described(&lab, "errors").await;
    assert_eq!((read.metrics().len(), read.metric_name(), read.period()), (3, None, None));
    let query = |id: &str| read.metrics().iter().find(|query| query.id() == Some(id)).unwrap();
    assert_eq!(query("rate").expression(), Some("failures / requests * 100"));
    assert_eq!((query("rate").return_data(), query("failures").return_data()), (Some(true), Some(false)));
    let stat = query("failures").metric_stat().unwrap();
    assert_eq!(
        (stat.stat(), stat.period(), stat.metric().unwrap().dimensions().len()),
        (Some("Sum"), Some(120), 1)
    );
    assert_eq!(query("requests").account_id(), Some("111122223333"));

    let band = with(json!({
        "comparison_operator": "GreaterThanUpperThreshold",
        "threshold": null,
        "threshold_metric_id": "band",
        "metric_query": [
            { "id": "band", "expression": "ANOMALY_DETECTION_BAND(requests, 2)", "return_data": true },
            { "id": "requests", "metric": metric("RequestCount"), "return_data": true },
        ],
    }));
    alarm.update(band.clone()).await;
    let read = described(&lab, "errors").await;
    assert_eq!((read.threshold_metric_id(), read.threshold()), (Some("band"), None));
    // Their order means nothing.
    let mut turned = band.clone();
    turned["metric_query"].as_array_mut().unwrap().reverse();
    alarm.unchanged(turned);
    alarm.update(errors(json!({}))).await;
    alarm.delete().await;
}

#[tokio::test]
async fn is_read_along_with_others() {
    let lab = Lab::new().await;
    let mut alarms = Vec::new();
    for number in 0..120 {
        let mut alarm = lab.resource(KIND);
        alarm.id = format!("alarm-{number}");
        let put =
            Client::new(&lab.sdk).put_metric_alarm().alarm_name(&alarm.id).namespace("a").metric_name("b");
        let put = put.statistic(Statistic::Sum).period(60).evaluation_periods(1).threshold(f64::from(number));
        put.comparison_operator(ComparisonOperator::GreaterThanThreshold).send().await.unwrap();
        alarms.push(alarm);
    }
    let calls = async |operation: &str| {
        let calls = lab.control().calls().await.unwrap();
        calls.iter().filter(|call| call.operation == operation).count()
    };
    let read = join_all(alarms.iter().map(|alarm| alarm.reread())).await;
    for (number, alarm) in read.into_iter().enumerate() {
        let threshold = alarm.unwrap().unwrap().get("threshold").to_json().as_f64();
        assert_eq!(threshold, Some(f64::from(u32::try_from(number).unwrap())));
    }
    let questions = calls("DescribeAlarms").await;
    assert!((2..=12).contains(&questions), "120 alarms were read in {questions} calls");

    // All hear of a failure, and it is that of the call.
    let denied = Effect::Error { status: 403, code: "AccessDenied".to_owned(), message: "no".to_owned() };
    lab.inject(Fault { operation: Some("DescribeAlarms".to_owned()), ..Fault::new(denied) });
    let failed: Vec<Result<Option<Value>, _>> =
        join_all(alarms[..3].iter().map(|alarm| alarm.reread())).await;
    assert!(failed.iter().all(|failed| failed.as_ref().is_err_and(|error| error.is(&["AccessDenied"]))));
}

#[tokio::test]
async fn leaves_the_alarms_of_others_alone() {
    let lab = Lab::new().await;
    lab.resource(KIND).create(errors(json!({}))).await;
    let refused = lab.resource(KIND).create_fails(errors(json!({ "threshold": 9 }))).await;
    assert!(refused.contains("has an alarm of this name already: errors"), "{refused}");
    assert_eq!(described(&lab, "errors").await.threshold(), Some(0.0));
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let query = |id: &str, returned: bool| json!({ "id": id, "expression": "1", "return_data": returned });
    let bare = json!({ "namespace": null, "metric_name": null, "statistic": null, "period": null });
    let with = |more: Json| {
        let mut all = bare.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    for (more, paths) in [
        (json!({ "metric_name": null }), vec!["metric_name"]),
        (json!({ "namespace": null, "period": null }), vec!["namespace", "period"]),
        (json!({ "extended_statistic": "p50" }), vec!["extended_statistic"]),
        (json!({ "statistic": null }), vec!["statistic"]),
        (json!({ "statistic": null, "extended_statistic": "99%" }), vec!["extended_statistic"]),
        (
            json!({ "evaluate_low_sample_count_percentiles": "ignore" }),
            vec!["evaluate_low_sample_count_percentiles"],
        ),
        (json!({ "threshold": null }), vec!["threshold"]),
        (json!({ "threshold_metric_id": "band" }), vec!["threshold_metric_id"]),
        (
            json!({ "comparison_operator": "LessThanLowerThreshold" }),
            vec!["threshold_metric_id", "threshold", "threshold_metric_id"],
        ),
        (json!({ "period": 45 }), vec!["period"]),
        (json!({ "evaluation_periods": 1441 }), vec!["evaluation_periods"]),
        (json!({ "period": 3600, "evaluation_periods": 169 }), vec!["evaluation_periods"]),
        (json!({ "datapoints_to_alarm": 2 }), vec!["datapoints_to_alarm"]),
        (json!({ "alarm_actions": ["ops"] }), vec!["alarm_actions"]),
        (json!({ "unit": "Bananas" }), vec!["unit"]),
        (
            json!({ "metric_query": [query("a", true)] }),
            vec!["metric_name", "namespace", "period", "statistic"],
        ),
        (with(json!({ "metric_query": [query("a", false)] })), vec!["metric_query"]),
        (with(json!({ "metric_query": [query("a", true), query("a", false)] })), vec!["metric_query[1].id"]),
        (with(json!({ "metric_query": [{ "id": "a", "return_data": true }] })), vec!["metric_query[0]"]),
        (
            with(json!({ "metric_query": [{ "id": "A", "expression": "1", "return_data": true }] })),
            vec!["metric_query[0].id"],
        ),
    ] {
        let problems = lab.problems(KIND, errors(more.clone()));
        let mut found: Vec<&str> = problems.iter().filter_map(|problem| problem.split(": ").next()).collect();
        let mut expected = paths;
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{more}: {problems:#?}");
    }
}

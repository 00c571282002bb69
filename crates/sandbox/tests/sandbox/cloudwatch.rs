//! CloudWatch's dashboards and alarms.

use serde_json::{Value, json};

use crate::aws::{Answer, Aws};

async fn call(aws: &Aws, operation: &str, mut body: Value) -> Answer {
    // What is null is not said.
    body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    aws.json("monitoring", &format!("GraniteServiceVersion20100801.{operation}"), &body).await
}

fn alarm(name: &str, more: Value) -> Value {
    let mut alarm = json!({
        "AlarmName": name,
        "MetricName": "Errors",
        "Namespace": "AWS/Lambda",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0.5,
        "ComparisonOperator": "GreaterThanThreshold",
    });
    for (name, value) in more.as_object().unwrap() {
        alarm[name] = value.clone();
    }
    alarm
}

#[tokio::test]
async fn an_alarm_is_described_as_it_was_put() {
    let aws = Aws::new();
    call(&aws, "PutMetricAlarm", alarm("one", json!({ "TreatMissingData": "ignore" }))).await.done();
    let metric = json!({ "Namespace": "AWS/Lambda", "MetricName": "Errors" });
    let math = json!({
        "AlarmName": "two",
        "EvaluationPeriods": 3,
        "ThresholdMetricId": "band",
        "ComparisonOperator": "GreaterThanUpperThreshold",
        "Metrics": [
            { "Id": "errors", "MetricStat": { "Metric": metric, "Period": 300, "Stat": "Sum" } },
            { "Id": "band", "Expression": "ANOMALY_DETECTION_BAND(errors)" },
        ],
    });
    call(&aws, "PutMetricAlarm", math.clone()).await.done();
    let suppressed = json!({
        "AlarmName": "all",
        "AlarmRule": "ALARM(one) OR ALARM(two)",
        "ActionsSuppressor": "two",
        "ActionsSuppressorWaitPeriod": 60,
        "ActionsSuppressorExtensionPeriod": 120,
    });
    call(&aws, "PutCompositeAlarm", suppressed).await.done();
    let both = json!({ "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
    let described = call(&aws, "DescribeAlarms", both).await.done().value();
    let [one, two] = [&described["MetricAlarms"][0], &described["MetricAlarms"][1]];
    assert_eq!((&one["TreatMissingData"], &one["Threshold"]), (&json!("ignore"), &json!(0.5)));
    assert_eq!(two["Metrics"], math["Metrics"]);
    assert!(two.get("Statistic").is_none() && two.get("Period").is_none(), "{two}");
    assert_eq!(described["CompositeAlarms"][0]["ActionsSuppressorWaitPeriod"], 60);
    let expected =
        ["monitoring composite_alarm all", "monitoring metric_alarm one", "monitoring metric_alarm two"];
    assert_eq!(aws.existing().await, expected);

    // What an alarm that is made anew does not say is not what the old one said.
    call(&aws, "DeleteAlarms", json!({ "AlarmNames": ["one"] })).await.refused(400, "ValidationError");
    call(&aws, "DeleteAlarms", json!({ "AlarmNames": ["all"] })).await.done();
    call(&aws, "DeleteAlarms", json!({ "AlarmNames": ["one", "two"] })).await.done();
    assert_eq!(aws.existing().await, [""; 0]);
}

#[tokio::test]
async fn an_alarm_that_makes_no_sense_is_refused() {
    let aws = Aws::new();
    let query = |id: &str, returned: bool| json!({ "Id": id, "Expression": "1", "ReturnData": returned });
    let bare = json!({ "MetricName": null, "Namespace": null, "Statistic": null, "Period": null });
    let with = |more: Value| {
        let mut all = bare.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    for (more, code) in [
        (json!({ "ExtendedStatistic": "p99" }), "InvalidParameterCombination"),
        (json!({ "Namespace": null }), "MissingParameter"),
        (json!({ "Period": 45 }), "InvalidParameterValue"),
        (json!({ "EvaluationPeriods": 2000 }), "ValidationError"),
        (json!({ "DatapointsToAlarm": 2 }), "ValidationError"),
        (json!({ "ThresholdMetricId": "band" }), "ValidationError"),
        (json!({ "AlarmActions": ["my-topic"] }), "ValidationError"),
        (json!({ "AlarmActions": ["arn:aws:sns:eu-west-1:123456789012:topic"] }), "ValidationError"),
        (json!({ "OKActions": vec!["arn:aws:swf:us-east-1:1:a"; 6] }), "ValidationError"),
        (json!({ "Metrics": [query("a", true)] }), "ValidationError"),
        (with(json!({ "Metrics": [query("a", true), query("b", true)] })), "ValidationError"),
        (with(json!({ "Metrics": [query("a", true), query("a", false)] })), "ValidationError"),
    ] {
        call(&aws, "PutMetricAlarm", alarm("bad", more)).await.refused(400, code);
    }
    call(&aws, "PutMetricAlarm", alarm("math", with(json!({ "Metrics": [query("a", true)] })))).await.done();
    for (rule, suppressor) in
        [("ALARM(none)", Value::Null), ("ALARM(math", Value::Null), ("TRUE", json!("none"))]
    {
        let period = if suppressor.is_null() { Value::Null } else { json!(60) };
        let composite = json!({
            "AlarmName": "bad",
            "AlarmRule": rule,
            "ActionsSuppressor": suppressor,
            "ActionsSuppressorWaitPeriod": period,
            "ActionsSuppressorExtensionPeriod": period,
        });
        call(&aws, "PutCompositeAlarm", composite).await.refused(400, "ValidationError");
    }
    assert_eq!(aws.existing().await, ["monitoring metric_alarm math"]);
}

#[tokio::test]
async fn a_dashboard_that_cannot_be_drawn_is_refused() {
    let aws = Aws::new();
    let put = async |name: &str, body: &str| {
        call(&aws, "PutDashboard", json!({ "DashboardName": name, "DashboardBody": body })).await
    };
    for body in [
        "{",
        "[]",
        "{}",
        r#"{"widgets":[{"properties":{}}]}"#,
        r#"{"widgets":[{"type":"pie","properties":{}}]}"#,
        r#"{"widgets":[{"type":"text"}]}"#,
        r#"{"widgets":[{"type":"text","properties":{}}]}"#,
        r#"{"widgets":[{"type":"text","width":25,"properties":{"markdown":"a"}}]}"#,
        r#"{"widgets":[{"type":"metric","properties":{"region":"us-east-1","metrics":["a"]}}]}"#,
    ] {
        let refused = put("main", body).await;
        refused.refused(400, "InvalidParameterInput");
        assert!(refused.body.contains("dataPath"), "{}", refused.body);
    }
    let good =
        r#"{"widgets":[{"type":"text","x":0,"y":0,"width":24,"height":2,"properties":{"markdown":"a"}}]}"#;
    put("my dashboard", good).await.refused(400, "InvalidParameterValue");
    put("main", good).await.done();
    assert_eq!(aws.existing().await, ["monitoring dashboard main"]);
}

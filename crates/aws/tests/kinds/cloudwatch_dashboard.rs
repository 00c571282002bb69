//! `aws_cloudwatch_dashboard`.

use serde_json::{Value as Json, json};

use crate::lab::Lab;

const KIND: &str = "aws_cloudwatch_dashboard";

fn text(markdown: &str) -> Json {
    json!({ "type": "text", "x": 0, "y": 0, "width": 24, "height": 2, "properties": { "markdown": markdown } })
}

#[tokio::test]
async fn lives_and_dies() {
    let lab = Lab::new().await;
    let client = aws_sdk_cloudwatch::Client::new(&lab.sdk);
    let mut dashboard = lab.resource(KIND);
    let configured =
        |widgets: &[Json]| json!({ "dashboard_name": "main", "dashboard_body": { "widgets": widgets } });
    let created = dashboard.create(configured(&[text("a")])).await;
    let arn = created.get("dashboard_arn").as_str().unwrap();
    assert!(arn.ends_with(&format!(":{}:dashboard/main", lab.account())), "{arn}");

    let current = configured(&[text("b"), text("c")]);
    dashboard.update(current.clone()).await;
    let read = client.get_dashboard().dashboard_name("main").send().await.unwrap();
    let body: Json = serde_json::from_str(read.dashboard_body().unwrap()).unwrap();
    assert_eq!(body, current["dashboard_body"]);
    // As text, in another order: the same.
    let written = r#"{ "widgets": [
        { "properties": { "markdown": "b" }, "height": 2, "width": 24, "y": 0, "x": 0, "type": "text" },
        { "type": "text", "x": 0, "y": 0, "width": 24, "height": 2, "properties": { "markdown": "c" } } ] }"#;
    dashboard.unchanged(json!({ "dashboard_name": "main", "dashboard_body": written }));
    dashboard.replaces(json!({ "dashboard_name": "other", "dashboard_body": written }), &["dashboard_name"]);

    client.put_dashboard().dashboard_name("main").dashboard_body(r#"{"widgets":[]}"#).send().await.unwrap();
    dashboard.repair_drift(current, &["dashboard_body"]).await;
    dashboard.delete().await;
}

#[tokio::test]
async fn leaves_the_dashboards_of_others_alone() {
    let lab = Lab::new().await;
    let client = aws_sdk_cloudwatch::Client::new(&lab.sdk);
    client.put_dashboard().dashboard_name("main").dashboard_body(r#"{"widgets":[]}"#).send().await.unwrap();
    let taken = json!({ "dashboard_name": "main", "dashboard_body": { "widgets": [text("a")] } });
    let refused = lab.resource(KIND).create_fails(taken).await;
    assert!(refused.contains("has one of this name already"), "{refused}");
    // What only CloudWatch knows to be wrong, it says.
    let pie = json!({ "dashboard_name": "pie", "dashboard_body": { "widgets": [{ "type": "pie", "properties": {} }] } });
    let refused = lab.resource(KIND).create_fails(pie).await;
    assert!(
        refused.starts_with("InvalidParameterInput: ") && refused.contains("/widgets/0/type"),
        "{refused}"
    );
}

#[tokio::test]
async fn refuses_what_aws_would() {
    let lab = Lab::new().await;
    let problems = |name: &str, body: Json| {
        lab.problems(KIND, json!({ "dashboard_name": name, "dashboard_body": body }))
    };
    assert_eq!(problems("a b", json!({ "widgets": [] })).len(), 1);
    assert_eq!(problems("a", json!({})), ["dashboard_body.widgets: a dashboard needs a list of `widgets`"]);
    assert_eq!(problems("a", json!([])).len(), 1);
    assert_eq!(problems("a", json!("{")).len(), 1, "no JSON");
    let mut wide = text("a");
    wide["width"] = json!(25);
    wide["x"] = json!(-1);
    assert_eq!(
        problems("a", json!({ "widgets": [{}, wide] })),
        [
            "dashboard_body.widgets[0]: a widget needs `type`",
            "dashboard_body.widgets[0]: a widget needs `properties`",
            "dashboard_body.widgets[1].x: `x` is at least 0 and at most 23",
            "dashboard_body.widgets[1].width: `width` is at least 1 and at most 24",
        ]
    );
    let many = vec![text("a"); 501];
    assert_eq!(problems("a", json!({ "widgets": many })).len(), 1);
}

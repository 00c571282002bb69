//! Queues and job templates, which ministack lacks.

use serde_json::json;

use crate::aws::Aws;

#[tokio::test]
async fn queues_and_templates_live_and_die_in_order() {
    let aws = Aws::new();
    let queues = "/2017-08-29/queues";
    let templates = "/2017-08-29/jobTemplates";
    let body = json!({ "name": "fast", "tags": { "team": "video" } }).to_string();
    let queue = aws.rest("mediaconvert", "POST", queues, &body).await.done().value();
    let arn = queue["queue"]["arn"].as_str().unwrap().to_owned();
    assert_eq!(arn, format!("arn:aws:mediaconvert:us-east-1:{}:queues/fast", aws.account));
    assert_eq!((&queue["queue"]["status"], &queue["queue"]["type"]), (&json!("ACTIVE"), &json!("CUSTOM")));
    aws.rest("mediaconvert", "POST", queues, &body).await.refused(409, "ConflictException");

    let settings =
        json!({ "outputGroups": [{ "outputs": [{ "containerSettings": { "container": "M3U8" } }] }] });
    let body = json!({ "name": "hls", "queue": "fast", "settings": settings, "priority": 3 }).to_string();
    let template = aws.rest("mediaconvert", "POST", templates, &body).await.done().value();
    assert_eq!(
        (&template["jobTemplate"]["settings"], &template["jobTemplate"]["queue"]),
        (&settings, &json!(arn))
    );
    let wrong = json!({ "name": "x", "queue": "none", "settings": {} }).to_string();
    aws.rest("mediaconvert", "POST", templates, &wrong).await.refused(404, "NotFoundException");

    let paused =
        aws.rest("mediaconvert", "PUT", &format!("{queues}/fast"), r#"{"status":"PAUSED"}"#).await.done();
    assert_eq!(paused.value()["queue"]["status"], "PAUSED");
    let listed = aws.rest("mediaconvert", "GET", &format!("{queues}?maxResults=1"), "").await.done().value();
    assert_eq!((&listed["queues"][0]["name"], &listed["nextToken"]), (&json!("Default"), &json!("1")));

    let tags = format!("/2017-08-29/tags/{}", arn.replace(':', "%3A").replace('/', "%2F"));
    let added = json!({ "arn": arn, "tags": { "env": "dev" } }).to_string();
    aws.rest("mediaconvert", "POST", "/2017-08-29/tags", &added).await.done();
    aws.rest("mediaconvert", "PUT", &tags, r#"{"tagKeys":["team"]}"#).await.done();
    let found = aws.rest("mediaconvert", "GET", &tags, "").await.done().value();
    assert_eq!(found["resourceTags"]["tags"], json!({ "env": "dev" }));

    assert_eq!(aws.existing().await, ["mediaconvert job_template hls", "mediaconvert queue fast"]);
    aws.rest("mediaconvert", "DELETE", &format!("{queues}/fast"), "").await.refused(409, "ConflictException");
    aws.rest("mediaconvert", "DELETE", &format!("{queues}/Default"), "")
        .await
        .refused(400, "BadRequestException");
    aws.rest("mediaconvert", "DELETE", &format!("{templates}/hls"), "").await.done();
    aws.rest("mediaconvert", "DELETE", &format!("{queues}/fast"), "").await.done();
    aws.rest("mediaconvert", "GET", &format!("{queues}/fast"), "").await.refused(404, "NotFoundException");
    assert!(aws.existing().await.is_empty());
}

#[tokio::test]
async fn regions_and_accounts_are_apart() {
    let (here, other) = (Aws::new(), Aws::new());
    let elsewhere = Aws { region: "eu-west-1", ..Aws::at(here.endpoint.clone(), &here.account) };
    here.rest("mediaconvert", "POST", "/2017-08-29/queues", r#"{"name":"q"}"#).await.done();
    for aws in [&elsewhere, &other] {
        aws.rest("mediaconvert", "GET", "/2017-08-29/queues/q", "").await.refused(404, "NotFoundException");
    }
    let endpoints = here.rest("mediaconvert", "POST", "/2017-08-29/endpoints", "{}").await.done().value();
    assert_eq!(endpoints["endpoints"][0]["url"], json!(here.endpoint));
}

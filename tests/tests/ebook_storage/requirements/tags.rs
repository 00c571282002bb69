//! Line 401: comprehensive tagging with `iac-rlhf-amazon`.

use std::collections::BTreeMap;

use super::Expected;
use crate::cloud::Cloud;

type Tags = BTreeMap<String, String>;

pub(crate) async fn assert_met(cloud: &Cloud, expected: &Expected<'_>) {
    let mut all: Vec<(String, Tags)> = Vec::new();
    let buckets = [Some(expected.bucket()), expected.logging.then(|| expected.logging_bucket())];
    for bucket in buckets.into_iter().flatten() {
        let answer = cloud.s3.get_bucket_tagging().bucket(&bucket).send().await.unwrap();
        let tags =
            answer.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
        all.push((bucket, tags));
    }
    for role in [expected.access_role(), expected.monitoring_role()] {
        let answer = cloud.iam.list_role_tags().role_name(&role).send().await.unwrap();
        let tags = answer.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
        all.push((role, tags));
    }
    if expected.own_key {
        let key =
            cloud.kms.describe_key().key_id(format!("alias/{}", expected.bucket())).send().await.unwrap();
        let id = key.key_metadata().unwrap().key_id().to_owned();
        let answer = cloud.kms.list_resource_tags().key_id(&id).send().await.unwrap();
        let tags = answer.tags().iter().map(|tag| (tag.tag_key().to_owned(), tag.tag_value().to_owned()));
        all.push((id, tags.collect()));
    }
    let answer = cloud.sns.list_tags_for_resource().resource_arn(expected.topic()).send().await.unwrap();
    let tags = answer.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    all.push((expected.topic(), tags));
    let function = expected.arn("lambda", &format!("function:{}", expected.function()));
    let answer = cloud.lambda.list_tags().resource(&function).send().await.unwrap();
    all.push((function, answer.tags.unwrap_or_default().into_iter().collect()));
    let rule = expected.arn("events", &format!("rule/{}", expected.rule()));
    let answer = cloud.events.list_tags_for_resource().resource_arn(&rule).send().await.unwrap();
    let tags = answer.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    all.push((rule, tags));
    let group = expected.arn("logs", &format!("log-group:/aws/lambda/{}", expected.function()));
    let answer = cloud.logs.list_tags_for_resource().resource_arn(&group).send().await.unwrap();
    all.push((group, answer.tags.unwrap_or_default().into_iter().collect()));

    for (what, tags) in all {
        assert_eq!(tags.get("iac-rlhf-amazon").map(String::as_str), Some("true"), "line 401: {what}");
        let environment = tags.get("environment").map(String::as_str);
        assert_eq!(environment, Some(expected.environment), "line 39: {what}");
    }
}
